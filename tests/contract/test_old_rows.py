"""What is old, in each table. Memory and Azure must say the same."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.checks import TableCheckStore, TablePurgeStore
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.adapters.tables.marketplace_leads import TableInbox
from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.adapters.tables.table import Table
from lead_core.lead.lead import fold
from lead_core.lead.received import Envelope, RejectedFrom, RejectedLead
from lead_core.marketplace.envelope import EARLIEST_RECEIPT
from lead_core.marketplace.notification import read_notification
from lead_core.ports.storage import CheckProgress, PurgeProgress
from lead_core.ports.test_leads import FirstTestLead
from local.azurite import Azurite
from tests.examples import NOON, at, body, delivery


@pytest.fixture(params=["memory", "azurite"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_tables(StorageAccount(azurite.connection_string), stack)
        yield AzureTable(client.get_table_client(f"T{secrets.token_hex(8)}"))


async def test_a_notification_is_old_to_the_microsecond(table: Table) -> None:
    inbox = TableInbox(table)
    for event, minutes in enumerate((-24 * 60, -1, 0, 1, 24 * 60)):
        await inbox.insert(read_notification(Envelope(f"{event:032x}", at(minutes), "", body())))
    old = [kept async for kept in inbox.list_before(NOON)]
    assert [kept.received_at for kept in old] == [at(-24 * 60), at(-1)]
    assert {kept.lead for kept in old} == {delivery().key}
    for kept in old:
        await inbox.remove_old(kept)
    left = [kept.received_at async for kept in inbox.list_before(at(2 * 24 * 60))]
    assert left == [at(1), NOON, at(24 * 60)]  # The newest of a day stands first.
    assert [kept async for kept in inbox.list_before(NOON)] == []


async def test_what_was_received_in_a_time_is_read_and_nothing_else(table: Table) -> None:
    inbox = TableInbox(table)
    for event, minutes in enumerate((-24 * 60, -1, 0, 1, 24 * 60)):
        await inbox.insert(read_notification(Envelope(f"{event:032x}", at(minutes), "", body())))
    found = [kept async for kept in inbox.list_between(at(-1), at(1))]
    assert [kept.received_at for kept in found] == [at(1), NOON, at(-1)]
    assert {kept.lead for kept in found} == {delivery().key}
    over_midnight = [kept.received_at async for kept in inbox.list_between(at(1), at(24 * 60))]
    assert over_midnight == [at(1), at(24 * 60)]
    for kept in found:
        await inbox.remove_old(kept)
    assert [kept async for kept in inbox.list_between(at(-1), at(1))] == []


async def test_an_inbox_that_nothing_was_ever_put_into_has_nothing_old(table: Table) -> None:
    assert [kept async for kept in TableInbox(table).list_before(NOON)] == []


async def test_a_lead_that_changed_since_it_was_read_stays(table: Table) -> None:
    leads = TableLeadStore(table)
    lead = fold(None, delivery())
    await leads.insert(lead)
    (stored,) = await leads.list_person(lead.key)
    await leads.replace(stored, replace(lead, attempts=1))
    assert not await leads.remove(stored)
    (stored,) = await leads.list_person(lead.key)
    assert await leads.remove(stored)
    assert await leads.get(lead.key) is None


async def test_a_rejected_lead_that_changed_since_it_was_read_stays(table: Table) -> None:
    rejects = TableRejectStore(table)
    await rejects.upsert(RejectedLead("e" * 32, NOON, RejectedFrom.HTTP, "not-json", "Not JSON.", "", b"?"))
    (stored,) = await rejects.list_since(EARLIEST_RECEIPT)
    await rejects.mark_problem(stored, "?")
    assert not await rejects.remove_old(stored)
    (stored,) = await rejects.list_since(EARLIEST_RECEIPT)
    assert await rejects.remove_old(stored)
    assert await rejects.list_since(EARLIEST_RECEIPT) == []


async def test_rows_about_test_leads_are_old_by_their_day(table: Table) -> None:
    claims = TableClaimStore(table)
    for days in (-1, 0, 1):
        await claims.insert_test_lead(FirstTestLead("crm", NOON + timedelta(days=days)))
    (old,) = await claims.list_old_test_leads(NOON.date())
    assert old == "2026-11-21|crm"
    await claims.remove_test_lead(old)
    assert await claims.list_old_test_leads(NOON.date()) == []
    assert len(await claims.list_old_test_leads(NOON.date() + timedelta(days=9))) == 2


async def test_the_purge_and_the_check_each_know_how_far_they_came(table: Table) -> None:
    purge, check = TablePurgeStore(table), TableCheckStore(table)
    assert await purge.read() == PurgeProgress()
    await check.write(CheckProgress("a"))
    await purge.write(PurgeProgress("b"))
    assert (await check.read(), await purge.read()) == (CheckProgress("a"), PurgeProgress("b"))
    await purge.write(PurgeProgress(finished_at=NOON))
    assert (await check.read(), await purge.read()) == (CheckProgress("a"), PurgeProgress(finished_at=NOON))
