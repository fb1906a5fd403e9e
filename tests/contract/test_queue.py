"""One suite for every kind of queue."""

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.queue import SENDING_GIVES_UP_AFTER, AzureLeadQueue, open_queues
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryQueue
from lead_core.errors import StorageUnavailableError
from lead_core.lead.received import Envelope
from lead_core.marketplace.envelope import MAX_BODY_BYTES, encode_envelope
from lead_core.ports.storage import LeadQueue
from local.azurite import Azurite
from tests.examples import NOON


@dataclass
class Queue:
    """A queue under test, and how to look into it."""

    port: LeadQueue
    read: Callable[[], Awaitable[list[bytes]]]


@pytest.fixture(params=["memory", "azurite"])
async def queue(request: pytest.FixtureRequest) -> AsyncIterator[Queue]:
    if request.param == "memory":
        memory = MemoryQueue()

        async def read_memory() -> list[bytes]:
            return memory.messages

        yield Queue(memory, read_memory)
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_queues(StorageAccount(azurite.connection_string), stack).get_queue_client(
            f"q{secrets.token_hex(8)}"
        )

        async def read_azurite() -> list[bytes]:
            return [base64.b64decode(message.content) async for message in client.receive_messages()]

        yield Queue(AzureLeadQueue(client), read_azurite)


@pytest.mark.parametrize("message", [b"{}", "多\u0000".encode(), b"\xff\xfe\x00"])
async def test_a_message_arrives_as_it_was_sent(queue: Queue, message: bytes) -> None:
    await queue.port.enqueue(message)
    assert await queue.read() == [message]


async def test_storage_is_reached_whatever_proxies_the_environment_names(
    azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking for them at each request costs a quarter of a lead's CPU."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    account, name = StorageAccount(azurite.connection_string), f"q{secrets.token_hex(8)}"
    async with AsyncExitStack() as stack:
        await AzureLeadQueue(open_queues(account, stack).get_queue_client(name)).enqueue(b"{}")
        await AzureTable(open_tables(account, stack).get_table_client(name)).upsert(
            {"PartitionKey": "p", "RowKey": "r"}
        )


async def test_the_largest_lead_fits(queue: Queue) -> None:
    largest = encode_envelope(Envelope("f" * 32, NOON, "o" * 200, b"x" * MAX_BODY_BYTES))
    await queue.port.enqueue(largest)
    assert await queue.read() == [largest]


async def test_messages_do_not_expire(azurite: Azurite) -> None:
    async with AsyncExitStack() as stack:
        client = open_queues(StorageAccount(azurite.connection_string), stack).get_queue_client(
            f"q{secrets.token_hex(8)}"
        )
        queue = AzureLeadQueue(client)
        await queue.check()
        await queue.enqueue(b"{}")
        (message,) = await client.peek_messages()
    assert message.expires_on is not None
    assert message.expires_on.year == 9999


async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take what comes, and never answer."""
    while await reader.read(65_536):
        pass
    writer.close()


@pytest.mark.parametrize("is_listening", [True, False])
async def test_a_queue_that_does_not_answer_is_given_up_soon(is_listening: bool) -> None:
    nowhere = Azurite()  # free ports, and nobody listens
    async with AsyncExitStack() as stack:
        if is_listening:
            server = await asyncio.start_server(keep_silent, "127.0.0.1", nowhere.ports.queue)
            stack.callback(server.close)
        account = StorageAccount(nowhere.connection_string)
        queue = AzureLeadQueue(open_queues(account, stack).get_queue_client("leads"))
        started = time.monotonic()
        with pytest.raises(StorageUnavailableError):
            await queue.enqueue(b"{}")
        # Generous, because machines are noisy. It must not be the SDK's 84 seconds.
        assert time.monotonic() - started < 10 * SENDING_GIVES_UP_AFTER.total_seconds()
