"""What an examination reads from outside, on a real storage account and a real web server. Nothing is created."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.gauges import AzureAccountGauge, AzureQueueGauge
from lead_core.adapters.azure.queue import open_queues
from lead_core.adapters.azure.table import open_tables
from lead_core.adapters.door import WebDoor
from lead_core.errors import NoAnswerError, StorageRefusedError, StorageUnavailableError
from lead_core.lead.canary import Canary, CanaryTrouble
from lead_core.lead.values import LeadKey
from lead_core.ports.examining import DoorAnswer, QueueDepth
from local.child import HOST, free_ports

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def queue_gauge(account: str, stack: AsyncExitStack, name: str = "leads") -> AzureQueueGauge:
    return AzureQueueGauge(open_queues(StorageAccount(account), stack).get_queue_client(name))


def account_gauge(account: str, stack: AsyncExitStack) -> AzureAccountGauge:
    return AzureAccountGauge(open_tables(StorageAccount(account), stack))


async def test_a_queue_that_is_not_there_is_not_made(account: str, stack: AsyncExitStack) -> None:
    assert await queue_gauge(account, stack).measure() is None
    with QueueServiceClient.from_connection_string(account) as queues:
        assert list(queues.list_queues()) == []


async def test_an_empty_queue_has_nothing_that_waits(account: str, stack: AsyncExitStack) -> None:
    with QueueServiceClient.from_connection_string(account) as queues:
        queues.create_queue("leads")
    assert await queue_gauge(account, stack).measure() == QueueDepth(0)


async def test_messages_are_counted_and_looking_is_no_try(account: str, stack: AsyncExitStack) -> None:
    with QueueServiceClient.from_connection_string(account) as queues:
        queue = queues.create_queue("leads")
        for text in ("first", "second"):
            queue.send_message(text)
        gauge = queue_gauge(account, stack)
        depth = await gauge.measure()
        assert depth == await gauge.measure()
        assert depth
        assert depth.messages == 2
        assert depth.oldest_at
        assert abs(datetime.now(UTC) - depth.oldest_at) < MINUTE
        taken = queue.receive_message()
    assert taken
    assert (taken.content, taken.dequeue_count) == ("first", 1)


async def test_messages_that_are_worked_on_are_counted_and_wait_for_nobody(account: str, stack: AsyncExitStack) -> None:
    with QueueServiceClient.from_connection_string(account) as queues:
        queue = queues.create_queue("leads")
        queue.send_message("first")
        queue.receive_message()
    assert await queue_gauge(account, stack).measure() == QueueDepth(1)


async def test_an_account_tells_its_tables_and_its_clock(account: str, stack: AsyncExitStack) -> None:
    gauge = account_gauge(account, stack)
    assert (await gauge.look()).tables == frozenset()
    name = f"T{secrets.token_hex(4)}"
    with TableServiceClient.from_connection_string(account) as tables:
        tables.create_table(name)
    seen = await gauge.look()
    assert seen.tables == {name}
    assert seen.clock
    assert abs(datetime.now(UTC) - seen.clock) < MINUTE


async def test_an_account_that_is_down_or_refuses_says_so(account: str, stack: AsyncExitStack) -> None:
    parts = dict(part.split("=", 1) for part in account.split(";") if part)
    nowhere = f"http://{HOST}:{free_ports(1)[0]}/a"
    down = ";".join(f"{name}={nowhere if 'Endpoint' in name else part}" for name, part in parts.items())
    for gauge in (account_gauge(down, stack), queue_gauge(down, stack)):
        with pytest.raises(StorageUnavailableError):
            await (gauge.look() if isinstance(gauge, AzureAccountGauge) else gauge.measure())
    replaced = account.replace(parts["AccountKey"], "b3RoZXI=")
    with pytest.raises(StorageRefusedError):
        await account_gauge(replaced, stack).look()
    with pytest.raises(StorageRefusedError):
        await queue_gauge(replaced, stack).measure()


@asynccontextmanager
async def serving(
    answer: web.Response | Callable[[web.Request], Awaitable[web.Response]] | None,
) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """Run a web server that gives *answer* to all, or none. Yield its address, and what was asked."""
    asked: list[web.Request] = []

    async def take(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        if answer is None:
            await asyncio.Event().wait()
        assert answer
        return await answer(request) if callable(answer) else answer

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    try:
        yield f"http://{HOST}:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def test_a_door_gives_the_status_and_the_document() -> None:
    async with serving(web.json_response({"code": "empty-body"}, status=400)) as (address, asked):
        answer = await WebDoor().ask("POST", f"{address}/api/leads/contoso.crm%7Cx?code=a%2Fb%2B%3D%3D")
    assert answer == DoorAnswer(400, {"code": "empty-body"})
    (request,) = asked
    assert (request.method, request.path, request.query["code"]) == ("POST", "/api/leads/contoso.crm|x", "a/b+==")
    assert (request.headers["Content-Length"], request.headers["Accept"]) == ("0", "application/json")


async def test_a_door_takes_a_lead_as_it_is() -> None:
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.json_response({"id": "1"}, status=202)

    async with serving(take) as (address, asked):
        assert await WebDoor().post(f"{address}/api/leads?code=a%2Fb", b'{"a":1}') == DoorAnswer(202, {"id": "1"})
    (request,) = asked
    assert (request.method, request.query["code"], request.headers["Content-Type"]) == (
        "POST",
        "a/b",
        "application/json",
    )
    assert (bodies, request.headers["Content-Length"]) == ([b'{"a":1}'], "7")


@pytest.mark.parametrize("text", ["", "<html>", "[1]", "\ufffd{"])
async def test_an_answer_without_a_document_has_none(text: str) -> None:
    async with serving(web.Response(text=text)) as (address, _):
        assert await WebDoor().ask("GET", address) == DoorAnswer(200)


async def test_a_door_goes_nowhere_else() -> None:
    async with serving(web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"})) as (address, asked):
        assert (await WebDoor().ask("GET", f"{address}/?code=secret")).status == 302
    assert len(asked) == 1


async def test_why_a_door_gives_no_answer_is_known() -> None:
    """By the names that aiohttp gives its errors."""
    canary = Canary("c" * 32, datetime.now(UTC), LeadKey("a", "b"))

    async def find_trouble(url: str) -> CanaryTrouble:
        with pytest.raises(NoAnswerError) as error:
            await WebDoor(timedelta(seconds=5)).post(url, b"{}")
        return canary.unanswered(error.value.detail).trouble

    assert await find_trouble(f"http://{HOST}:{free_ports(1)[0]}/") is CanaryTrouble.NO_ANSWER
    async with serving(web.Response()) as (address, _):
        assert await find_trouble(address.replace("http://", "https://")) is CanaryTrouble.NO_TLS
    assert {"ClientConnectorDNSError", "ClientConnectorCertificateError", "ServerTimeoutError"} <= {*dir(aiohttp)}


async def test_a_door_behind_which_nobody_answers_says_so_and_quotes_no_key() -> None:
    for url in (f"http://{HOST}:{free_ports(1)[0]}/?code=secret", "http://[::1/?code=secret"):
        with pytest.raises(NoAnswerError) as error:
            await WebDoor().ask("GET", url)
        assert "secret" not in f"{error.value!r}{error.value.explanation}{error.value.__cause__}"
    async with serving(None) as (address, _):
        with pytest.raises(NoAnswerError):
            await WebDoor(timedelta(seconds=0.2)).ask("GET", address)
