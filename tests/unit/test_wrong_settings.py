"""Settings that look right and cannot work. Each is named, with what to write, and never quoted."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import SettingsError
from lead_core.lead.values import TOUCHES
from lead_core.settings import MAIL_SETTINGS, load_settings
from lead_core.settings.link_key import SAMPLE_KEY
from lead_core.settings.schedules import check_schedule
from lead_core.wiring import Services
from lead_core.wiring.demand import demand
from local.functions_host.timer_trigger import parse_schedule
from tests.good_settings import GOOD_SETTINGS

PROJECT = Path(__file__).parents[2]
LINK_KEY = GOOD_SETTINGS["LINK_KEY"]
GOOD = {
    "leads_storage": "UseDevelopmentStorage=true",
    "owners": "sales@contoso.com",
    "mail_from": "leads@contoso.com",
    "mail_url": "smtps://contoso:pa55word@mail.contoso.com",
    "link_key": LINK_KEY,
    "public_url": "https://leads.contoso.com",
}
GUID = "11111111-2222-3333-4444-555555555555"
KEYED = "AccountName=contoso;AccountKey=a2V5"
TO = "anna@contoso.com; sales@contoso.com"

OWN_WORDS = [
    ("owners", f"contoso.small de: {TO}", "“de” can be DE or an offer"),
    ("owners", f"contoso.small us: {TO}", "“us” can be US or an offer"),
    ("owners", f"DE and AT: {TO}", "“and” can be AD or an offer"),
    ("owners", f"not DE: {TO}", "“not” is no condition"),
    ("owners", f"DE or AT: {TO}", "“or” is no condition"),
    ("owners", f"else: {TO}", "“else” is no condition"),
    *(
        ("owners", f"{glued}: {TO}", "countries stand by themselves")
        for glued in ("!DE", "DE-AT", "DE|AT", "DE/AT", "[DE]", "DE+AT-CH")
    ),
    ("owners", f"!contoso.erp: {TO}", "a character that no offer has"),
    ("reminder_schedule", "0 0 9 * * Monk", "the weekday is"),
    ("reminder_schedule", "0 */90 * * * *", "a step of the minute is longer"),
    ("reminder_schedule", "*/1 */5 * * * *", "it runs each second"),
    ("reminder_schedule", "0-59 */5 * * * *", "it runs each second"),
    ("mail_url", "smtp://u:pw@999.1.1.1:587", "as DNS knows it"),
    ("mail_url", "smtp://0.0.0.0:25", "as DNS knows it"),
    ("mail_url", "smtp://-relay.contoso.com:25", "as DNS knows it"),
    ("mail_url", "smtp://mail.contoso.com:993", "read through this port"),
    ("mail_url", "smtp://mail.contoso.example", "nobody has a host that ends so"),
    ("mail_url", "acs://contoso.communication.azure.com:25", "leave out the port"),
    ("canary_url", "http://leads.contoso.com/api/leads?code=a", "https:// in place of http://"),
    ("canary_url", "https://leads.contoso.com/api/health?code=a", "leads are posted to /api/leads"),
    ("canary_url", "leads.contoso.com/api/leads?code=a", "write a URL"),
    ("canary_url", "ftp://leads.contoso.com", "write a URL"),
    ("silence_after", "23h", "write 1d to 80d"),
    ("silence_after", "90d", "write 1d to 80d"),
    *(("silence_after", value, "write 1d to 80d") for value in ("7", "7 days", "never")),
    *(
        ("touches", value, "such as 0d,3d,7d,14d, or off")
        for value in ("3d,7d", "0d,3d,3d", "0d;3d;7d", "0,3,7,14", "0d,3w", "0d,3d,", "never")
    ),
    ("touches", "0d,1d,2d,3d,4d,5d,6d,7d,8d", "at most 8 attempts"),
    ("touches", "0d,366d", "within 365d"),
    ("summary_to", "office@contoso.example", "nobody has an address that ends so"),
    ("summary_to", "nobody", "write one bare e-mail address"),
    *(
        ("booking_link", value, "such as https://book.contoso.com")
        for value in ("http://book.contoso.com", "book.contoso.com", "https://....", "https://:443")
    ),
    ("qualification", "Budget?; budget?", "different questions"),
    ("qualification", ";".join("123456789"), "at most 8"),
    ("qualification", f"Is {'very ' * 20} big", "at most 80 characters"),
    ("leads_storage", f"DefaultEndpointsProtocol=ftp;{KEYED}", "whole connection string"),
    *(
        ("link_key", key, "can be guessed")
        for key in (
            "FOR-THIS-MACHINE-ONLY-0123456789ABCDEF",
            "for-this-machine-only-0123456789abcdef-2",
            "this-is-a-secret-key-that-is-long-enough",
            "passwordpasswordpasswordpassword123",
            "qwertyuiopasdfghjklzxcvbnm123456",
            "a-link-key-to-replace-me-0123456789",
            "$(openssl rand -hex 32) openssl rand",
            "https://contoso-leads.azurewebsites.net",
        )
    ),
    ("owners", f"Germany: {TO}", "“germany” can be DE or an offer"),
    ("owners", f"Österreich: {TO}", "“österreich” can be AT or an offer"),
    ("owners", f"United States CA: {TO}", "“united-states” can be US or an offer"),
    ("owners", f"USA: {TO}", "“usa” can be US or an offer"),
    ("owners", f"UK: {TO}", "“uk” can be GB or an offer"),
    ("owners", f"EU: {TO}", "“eu” is no country"),
    ("owners", f"contoso.* dach: {TO}", "“dach” is no country"),
    ("owners", f"ZZ: {TO}", "the code of none"),
    ("owners", f"contact me: {TO}", "“contact-me” can be PLT or an offer"),
    ("owners", f"AppSource: {TO}", "“appsource” is a source"),
    ("owners", f"contoso/erp: {TO}", "a character that no offer has"),
    ("owners", f"DE Anna <anna@contoso.com>; {TO}", "without their names"),
    ("owners", "<sales@contoso.com>", "the part before the @ has a character"),
    ("owners", "mailto:sales@contoso.com", "without mailto"),
    ("owners", f"anna@contoso.com: DE; {TO}", "conditions before the colon"),
    ("owners", f"DE: AT: {TO}", "write one colon"),
    ("owners", f"DE={TO}", "a colon, not another sign"),
    ("owners", f"contoso.*={TO}", "a colon, not another sign"),
    ("owners", f"contoso.* {TO}", "a colon between conditions and addresses"),
    ("owners", TO, "rule 1 has no condition"),
    ("owners", f"*: {TO}", "rule 1 has no condition"),
    ("owners", f"DE: anna@contoso.com; DE: {TO}", "rule 2 never fits, because rule 1"),
    ("owners", f"contoso.*: bob@contoso.com; contoso.erp DE: {TO}", "rule 2 never fits, because rule 1"),
    ("owners", f"de: {TO}; fr: bob@contoso.com", "rule 3"),
    ("owners", "DE: bob@contoso.com; AT: anna@contoso.com", "rule 2, the last, has a condition"),
    ("owners", "DE: anna@contoso.com", "the rule has a condition"),
    ("owners", "DE: bob@contoso.example; AT: anna@contoso.com; sales@contoso.test", "rule 1 and 3: nobody has"),
    ("owners", "DE: bob@contoso.com; DE: anna@contoso.com; DE AT: sales@contoso.com; c@contoso.com", "rule 2 never"),
    ("owners", "AT: bob@contoso.com; AT: anna@contoso.com; AT PLT: a@contoso.com; c@contoso.com", "rule 3 never fits"),
    ("link_key", "a" * 32, "can be guessed"),
    ("link_key", "ab" * 20, "can be guessed"),
    ("link_key", "abcdefghijklmnopqrstuvwxyz012345", "can be guessed"),
    ("link_key", "0123456789abcdef" * 2, "can be guessed"),
    ("link_key", "a-random-text-of-32-characters-change-me", "can be guessed"),
    ("link_key", f"{LINK_KEY},{'x' * 40}", "can be guessed"),
    ("link_key", "short", "32 characters or more"),
    ("link_key", f"{LINK_KEY},", "32 characters or more"),
    ("link_key", SAMPLE_KEY, "the sample's"),
    ("link_key", f"{LINK_KEY},{SAMPLE_KEY}", "the sample's"),
    ("link_key", "@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/links)", "was not resolved"),
    ("mail_url", "@Microsoft.KeyVault(VaultName=contoso;SecretName=mail)", "was not resolved"),
    ("public_url", "https://leads.contoso.com/api", "without a path"),
    ("public_url", "https://leads.contoso.com/api/", "without a path"),
    ("public_url", "https://leads.contoso.com//", "without a path"),
    ("public_url", "https://https://leads.contoso.com", "without a path"),
    ("public_url", "https://leads.contoso.com?code=1", "without a user, a query"),
    ("public_url", "https://leads.contoso.com/#top", "without a user, a query"),
    ("public_url", "https://anna:pa55@leads.contoso.com", "without a user, a query"),
    ("public_url", "https://leads contoso.com", "nobody can open this host"),
    ("public_url", "https://leads..contoso.com", "nobody can open this host"),
    ("public_url", "https://0.0.0.0:7071", "nobody can open this host"),
    ("public_url", "https://<app>.azurewebsites.net", "placeholder"),
    ("public_url", "https://contoso.scm.azurewebsites.net", "without .scm"),
    ("public_url", "leads.contoso.com", "the app's address alone"),
    ("public_url", "ftp://leads.contoso.com", "the app's address alone"),
    ("public_url", '"https://leads.contoso.com"', "the quotes round"),
    ("mail_from", "Contoso Leads", "Contoso Leads <leads@contoso.com>: an address has one @"),
    ("mail_from", "Contoso Leads <leads@contoso>", "does not end as"),
    ("mail_from", "Contoso Leads <leads@contoso.example>", "nobody has an address"),
    ("mail_from", "Contoso Leads\nBcc: eve@evil.com <leads@contoso.com>", "write one address"),
    ("mail_from", "Contoso\nLeads <leads@contoso.com>", "on one line"),
    ("mail_from", "Contoso\u202eLeads <leads@contoso.com>", "on one line"),
    ("mail_from", f"{'x' * 65} <leads@contoso.com>", "at most 64 characters"),
    ("mail_from", "<Contoso Leads> <leads@contoso.com>", "placeholder"),
    ("mail_from", "A <a@contoso.com>, B <b@contoso.com>", "write one address"),
    ("mail_from", "leads@contoso", "does not end as"),
    ("mail_from", "leads@contoso.com; sales@contoso.com", "write one address"),
    ("mail_from", "leads@contoso.example", "nobody has an address"),
    ("owners", "sales@contoso.example", "nobody has an address"),
    ("escalate_to", "boss@contoso.invalid", "nobody has an address"),
    ("escalate_to", "boss@contoso.com, ceo@contoso.com", "one bare e-mail address"),
    ("mail_from", "changeme", "placeholder"),
    ("reminder_schedule", "0 0 0 31 2 *", "never runs"),
    ("reminder_schedule", "0 0 0 31 4,6 *", "never runs"),
    ("reminder_schedule", "* */5 * * * *", "0 for the seconds"),
    ("reminder_schedule", "0 */5 * * *  * *", "six fields"),
    ("reminder_schedule", "0 60 * * * *", "minute is * or a number from 0 to 59"),
    ("reminder_schedule", "0 0 24 * * *", "hour is * or a number from 0 to 23"),
    ("reminder_schedule", "0 0 9 ? * MON", "day of the month is"),
    ("reminder_schedule", "0 0 9 * * 7", "weekday is"),
    ("reminder_schedule", "0 0 9 * * FRI-MON", "weekday is"),
    ("reminder_schedule", "0 0 9 L * *", "day of the month is"),
    ("reminder_schedule", "0 */0 * * * *", "minute is"),
    ("check_schedule", "00:05:00", "six fields"),
    ("check_schedule", "hourly", "six fields"),
    ("check_schedule", "at seven past every hour", "minute is"),
    ("reminder_waits", "1d,9999d", "at most 365d"),
    ("reminder_waits", "999999d", "at most 365d"),
    ("internal_domains", "contoso.com, gmail.com", "not yours alone"),
    ("internal_domains", "co.uk", "not yours alone"),
    ("internal_domains", "onmicrosoft.com", "not yours alone"),
    ("internal_domains", "anna@contoso.com", "the domains of your own people"),
    ("internal_domains", "https://contoso.com", "the domains of your own people"),
    ("time_zone", "localtime", "the name of a time zone"),
    ("time_zone", "posixrules", "the name of a time zone"),
    ("time_zone", "W. Europe Standard Time", "the name of a time zone"),
    ("time_zone", "'Europe/Berlin'", "the quotes round"),
    ("mail_url", "smtp://contoso@mail.contoso.com", "the password after the user"),
    ("mail_url", "smtp://:pa55@mail.contoso.com", "the user before the password"),
    ("mail_url", "smtp://contoso:pa55@mail.contoso.com:465", "smtps:// with port 465"),
    ("mail_url", "smtps://contoso:pa55@mail.contoso.com:587", "smtp:// with port 587"),
    ("mail_url", "smtp://user:password@mail.contoso.com:587", "the example's"),
    ("mail_url", "smtp://<user>:<password>@mail.contoso.com", "placeholder"),
    ("mail_url", "smtp://contoso:pässword@mail.contoso.com", "letters that a login can hold"),
    ("mail_url", "smtp://mail..contoso.com", "as DNS knows it"),
    ("mail_url", "smtp://contoso:pa55@mail.contoso.com,mail2.contoso.com", "as DNS knows it"),
    ("mail_url", "acs://contoso", "as the portal shows it"),
    ("mail_url", "acs://contoso.azurewebsites.net", "as the portal shows it"),
    ("mail_url", "acs://accesskey@contoso.communication.azure.com", "client id"),
    ("mail_url", "endpoint=https://contoso.communication.azure.com/;accesskey=a2V5", "acs://"),
    ("leads_table", "AzureWebJobsLeads", "the Functions host's own"),
    ("leads_table", "AzureFunctionsLeads", "the Functions host's own"),
    ("leads_table", "Lead-s", "3 to 63 letters"),
    ("leads_table", "%LEADS_TABLE%", "placeholder"),
    ("leads_storage", "AccountName=Contoso Leads;AccountKey=a2V5", "whole connection string"),
    ("leads_storage", "AccountName=contoso.table.core.windows.net;AccountKey=a2V5", "whole connection string"),
    ("leads_storage", f"{KEYED};EndpointSuffix=https://core.windows.net", "whole connection string"),
    ("leads_storage", f"'{KEYED}'", "the quotes round"),
    ("leads_storage", "AccountName=contoso;AccountKey=<key>", "placeholder"),
    ("leads_storage", "${LEADS_STORAGE}", "placeholder"),
    ("leads_storage", "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKey=a2V5", "whole connection string"),
    ("mail_detail", "short", "write full or brief"),
    ("new_lead_notice", "true", "write on or off"),
]


@pytest.mark.parametrize(("name", "value", "advice"), OWN_WORDS)
def test_what_cannot_work_is_named_with_what_to_write(name: str, value: str, advice: str) -> None:
    mistakes = {fault.name: fault.advice for fault in load_settings(**{**GOOD, name: value}).mistakes}
    assert mistakes.keys() == {name.upper()}
    assert advice in mistakes[name.upper()]
    assert "anna" not in mistakes[name.upper()]
    assert "pa55" not in mistakes[name.upper()]


GOOD_WORDS = [
    ("owners", "Sales@Contoso.com"),
    ("owners", f"contoso.erp PLT: erp@contoso.com; contoso.* DE AT: bob@contoso.com, {TO}"),
    ("owners", f"erp: {TO}"),
    ("owners", f"*.de DE: {TO}"),
    ("owners", f"DE plt: bob@contoso.com; DE: {TO}"),
    ("owners", f"XK: {TO}"),
    ("owners", "DE: o'brien+leads=1/2@contoso.com;\n*: sales@contoso.com;"),
    ("link_key", f" {LINK_KEY} , {LINK_KEY[::-1]} "),
    ("canary_url", "https://leads.contoso.com/api/leads/contoso.crm?code=a%2Fb"),
    ("canary_url", "https://leads.contoso.com"),
    ("canary_url", "http://127.0.0.1:7071/api/leads"),
    ("silence_after", "7d"),
    ("public_url", "https://leads.contoso.com/"),
    ("public_url", "https://LEADS.contoso.com:8443"),
    ("public_url", "http://127.0.0.1:7071"),
    ("public_url", "http://[::1]:7071"),
    ("public_url", "https://leads"),
    ("mail_from", " leads@eu.contoso.com "),
    ("mail_from", "Contoso Leads <leads@contoso.com>"),
    ("mail_from", "Contoso, Vertrieb (Süd) <leads@contoso.com>"),
    ("reminder_schedule", "0 0 9 1-7 * MON"),
    ("reminder_schedule", "*/10 * * * * *"),
    ("reminder_schedule", "* * * * * *"),
    ("reminder_schedule", "*/5 * * * *"),
    ("reminder_schedule", "0 0 0 29 2 *"),
    ("reminder_schedule", "0 0 8-17/2 * jan,Feb mon-fri"),
    ("reminder_schedule", ""),
    ("reminder_schedule", "0 0 12 * * Monday,thurs"),
    ("reminder_schedule", "0 */60 * * * *"),
    ("reminder_waits", "1m,365d"),
    ("owners", f"contoso.DE: {TO}"),
    ("owners", f"de-at-erp: {TO}"),
    ("owners", f"[!x]*.erp: {TO}"),
    ("working_hours", "Mon-Fri 9:00-17:00"),
    ("working_hours", "Mon \u2013 Fri 9:00 \u2013 17:30"),
    ("mail_url", "smtp://[2001:db8::1]:25"),
    ("mail_url", "smtp://mail.contoso.com.:25"),
    ("internal_domains", "contoso.onmicrosoft.com"),
    ("mail_url", f"acs://{GUID}@contoso.europe.communication.azure.com"),
    ("mail_url", "acs://accesskey:a2V5@127.0.0.1:8080"),
    ("mail_url", "smtp://relay:25"),
    ("mail_url", "smtp://contoso:p<a>s$s%25@mail.contoso.com"),
    ("mail_url", "smtp://127.0.0.1:465"),
    ("leads_storage", f"{KEYED};EndpointSuffix=core.chinacloudapi.cn"),
    (
        "leads_storage",
        "AccountName=a_1;AccountKey=a2V5;TableEndpoint=http://azurite:1/a;QueueEndpoint=http://azurite:2/a",
    ),
    ("mail_detail", " Brief "),
]


@pytest.mark.parametrize(("name", "value"), GOOD_WORDS)
def test_what_works_is_not_refused(name: str, value: str) -> None:
    assert load_settings(**{**GOOD, name: value}).mistakes == ()


@pytest.mark.parametrize("account", ["Contoso", "contoso.table.core.windows.net", "<account>", "co"])
def test_an_account_is_named_by_its_name_alone(monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    monkeypatch.setenv("LEADS_STORAGE__accountName", account)
    mistakes = load_settings(**{**GOOD, "leads_storage": ""}).mistakes
    assert {fault.name for fault in mistakes} == {"LEADS_STORAGE"}


@pytest.mark.parametrize(
    ("hosted_as", "public_url", "is_good"),
    [
        ("", "http://127.0.0.1:7071", True),
        ("127.0.0.1:7071", "http://127.0.0.1:7071", True),
        ("localhost:7071", "", True),
        ("", "https://leads.contoso.com", False),
        ("contoso.azurewebsites.net", "", False),
        ("contoso.azurewebsites.net", "http://127.0.0.1:7071", False),
    ],
)
def test_the_samples_key_is_good_on_its_own_machine_only(hosted_as: str, public_url: str, is_good: bool) -> None:
    settings = load_settings(
        **{**GOOD, "link_key": SAMPLE_KEY, "website_hostname": hosted_as, "public_url": public_url}
    )
    assert ("LINK_KEY" not in {fault.name for fault in settings.mistakes}) is is_good
    if not is_good:
        for needed in (MAIL_SETTINGS, {"LINK_KEY"}):  # Neither a mail goes out, nor does a page open.
            with pytest.raises(SettingsError):
                demand(settings, needed)


def test_the_sample_has_that_key() -> None:
    assert f'"LINK_KEY": "{SAMPLE_KEY}"' in (PROJECT / "local.settings.sample.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "public_url", ["http://localhost:7071", "https://leads.contoso.example", "http://leads.contoso.com"]
)
def test_links_in_azure_lead_to_the_app_and_nobody_can_read_them_on_their_way(public_url: str) -> None:
    settings = load_settings(**{**GOOD, "website_hostname": "contoso.azurewebsites.net", "public_url": public_url})
    assert {fault.name for fault in settings.mistakes} == {"PUBLIC_URL"}


def test_azures_mail_service_sends_from_no_public_mailbox() -> None:
    azure = {"mail_url": "acs://contoso.communication.azure.com", "mail_from": "contoso@gmail.com"}
    assert {fault.name for fault in load_settings(**{**GOOD, **azure}).mistakes} == {"MAIL_FROM"}
    azure["mail_from"] = "Contoso Leads <contoso@gmail.com>"
    assert {fault.name for fault in load_settings(**{**GOOD, **azure}).mistakes} == {"MAIL_FROM"}


FIELDS = st.sampled_from(
    ["*", "0", "5", "31", "59", "60", "1-5", "5-1", "*/5", "*/0", "1,31", "mon", "feb", "7", "0-6/2"]
)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@given(st.lists(FIELDS, min_size=4, max_size=7).map(" ".join) | st.text())
def test_any_text_is_a_schedule_that_runs_some_day_or_refused(text: str) -> None:
    taken = ""
    try:
        taken = check_schedule(text)
    except ValueError as error:
        assert "such as" in str(error)
    assert not taken or parse_schedule(taken)(MONDAY) > MONDAY


def words_that_the_docs_name() -> list[str]:
    page = (PROJECT / "docs/configuration.md").read_text(encoding="utf-8")
    table = page.partition("### Rules that can be read two ways")[2].partition("### ")[0]
    wrong = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    return [word for cell in wrong for word in re.findall("`([^`@]+)`", cell)]


@pytest.mark.parametrize("word", words_that_the_docs_name())
def test_each_word_that_the_docs_call_doubtful_is_a_mistake(word: str) -> None:
    mistakes = load_settings(**{**GOOD, "owners": f"contoso.small {word}: {TO}"}).mistakes
    assert [fault.name for fault in mistakes] == ["OWNERS"]


def test_a_wrong_url_of_the_canary_stops_the_canary_alone() -> None:
    settings = load_settings(**{**GOOD, "canary_url": "https://leads.contoso.com/wrong?code=a"})
    assert settings.canary_url.get_secret_value() == ""
    assert [fault.name for fault in settings.mistakes] == ["CANARY_URL"]
    assert demand(settings, MAIL_SETTINGS) is settings


async def test_a_wrong_length_of_a_silence_stops_neither_the_summary_nor_the_alarm() -> None:
    services = Services(load_settings(**{**GOOD, "silence_after": "soon"}))
    try:
        assert [fault.name for fault in services.settings.mistakes] == ["SILENCE_AFTER"]
        assert services.rest.summarising.silence_after is None
        assert services.rest.silence_alarm.silence_after is None
    finally:
        await services.close()


def test_touches_that_are_empty_are_the_usual_ones() -> None:
    settings = load_settings(**{**GOOD, "touches": " "})
    assert settings.touches == TOUCHES
    assert settings.mistakes == ()
