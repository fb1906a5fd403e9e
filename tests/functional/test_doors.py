"""The HTTP functions answer as docs/openapi.yaml says. No request leads to a fault of the app.

A longer look: ``EXAMPLES=2000 make test ARGS=tests/functional/test_doors.py``.
"""

import asyncio
import itertools
import json
import os
import re
import secrets
import socket
import threading
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import schemathesis
import schemathesis.checks as known
from azure.functions.queue import QueueMessage
from azure.functions.timer import TimerRequest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import function_app
from lead_core import errors, wiring
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.adapters.tables.table import KeyRange
from lead_core.errors import LeadError, RejectCode, RowRefusedError, SomeoneWasFirstError
from lead_core.http import RETRY_AFTER_SECONDS
from lead_core.lead.addresses import MAX_ADDRESS_CHARACTERS
from lead_core.lead.changes import StoredLead
from lead_core.lead.choices import Choice
from lead_core.lead.erasure import Erasure
from lead_core.lead.lead import Lead
from lead_core.lead.values import MAX_TEXT_CHARACTERS, LeadKey, format_digest
from lead_core.links import LINKS_LAST, LinkSigner
from lead_core.marketplace.envelope import MAX_BODY_BYTES, parse_url_offer
from lead_core.marketplace.leads import MAX_LEADS
from lead_core.settings import Settings
from lead_core.steps.intake import MAX_KEPT_BODY_BYTES
from lead_core.views.form import MAX_FORM_BYTES, MAX_NOTE_CHARACTERS, MAX_REASON_CHARACTERS
from lead_core.wiring import Services
from local.azurite import Azurite
from local.functions_host.http_trigger import HttpListener, Route
from local.functions_host.invocation import Invoker
from tests.examples import JOHN, NOON, body, message
from tests.functional.doors import (
    BROWSER,
    CONFORMANCE,
    DESCRIPTION,
    DOORS,
    FUNCTIONS,
    HTML,
    LEADS,
    LEADS_OF_OFFER,
    MY_LEADS,
    PAGE,
    PROBLEM,
    PROGRAM,
    REPORT,
    SCHEMA,
    TEXT,
    Door,
    Kind,
    ask,
    described_doors,
    described_kinds,
    described_problems,
    kind_of,
)
from tests.functional.triggers import CHECK, PROCESS, rows
from tests.good_settings import GOOD_SETTINGS
from tests.posts import SAMPLES
from tests.reader import Reader

LOOKING = settings(
    max_examples=int(os.environ.get("EXAMPLES", "20")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LINK_KEY = GOOD_SETTINGS["LINK_KEY"]
REFUSED = {
    "empty-body": b"",
    "not-utf-8": b'{"company":"\xff\x00"}',
    "not-json": b'{"actionCode": PLT}',
    "not-an-object": b"[]",
    "too-complex": b'{"a":' * 9_000,
    "too-large": b"x" * (MAX_BODY_BYTES + 1),
    "too-many-leads": json.dumps([json.loads(body())] * (MAX_LEADS + 1)).encode(),
}
PACKED = {"gzip": b"broken", "br": b"packed"}


def sign(key: LeadKey, *, now: datetime | None = None) -> str:
    """Return the end of a link to a lead."""
    link = LinkSigner((LINK_KEY,), "").sign(key, "sales@contoso.example", now=now or datetime.now(UTC))
    return link.rpartition("/")[2]


def sign_my_leads(*, now: datetime | None = None) -> str:
    """Return the end of a link to an owner's open leads."""
    link = LinkSigner((LINK_KEY,), "").sign_my_leads("sales@contoso.example", now=now or datetime.now(UTC))
    return link.rpartition("/")[2]


def sign_report(*, now: datetime | None = None) -> str:
    """Return the end of a link to the report."""
    link = LinkSigner((LINK_KEY,), "").sign_report("sales@contoso.example", now=now or datetime.now(UTC))
    return link.rpartition("/")[2]


LISTS = {MY_LEADS: sign_my_leads, REPORT: sign_report}
"""The pages of several leads, and what signs links to them."""


@pytest.fixture
async def lead(on_azurite: Settings, services: Services) -> LeadKey:
    """Return the keys of a lead that is stored."""
    await services.rest.processing.process(message(body()), message_id="m", queued_at=NOON)
    (row,) = await rows(services, on_azurite.leads_table)
    return LeadKey(row["PartitionKey"], row["RowKey"])


@pytest.fixture
def host(on_azurite: Settings) -> Iterator[str]:
    """Serve the doors over HTTP, in a thread with a loop of its own, and yield their address."""

    async def serve() -> None:
        await listener.listen()
        await wiring.services().close()

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listener = HttpListener([Route.parse(each, "api") for each in FUNCTIONS], {}, Invoker(), listening)
        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listener.stop()
        thread.join()


def test_every_door_is_described_with_its_key() -> None:
    keys = {"function": ["function_key_in_url", "function_key_in_header"], "anonymous": []}
    default = function_app.app.auth_level
    assert {
        door: [name for each in operation["security"] for name in each] for door, operation in described_doors().items()
    } == {door: keys[function.binding.get("authLevel", default).value] for door, function in DOORS.items()}


def test_every_code_is_either_described_or_never_answered() -> None:
    """A new code must be described or listed here."""
    raised = [
        *(errors.UnreadableLeadError(code, "") for code in RejectCode),
        *(errors.StorageUnavailableError(""), errors.StorageRefusedError("", "")),
        *(errors.MailNotSentError(""), errors.MailUncertainError("")),
        *(errors.AddressRefusedError(frozenset()), errors.SettingsError(""), errors.SomeoneWasFirstError()),
        *(errors.ForgedLinkError(), errors.IncompleteLinkError(), errors.ExpiredListLinkError()),
        *(errors.ExpiredLinkError(), errors.LeadGoneError(), errors.LeadErasedError(date(2026, 11, 22))),
        *(errors.AnswerError("", ""), LeadError("unhealthy", ""), LeadError("post-only", "")),
        *(errors.ContentRefusedError(""), errors.ProviderRefusesError(""), errors.MailTroubleError("")),
        *(errors.NoAnswerError(""), errors.UnreadableFileError(""), errors.ErasureKeyLostError()),
        *(errors.CanaryLostError(""), errors.SilenceError("")),
    ]
    never_answered = {
        "no-lead", "no-envelope", "gave-up", "damaged-row", "mail-not-sent", "content-refused", "provider-refuses",
        "mail-uncertain", "address-refused", "mail-trouble", "no-answer", "unreadable-file", "erasure-key-lost",
        "canary-lost", "silence",
    }  # fmt: skip
    code = DESCRIPTION["components"]["schemas"]["Problem"]["properties"]["code"]
    kinds = {
        LeadError,
        *LeadError.__subclasses__(),
        *errors.StorageUnavailableError.__subclasses__(),
        *errors.MailNotSentError.__subclasses__(),
    }
    assert {type(error) for error in raised} == kinds
    assert {error.code for error in raised} == {*code["enum"], *never_answered}
    assert {*code["enum"]} == {kind.code for kind in described_kinds()} - {""}
    assert re.findall(r"^\| `(.*?)` \|", code["description"], re.MULTILINE) == code["enum"]


def test_limits_and_choices_are_those_of_the_code() -> None:
    parts = DESCRIPTION["components"]
    form = parts["schemas"]["Answer"]["properties"]
    assert parts["requestBodies"]["Lead"]["x-max-bytes"] == MAX_BODY_BYTES
    _, several = parts["requestBodies"]["Lead"]["content"]["application/json"]["schema"]["anyOf"]
    assert several["maxItems"] == MAX_LEADS
    assert parts["requestBodies"]["Answer"]["x-max-bytes"] == MAX_FORM_BYTES
    assert parts["headers"]["Retry-After"]["schema"]["const"] == str(RETRY_AFTER_SECONDS)
    assert form["choice"]["enum"] == list(Choice)
    assert form["reason"]["maxLength"] == MAX_REASON_CHARACTERS
    assert form["colleague"]["maxLength"] == MAX_ADDRESS_CHARACTERS
    assert form["note"]["maxLength"] == MAX_NOTE_CHARACTERS
    assert set(re.findall(r"(?:most|than) (\d+)(?: leads|:| \|)", TEXT)) == {str(MAX_LEADS)}
    limits = (MAX_BODY_BYTES, MAX_KEPT_BODY_BYTES, MAX_FORM_BYTES)
    assert set(re.findall(r"\d+ KiB", TEXT)) == {f"{limit // 1024} KiB" for limit in limits}
    assert ("thirty days" in TEXT, LINKS_LAST.days) == (True, 30)


class Contested(TableLeadStore):
    """A store that takes no change of a lead: another writer is always first, or storage refuses the row."""

    trouble: LeadError = SomeoneWasFirstError()

    async def replace(self, stored: StoredLead, lead: Lead) -> None:
        raise self.trouble


def contest(trouble: LeadError) -> None:
    """Let this trouble meet each answer that is written."""
    services = wiring.services()
    leads = Contested(services.rest.table(services.settings.leads_table))
    leads.trouble = trouble
    repository = replace(services.rest.answering.repository, leads=leads)
    vars(services.rest)["answering"] = replace(services.rest.answering, repository=repository)


async def restart(environment: pytest.MonkeyPatch, **changed: str) -> None:
    """Do what a new worker does: read the environment again."""
    await wiring.services().close()
    wiring.services.cache_clear()
    for name, value in changed.items():
        environment.setenv(name, value)


async def ask_everywhere(token: str) -> list[httpx.Response]:
    """Ask once at each door, as a program and as a browser, all at once."""

    def ask_at(door: Door, headers: dict[str, str]) -> Awaitable[httpx.Response]:
        if door.path == PAGE:
            form = f"choice=contacted&click={secrets.token_hex(4)}".encode()
            return ask(*door, form, headers=headers, token=token)
        if door.path in LISTS:
            return ask(*door, headers=headers, token=LISTS[door.path]())
        route = {"offer": "contoso.contoso-crm"} if door.path == LEADS_OF_OFFER else {}
        return ask(*door, body(), headers=headers, **route)

    return await asyncio.gather(*(ask_at(door, headers) for door in DOORS for headers in (PROGRAM, BROWSER)))


async def ask_for_lists(other: str) -> list[httpx.Response]:
    """Ask for each page of several leads with links that are wrong, one of them for something else, and for a file."""
    answers = [await ask(REPORT, "GET", headers=PROGRAM, token=sign_report(), params={"format": "csv"})]
    for path, sign_list in LISTS.items():
        expired = sign_list(now=datetime.now(UTC) - LINKS_LAST * 2)
        for token, headers in itertools.product((other, sign_list()[:-2], expired), (PROGRAM, BROWSER)):
            answers += [await ask(path, "GET", headers=headers, token=token)]
    return answers


async def test_the_answers_are_those_described_and_the_examples_are_true(
    lead: LeadKey, on_azurite: Settings, services: Services, environment: pytest.MonkeyPatch
) -> None:
    token, expired = sign(lead), sign(lead, now=datetime.now(UTC) - LINKS_LAST - timedelta(minutes=1))
    answers = [await ask(path, "POST", each) for path in (LEADS, LEADS_OF_OFFER) for each in REFUSED.values()]
    for coding, packed in PACKED.items():
        headers = {"Content-Encoding": coding}
        answers += [await ask(path, "POST", packed, headers=headers) for path in (LEADS, LEADS_OF_OFFER)]
    chunked = {"Transfer-Encoding": "chunked"}
    answers += [await ask(path, "POST", headers=chunked) for path in (LEADS, LEADS_OF_OFFER)]
    answers += [await ask(PAGE, "POST", headers=headers, token=token) for headers in (PROGRAM, BROWSER)]
    erased = LeadKey(format_digest("erased"), "lead")
    erasure = Erasure(datetime(2026, 11, 22, 12, tzinfo=UTC), "receipt")
    await services.rest.erasures.remember({erased.partition}, erasure, secret="secret")
    for each in (token, token.swapcase(), token[:-2], expired, sign(LeadKey("no", "lead")), sign(erased)):
        answers += await ask_everywhere(each)
        answers += [await ask(PAGE, "POST", b"new_link=yes", headers=BROWSER, token=each)]

    answers += await ask_for_lists(token)

    for trouble in (SomeoneWasFirstError(), RowRefusedError("400 EntityTooLarge")):
        await restart(environment)
        contest(trouble)
        answers += await ask_everywhere(token)

    await restart(environment)
    damage = {"PartitionKey": lead.partition, "RowKey": lead.row, "zAppDecisions": "edited"}
    await services.rest.table(on_azurite.leads_table).merge(damage)
    answers += await ask_everywhere(token)

    for changed in (
        {"LINK_KEY": ""},
        {"LINK_KEY": LINK_KEY, "LEADS_STORAGE": ""},
        {"LEADS_STORAGE": Azurite().connection_string},  # where nobody listens
        {"LEADS_STORAGE": on_azurite.connection_string.replace("AccountKey=Eby8", "AccountKey=XXXX")},
    ):
        await restart(environment, **changed)
        answers += await ask_everywhere(token)

    assert {kind_of(answer) for answer in answers} == described_kinds()
    told: dict[Kind, list[Any]] = {}
    for answer in answers:
        if kind_of(answer).media == PROBLEM:
            told.setdefault(kind_of(answer), []).append(without_id(answer.json()))
    for kind, problem in described_problems().items():
        assert without_id(problem) in told[kind]


def without_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "id"}


@SCHEMA.parametrize()
@LOOKING
def test_schemathesis_finds_no_answer_that_is_not_described(
    case: schemathesis.Case[Any], host: str, lead: LeadKey
) -> None:
    checks = [known.not_a_server_error, *CONFORMANCE]
    # A lead that fits the description is accepted. A form that fits may lack what its choice needs.
    takes_data = {*case.operation.definition.raw["responses"]} != {"405"}
    accepts = [known.positive_data_acceptance] if takes_data else []
    case.call_and_validate(base_url=host, checks=[*checks, *accepts])
    if "token" in case.path_parameters:
        case.path_parameters = {"token": LISTS[case.path]() if case.path in LISTS else sign(lead)}
        case.call_and_validate(base_url=host, checks=checks)


MARK = "<x-mark onload='\"&"
"""A text that must not come back unescaped."""
UNFIT = "\ud800\x00\uffff\u202e"
"""Characters that no table and no page can take as they are."""


def repeats_mark(answer: httpx.Response) -> bool:
    """Whether the mark comes back unescaped, or at all in a header or a problem."""
    is_page = answer.headers["Content-Type"] == HTML
    return "x-mark" in str(answer.headers) or ("<x-mark" if is_page else "x-mark") in answer.text


anything = st.text(st.characters(), max_size=60)
hostile = st.sampled_from(
    [MARK, "\u202e", "\x00", "\ud800", "\uffff", "=1+1", "/\\#?", "x" * 9_000, "\U0001f680" * 9_000]
)
texts = anything | hostile | st.builds("".join, st.lists(anything | hostile, max_size=3))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
samples = st.sampled_from([sample.content for sample in SAMPLES])


@st.composite
def damaged_leads(draw: st.DrawFn) -> bytes:
    """Return a sample with a part missing or replaced."""
    content = draw(samples)
    start, end = sorted(draw(st.integers(0, len(content))) for _ in range(2))
    return content[:start] + draw(st.binary(max_size=20)) + content[end:]


@st.composite
def odd_leads(draw: st.DrawFn) -> bytes:
    """Return a lead in which anything may stand anywhere."""
    lead = json.loads(body())
    for part in (lead, lead["userDetails"]):
        for name in draw(st.lists(st.sampled_from(sorted(part)), unique=True, max_size=4)):
            part[draw(st.sampled_from([name, name.upper()]) | texts)] = draw(values)
    content = json.dumps(lead, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    # Limits at which an answer changes.
    size = draw(
        st.sampled_from([0, 0, MAX_BODY_BYTES, MAX_BODY_BYTES + 1, MAX_KEPT_BODY_BYTES, MAX_KEPT_BODY_BYTES + 1])
    )
    return content + b" " * (size - len(content))


bodies = st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()) | damaged_leads() | odd_leads()
headers = st.dictionaries(
    st.sampled_from(["Accept", "Content-Type", "Content-Length", "Transfer-Encoding", "Content-Encoding"]) | texts,
    st.sampled_from(["text/html", "chunked", "gzip", "application/json"]) | texts,
    max_size=3,
)
offers = st.none() | texts | st.sampled_from(["contoso.crm", "a|b", "x" * 201])


@LOOKING
@given(content=bodies, offer=offers, headers=headers)
@example(content=b'{"offerTitle": ' + b"9" * 5_000 + b"}", offer=UNFIT, headers={})
@example(content=body(contact=replace(JOHN, last_name=UNFIT), description=UNFIT), offer=UNFIT, headers={UNFIT: UNFIT})
async def test_any_post_is_answered_and_any_accepted_one_can_be_processed(
    on_azurite: Settings, content: bytes, offer: str | None, headers: dict[str, str]
) -> None:
    path, route = (LEADS, {}) if offer is None else (LEADS_OF_OFFER, {"offer": offer})
    answer = await ask(path, "POST", content, headers=headers, **route)
    assert answer.status_code in {202, 400, 411, 413, 415}
    assert not repeats_mark(answer)
    if answer.status_code == 202:
        sent = message(content, event=int(answer.json()["id"], 16), offer=parse_url_offer(offer or ""))
        await PROCESS(QueueMessage(id="1", body=sent, insertion_time=NOON))


accepts = st.sampled_from([PROGRAM, BROWSER]) | texts.map(lambda text: {"Accept": text})
edits = st.tuples(st.integers(0, 200), texts | st.sampled_from(["", ".", "=", "A", "%2E"]))


@LOOKING
@given(token=texts | edits, form=st.binary(max_size=50), accept=accepts)
async def test_a_token_that_nobody_signed_opens_nothing_and_is_not_repeated(
    lead: LeadKey, token: str | tuple[int, str], form: bytes, accept: dict[str, str]
) -> None:
    good = sign(lead)
    if isinstance(token, tuple):
        place, instead = token
        token = good[:place] + instead + good[place + 1 :]
    assume(token != good)
    for method in ("GET", "POST"):
        answer = await ask(PAGE, method, form, headers=accept, token=token)
        plain = [await ask(PAGE, method, headers=accept, token=each) for each in (good.swapcase(), good[:-2])]
        assert answer.status_code == 403
        assert (answer.content, answer.headers) in [(each.content, each.headers) for each in plain]


choices, clicks = st.sampled_from(list(Choice)), st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
details = {
    "follow_up_on": st.integers(-3, 400).map(lambda days: str((datetime.now(UTC) + timedelta(days)).date())) | texts,
    "reason": texts,
    "colleague": st.emails() | st.sampled_from(["anna@contoso.example", f"{MARK}@contoso.example"]) | texts,
    # Who answered is named to who answers next, and the cookie has it. Hypothesis makes texts of our constants, too.
    "i_am": texts.filter(lambda text: "x-mark" not in text),
    "note": texts,
    "note_was": texts,
    "ticked-1": texts,
    "ticked_was": texts,
    "seen": texts | st.sampled_from(["1:", "2:2026-11-22T08:15:30.123456Z"]),
}
confirmations = st.sampled_from(["", "carl@contoso.example", "eve@evil.example", MARK])
forms = st.fixed_dictionaries({"choice": choices, "click": clicks}, optional=details) | st.fixed_dictionaries(
    {}, optional={"choice": choices | texts, "click": clicks | texts, "confirm": confirmations, **details}
)


@LOOKING
@given(form=forms.map(lambda form: urlencode(form, errors="surrogatepass").encode()) | st.binary(max_size=300))
@example(form=urlencode({"choice": Choice.NOT_A_FIT, "click": "1", "reason": MARK, "note": MARK}).encode())
@example(form=urlencode(dict.fromkeys(details, MARK) | {"choice": Choice.PASS, "click": "1", "i_am": ""}).encode())
@example(form=urlencode(dict.fromkeys(details, UNFIT[1:]) | {"choice": Choice.TRIED, "click": "1"}).encode())
async def test_any_form_is_answered_and_its_lead_goes_on_as_before(lead: LeadKey, form: bytes) -> None:
    answers = [await ask(PAGE, "POST", form, headers=headers, token=sign(lead)) for headers in (PROGRAM, BROWSER)]
    shown = await ask(PAGE, "GET", token=sign(lead))
    assert shown.status_code == 200
    for answer in (*answers, shown):
        assert answer.status_code in {200, 303, 400}
        assert not repeats_mark(answer)
    await CHECK(TimerRequest())
    await PROCESS(QueueMessage(id="1", body=message(body(), event=2, minutes=60), insertion_time=NOON))


async def test_the_longest_note_does_not_stop_an_answer(
    lead: LeadKey, on_azurite: Settings, services: Services
) -> None:
    note = {"PartitionKey": lead.partition, "RowKey": lead.row, "Note": "\U0001f680" * MAX_TEXT_CHARACTERS}
    await services.rest.table(on_azurite.leads_table).merge(note)
    page = Reader((await ask(PAGE, "GET", token=sign(lead))).text)
    form = {str(each["name"]): each["value"] or "" for each in page.named("input")}
    form |= {"note": page.text("textarea").strip(), "choice": "contacted"}
    assert form["note_was"] == form["note"] == note["Note"]
    answer = await ask(PAGE, "POST", urlencode(form).encode(), token=sign(lead))
    assert answer.status_code == 303
    (row,) = await rows(services, on_azurite.leads_table)
    assert (row["Status"], row["Note"]) == ("Contacted", note["Note"])


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (BROWSER["Accept"], HTML),
        ("TEXT/HTML", HTML),
        ("application/json, text/html;q=0.5", HTML),
        ("", PROBLEM),
        ("*/*", PROBLEM),
        ("text/*", PROBLEM),
        ("application/json", PROBLEM),
        ("application/problem+json", PROBLEM),
        ("text/htmlx, application/xhtml+xml", PROBLEM),
    ],
)
async def test_on_errors_browsers_get_a_page_and_other_clients_a_problem(
    lead: LeadKey, accept: str, media: str
) -> None:
    for token, status in ((sign(lead).swapcase(), 403), (sign(lead)[:9], 403), (sign(lead), 400)):
        answer = await ask(PAGE, "POST", headers={"Accept": accept}, token=token)
        assert (answer.status_code, answer.headers["content-type"]) == (status, media)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/leads", "/api/leads/contoso.contoso-crm?code=key-of-the-offer"])
async def test_who_opens_the_address_of_leads_learns_that_it_takes_posts_and_where_health_is(
    host: str, method: str, path: str
) -> None:
    async with httpx.AsyncClient(base_url=host, timeout=30) as client:
        for headers, media in ((PROGRAM, PROBLEM), (BROWSER, HTML)):
            answer = await client.request(method, path, headers=headers)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
            assert answer.headers["Content-Type"].partition(";")[0] == media
            assert "sends leads to this address, by POST" in answer.text
            assert "Open /api/health to see whether the app works." in answer.text
            assert "key-of-the-offer" not in answer.text + str(answer.headers)
        head = await client.head(path)
        assert (head.status_code, head.headers["Allow"], head.content) == (405, "POST", b"")


async def everything(services: Services) -> dict[tuple[str, str, str], str]:
    """Return the etag of every row there is."""
    return {
        (table, row.columns["PartitionKey"], row.columns["RowKey"]): row.etag
        for table in services.settings.table_names
        async for row in services.rest.table(table).query(KeyRange())
    }


async def test_a_mail_scanner_changes_nothing_with_a_link(lead: LeadKey, host: str, services: Services) -> None:
    before = await everything(services)
    assert len(before) == 3
    paths = (f"/api/follow-up/{sign(lead)}", f"/api/my-leads/{sign_my_leads()}")
    async with httpx.AsyncClient(base_url=host, timeout=30) as scanner:
        looks = [
            scanner.request(method, path, headers=headers, params=params)
            for path in paths
            for method in ("GET", "HEAD", "OPTIONS")
            for headers in (PROGRAM, BROWSER, {"Range": "bytes=0-99"}, {"X-HTTP-Method-Override": "POST"})
            for params in ({}, {"choice": "contacted", "click": "1"})
            for _ in range(2)
        ]
        answers = await asyncio.gather(*looks)
    assert {answer.status_code for answer in answers if answer.request.method == "GET"} == {200}
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert await everything(services) == before
