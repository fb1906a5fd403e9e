"""No log, answer or table shows a person or a secret that does not belong there, even if something goes wrong.

Each trigger is run as the local host runs it, with every logger at DEBUG and asyncio in its own debug mode.
"""

import asyncio
import base64
import dataclasses
import hashlib
import json
import logging
import re
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import azure.functions as func
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.functions.queue import QueueMessage
from azure.functions.timer import TimerRequest
from azure.storage.queue.aio import QueueClient

import function_app
from lead_core import wiring
from lead_core.adapters.azure.account import StorageAccount
from lead_core.lead.received import Envelope
from lead_core.lead.values import LeadKey
from lead_core.links import LINKS_LAST, LinkSigner
from lead_core.marketplace.envelope import MAX_BODY_BYTES, encode_envelope
from lead_core.settings import Settings
from local.azurite import ACCOUNT, Azurite
from local.child import HOST, free_ports
from local.functions_host.functions import Function
from local.functions_host.invocation import Invoker
from tests.functional.triggers import rows
from tests.leaks import (
    FORM,
    GRID,
    MARKERS,
    OFFER,
    OWNERS,
    PERSON,
    POSTED,
    SECRETS,
    Answer,
    Ear,
    QuotingHandler,
    QuotingProvider,
    QuotingServer,
    asyncio_telling_all,
    babble,
    explain,
    find,
    find_leaks,
    find_leaks_in_rows,
    hang_up,
    hearing_everything,
    key_of,
    lead,
    nod,
    refuse,
    serving,
    settings_of_the_team,
    shout,
    spell,
    text_of,
)

FUNCTIONS = {
    name: Function(name, getattr(function_app, name).build().get_user_function(), "", {"name": parameter})
    for name, parameter in {
        "accept_lead": "req",
        "process_lead": "message",
        "park_poisoned_lead": "message",
        "send_reminders": "timer",
        "check_leads": "timer",
        "send_summary": "timer",
        "send_canary": "timer",
        "show_follow_up": "req",
        "record_follow_up": "req",
        "show_my_leads": "req",
        "show_report": "req",
        "health": "req",
    }.items()
}


@dataclass
class Host:
    """Runs the triggers, and keeps all that is said and answered."""

    ear: Ear
    capture: pytest.CaptureFixture[str]
    answers: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    invoker: Invoker = field(default_factory=Invoker)
    accept_header: str = "text/html"

    async def accept(self, content: bytes, **headers: str) -> int:
        return await self._answer("accept_lead", "POST", "leads/x", content, headers, offer=OFFER["offer"])

    async def health(self) -> int:
        return await self._answer("health", "GET", "health", b"", {})

    async def process(self, content: bytes) -> None:
        await self._run("process_lead", QueueMessage(id="1", body=content, insertion_time=datetime.now(UTC)))

    async def park(self, content: bytes) -> None:
        await self._run("park_poisoned_lead", QueueMessage(id="1", body=content, insertion_time=datetime.now(UTC)))

    async def remind(self) -> None:
        await self._run("send_reminders", TimerRequest())

    async def check(self) -> None:
        await self._run("check_leads", TimerRequest())

    async def summarise(self) -> None:
        await self._run("send_summary", TimerRequest())

    async def send_canary(self) -> None:
        await self._run("send_canary", TimerRequest())

    async def show(self, token: str) -> tuple[int, str]:
        return await self._page("show_follow_up", "GET", token, b"")

    async def report(self) -> tuple[int, str]:
        return await self._page("show_report", "GET", sign_report(), b"")

    async def record(self, token: str, **form: str) -> tuple[int, str]:
        return await self._page("record_follow_up", "POST", token, urlencode({"click": uuid4().hex, **form}).encode())

    async def show_my_leads(self, token: str) -> int:
        accepted = {"accept": self.accept_header}
        response = await self._request("show_my_leads", "GET", f"my-leads/{token}", b"", accepted, token=token)
        return response.status_code if response else 500

    async def everything(self, token: str) -> tuple[int, int, int]:
        """Run each trigger once, all at the same time, and return the answers."""
        answers = asyncio.gather(self.accept(lead()), self.accept(POSTED["unreadable body"].encode()), self.health())
        await asyncio.gather(
            self.process(envelope(lead())),
            self.process(POSTED["unreadable body"].encode()),
            self.park(envelope(lead())),
            self.remind(),
            self.check(),
            self.summarise(),
            self.show(token),
            self.show_my_leads(token),
            self.report(),
            self.record(token, confirm=f"{OWNERS['colleague']}@team.example", note=FORM["note"], i_am=FORM["name"]),
        )
        accepted, unreadable, healthy = await answers
        return accepted, unreadable, healthy

    @property
    def leaks(self) -> list[str]:
        """Search all that was logged, printed and answered to strangers."""
        self.printed += self.capture.readouterr()
        return [
            *find_leaks("log", self.ear.text),
            *find_leaks("log", "\n".join(self.printed)),
            *find_leaks("answer", "\n".join(self.answers)),
        ]

    async def _answer(
        self, name: str, method: str, path: str, content: bytes, headers: Mapping[str, str], **route: str
    ) -> int:
        response = await self._request(name, method, path, content, headers, **route)
        if response is None:
            return 500
        self.answers.append(f"{dict(response.headers)} {response.get_body().decode()}")
        return int(response.status_code)

    async def _page(self, name: str, method: str, token: str, form: bytes) -> tuple[int, str]:
        accepted = {"accept": self.accept_header}
        response = await self._request(name, method, f"follow-up/{token}", form, accepted, token=token)
        if response is None:
            return 500, ""
        page = f"{dict(response.headers)} {response.get_body().decode()}"
        return response.status_code, page

    async def _request(
        self, name: str, method: str, path: str, content: bytes, headers: Mapping[str, str], **route: str
    ) -> func.HttpResponse | None:
        request = func.HttpRequest(
            method,
            f"http://{HOST}/api/{path}?code={SECRETS['function key']}",
            headers={"x-functions-key": SECRETS["function key's header"], **headers},
            params={"code": SECRETS["function key"]},
            route_params=route,
            body=content,
        )
        response: func.HttpResponse | None = await self._run(name, request)
        return response

    async def _run(self, name: str, argument: object) -> Any:
        with suppress(Exception):  # The invoker logged it, as the host does.
            return await self.invoker.invoke(FUNCTIONS[name], argument)


@pytest.fixture
async def host(capfd: pytest.CaptureFixture[str]) -> AsyncIterator[Host]:
    with hearing_everything() as ear:
        yield Host(ear, capfd)


@pytest.fixture
async def asyncio_debug() -> AsyncIterator[None]:
    with asyncio_telling_all():
        yield


@pytest.fixture
async def environment(monkeypatch: pytest.MonkeyPatch, host: Host) -> AsyncIterator[pytest.MonkeyPatch]:
    """Yield an environment with a marker in each setting, and no storage."""
    for name, text in settings_of_the_team().items():
        monkeypatch.setenv(name, text)
    await begin_anew()
    yield monkeypatch
    await begin_anew()


async def begin_anew() -> None:
    """Do what a new worker does: read the environment again."""
    if wiring.services.cache_info().currsize:
        await wiring.services().close()
    wiring.services.cache_clear()


@pytest.fixture
def provider(environment: pytest.MonkeyPatch) -> Iterator[QuotingProvider]:
    provider = QuotingProvider()
    environment.setenv("MAIL_URL", provider.url)
    with serving(provider):
        yield provider


@pytest.fixture
async def tables(
    environment: pytest.MonkeyPatch, table_settings: Settings, provider: QuotingProvider
) -> AsyncIterator["Tables"]:
    """Yield tables that only this test uses, and a provider that takes every mail."""
    environment.setenv("LEADS_STORAGE", table_settings.connection_string)
    names = {}
    for name in table_settings.table_names:
        plain = name[:-8]
        names[plain] = name
        environment.setenv(re.sub("(?<=[a-z])(?=[A-Z])", "_", plain).upper() + "_TABLE", name)
    wiring.services()  # From here on, the SDKs are quiet. This test's own requests are not the app's.
    await begin_anew()
    async with QueueClient.from_connection_string(table_settings.connection_string, "leads") as queue:
        with suppress(ResourceNotFoundError):
            await queue.clear_messages()
        yield Tables(names, queue)


@dataclass
class Tables:
    names: Mapping[str, str]
    queue: QueueClient

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return await rows(wiring.services(), self.names[table])

    async def edit(self, table: str, **cells: object) -> None:
        """Type into the cells of each row, as in Storage Explorer."""
        for row in await self.rows(table):
            await self.write(table, {**row, **cells})

    async def let_claims_run_out(self) -> None:
        """Let claims run out, as after ten minutes."""
        for row in await self.rows("Digests"):
            if "Until" in row:
                await self.write("Digests", {**row, "Until": datetime(2020, 1, 1, tzinfo=UTC)})

    async def write(self, table: str, row: dict[str, Any]) -> None:
        await wiring.services().rest.table(self.names[table])._client.upsert_entity(row)

    async def take_messages(self) -> list[bytes]:
        messages = [message async for message in self.queue.receive_messages(max_messages=32)]
        for message in messages:
            await self.queue.delete_message(message)
        return [base64.b64decode(message.content) for message in messages]

    async def leaks(self) -> list[str]:
        return [leak for table in self.names for leak in find_leaks_in_rows(table, await self.rows(table))]


def envelope(content: bytes, event_id: str = "") -> bytes:
    return encode_envelope(Envelope(event_id or uuid4().hex, datetime.now(UTC), OFFER["offer"], content))


def link_in(mail: bytes) -> str:
    """Return the token of a mail's link."""
    found = re.search(r"/api/follow-up/([\w.-]+)", text_of(mail))
    assert found
    return found[1]


def payload_of(token: str) -> str:
    """Read what a token says. A dot before it means that it is packed."""
    raw = base64.urlsafe_b64decode(token.removeprefix(".").partition(".")[0] + "==")
    return (zlib.decompress(raw) if token.startswith(".") else raw).decode()


async def a_token(tables: Tables) -> str:
    """Return the token of a link to the only lead."""
    (row,) = await tables.rows("Leads")
    return sign(LeadKey(row["PartitionKey"], row["RowKey"]))


def sign(key: LeadKey, when: datetime | None = None) -> str:
    link = wiring.services().rest.links.sign(key, f"{OWNERS['owner']}@team.example", now=when or datetime.now(UTC))
    return link.rpartition("/")[2]


def sign_my_leads() -> str:
    link = wiring.services().rest.links.sign_my_leads(f"{OWNERS['owner']}@team.example", now=datetime.now(UTC))
    return link.rpartition("/")[2]


def sign_report() -> str:
    links = LinkSigner(wiring.services().settings.link_keys or ("none",), "")
    return links.sign_report(f"{OWNERS['owner']}@team.example", now=datetime.now(UTC)).rpartition("/")[2]


# What goes well


@pytest.mark.usefixtures("asyncio_debug")
async def test_nothing_leaks_from_the_post_to_the_last_answer(
    host: Host, tables: Tables, provider: QuotingProvider, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("REMINDER_WAITS", "1s")
    environment.setenv("TOUCHES", "0s,1s,7d")
    assert await host.accept(lead()) == 202
    shout()
    (message,) = await tables.take_messages()
    await asyncio.gather(*(host.process(message) for _ in range(4)))
    await host.remind()
    token = link_in(provider.mails[0])
    assert await host.show_my_leads(sign_my_leads()) == 200
    pages = [await host.show(token), await host.record(token, choice="tried", note=FORM["note"], i_am=FORM["name"])]
    await asyncio.sleep(1.1)
    await host.remind()
    colleague = f"{OWNERS['colleague']}@team.example"
    pages.append(await host.record(token, confirm=colleague))
    await host.remind()
    await tables.edit(
        "Leads", Owner=GRID["owner cell"], Status=GRID["status cell"], Note=GRID["note cell"], Attempts=FORM["nonsense"]
    )
    await host.check()
    await host.remind()
    pages.append(await host.record(token, choice="not-a-fit", reason=FORM["reason"]))
    assert await host.health() == 200

    assert [status for status, _ in pages] == [200, 303, 303, 303]
    pages.append(await host.show(token))
    assert len(provider.mails) == 4
    assert GRID["status cell"] in text_of(provider.mails[3])
    assert host.ear.loggers == {"asyncio", "functions_host", "leads"}
    assert host.leaks == []
    assert await tables.leaks() == []
    assert find_leaks("queue", message.decode()) == []
    assert [leak for _, page in pages for leak in find_leaks("page", page)] == []
    assert [leak for mail in provider.mails for leak in find_leaks("mail", text_of(mail))] == []
    assert token not in host.ear.text
    told = payload_of(token)
    assert OFFER["offer"] in told
    assert find_leaks("link", told) == []


async def test_nothing_leaks_of_a_test_lead(host: Host, tables: Tables, provider: QuotingProvider) -> None:
    await host.process(envelope(lead(firstName="MSFT_TEST_636573304831318844")))
    await host.remind()
    (mail,) = provider.mails
    assert find_leaks("mail", text_of(mail)) == []
    assert host.leaks + await tables.leaks() == []


@pytest.mark.parametrize("answer", [refuse(401), nod, babble, explain], ids=["refuses", "nods", "babbles", "explains"])
async def test_nothing_leaks_of_a_canary_that_is_lost(
    host: Host, tables: Tables, provider: QuotingProvider, environment: pytest.MonkeyPatch, answer: Answer
) -> None:
    server = QuotingServer(answer)
    key = SECRETS["canary's key"]
    environment.setenv("CANARY_URL", f"{server.url}/api/leads/{OFFER['offer']}?code={key}")
    with serving(server):
        await host.send_canary()
    assert key in server.requests[0]
    for row in await tables.rows("Digests"):
        if row["PartitionKey"] == "canaries":
            await tables.write("Digests", {**row, "PostedAt": datetime.now(UTC) - timedelta(minutes=11)})
    await host.remind()
    assert await host.health() == 503
    (mail,) = provider.mails
    assert "did not arrive" in text_of(mail)
    assert find_leaks("mail", text_of(mail)) == []
    assert host.leaks + await tables.leaks() == []


# Wrong posts, messages, links, forms and rows

UNREADABLE = {
    "no JSON": (400, POSTED["unreadable body"].encode()),
    "torn": (400, lead()[:-9]),
    "a constant": (202, b'{"description": NaN, "x": "' + POSTED["unreadable body"].encode() + b'"}'),
    "a list": (400, json.dumps([1, POSTED["unreadable body"]]).encode()),
    "no text": (400, lead() + b"\xff\x00" + POSTED["unreadable body"].encode()),
    "nested": (400, lead()[:-1] + b', "nested": ' + b'{"a":' * 8_000),
    "a long number": (400, lead()[:-1] + b', "number": ' + b"9" * 5_000 + b"}"),
    "too large": (413, lead(description=POSTED["unreadable body"] * MAX_BODY_BYTES)),
    "no lead": (202, json.dumps({POSTED["unknown field"]: POSTED["unreadable body"]}).encode()),
}


async def test_nothing_leaks_from_posts_that_cannot_be_read(
    host: Host, tables: Tables, provider: QuotingProvider
) -> None:
    answers = {name: await host.accept(content) for name, (_, content) in UNREADABLE.items()}
    assert answers == {name: status for name, (status, _) in UNREADABLE.items()}
    assert await host.accept(b"", **{"transfer-encoding": "chunked"}) == 411
    for message in await tables.take_messages():
        await host.process(message)
    assert len(await tables.rows("RejectedLeads")) == len(UNREADABLE)
    await tables.edit("RejectedLeads", Body=lead(description=POSTED["edited body"]).decode(), Retry="yes")
    await host.remind()
    for message in await tables.take_messages():
        await host.process(message)
    (row,) = await tables.rows("Leads")
    assert row["Description"] == POSTED["edited body"]
    assert host.leaks + await tables.leaks() == []
    assert [leak for mail in provider.mails for leak in find_leaks("mail", text_of(mail))] == []


@pytest.mark.parametrize(
    "content",
    [
        lead(),
        b"\xff" + lead(),
        json.dumps({"version": 1, "event_id": PERSON["e-mail"], "received_at": PERSON["phone"]}).encode() + b"\n{}",
        POSTED["unreadable body"].encode(),
    ],
)
async def test_nothing_leaks_from_messages_put_into_the_queue_by_hand(
    host: Host, tables: Tables, content: bytes
) -> None:
    await host.process(content)
    await host.park(content)
    (row,) = await tables.rows("RejectedLeads")
    assert row["Reason"] == ("gave-up" if content == lead() else "no-envelope")
    assert host.leaks + await tables.leaks() == []


@pytest.mark.parametrize("accept_header", ["text/html", "*/*"])
async def test_nothing_leaks_from_links_that_do_not_work(host: Host, tables: Tables, accept_header: str) -> None:
    host.accept_header = accept_header
    await host.process(envelope(lead()))
    token = await a_token(tables)
    long_ago = datetime.now(UTC) - LINKS_LAST - timedelta(minutes=1)
    nobody = LeadKey(PERSON["e-mail"], OFFER["offer"])
    bad = {
        FORM["nonsense"]: 403,
        token[:-2]: 403,
        token.partition(".")[0] + "." + FORM["nonsense"]: 403,
        base64.urlsafe_b64encode(json.dumps([FORM["nonsense"]]).encode()).decode() + ".x": 403,
        sign(nobody, long_ago): 410,
        sign(nobody): 404,
    }
    for link, status in bad.items():
        for answered, page in [await host.show(link), await host.record(link, choice="contacted")]:
            assert answered == status
            assert find_leaks("answer", page) == []
            assert link not in host.ear.text + page
    assert token not in host.ear.text
    assert host.leaks == []


@pytest.mark.parametrize("accept_header", ["text/html", "*/*"])
async def test_nothing_leaks_from_forms_that_cannot_be_recorded(host: Host, tables: Tables, accept_header: str) -> None:
    host.accept_header = accept_header
    await host.process(envelope(lead()))
    token, nonsense = await a_token(tables), FORM["nonsense"]
    forms = [
        {"choice": nonsense, "note": FORM["note"]},
        {"choice": "pass", "colleague": nonsense, "note": FORM["note"], "i_am": FORM["name"]},
        {"choice": "pass", "colleague": f"{OWNERS['colleague']}@team.example"},
        {"confirm": nonsense},
        {"choice": "not-a-fit", "reason": FORM["reason"] * 99},
        {"choice": "contacted-follow-up", "follow_up_on": nonsense},
        {"choice": "contacted", "note": FORM["note"] * 999},
        {"choice": "contacted", "click": f"{nonsense}!"},
    ]
    pages = [await host.record(token, **form) for form in forms]
    assert {status for status, _ in pages} == {400}
    assert [leak for _, page in pages for leak in find_leaks("page", page)] == []
    assert host.leaks + await tables.leaks() == []


DAMAGE = [
    {"zAppActionHistory": PERSON["first name"]},
    {"zAppActionHistory": json.dumps({"actions": PERSON["e-mail"]})},
    {"zAppDecisions": json.dumps({"written": {}, "taken": [{"at": PERSON["phone"]}]})},
    {
        "zAppDecisions": json.dumps(
            {
                "written": {"Status": "", "Owner": "", "OwnerNoticed": ""},
                "taken": [{"at": "2026-11-22T00:00:00Z", "status": FORM["nonsense"], "by": OWNERS["owner"]}],
            }
        )
    },
]


async def test_nothing_leaks_from_rows_damaged_by_hand(host: Host, tables: Tables, provider: QuotingProvider) -> None:
    message = envelope(lead())
    await host.process(message)
    await host.park(message)
    await host.check()  # So that there is every table.
    (whole,) = await tables.rows("Leads")
    token = await a_token(tables)
    await tables.write("FollowUps", {"PartitionKey": "2026-01-01T00", "RowKey": PERSON["e-mail"], "Name": "?"})
    digests = wiring.services().rest.table(tables.names["Digests"])
    await digests.upsert({"PartitionKey": "owners", "RowKey": "x", "Leads": PERSON["e-mail"], "Until": "?"})
    await tables.write("RejectedLeads", {"PartitionKey": "2099-01-01", "RowKey": "x", "Retry": PERSON["e-mail"]})
    for cells in DAMAGE:
        await tables.write("Leads", {**whole, **cells})
        await host.everything(token)
        await host.process(message)
        assert (await host.show(token))[0] == 200
    for row in await tables.rows("MarketplaceLeads"):
        inbox = wiring.services().rest.table(tables.names["MarketplaceLeads"])
        await inbox.delete(row["PartitionKey"], row["RowKey"])
    await tables.write("Leads", {**whole, **DAMAGE[0]})
    await host.check()
    assert host.leaks == []
    damaged = [row for row in await tables.rows("RejectedLeads") if row.get("Reason") == "damaged-row"]
    assert len(damaged) == 1
    assert find_leaks_in_rows("RejectedLeads", damaged) == []


# Servers that do not answer, or answer too much


def storage_behind(server: QuotingServer, secret: str) -> str:
    """Return the connection string of an account that *server* plays."""
    places = ";".join(f"{service}Endpoint={server.url}/{ACCOUNT}" for service in ("Blob", "Queue", "Table"))
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};{secret};{places}"


KEYED = f"AccountKey={key_of(SECRETS['storage key'])}"
SHARED = f"SharedAccessSignature=sv=2024-11-04&sig={SECRETS['shared access signature']}"


OUTAGES = {
    "storage-refused (403 Refused)": (refuse(403), KEYED),
    "storage-refused (400 Refused)": (refuse(400), SHARED),
    "storage-refused (407)": (explain, SHARED),
    "storage-unavailable (DeserializationError)": (nod, SHARED),
    "storage-unavailable (ServiceResponseError)": (babble, SHARED),
}


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("said", OUTAGES)
async def test_nothing_leaks_when_storage_quotes_what_it_is_asked(
    host: Host, environment: pytest.MonkeyPatch, said: str
) -> None:
    answer, secret = OUTAGES[said]
    server = QuotingServer(answer)
    environment.setenv("LEADS_STORAGE", storage_behind(server, secret))
    with serving(server):
        answered = await host.everything(sign(LeadKey(PERSON["e-mail"], OFFER["offer"])))
        await begin_anew()
    assert host.leaks == []
    assert server.requests
    assert said in host.ear.text
    assert answered == (503, 503, 503) or answer is nod


async def test_nothing_leaks_when_the_storage_key_is_wrong(
    host: Host, environment: pytest.MonkeyPatch, azurite: Azurite
) -> None:
    key = re.search("AccountKey=([^;]+)", azurite.connection_string)
    assert key
    environment.setenv("LEADS_STORAGE", azurite.connection_string.replace(key[1], key_of(SECRETS["storage key"])))
    assert await host.everything(sign(LeadKey("p", "r"))) == (503, 503, 503)
    assert host.leaks == []
    assert "storage-refused (403 " in host.ear.text


async def test_nothing_leaks_when_no_storage_answers(host: Host, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LEADS_STORAGE", Azurite().connection_string)
    assert await host.everything(sign(LeadKey("p", "r"))) == (503, 503, 503)
    assert host.leaks == []


REFUSALS = [
    ({"greeting": 421}, "mail-not-sent"),
    ({"AUTH": 535}, "provider-refuses"),
    ({"MAIL": 451}, "mail-not-sent"),
    ({"RCPT": 450}, "mail-not-sent"),
    ({"DATA": 554}, "provider-refuses"),
    ({".": 554}, "content-refused"),
    ({"RCPT": 550}, "address-refused"),
    ({".": 0}, "mail-uncertain"),
]


async def test_nothing_leaks_when_the_mail_provider_quotes_everybody(
    host: Host, tables: Tables, provider: QuotingProvider, environment: pytest.MonkeyPatch
) -> None:
    await host.process(envelope(lead()))
    for codes, outcome in REFUSALS:
        provider.codes, before = codes, len(host.ear.said)
        await host.remind()
        assert outcome in "".join(host.ear.said[before:]), codes
    assert provider.mails == []
    assert host.leaks + await tables.leaks() == []


async def test_nothing_leaks_when_the_mail_provider_is_away(
    host: Host, tables: Tables, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv(
        "MAIL_URL", f"smtp://{SECRETS['mail user']}:{SECRETS['mail password']}@{HOST}:{free_ports(1)[0]}"
    )
    await host.process(envelope(lead()))
    await host.remind()
    assert "mail-not-sent" in host.ear.text
    assert host.leaks == []


def complain(status: int, **error: str) -> Answer:
    """Answer as Azure Communication Services do, with all that was asked in the message."""

    def answer(handler: QuotingHandler, said: str) -> None:
        content = {"id": "x", "status": "Failed", "error": {"message": said, "target": said, **error}}
        handler.reply(status, json.dumps(content), "application/json")

    return answer


REPLIES = [
    (complain(400, code="InvalidEmailAddress"), "address-refused"),
    (complain(401, code=f"no {OWNERS['owner']}", target=""), "provider-refuses"),
    (complain(202, code="OutboundSpam", target=""), "content-refused"),
    (explain, "mail-not-sent"),
    (nod, "mail-not-sent"),
    (complain(500), "mail-uncertain"),
    (babble, "mail-uncertain"),
    (hang_up, "mail-uncertain"),
]


async def test_nothing_leaks_when_the_mail_service_quotes_everybody(
    host: Host, tables: Tables, environment: pytest.MonkeyPatch
) -> None:
    server = QuotingServer(nod)
    key = key_of(SECRETS["mail service's key"])
    environment.setenv("MAIL_URL", f"acs://accesskey:{key}@{server.url.removeprefix('http://')}")
    await host.process(envelope(lead()))
    with serving(server):
        for answer, outcome in REPLIES:
            server.answer, said, asked = answer, len(host.ear.said), len(server.requests)
            await host.remind()
            assert len(server.requests) > asked
            assert outcome in "".join(host.ear.said[said:])
            await tables.let_claims_run_out()
        await begin_anew()
    assert host.leaks + await tables.leaks() == []


def give_token(handler: QuotingHandler, said: str) -> None:
    """Answer as App Service's endpoint for identities does."""
    token = {"access_token": SECRETS["identity's token"], "expires_on": "4000000000", "token_type": "Bearer"}
    handler.reply(200, json.dumps({**token, "resource": "r"}), "application/json")


def know_nobody(handler: QuotingHandler, said: str) -> None:
    handler.reply(400, json.dumps({"error": "invalid_request"}), "application/json")


@pytest.fixture(params=[give_token, know_nobody])
async def identity(environment: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Let this machine have an identity, and yield a server that cannot use it, because it speaks no TLS."""
    server = QuotingServer(request.param)
    environment.setenv("IDENTITY_ENDPOINT", f"{server.url}/msi/token")
    environment.setenv("IDENTITY_HEADER", SECRETS["function key's header"])
    with serving(server):
        yield server.url.removeprefix("http://")
        await begin_anew()
    assert any("/msi/token" in asked for asked in server.requests)


async def test_nothing_leaks_when_mail_goes_by_a_managed_identity(
    host: Host, tables: Tables, environment: pytest.MonkeyPatch, identity: str
) -> None:
    environment.setenv("MAIL_URL", f"acs://{uuid4()}@{identity}")
    await host.process(envelope(lead()))
    await host.remind()
    assert "mail-not-sent" in host.ear.text
    assert "msal.token_cache" not in host.ear.loggers
    assert host.leaks == []


async def test_nothing_leaks_when_storage_is_reached_by_a_managed_identity(
    host: Host, environment: pytest.MonkeyPatch, identity: str
) -> None:
    for service in ("table", "queue"):
        environment.setenv(f"LEADS_STORAGE__{service}ServiceUri", f"https://{identity}")
    environment.setenv("LEADS_STORAGE__clientId", str(uuid4()))
    assert await host.accept(lead()) == 503
    assert host.leaks == []


# Wrong settings

WRONG = SECRETS["wrong setting"]
WRONG_STORAGE = [
    WRONG,
    f"AccountName=a;AccountKey={WRONG}!",
    f"AccountName=a;{KEYED};{WRONG}",
    f"AccountName=;{KEYED};BlobEndpoint={WRONG}",
    f"AccountName={WRONG};SharedAccessSignature=",
    f"AccountName={WRONG};AccountName={WRONG};{KEYED}",
    f"{KEYED};TableEndpoint=http://[{WRONG};QueueEndpoint=http://[{WRONG}",
    f"{SHARED};TableEndpoint=http://{HOST}:{WRONG}/a;QueueEndpoint=http://{HOST}:{WRONG}/a",
    f"{SHARED};TableEndpoint=http://{HOST}:99999/a;QueueEndpoint=http://{HOST}:99999/a",
]
WRONG_MAIL_URLS = [
    WRONG,
    f"http://{WRONG}",
    f"smtp://{WRONG}:{WRONG}@",
    f"smtp://{WRONG}:{WRONG}@{HOST}:99999",
    f"smtp://{WRONG}:{WRONG}@{HOST}:{WRONG}",
    f"acs://accesskey:{WRONG}!@{HOST}",
]


@pytest.mark.parametrize("text", WRONG_STORAGE)
async def test_a_wrong_storage_setting_is_named_and_not_quoted(
    host: Host, environment: pytest.MonkeyPatch, text: str
) -> None:
    environment.setenv("LEADS_STORAGE", text)
    answered = await host.everything(FORM["nonsense"])
    assert host.leaks == []
    assert answered == (503, 503, 503)
    assert '"name": "LEADS_STORAGE"' in host.answers[-1]


@pytest.mark.parametrize("text", WRONG_MAIL_URLS)
async def test_a_wrong_mail_setting_is_named_and_not_quoted(
    host: Host, tables: Tables, environment: pytest.MonkeyPatch, text: str
) -> None:
    environment.setenv("MAIL_URL", text)
    await asyncio.gather(host.health(), host.remind())
    assert "MAIL_URL" in host.ear.text
    assert host.leaks == []


@pytest.mark.parametrize("text", [WRONG, f"{WRONG},", f"[{WRONG}]", f"{{{WRONG}"])
async def test_no_wrong_setting_is_quoted(host: Host, environment: pytest.MonkeyPatch, text: str) -> None:
    fields = Settings.model_fields.items()
    names = [str(getattr(each.validation_alias, "choices", [name])[0]).upper() for name, each in fields]
    for name in names:
        environment.setenv(name, text)
    assert await host.everything(FORM["nonsense"]) == (503, 503, 503)
    assert host.leaks == []


def holders_of_secrets() -> Iterator[object]:
    services = wiring.services()
    yield from (services, services.settings, services.intake, services.rest.processing, services.rest.reminding)
    yield from (services.rest.answering, services.rest.reconciling, services.rest.retrying, services.account)
    yield StorageAccount(f"AccountName=a;{KEYED}")


async def test_what_holds_a_secret_does_not_show_it(tables: Tables) -> None:
    shown = [repr(holder) for holder in holders_of_secrets()]
    assert [leak for text in shown for leak in find_leaks("log", text) if leak.split(": ")[1] in SECRETS] == []


# Checks that leaks would be found


def log_an_exception() -> None:
    error = TimeoutError("no answer")
    error.__cause__ = ValueError(MARKERS["e-mail"])
    logging.getLogger("leads").error("no mail", exc_info=error)


@dataclasses.dataclass
class Person:
    email: str = MARKERS["e-mail"]


async def keep_busy(person: Person) -> Person:
    return person


async def let_asyncio_tell() -> None:
    await asyncio.create_task(keep_busy(Person()))


LEAKS: dict[str, Callable[[], object]] = {
    "a message": lambda: logging.getLogger("leads").debug("from %s", MARKERS["e-mail"]),
    "an argument that is not shown": lambda: logging.getLogger("leads").info("%(a)s", {"a": 1, "b": MARKERS["e-mail"]}),
    "an extra": lambda: logging.getLogger("leads").info("x", extra={"by": Person()}),
    "an exception's cause": log_an_exception,
    "a library": lambda: logging.getLogger("some.library").debug("GET %s", MARKERS["e-mail"]),
    "asyncio": let_asyncio_tell,
    "stdout": lambda: sys.stdout.write(MARKERS["e-mail"]),
    "stderr": lambda: sys.stderr.write(MARKERS["e-mail"]),
    "another process": lambda: subprocess.run(["echo", MARKERS["e-mail"]], check=True),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
@pytest.mark.usefixtures("asyncio_debug")
async def test_a_leak_is_found_wherever_it_is(host: Host, leak: Callable[[], object]) -> None:
    if asyncio.iscoroutine(telling := leak()):
        await telling
    assert host.leaks


@pytest.mark.parametrize(
    "write",
    [
        str.upper,
        lambda text: "".join(f"%{ord(letter):02X}" for letter in text),
        lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
        lambda text: text.encode().hex(),
        lambda text: hashlib.sha256(text.encode()).hexdigest(),
        lambda text: base64.b64encode(f"{text} and more".encode()).decode(),
        lambda text: base64.b64encode(f"a{text} and more".encode()).decode(),
        lambda text: base64.b64encode(f"ab{text} and more".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(f"\xff\xff{text}".encode()).decode(),
    ],
)
def test_a_leak_is_found_however_it_is_written(write: Callable[[str], str]) -> None:
    assert {name for name, marker in MARKERS.items() if name in find(f"<{write(marker)}>")} == MARKERS.keys()


@pytest.mark.parametrize(
    ("table", "marker"), [("FollowUps", "title"), ("Digests", "e-mail"), ("RejectedLeads", "e-mail")]
)
def test_a_leak_is_found_in_a_table(table: str, marker: str) -> None:
    assert find_leaks_in_rows(table, [{"RowKey": 1, "Explanation": f"{MARKERS[marker]} is wrong"}])


def test_no_marker_is_part_of_another() -> None:
    plain = MARKERS.values()
    assert not [(one, other) for one in plain for other in plain if one != other and one in other]
    assert all(len(spell(marker)) > 15 for marker in plain)
