"""The triggers, called as the worker calls them."""

import asyncio
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import pytest
from azure.functions.queue import QueueMessage
from azure.functions.timer import TimerRequest

from lead_core import wiring
from lead_core.errors import SilenceError, StorageUnavailableError
from lead_core.lead.values import LeadKey
from lead_core.links import LINKS_LAST
from lead_core.marketplace.envelope import MAX_BODY_BYTES
from lead_core.ports.runs import Timer
from lead_core.ports.storage import Probe
from lead_core.settings import Settings
from lead_core.steps.health import Health
from tests.examples import NOON, body, message, person
from tests.functional.triggers import (
    ACCEPT,
    CANARY,
    CHECK,
    HEALTH,
    PARK,
    PROCESS,
    RECORD,
    REMIND,
    SHOW,
    SHOW_MY_LEADS,
    SUMMARISE,
    rows,
)
from tests.reader import Reader


async def post(content: bytes, offer: str | None = None, **headers: str) -> tuple[func.HttpResponse, Any]:
    request = func.HttpRequest(
        "POST",
        "http://127.0.0.1/api/leads?code=secret",
        headers=headers,
        route_params={} if offer is None else {"offer": offer},
        body=content,
    )
    response = await ACCEPT(request)
    return response, json.loads(response.get_body())


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def health() -> tuple[func.HttpResponse, Any]:
    response = await HEALTH(func.HttpRequest("GET", "http://127.0.0.1/api/health", body=b""))
    return response, json.loads(response.get_body())


async def test_a_lead_is_accepted_with_its_id(on_azurite: Settings) -> None:
    response, answer = await post(body(), offer="contoso.contoso-crm")
    assert (response.status_code, response.mimetype) == (202, "application/json")
    assert len(answer["id"]) == 32


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 400, "empty-body"),
        (b"", {"transfer-encoding": "chunked"}, 411, "chunked-body"),
        (b"no JSON", {}, 400, "not-json"),
        (b"[1]", {}, 400, "not-an-object"),
        (b"\xff\x00\x01", {}, 400, "not-utf-8"),
        (b"broken", {"content-encoding": "gzip"}, 400, "broken-encoding"),
        (b"packed", {"content-encoding": "br"}, 415, "unknown-encoding"),
        (b"[" + b'{"email":"a@b.example"},' * 100 + b"{}]", {}, 413, "too-many-leads"),
        (b'{"a":' * 9_000, {}, 400, "too-complex"),
        (b"x" * (MAX_BODY_BYTES + 1), {}, 413, "too-large"),
    ],
)
async def test_a_refusal_is_a_problem_in_plain_words(
    on_azurite: Settings, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response, problem = await post(content, **headers)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["title"]
    assert problem["detail"].endswith((".", ")."))
    kept = await rows(wiring.services(), on_azurite.rejected_leads_table)
    assert [row["RowKey"] for row in kept] == ([problem["id"]] if content else [])


@pytest.mark.parametrize("content", [body(), b"no JSON"])
async def test_without_storage_the_sender_is_asked_to_come_again(on_nothing: None, content: bytes) -> None:
    response, problem = await post(content)
    assert (response.status_code, problem["code"]) == (503, "storage-unavailable")
    assert response.headers["Retry-After"] == "30"


async def test_without_a_storage_setting_the_answer_names_it(environment: pytest.MonkeyPatch) -> None:
    response, problem = await post(body())
    assert (response.status_code, problem["code"]) == (503, "wrong-setting")
    assert "LEADS_STORAGE" in problem["detail"]


async def test_what_was_posted_can_be_processed(on_azurite: Settings) -> None:
    await PROCESS(QueueMessage(id="1", body=message(body()), insertion_time=NOON))
    (lead,) = await rows(wiring.services(), on_azurite.leads_table)
    assert lead["Email"] == "jsmith@northwind.example"


async def test_what_the_host_gave_up_on_is_parked(on_azurite: Settings) -> None:
    await PARK(QueueMessage(id="1", body=message(body()), insertion_time=NOON))
    (row,) = await rows(wiring.services(), on_azurite.rejected_leads_table)
    assert row["Retry"] is True


async def test_without_storage_processing_fails_so_that_the_host_delivers_again(on_nothing: None) -> None:
    with pytest.raises(Exception, match="storage-unavailable"):
        await PROCESS(QueueMessage(id="1", body=message(body()), insertion_time=NOON))


async def test_health_is_good_when_all_is_set_and_answers(on_azurite: Settings) -> None:
    response, answer = await health()
    assert (response.status_code, answer) == (200, {"status": "healthy"})


async def test_health_names_every_wrong_setting_and_intake_goes_on(
    on_azurite: Settings, environment: pytest.MonkeyPatch
) -> None:
    for name in ("OWNERS", "MAIL_FROM", "MAIL_URL", "LINK_KEY", "REMINDER_WAITS", "TIME_ZONE"):
        environment.setenv(name, "secret value")
    response, problem = await health()
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert {fault["name"] for fault in problem["wrong"]} == {
        "OWNERS", "MAIL_FROM", "MAIL_URL", "LINK_KEY", "REMINDER_WAITS", "TIME_ZONE",
    }  # fmt: skip
    assert "secret value" not in json.dumps(problem)
    assert (await post(body()))[0].status_code == 202
    await PROCESS(QueueMessage(id="1", body=message(body()), insertion_time=NOON))
    assert len(await rows(wiring.services(), on_azurite.leads_table)) == 1


async def test_a_hundred_calls_of_health_cost_the_requests_of_one(
    on_azurite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    class Counting:
        def __init__(self, probe: Probe) -> None:
            self.name, self._probe = probe.name, probe

        async def check(self) -> None:
            nonlocal asked
            asked += 1
            await self._probe.check()

    probes = wiring.services().list_probes()
    monkeypatch.setattr(wiring.services(), "list_probes", lambda: [Counting(probe) for probe in probes])
    answers = await asyncio.gather(*(health() for _ in range(100)))
    assert {response.status_code for response, _ in answers} == {200}
    assert asked == len(probes)


async def test_a_replaced_storage_key_is_answered_503_and_health_says_what_to_do(
    on_azurite: Settings, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("LEADS_STORAGE", on_azurite.connection_string.replace("AccountKey=Eby8", "AccountKey=XXXX"))
    response, problem = await post(body())
    assert (response.status_code, problem["code"]) == (503, "storage-refused")
    response, problem = await health()
    assert (response.status_code, len(problem["wrong"])) == (503, 8)
    assert all("LEADS_STORAGE" in fault["advice"] for fault in problem["wrong"])
    assert "XXXX" not in json.dumps(problem)


async def test_health_names_what_does_not_answer(on_nothing: None) -> None:
    response, problem = await health()
    assert response.status_code == 503
    tables = ("MarketplaceLeads", "Leads", "FollowUps", "Digests", "RejectedLeads", "Erasures", "Reports")
    # The probe of the mails leaves it to its table's to say so, unless it has no answer in time.
    named = [fault["name"] for fault in problem["wrong"] if fault["name"] != "mails"]
    assert named == ["queue leads", *(f"table {name}" for name in tables)]


async def test_health_names_each_rule_of_owners_that_is_wrong_and_quotes_no_address(
    on_azurite: Settings, environment: pytest.MonkeyPatch
) -> None:
    rules = "DE: anna.berg@contoso.com; FR bob.cole@contoso.com; AT: carl.dahl; sales@contoso.com"
    environment.setenv("OWNERS", rules)
    response, problem = await health()
    assert response.status_code == 503
    (fault,) = problem["wrong"]
    assert fault["name"] == "OWNERS"
    assert re.findall(r"rule \d", fault["advice"]) == ["rule 2", "rule 3"]
    assert not [word for word in ("anna", "bob", "carl", "dahl") if word in json.dumps(problem)]


async def test_health_asks_for_the_name_of_the_mail_server_even_if_storage_is_not_set(
    on_azurite: Settings, environment: pytest.MonkeyPatch
) -> None:
    host = f"{'mail' * 16}.contoso.com"  # a part of more than 63 characters is refused before any name server is asked
    environment.setenv("MAIL_URL", f"smtp://leads:pa55@{host}")
    environment.setenv("LEADS_STORAGE", "")
    response, problem = await health()
    assert response.status_code == 503
    assert problem["wrong"][-1] == {
        "name": "MAIL_URL",
        "advice": "no name server knows its host, so no mail can be handed over: correct the host",
    }
    assert {fault["name"] for fault in problem["wrong"]} >= {"LEADS_STORAGE", "MAIL_URL"}
    assert host not in json.dumps(problem)


async def test_no_person_is_in_the_log(on_azurite: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "leads")
    await post(body())
    await post(b'{"email": "jsmith@northwind.example"')
    await PROCESS(QueueMessage(id="1", body=message(body()), insertion_time=NOON))
    ours = [record.__dict__ for record in caplog.records if record.name == "leads"]
    assert len(ours) == 3
    assert all('{"event_id": "' in record.getMessage() for record in caplog.records if record.name == "leads")
    assert "northwind" not in repr(ours)
    assert "secret" not in repr(ours)


async def open_page(token: str, form: bytes | None = None, **params: str) -> func.HttpResponse:
    """Open the page as a browser does."""
    method, handler = ("GET", SHOW) if form is None else ("POST", RECORD)
    url = f"https://leads.example/api/follow-up/{token}"
    response: func.HttpResponse = await handler(
        func.HttpRequest(method, url, headers=BROWSER, params=params, route_params={"token": token}, body=form or b"")
    )
    assert response.mimetype == "text/html"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    return response


async def token_of_a_stored_lead(settings: Settings) -> str:
    await PROCESS(QueueMessage(id="1", body=message(body()), insertion_time=NOON))
    (lead,) = await rows(wiring.services(), settings.leads_table)
    key = LeadKey(lead["PartitionKey"], lead["RowKey"])
    link = wiring.services().rest.links.sign(key, "sales@contoso.example", now=datetime.now(UTC))
    return link.rpartition("/")[2]


async def test_the_page_shows_a_lead_and_records_an_answer(on_azurite: Settings) -> None:
    token = await token_of_a_stored_lead(on_azurite)
    before = await rows(wiring.services(), on_azurite.leads_table)
    shown = await open_page(token)
    assert shown.status_code == 200
    assert "John Smith" in shown.get_body().decode()
    assert await rows(wiring.services(), on_azurite.leads_table) == before
    for _ in range(2):
        recorded = await open_page(token, b"choice=contacted&click=abc")
        assert recorded.status_code == 303
        assert recorded.headers["Location"] == f"/api/follow-up/{token}?said=abc"
        assert "Recorded: contacted" in (await open_page(token, said="abc")).get_body().decode()
    (lead,) = await rows(wiring.services(), on_azurite.leads_table)
    assert (lead["Status"], lead["ContactedBy"]) == ("Contacted", "sales@contoso.example")
    assert len(json.loads(lead["zAppDecisions"])["taken"]) == 1


async def test_all_open_leads_of_an_owner_stand_on_one_page_until_they_are_answered(on_azurite: Settings) -> None:
    for number in range(3):
        posted = message(body(person(number)), event=number)
        await PROCESS(QueueMessage(id=str(number), body=posted, insertion_time=NOON))
    link = wiring.services().rest.links.sign_my_leads("sales@contoso.example", now=datetime.now(UTC))
    request = func.HttpRequest("GET", link, headers=BROWSER, route_params={"token": link.rpartition("/")[2]}, body=b"")
    shown: func.HttpResponse = await SHOW_MY_LEADS(request)
    assert shown.headers["Cache-Control"] == "no-store"
    page = Reader(shown.get_body().decode())
    assert sorted(re.findall(r"P\d Smith", page.text("h3"))) == ["P0 Smith", "P1 Smith", "P2 Smith"]

    first = next(each["href"] for each in page.named("a") if "/follow-up/" in (each["href"] or ""))
    assert first
    opened = Reader((await open_page(first.rpartition("/")[2])).get_body().decode())
    assert opened.named("a")[-1]["href"] == link
    await open_page(first.rpartition("/")[2], b"choice=contacted&click=abc")
    after: func.HttpResponse = await SHOW_MY_LEADS(request)
    assert after.get_body().decode().count(" Smith") == 2


@pytest.mark.parametrize("form", [b"", b"choice=nonsense&click=a", b"\xff\xff=%%%&click", b"&" * 100_000])
async def test_a_form_that_cannot_be_read_is_shown_again(on_azurite: Settings, form: bytes) -> None:
    token = await token_of_a_stored_lead(on_azurite)
    assert (await open_page(token, form)).status_code == 400


@pytest.mark.parametrize("form", [None, b"choice=contacted&click=abc"])
async def test_links_that_do_not_work_get_a_plain_page(on_azurite: Settings, form: bytes | None) -> None:
    token = await token_of_a_stored_lead(on_azurite)
    signer = wiring.services().rest.links
    old = signer.sign(LeadKey("p", "r"), "a@b.example", now=datetime.now(UTC) - LINKS_LAST - timedelta(minutes=1))
    gone = signer.sign(LeadKey("p", "r"), "a@b.example", now=datetime.now(UTC))
    assert (await open_page(token[:-1], form)).status_code == 403
    assert (await open_page(old.rpartition("/")[2], form)).status_code == 410
    assert (await open_page(gone.rpartition("/")[2], form)).status_code == 404


async def test_without_storage_the_page_asks_to_try_again(on_nothing: None) -> None:
    link = wiring.services().rest.links.sign(LeadKey("p", "r"), "a@b.example", now=datetime.now(UTC))
    assert (await open_page(link.rpartition("/")[2])).status_code == 503


async def test_the_timers_do_what_needs_no_mail_even_if_the_mail_settings_are_wrong(
    on_azurite: Settings, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment.setenv("MAIL_URL", "secret")
    await PARK(QueueMessage(id="1", body=message(body()), insertion_time=NOON))
    timer = TimerRequest()
    await CHECK(timer)
    (row,) = await rows(wiring.services(), on_azurite.rejected_leads_table)
    assert (row["Retry"], row["Retries"]) == (False, 1)
    await REMIND(timer)
    assert "MAIL_URL" in caplog.text
    assert '{"code": "wrong-setting"}' in caplog.text
    assert "secret" not in caplog.text


async def test_retries_do_not_wait_for_mails_and_neither_stops_the_other(
    on_azurite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    class Failing:
        def __init__(self, name: str) -> None:
            self._name = name

        async def tick(self, **_: object) -> int:
            done.append(self._name)
            raise StorageUnavailableError(self._name)

    rest = wiring.services().rest
    for name in ("retrying", "confirming"):
        monkeypatch.setitem(vars(rest), name, Failing(name))
    with pytest.raises(StorageUnavailableError):
        await REMIND(TimerRequest())
    assert done == ["retrying", "confirming"]


async def test_each_timer_notes_that_it_came_to_its_end(on_azurite: Settings) -> None:
    for timer in (REMIND, CHECK, SUMMARISE, CANARY):
        await timer(TimerRequest())
    runs = await wiring.services().rest.runs.list_runs()
    assert {timer: run.trouble for timer, run in runs.items()} == dict.fromkeys(Timer, "")
    assert all(abs(datetime.now(UTC) - run.finished_at) < timedelta(minutes=1) for run in runs.values())


async def test_a_run_that_could_send_no_mails_notes_why(on_azurite: Settings, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MAIL_FROM", "")
    await REMIND(TimerRequest())
    assert "MAIL_FROM: is missing" in (await wiring.services().rest.runs.list_runs())[Timer.REMINDERS].trouble


async def test_a_check_that_did_not_read_everything_is_not_noted(
    on_azurite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OutOfTime:
        async def check(self, *, now: datetime) -> Counter[str]:
            return Counter(unfinished=1)

    monkeypatch.setitem(vars(wiring.services().rest), "reconciling", OutOfTime())
    await CHECK(TimerRequest())
    assert await wiring.services().rest.runs.list_runs() == {}


async def test_the_check_tells_of_silence_after_a_whole_round_alone(
    on_azurite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[datetime] = []

    class Alarm:
        async def tick(self, *, now: datetime, **_: object) -> Counter[str]:
            told.append(now)
            return Counter()

    class OutOfTime:
        async def check(self, **_: object) -> Counter[str]:
            return Counter(unfinished=1)

    rest = wiring.services().rest
    monkeypatch.setitem(vars(rest), "silence_alarm", Alarm())
    await CHECK(TimerRequest())
    assert len(told) == 1
    monkeypatch.setitem(vars(rest), "reconciling", OutOfTime())
    await CHECK(TimerRequest())
    assert len(told) == 1


async def test_health_has_a_silence_in_its_notes_and_stays_healthy(
    on_azurite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        name = "silence"

        async def check(self) -> None:
            raise SilenceError("No lead has come.")

    monkeypatch.setitem(vars(wiring.services()), "health", Health([], [], notes=[Silent()]))
    response, answer = await health()
    assert response.status_code == 200
    assert answer == {"status": "healthy", "notes": [{"name": "silence", "advice": "No lead has come."}]}
