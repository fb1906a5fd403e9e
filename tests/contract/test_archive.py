"""One suite for the archive, in memory and on Azurite: every table and queue, read as it stands."""

import base64
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from azure.storage.queue.aio import QueueClient

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.messages import AzureMessages
from lead_core.adapters.azure.queue import AzureLeadQueue, open_queues
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryMessages, MemoryQueue, MemoryTable
from lead_core.adapters.tables.archive import StoredArchive
from lead_core.adapters.tables.cells import body_from_columns
from lead_core.adapters.tables.table import Table
from lead_core.ports.archive import Archive, KeptRow, Kind
from lead_core.ports.storage import LeadQueue
from local.azurite import Azurite
from tests.examples import NOON, body, message

PLACES = ("Leads", "queue leads")


@dataclass
class Kept:
    """An archive under test, and what writes into it."""

    archive: Archive
    table: Table
    queue: LeadQueue
    client: QueueClient | None = None

    async def rows(self, place: str, *, after: str = "", columns: tuple[str, ...] = ()) -> list[KeptRow]:
        return [row async for row in self.archive.scan(place, after=after, columns=columns)]

    async def bodies(self) -> set[bytes]:
        return {body_from_columns(row.columns) for row in await self.rows("queue leads")}


@pytest.fixture(params=["memory", "azurite"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    if request.param == "memory":
        table, queue = MemoryTable(), MemoryQueue()
        yield Kept(StoredArchive({"Leads": (Kind.LEADS, table)}, {"queue leads": MemoryMessages(queue)}), table, queue)
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    account, name = StorageAccount(azurite.connection_string), f"q{secrets.token_hex(8)}"
    async with AsyncExitStack() as stack:
        real = AzureTable(open_tables(account, stack).get_table_client(name))
        client = open_queues(account, stack).get_queue_client(name)
        archive = StoredArchive({"Leads": (Kind.LEADS, real)}, {"queue leads": AzureMessages(client)})
        yield Kept(archive, real, AzureLeadQueue(client), client)


def row(partition: str, key: str = "r") -> dict[str, str]:
    return {"PartitionKey": partition, "RowKey": key, "Name": f"{partition}{key}", "Other": "x"}


async def test_it_names_all_places(kept: Kept) -> None:
    assert kept.archive.places == PLACES


@pytest.mark.parametrize("place", PLACES)
async def test_a_place_that_was_never_written_is_empty(kept: Kept, place: str) -> None:
    assert await kept.rows(place) == []


async def test_rows_come_whole_and_in_the_order_of_their_keys(kept: Kept) -> None:
    for partition, key in (("b", "1"), ("a", "2"), ("a", "1")):
        await kept.table.insert(row(partition, key))
    found = await kept.rows("Leads")
    assert [each.keys for each in found] == [("a", "1"), ("a", "2"), ("b", "1")]
    assert found[0].columns == row("a", "1")
    assert {each.place for each in found} == {"Leads"}


async def test_a_scan_goes_on_after_a_partition(kept: Kept) -> None:
    for partition in "abc":
        await kept.table.insert(row(partition))
    assert [each.keys[0] for each in await kept.rows("Leads", after="a")] == ["b", "c"]


async def test_a_scan_of_some_columns_has_the_keys_as_well(kept: Kept) -> None:
    await kept.table.insert(row("a"))
    (found,) = await kept.rows("Leads", columns=("Name",))
    assert (found.keys, found.columns["Name"], "Other" in found.columns) == (("a", "r"), "ar", False)


async def test_a_row_is_removed_once_and_stays_gone(kept: Kept) -> None:
    await kept.table.insert(row("a"))
    (found,) = await kept.rows("Leads")
    for _ in range(2):
        assert await kept.archive.remove(found)
    assert await kept.rows("Leads") == []


async def test_a_row_that_changed_since_stays(kept: Kept) -> None:
    await kept.table.insert(row("a"))
    (found,) = await kept.rows("Leads")
    await kept.table.upsert(row("a") | {"Name": "edited"})
    assert not await kept.archive.remove(found)
    assert (await kept.rows("Leads"))[0].columns["Name"] == "edited"


async def test_many_rows_are_removed_and_those_that_changed_are_not_counted(kept: Kept) -> None:
    for number in range(20):
        await kept.table.insert(row("a", f"{number:02d}"))
    found = await kept.rows("Leads")
    await kept.table.upsert(row("a", "07"))
    assert await kept.archive.remove_all(found) == 19
    assert [each.keys for each in await kept.rows("Leads")] == [("a", "07")]


async def test_a_message_shows_what_was_posted_and_when(kept: Kept) -> None:
    await kept.queue.enqueue(message(body(), event=7, offer="contoso.crm"))
    (found,) = await kept.rows("queue leads")
    columns: Mapping[str, object] = found.columns
    assert body_from_columns(columns) == body()
    assert (columns["EventId"], columns["ReceivedAt"], columns["UrlOffer"]) == (f"{7:032x}", NOON, "contoso.crm")
    assert (columns["Tries"], columns["QueuedAt"]) == (0, found.changed_at)


async def test_a_text_that_a_person_put_into_the_queue_is_a_body(kept: Kept) -> None:
    await kept.queue.enqueue(b"Please call Ada")
    (found,) = await kept.rows("queue leads")
    assert found.columns["Body"] == "Please call Ada"
    assert "EventId" not in found.columns


@pytest.mark.parametrize("count", [3, 70])
async def test_one_message_is_removed_and_the_others_stay(kept: Kept, count: int) -> None:
    for number in range(count):
        await kept.queue.enqueue(f"message {number}".encode())
    assert len(await kept.bodies()) == count
    last = next(each for each in await kept.rows("queue leads") if each.columns["Body"] == f"message {count - 1}")
    assert await kept.archive.remove(last)
    assert await kept.bodies() == {f"message {number}".encode() for number in range(count - 1)}
    assert await kept.archive.remove(last)


async def test_many_messages_are_removed_at_once(kept: Kept) -> None:
    for number in range(40):
        await kept.queue.enqueue(f"message {number}".encode())
    found = [each for each in await kept.rows("queue leads") if int(each.columns["Body"].split()[1]) % 2]
    assert await kept.archive.remove_all(found) == 20
    assert await kept.bodies() == {f"message {number}".encode() for number in range(0, 40, 2)}


async def test_looking_at_a_few_messages_costs_them_no_try(azurite: Azurite) -> None:
    async with AsyncExitStack() as stack:
        client = open_queues(StorageAccount(azurite.connection_string), stack).get_queue_client(
            f"q{secrets.token_hex(8)}"
        )
        queue, messages = AzureLeadQueue(client), AzureMessages(client)
        for number in range(31):
            await queue.enqueue(b"%d" % number)
        await messages.read()
        assert {each.tries for each in await messages.read()} == {0}


async def test_removing_a_message_costs_the_others_one_try_however_many_are_removed(azurite: Azurite) -> None:
    async with AsyncExitStack() as stack:
        client = open_queues(StorageAccount(azurite.connection_string), stack).get_queue_client(
            f"q{secrets.token_hex(8)}"
        )
        queue, messages = AzureLeadQueue(client), AzureMessages(client)
        for number in range(10):
            await queue.enqueue(b"%d" % number)
        unwanted = {b"0", b"3", b"6", b"9"}
        await messages.remove({each.id for each in await messages.read() if base64.b64decode(each.content) in unwanted})
        # In any order: storage promises none, and what was put back comes as it was put back.
        assert {base64.b64decode(each.content): each.tries for each in await messages.read()} == {
            b"%d" % number: 1 for number in range(10) if number % 3
        }


async def test_a_message_that_a_function_works_on_stays(azurite: Azurite) -> None:
    async with AsyncExitStack() as stack:
        client = open_queues(StorageAccount(azurite.connection_string), stack).get_queue_client(
            f"q{secrets.token_hex(8)}"
        )
        messages = AzureMessages(client)
        await AzureLeadQueue(client).enqueue(b"{}")
        (seen,) = await messages.read()
        taken = await client.receive_message(visibility_timeout=30)
        assert await messages.read() == []
        await messages.remove({seen.id})
        assert taken
        await client.delete_message(taken)  # Its function ends well.
