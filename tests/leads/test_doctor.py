"""The command `leads doctor`, on a real storage account."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from lead_core.lead.received import Envelope
from lead_core.marketplace.envelope import encode_envelope
from lead_core.ports.runs import Run, Timer
from lead_core.settings import load_settings
from lead_core.wiring import Services
from tests.cli import Ran, run_leads
from tests.examples import body, person
from tests.mailbox import Mailbox
from tests.posts import SAMPLES
from tests.storage import Storage
from tests.system.app import App

TEST_LEAD = next(each.content for each in SAMPLES if each.name == "documented-test-lead-hybrid-case")
KEY = "a-secret-key/=="


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def environment(account: str, mailbox: Mailbox) -> dict[str, str]:
    return {"LEADS_STORAGE": account, "MAIL_URL": mailbox.url, "PUBLIC_URL": "https://leads.contoso.com"}


@pytest.fixture
async def app(account: str) -> AsyncIterator[Services]:
    """Yield the app's own steps on the account."""
    services = Services(load_settings(leads_storage=account, owners="sales@contoso.example"))
    yield services
    await services.close()


async def store(app: Services, content: bytes, offer: str = "contoso.contoso-crm", *, event: int = 1) -> None:
    envelope = Envelope(f"{event:032x}", datetime.now(UTC), offer, content)
    await app.rest.processing.process(encode_envelope(envelope), message_id="m", queued_at=datetime.now(UTC))


async def note_runs(app: Services) -> None:
    for timer in Timer:
        await app.rest.runs.note(Run(timer, datetime.now(UTC)))


def found(ran: Ran) -> dict[str, str]:
    """Return the verdict of each finding by its code."""
    return {finding["code"]: finding["verdict"] for finding in ran.document["findings"]}


async def test_an_app_at_which_all_is_well_is_told_so(app: Services, environment: dict[str, str]) -> None:
    await store(app, body(person(1)))
    await store(app, TEST_LEAD, event=2)
    await note_runs(app)
    ran = await run_leads("doctor", environment=environment)
    assert (ran.code, "All is well." in ran.stdout) == (0, True)
    assert "look" not in ran.stdout
    assert "https://leads.contoso.com/api/leads/contoso.contoso-crm?code=<function key>" in ran.stdout
    assert "az functionapp function keys list -n APP -g GROUP --function-name accept_lead" in ran.stdout


async def test_what_only_deserves_a_look_is_no_error(environment: dict[str, str]) -> None:
    ran = await run_leads("doctor", environment=environment)
    assert ran.code == 0
    assert "First: no table of the app is there" in ran.stdout
    assert "leads send-test" in ran.stdout


async def test_nothing_is_made_by_looking(account: str, environment: dict[str, str], mailbox: Mailbox) -> None:
    await run_leads("doctor", environment=environment)
    with (
        TableServiceClient.from_connection_string(account) as tables,
        QueueServiceClient.from_connection_string(account) as queues,
    ):
        assert list(tables.list_tables()) == []
        assert list(queues.list_queues()) == []
    assert mailbox.mails == []


async def test_each_finding_has_a_code_in_the_document(app: Services, environment: dict[str, str]) -> None:
    await store(app, body(person(1)))
    ran = await run_leads("doctor", "--json", environment=environment)
    assert ran.document["verdict"] == "look"
    assert ran.document["first"]["code"] == "last-tick"
    assert found(ran) == {
        "storage": "ok", "clock": "ok", "tables": "ok", "settings": "ok", "link-key": "ok", "last-tick": "look",
        "last-check": "look", "last-summary": "look", "queue": "ok", "poison-queue": "ok", "mail-login": "ok",
        "late-mails": "ok", "last-lead": "ok", "last-test-lead": "look", "resting": "ok", "entry-missing": "ok",
        "rejected": "ok",
    }  # fmt: skip
    assert ran.document["urls"] == [
        {
            "offer": "contoso.contoso-crm",
            "url": "https://leads.contoso.com/api/leads/contoso.contoso-crm?code=<function key>",
        }
    ]


async def test_what_went_wrong_in_the_account_is_told(
    account: str, app: Services, environment: dict[str, str], mailbox: Mailbox
) -> None:
    for number in range(6):
        await store(app, body(person(number)), event=number)
    await store(app, body(person(7)), "contoso.contoso-cmr", event=7)
    await app.rest.processing.park(b"no envelope", message_id="p", queued_at=datetime.now(UTC))
    await app.rest.runs.note(Run(Timer.REMINDERS, datetime.now(UTC) - timedelta(hours=3), "MAIL_FROM: is missing."))
    with (
        QueueServiceClient.from_connection_string(account) as queues,
        TableServiceClient.from_connection_string(account) as tables,
    ):
        queues.create_queue("leads-poison").send_message("x")
        follow_ups = tables.get_table_client("FollowUps")
        follow_ups.delete_entity(next(iter(follow_ups.list_entities())))
    mailbox.refuses = {"boss@contoso.example"}
    wrong = environment | {"ESCALATE_TO": "boss@contoso.example", "REMINDER_WAITS": "soon"}
    ran = await run_leads("doctor", "--json", environment=wrong)
    assert ran.code == 1
    assert {code: verdict for code, verdict in found(ran).items() if verdict != "ok"} == {
        "setting": "wrong", "last-tick": "wrong", "sends-no-mails": "wrong", "last-check": "look",
        "last-summary": "look", "app-clock": "wrong", "poison-queue": "look", "address-refused": "wrong",
        "last-test-lead": "look", "entry-missing": "look", "rejected": "look", "misspelt-offer": "look",
    }  # fmt: skip
    assert ran.document["first"]["about"] == "REMINDER_WAITS"


async def test_a_table_that_was_deleted_is_the_first_thing_to_put_right(
    account: str, app: Services, environment: dict[str, str]
) -> None:
    await store(app, body(person(1)))
    with TableServiceClient.from_connection_string(account) as tables:
        tables.delete_table("Leads")
    ran = await run_leads("doctor", environment=environment)
    assert ran.code == 1
    assert "First: missing: Leads, while other tables of the app are there." in ran.stdout
    assert "leads replay" in ran.stdout


async def test_a_replaced_storage_key_is_told_and_the_rest_examined(account: str, environment: dict[str, str]) -> None:
    key = account.partition("AccountKey=")[2].partition(";")[0]
    ran = await run_leads("doctor", environment=environment | {"LEADS_STORAGE": account.replace(key, "b3RoZXI=")})
    assert ran.code == 1
    assert "First: the storage account refuses." in ran.stdout
    assert "Check the key in LEADS_STORAGE" in ran.stdout
    assert "takes the login and the sender; no mail was sent" in ran.stdout


async def test_a_mail_server_that_is_down_is_told(environment: dict[str, str], mailbox: Mailbox) -> None:
    mailbox.stop()
    ran = await run_leads("doctor", "--json", environment=environment)
    assert (ran.code, found(ran)["mail-login"]) == (1, "wrong")


@pytest.mark.parametrize("columns", [80, 100, 120])
async def test_the_table_fits_the_terminal(app: Services, environment: dict[str, str], columns: int) -> None:
    await store(app, body(person(1)))
    ran = await run_leads("doctor", environment=environment | {"OWNERS": ""}, columns=columns)
    assert all(len(line) <= columns for line in ran.stdout.splitlines() if "https://" not in line and "az " not in line)


async def test_the_app_is_asked_at_its_url_and_gets_no_lead(
    account: str, environment: dict[str, str], mailbox: Mailbox, tmp_path: Path
) -> None:
    host = App(account, tmp_path / "host.log", {"MAIL_URL": mailbox.url})
    host.start()
    try:
        url = f"http://127.0.0.1:{host.port}/api/leads?code={KEY}"
        ran = await run_leads("doctor", "--json", "--url", url, environment=environment)
        shown = await run_leads("doctor", "--url", url, environment=environment)
    finally:
        host.stop()
    assert (found(ran)["app-health"], found(ran)["takes-leads"], found(ran)["app-not-private"]) == ("ok", "ok", "look")
    storage = Storage(account)
    assert (storage.rows("Leads"), storage.rows("RejectedLeads"), storage.queued()) == ([], [], 0)
    assert ran.document["urls"][0]["url"].endswith("/api/leads/publisher.offer?code=a-secret-key%2F%3D%3D")
    assert shown.stdout.count("a-secret-key") == 1


async def test_a_url_at_which_nothing_answers_is_wrong_and_its_key_is_shown_only_to_be_pasted(
    environment: dict[str, str], mailbox: Mailbox
) -> None:
    url = f"{mailbox.url.replace('smtp', 'http')}/api/leads?code={KEY}"
    ran = await run_leads("doctor", "--json", "--url", url, environment=environment)
    assert (ran.code, found(ran)["app-silent"]) == (1, "wrong")
    assert "a-secret-key" not in str(ran.document["findings"])


async def test_a_text_that_is_no_url_is_wrong_use_and_is_not_quoted(environment: dict[str, str]) -> None:
    ran = await run_leads("doctor", "--url", f"leads.contoso.com?code={KEY}", environment=environment)
    assert ran.code == 2
    assert "write a URL, such as https://" in ran.stderr
    assert "a-secret-key" not in ran.stderr


async def test_no_setting_is_quoted(environment: dict[str, str]) -> None:
    secret = environment | {"LINK_KEY": "short-secret", "MAIL_URL": "smtp://leads:hidden-word@"}
    ran = await run_leads("doctor", environment=secret)
    assert ran.code == 1
    assert "LINK_KEY is not right" in ran.stdout
    assert not {word for word in ("short-secret", "hidden-word") if word in ran.stdout + ran.stderr}


async def test_with_another_account_the_settings_are_called_this_machines(
    environment: dict[str, str], tmp_path: Path
) -> None:
    here = environment | {"PATH": str(tmp_path), "OWNERS": "", "PUBLIC_URL": "http://127.0.0.1:7071"}
    ran = await run_leads("doctor", "--account", "contosoleads", environment=here)
    assert ran.code == 1
    assert "on this machine, not right: OWNERS" in ran.stdout
    assert "az login" in ran.stdout
    assert "give the app's address with --url" in ran.stdout
    assert "127.0.0.1:7071" not in ran.stdout
