"""What a replay reads through, in memory and on Azurite: the inbox and the to-do list."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.follow_ups import TableFollowUpStore
from lead_core.adapters.tables.marketplace_leads import TableInbox
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.lead.problems import NO_ENTRY
from lead_core.lead.received import Envelope
from lead_core.marketplace.notification import read_notification
from local.azurite import Azurite
from tests.examples import at, body, person

DAY = 24 * 60


@pytest.fixture(params=["memory", "azurite"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_tables(StorageAccount(azurite.connection_string), stack)
        yield AzureTable(client.get_table_client(f"T{secrets.token_hex(8)}"))


async def test_the_inbox_is_empty_at_first(table: Table) -> None:
    assert [kept async for kept in TableInbox(table).scan()] == []


async def test_every_notification_is_read_as_it_came_and_with_its_lead(table: Table) -> None:
    inbox = TableInbox(table)
    envelopes = [
        Envelope(f"{number:032x}", at(minutes), "contoso.crm", body(person(number)))
        for number, minutes in enumerate((0, 60, DAY))
    ]
    notifications = [read_notification(envelope) for envelope in envelopes]
    for each in notifications:
        await inbox.insert(each)
    kept = [each async for each in inbox.scan()]
    assert [each.envelope for each in kept] == [envelopes[1], envelopes[0], envelopes[2]]  # A day's newest is first.
    assert [each.lead for each in kept] == [notifications[number].delivery.key for number in (1, 0, 2)]


@pytest.mark.parametrize(("writes_problems", "problem"), [(False, None), (True, NO_ENTRY)])
async def test_the_to_do_list_is_read_without_writing_if_that_is_asked_for(
    table: Table, writes_problems: bool, problem: str | None
) -> None:
    await table.upsert({"PartitionKey": "1", "RowKey": "typed by hand"})
    follow_ups = TableFollowUpStore(table)
    assert [entry async for entry in follow_ups.scan(writes_problems=writes_problems)] == []
    (row,) = [row async for row in table.query(KeyRange())]
    assert row.columns.get("Problem") == problem
