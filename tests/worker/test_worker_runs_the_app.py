"""Every function on the library that runs it in Azure: indexed, invoked, and checked on real storage."""

import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lead_core.lead.values import LeadKey
from lead_core.links import LinkSigner
from tests.storage import Storage
from tests.worker.worker import Answer, Worker, WorkerError

OFFER = "contoso.contoso-crm"
OWNER = "sales@contoso.example"
FOLLOW_UP = {"type": "httpTrigger", "route": "follow-up/{token}", "authLevel": "ANONYMOUS"}
OTHER_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE"]
FUNCTIONS = {
    "accept_lead": {"type": "httpTrigger", "methods": ["POST"], "route": "leads/{offer?}", "authLevel": "FUNCTION"},
    "check_leads": {"type": "timerTrigger", "schedule": "%CHECK_SCHEDULE%"},
    "explain_leads": {
        "type": "httpTrigger",
        "methods": OTHER_METHODS,
        "route": "leads/{offer?}",
        "authLevel": "ANONYMOUS",
    },
    "health": {"type": "httpTrigger", "methods": ["GET"], "route": "health", "authLevel": "ANONYMOUS"},
    "park_poisoned_lead": {"type": "queueTrigger", "queueName": "leads-poison", "connection": "LEADS_STORAGE"},
    "process_lead": {"type": "queueTrigger", "queueName": "leads", "connection": "LEADS_STORAGE"},
    "record_follow_up": FOLLOW_UP | {"methods": ["POST"]},
    "send_canary": {"type": "timerTrigger", "schedule": "%CANARY_SCHEDULE%"},
    "send_reminders": {"type": "timerTrigger", "schedule": "%REMINDER_SCHEDULE%"},
    "send_summary": {"type": "timerTrigger", "schedule": "%SUMMARY_SCHEDULE%"},
    "show_follow_up": FOLLOW_UP | {"methods": ["GET"]},
    "show_my_leads": FOLLOW_UP | {"methods": ["GET"], "route": "my-leads/{token}"},
    "show_report": FOLLOW_UP | {"methods": ["GET"], "route": "report/{token}"},
}
NO_TEXT = b'{"UserDetails": {"FirstName": "\xff\x00"}}'


@dataclass(frozen=True)
class Example:
    """A lead of a person whom no other test has."""

    person: str = field(default_factory=lambda: secrets.token_hex(8))
    event_id: str = field(default_factory=lambda: secrets.token_hex(16))
    received_at: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")

    @property
    def email(self) -> str:
        return f"{self.person}@fabrikam.example"

    @property
    def company(self) -> str:
        return f"Fabrikam {self.person}"

    @property
    def body(self) -> bytes:
        """Return what the marketplace posts."""
        details = {"FirstName": "Ada", "LastName": "Lovelace", "Email": self.email, "Company": self.company}
        lead = {"UserDetails": details, "LeadSource": "AzureMarketplace", "ActionCode": "INS", "OfferTitle": "CRM"}
        return json.dumps(lead).encode()

    def message(self, body: bytes | None = None) -> bytes:
        """Return the queue message of that post, or of another *body* under the same event id."""
        header = {"version": 1, "event_id": self.event_id, "received_at": self.received_at, "offer": OFFER}
        return json.dumps(header, separators=(",", ":")).encode() + b"\n" + (self.body if body is None else body)


@pytest.fixture
def example() -> Example:
    return Example()


def post(worker: Worker, body: bytes, offer: str | None = OFFER, headers: Mapping[str, str] | None = None) -> Answer:
    """Post as the host does: an optional route parameter that is not given is absent."""
    path, route = ("/api/leads", {}) if offer is None else (f"/api/leads/{offer}", {"offer": offer})
    sent = {"Content-Type": "application/json", "Content-Length": str(len(body))} if headers is None else headers
    return worker.call("accept_lead", "POST", path, body, headers=sent, query={"code": "a-key"}, route=route)


def process(worker: Worker, storage: Storage, example: Example) -> dict[str, Any]:
    """Process the lead, and return its row."""
    worker.deliver("process_lead", example.message())
    (lead,) = storage.rows("Leads", Email=example.email)
    return lead


def test_the_functions_are_exactly_these(worker: Worker) -> None:
    looked_at = {"type", "methods", "route", "authLevel", "queueName", "connection", "schedule"}
    indexed = worker.triggers.items()
    assert {name: {key: trigger[key] for key in looked_at & set(trigger)} for name, trigger in indexed} == FUNCTIONS


def test_a_timer_whose_schedule_is_not_set_has_the_default(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REMINDER_SCHEDULE")
    monkeypatch.delitem(sys.modules, "function_app")
    with Worker() as another:
        another.index(Path(__file__).parents[2])
        schedules = [another.triggers[name]["schedule"] for name in ("send_reminders", "check_leads")]
    assert schedules == ["0 */5 * * * *", "%CHECK_SCHEDULE%"]


def test_an_accepted_lead_is_on_the_queue_byte_for_byte(worker: Worker, storage: Storage, example: Example) -> None:
    body = b"\xef\xbb\xbf" + example.body
    storage.take_messages("leads")
    answer = post(worker, body)
    assert answer.status == 202
    (message,) = storage.take_messages("leads")
    header, _, enqueued = message.partition(b"\n")
    assert enqueued == body
    assert {"version": 1, "event_id": answer.json()["id"], "offer": OFFER}.items() <= json.loads(header).items()


def test_a_lead_without_an_offer_in_the_url_is_accepted(worker: Worker, example: Example) -> None:
    assert post(worker, example.body, offer=None).status == 202


def test_a_body_that_is_not_json_is_refused_in_plain_words_and_kept(
    worker: Worker, storage: Storage, example: Example
) -> None:
    body = f'{{"LeadSource": "{example.person}",'
    storage.take_messages("leads")
    answer = post(worker, body.encode())
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {"title", "detail", "code"} <= answer.json().keys()
    assert len(storage.rows("RejectedLeads", Body=body, From="http")) == 1
    assert storage.take_messages("leads") == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Length": "0"}, 400), ({"Transfer-Encoding": "chunked"}, 411)],
    ids=["empty", "chunked: the host hands over none of it"],
)
def test_a_request_whose_body_did_not_arrive_is_refused(worker: Worker, headers: dict[str, str], status: int) -> None:
    assert post(worker, b"", headers=headers).status == status


def test_a_lead_that_is_processed_twice_stands_once(worker: Worker, storage: Storage, example: Example) -> None:
    worker.deliver("process_lead", example.message())
    worker.deliver("process_lead", example.message(), dequeue_count=2)
    (notification,) = storage.rows("MarketplaceLeads", EventId=example.event_id)
    (lead,) = storage.rows("Leads", Email=example.email)
    (follow_up,) = storage.rows("FollowUps", Company=example.company)
    assert notification["Body"] == example.body.decode()
    assert (notification["LeadPartition"], notification["LeadRow"]) == (lead["PartitionKey"], lead["RowKey"])
    assert (lead["Status"], lead["ActionCode"], lead["ActionCount"]) == ("New", "INS", 1)
    assert (lead["PublisherId"], lead["OfferId"]) == ("contoso", "contoso-crm")
    assert follow_up["ActionCode"] == "INS"


def test_what_was_accepted_can_be_processed(worker: Worker, storage: Storage, example: Example) -> None:
    storage.take_messages("leads")
    event_id = post(worker, example.body).json()["id"]
    (message,) = storage.take_messages("leads")
    worker.deliver("process_lead", message)
    assert len(storage.rows("MarketplaceLeads", EventId=event_id)) == 1
    assert len(storage.rows("Leads", Email=example.email)) == 1


@pytest.mark.parametrize("body", [b"not JSON", NO_TEXT], ids=["not JSON", "no text"])
def test_a_message_that_holds_no_lead_is_parked_not_retried(
    worker: Worker, storage: Storage, example: Example, body: bytes
) -> None:
    worker.deliver("process_lead", example.message(body))
    (rejected,) = storage.rows("RejectedLeads", RowKey=example.event_id)
    assert rejected["From"] == "queue"
    assert storage.rows("MarketplaceLeads", EventId=example.event_id) == []


@pytest.mark.parametrize("body", [b'{"LeadSource": "SPZA"}', NO_TEXT], ids=["a lead", "no text"])
def test_a_poisoned_lead_is_parked_for_another_try(
    worker: Worker, storage: Storage, example: Example, body: bytes
) -> None:
    worker.deliver("park_poisoned_lead", example.message(body))
    (parked,) = storage.rows("RejectedLeads", RowKey=example.event_id)
    assert (parked["From"], parked["Retry"], parked["Offer"]) == ("poison", True, OFFER)


def test_a_poisoned_message_that_the_app_did_not_write_is_parked_too(
    worker: Worker, storage: Storage, example: Example
) -> None:
    worker.deliver("park_poisoned_lead", f"no envelope {example.person}".encode())
    assert len(storage.rows("RejectedLeads", Body=f"no envelope {example.person}", From="poison")) == 1


def test_wrong_mail_settings_do_not_keep_a_rejected_lead_from_another_try(
    misconfigured: Worker, storage: Storage, example: Example, caplog: pytest.LogCaptureFixture
) -> None:
    misconfigured.deliver("park_poisoned_lead", example.message())
    storage.take_messages("leads")
    misconfigured.tick("send_reminders")
    assert "no reminders: MAIL_URL" in caplog.text
    assert [message for message in storage.take_messages("leads") if example.event_id.encode() in message]
    (parked,) = storage.rows("RejectedLeads", RowKey=example.event_id)
    assert (parked["Retry"], parked["Retries"]) == (False, 1)


def test_a_lead_stays_due_while_the_mail_provider_is_down(worker: Worker, storage: Storage, example: Example) -> None:
    lead = process(worker, storage, example)
    claims = storage.rows("Digests", Owner=OWNER)
    worker.tick("send_reminders")
    (claim,) = storage.rows("Digests", Owner=OWNER)
    assert claim not in claims, "nothing was tried"
    assert "Until" not in claim
    (still_due,) = storage.rows("Leads", Email=example.email)
    assert (still_due["NextReminderAt"], still_due["RemindersSent"]) == (lead["NextReminderAt"], 0)
    assert len(storage.rows("FollowUps", Company=example.company)) == 1


def test_a_status_edited_by_hand_ends_the_reminders(worker: Worker, storage: Storage, example: Example) -> None:
    storage.edit("Leads", process(worker, storage, example), Status="Qualified")
    worker.tick("check_leads")
    (lead,) = storage.rows("Leads", Email=example.email)
    assert lead["Status"] == "Qualified"
    assert "NextReminderAt" not in lead
    assert storage.rows("FollowUps", Company=example.company) == []


@pytest.mark.parametrize(("function", "method"), [("show_follow_up", "GET"), ("record_follow_up", "POST")])
@pytest.mark.parametrize(
    ("accept", "media"), [("text/html,*/*;q=0.8", "text/html"), ("*/*", "application/problem+json")]
)
def test_a_forged_link_is_refused_on_a_page_to_browsers_and_as_a_problem_to_programs(
    worker: Worker, function: str, method: str, accept: str, media: str
) -> None:
    answer = worker.call(
        function, method, "/api/follow-up/forged", headers={"Accept": accept}, route={"token": "forged"}
    )
    assert answer.status == 403
    assert answer.headers["content-type"].startswith(media)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_link_shows_the_lead_and_takes_an_answer(
    worker: Worker, storage: Storage, settings: Mapping[str, str], example: Example
) -> None:
    lead = process(worker, storage, example)
    key = LeadKey(lead["PartitionKey"], lead["RowKey"])
    link = LinkSigner((settings["LINK_KEY"],), settings["PUBLIC_URL"]).sign(key, OWNER, now=datetime.now(UTC))
    path, route = link.removeprefix(settings["PUBLIC_URL"]), {"token": link.rpartition("/")[2]}
    page = worker.call("show_follow_up", "GET", path, route=route)
    assert page.status == 200
    assert example.company.encode() in page.body
    assert storage.rows("Leads", Email=example.email) == [lead]
    form, sent = b"choice=contacted&click=abc", {"Content-Type": "application/x-www-form-urlencoded"}
    assert worker.call("record_follow_up", "POST", path, form, headers=sent, route=route).status == 303
    (answered,) = storage.rows("Leads", Email=example.email)
    assert (answered["Status"], answered["ContactedBy"]) == ("Contacted", OWNER)


def test_health_says_that_all_is_well(worker: Worker, storage: Storage) -> None:
    answer = worker.call("health", "GET", "/api/health")
    assert answer.status == 200, answer.body
    assert storage.connection_string.encode() not in answer.body


def test_a_function_that_raises_is_a_failure_to_the_host(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="TypeError"):
        worker.deliver("health", b"a message where a request belongs")


@pytest.mark.parametrize(
    ("source", "reported"),
    [
        ('raise RuntimeError("no LEADS_STORAGE")', "no LEADS_STORAGE"),
        ("import a_package_that_requirements_txt_forgot", "a_package_that_requirements_txt_forgot"),
        ("", "Could not find top level function app"),
        ("import azure.functions\napp = azure.functions.FunctionApp()", "0 functions found"),
        (None, "0 functions found"),
    ],
    ids=["its import raises", "a package is missing", "it holds no app", "its app is empty", "there is no file"],
)
def test_an_app_that_cannot_be_indexed_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str | None, reported: str
) -> None:
    name = f"app_{secrets.token_hex(4)}.py"
    if source is not None:
        (tmp_path / name).write_text(source, encoding="utf-8")
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", name)
    monkeypatch.syspath_prepend(tmp_path)
    with Worker() as worker, pytest.raises(WorkerError, match=reported):
        worker.index(tmp_path)
