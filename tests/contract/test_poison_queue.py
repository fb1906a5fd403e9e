"""One suite for every kind of poison queue."""

import base64
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.poison import AzurePoisonQueue
from lead_core.adapters.azure.queue import open_queues
from lead_core.adapters.memory import MemoryPoisonQueue
from lead_core.marketplace.envelope import read_message
from lead_core.ports.rejects import PoisonedMessage, PoisonQueue
from local.azurite import Azurite
from tests.examples import NOON


@dataclass
class Poison:
    """A queue under test, and how messages come into it."""

    port: PoisonQueue
    put: Callable[[bytes], Awaitable[object]]
    let_go: Callable[[PoisonedMessage], Awaitable[object]]
    """Do what a minute does: others see the message again."""


@pytest.fixture(params=["memory", "azurite"])
async def poison(request: pytest.FixtureRequest) -> AsyncIterator[Poison]:
    if request.param == "memory":
        memory = MemoryPoisonQueue()

        async def put(content: bytes) -> None:
            memory.put(PoisonedMessage(base64.b64encode(content), secrets.token_hex(4), NOON, None))

        async def let_go(message: PoisonedMessage) -> None:
            memory.put(message)

        yield Poison(memory, put, let_go)
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_queues(StorageAccount(azurite.connection_string), stack).get_queue_client(
            f"q{secrets.token_hex(8)}"
        )
        await client.create_queue()
        yield Poison(
            AzurePoisonQueue(client),
            lambda content: client.send_message(base64.b64encode(content).decode()),
            lambda message: client.update_message(message.message_id, str(message.version), visibility_timeout=0),
        )


async def test_a_queue_that_is_not_there_is_empty(azurite: Azurite) -> None:
    async with AsyncExitStack() as stack:
        queues = open_queues(StorageAccount(azurite.connection_string), stack)
        missing = AzurePoisonQueue(queues.get_queue_client(f"q{secrets.token_hex(8)}"))
        assert (await missing.count(), await missing.take()) == (0, [])


async def test_messages_are_taken_as_they_were_put_there(poison: Poison) -> None:
    for content in (b"{}", b"\xff\x00"):
        await poison.put(content)
    assert await poison.port.count() == 2
    assert {read_message(each.content) for each in await poison.port.take()} == {b"{}", b"\xff\x00"}


async def test_what_was_taken_nobody_else_sees_but_it_counts(poison: Poison) -> None:
    await poison.put(b"{}")
    await poison.port.take()
    assert (await poison.port.take(), await poison.port.count()) == ([], 1)


async def test_what_was_removed_is_gone_and_may_be_removed_again(poison: Poison) -> None:
    await poison.put(b"{}")
    (taken,) = await poison.port.take()
    for _ in range(2):
        await poison.port.remove(taken)
    assert await poison.port.count() == 0


async def test_what_someone_else_took_since_stays(poison: Poison) -> None:
    await poison.put(b"{}")
    (taken,) = await poison.port.take()
    await poison.let_go(taken)
    await poison.port.take()
    await poison.port.remove(taken)
    assert await poison.port.count() == 1
