from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.queue import open_queues
from lead_core.adapters.azure.table import open_tables
from lead_core.settings import Settings, load_settings, parse_duration
from tests.good_settings import GOOD_SETTINGS

LINK_KEY = GOOD_SETTINGS["LINK_KEY"]
GOOD = {
    "leads_storage": "UseDevelopmentStorage=true",
    "owners": "sales@contoso.com",
    "mail_from": "leads@contoso.com",
    "mail_url": "smtp://127.0.0.1:1025",
    "link_key": LINK_KEY,
    "public_url": "https://leads.example",
}
SECRET = "do-not-quote-me"


def names_of(settings: Settings) -> set[str]:
    return {fault.name for fault in settings.mistakes}


def test_good_settings_have_no_mistakes() -> None:
    assert load_settings(**GOOD).mistakes == ()


def test_what_is_missing_is_named_all_at_once() -> None:
    assert names_of(load_settings()) == {"LEADS_STORAGE", "OWNERS", "MAIL_FROM", "MAIL_URL", "LINK_KEY", "PUBLIC_URL"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("leads_storage", SECRET),
        ("leads_storage", "AccountName=contoso"),
        ("leads_storage", "AccountName=contoso;AccountKey"),
        ("leads_storage", f"AccountName=contoso;AccountKey={SECRET}"),
        ("leads_storage", f"TableEndpoint=https://x;SharedAccessSignature={SECRET}"),
        ("leads_storage", "AccountName=contoso;AccountName=other;AccountKey=a2V5"),
        ("leads_storage", "AccountKey=a2V5;TableEndpoint=https://x;QueueEndpoint=https://x"),
        ("leads_storage", "TableEndpoint=http://;QueueEndpoint=http://;SharedAccessSignature=s"),
        ("internal_domains", "contoso.com, everybody"),
        ("owners", f"contoso.*: {SECRET}; sales@contoso.com"),
        ("owners", "contoso.*: sales@contoso.com"),
        ("mail_from", "a@contoso.com, b@contoso.com"),
        ("working_hours", "Mon-abc 09:00-17:00"),
        ("working_hours", "Mon-Fri 99:00-17:00"),
        ("working_hours", "Mon-Fri 17:00-09:00"),
        ("public_url", f"https://user:[{SECRET}]@contoso.com"),
        ("mail_url", f"smtp://mail.contoso.com:{SECRET}"),
        ("leads_table", "Tables"),
        ("leads_table", "no-table!"),
        ("owners", f"{SECRET}@"),
        ("escalate_to", SECRET),
        ("reminder_waits", "24 hours"),
        ("reminder_waits", "3d,24h"),
        ("reminder_waits", "0s,24h"),
        ("reminder_waits", ""),
        ("new_lead_notice", "maybe"),
        ("working_hours", "nine to five"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("mail_from", SECRET),
        ("mail_url", f"http://user:{SECRET}@mail"),
        ("mail_url", f"smtp://[{SECRET}"),
        ("mail_url", f"acs://accesskey:{SECRET}@contoso.communication.azure.com"),
        ("mail_detail", "some"),
        ("public_url", SECRET),
        ("link_key", SECRET),
        ("link_key", f"{LINK_KEY},{SECRET}"),
    ],
)
def test_a_mistake_is_named_without_its_value_and_the_default_holds(name: str, value: str) -> None:
    settings = load_settings(**{**GOOD, name: value})
    assert names_of(settings) == {name.upper()}
    assert getattr(settings, name) == Settings.model_fields[name].default
    assert SECRET not in repr(settings)
    assert all(fault.advice and SECRET not in fault.advice for fault in settings.mistakes)


@pytest.mark.parametrize("end", ["", ";", ";;", ";\n", " ; "])
async def test_a_connection_string_is_taken_as_people_paste_it(end: str) -> None:
    pasted = (
        f" DefaultEndpointsProtocol=https; AccountName=contoso ;AccountKey=a2V5;EndpointSuffix=core.windows.net{end}"
    )
    settings = load_settings(**{**GOOD, "leads_storage": pasted})
    assert settings.mistakes == ()
    async with AsyncExitStack() as stack:
        assert open_tables(StorageAccount(settings.connection_string), stack).account_name == "contoso"
        assert open_queues(StorageAccount(settings.connection_string), stack).account_name == "contoso"


@pytest.mark.parametrize("uri", ["http://contoso.table.core.windows.net", "http://[a", "contoso", "https://"])
def test_keyless_addresses_have_to_be_private(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("LEADS_STORAGE__accountName", "contoso")
    monkeypatch.setenv("LEADS_STORAGE__tableServiceUri", uri)
    settings = load_settings(**{name: value for name, value in GOOD.items() if name != "leads_storage"})
    assert names_of(settings) == {"LEADS_STORAGE"}


def test_two_tables_must_not_be_one() -> None:
    settings = load_settings(**{**GOOD, "leads_table": "marketplaceLEADS"})
    assert {fault.name for fault in settings.storage_mistakes} == {"LEADS_TABLE"}


@pytest.mark.parametrize("name", ["leads_storage", "follow_ups_table"])
def test_without_the_right_storage_nothing_is_stored_elsewhere(name: str) -> None:
    settings = load_settings(**{**GOOD, name: "no-good!"})
    assert {fault.name for fault in settings.storage_mistakes} == {name.upper()}


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.contoso.com",
        "smtp://sales@contoso.com:pass/w#rd@mail.contoso.com:587",
        "smtps://mail.contoso.com:465/",
        "smtp://[::1]:1025",
        "acs://contoso.communication.azure.com",
        "acs://:a/b+cw==@contoso.communication.azure.com",
    ],
)
def test_mail_urls_are_taken_with_keys_of_any_character(url: str) -> None:
    assert load_settings(**{**GOOD, "mail_url": url}).mistakes == ()


@pytest.mark.parametrize("text", ["contoso.com", "@contoso.com", "*.Contoso.com", "contoso.com;"])
def test_domains_are_read_as_people_write_them(text: str) -> None:
    assert load_settings(internal_domains=text).internal_domains == ("contoso.com",)


def test_all_mistakes_are_named_at_once() -> None:
    settings = load_settings(**{**GOOD, "time_zone": "x", "mail_url": "x", "reminder_waits": "x"})
    assert names_of(settings) == {"TIME_ZONE", "MAIL_URL", "REMINDER_WAITS"}


def test_the_environment_is_read_whatever_its_letter_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_STORAGE__accountName", "contosoleads")
    monkeypatch.setenv("LEADS_STORAGE__clientId", "11-22")
    monkeypatch.setenv("REMINDER_WAITS", "90m, 2D")
    monkeypatch.setenv("INTERNAL_DOMAINS", "Contoso.com, contoso.example;")
    settings = load_settings()
    assert "LEADS_STORAGE" not in names_of(settings)
    assert settings.table_uri == "https://contosoleads.table.core.windows.net"
    assert settings.queue_uri == "https://contosoleads.queue.core.windows.net"
    assert settings.leads_storage_client_id == "11-22"
    assert settings.reminder_waits == (timedelta(minutes=90), timedelta(days=2))
    assert settings.internal_domains == ("contoso.com", "contoso.example")


def test_a_mistake_in_the_environment_does_not_hide_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_STORAGE", "UseDevelopmentStorage=true")
    monkeypatch.setenv("LEADS_TABLE", "Prospects")
    monkeypatch.setenv("TIME_ZONE", "Mars")
    settings = load_settings()
    assert settings.leads_table == "Prospects"
    assert "TIME_ZONE" in names_of(settings)


def test_the_emulators_short_name_is_spelled_out() -> None:
    spelled = load_settings(**GOOD).connection_string
    assert "AccountName=devstoreaccount1" in spelled
    assert "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1" in spelled


@pytest.mark.parametrize(
    ("text", "duration"),
    [("90s", timedelta(seconds=90)), ("10m", timedelta(minutes=10)), ("24h", timedelta(1)), (" 3D ", timedelta(3))],
)
def test_durations_are_written_with_their_unit(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@given(st.text())
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        assert parse_duration(text) >= timedelta(0)
    except ValueError as error:
        assert "write a duration as" in str(error)


@given(st.dictionaries(st.sampled_from(sorted(Settings.model_fields)), st.text()))
def test_any_settings_are_usable_or_named(given_settings: dict[str, str]) -> None:
    assert load_settings(**given_settings).reminder_waits
