"""One suite for the store of figures, in memory and on Azurite."""

import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.reports import TableReportStore
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.tally import Dimension, LongWait, Milestone, OfferArrivals, Tally, WeekTally
from lead_core.lead.values import LeadKey
from lead_core.lead.weeks import Week
from lead_core.ports.reports import Counted, Sums
from local.azurite import Azurite

BEGUN = datetime(2020, 11, 25, 14, 0, 0, 123456, tzinfo=UTC)
"""Long before storage's clock says it is now."""
W47, W48 = Week(2026, 47), Week(2026, 48)
ADA = LeadKey("a" * 32, "contoso.crm")
WAIT = LongWait(BEGUN - timedelta(days=9), ADA, "anna@contoso.example", "Contoso CRM")
OFFERS = (OfferArrivals("contoso.crm", "Contoso CRM", 7, BEGUN),)


def week(of: Week | None, leads: int = 3, *longest: LongWait) -> WeekTally:
    total = Tally(Counter({Milestone.RECEIVED: leads}), answered=Counter({3: 1, 4: 2}), waiting=Counter({167: 1}))
    return WeekTally(of, total, {Dimension.OFFER: {"=1+1": total}}, 1, list(longest), Counter(spam=2))


@pytest.fixture(params=["memory", "azurite"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_tables(StorageAccount(azurite.connection_string), stack)
        yield AzureTable(client.get_table_client(f"T{secrets.token_hex(8)}"))


@pytest.fixture
def store(table: Table) -> TableReportStore:
    return TableReportStore(table)


async def test_there_are_no_figures_at_first(store: TableReportStore) -> None:
    assert (await store.read(), await store.read_sums(), await store.forget(lambda _: True)) == (None, None, 0)


async def test_figures_read_back_the_same_and_the_same_ones_change_nothing(store: TableReportStore) -> None:
    counted = Counted(BEGUN, (week(None), week(W47, 3, WAIT), week(W48)), OFFERS)
    assert await store.update(lambda _: counted) == 3
    assert await store.read() == counted
    assert await store.update(lambda stored: replace(counted, weeks=tuple(stored))) == 0
    fewer = replace(counted, counted_at=BEGUN + timedelta(hours=1), weeks=(week(None), week(W48, 9)))
    assert await store.update(lambda _: fewer) == 2
    assert await store.read() == fewer


async def test_an_earlier_round_does_not_replace_a_later_one(store: TableReportStore) -> None:
    await store.update(lambda _: Counted(BEGUN, (week(W48),)))
    with pytest.raises(SomeoneWasFirstError):
        await store.update(lambda _: Counted(BEGUN - timedelta(hours=1), ()))
    assert await store.read() == Counted(BEGUN, (week(W48),))


async def test_of_two_workers_at_once_one_goes_on(store: TableReportStore, table: Table) -> None:
    first = Counted(BEGUN, (week(W47), week(W48)))
    await store.update(lambda _: first)
    (row,) = [row async for row in table.query(KeyRange("weeks", "weeks", str(W47), str(W47)))]
    await table.upsert(row.columns | {"Leads": 99})

    class Between(TableReportStore):
        """Another worker writes the first week after this one has read it."""

        async def _write(self, row: dict[str, object], before: object) -> None:
            await table.merge({"PartitionKey": "weeks", "RowKey": str(W47), "Leads": 98})
            await super()._write(row, before)  # type: ignore[arg-type]

    with pytest.raises(SomeoneWasFirstError):
        await Between(table).update(lambda _: replace(first, weeks=(week(W47, 5), week(W48, 5))))
    assert await store.update(lambda _: first) == 1
    assert await store.read() == first


async def test_sums_read_back_the_same_until_the_figures_are_written(store: TableReportStore, table: Table) -> None:
    random = Random(1)
    names = {f"{random.getrandbits(4_000):x}": Tally(answered=Counter({3: 1})) for _ in range(200)}
    large = WeekTally(W48, by=dict.fromkeys(Dimension, names))  # Of several cells.
    sums = Sums(BEGUN, "UTC", "5" * 32, (week(None), week(W47, 3, WAIT), large), OFFERS)
    await store.write_sums(replace(sums, after="4" * 32, weeks=()))
    await store.write_sums(sums)
    assert await store.read_sums() == sums
    assert len([row async for row in table.query(KeyRange("counting", "counting"))]) == 2
    await store.update(lambda _: Counted(BEGUN, ()))
    assert await store.read_sums() is None
    assert [row.columns["RowKey"] async for row in table.query(KeyRange())] == ["last"]


async def test_sums_give_way_only_to_those_that_are_further(store: TableReportStore) -> None:
    sums = Sums(BEGUN, "UTC", "5" * 32)
    await store.write_sums(sums)
    for behind in (replace(sums, after="4" * 32), replace(sums, begun_at=BEGUN - timedelta(hours=1), after="6" * 32)):
        with pytest.raises(SomeoneWasFirstError):
            await store.write_sums(behind)
    assert await store.read_sums() == sums
    later = replace(sums, begun_at=BEGUN + timedelta(hours=1))
    for further in (replace(sums, after="6" * 32), later, replace(later, basis="Europe/Berlin", after="")):
        await store.write_sums(further)
        assert await store.read_sums() == further


async def test_a_person_who_is_forgotten_stands_nowhere(store: TableReportStore, table: Table) -> None:
    await store.update(lambda _: Counted(BEGUN, (week(W47, 3, WAIT), week(W48))))
    await store.write_sums(Sums(BEGUN, "UTC", "5" * 32, (week(W47, 3, WAIT),)))
    assert await store.forget(ADA.__eq__) == 3
    counted = await store.read()
    assert counted == Counted(BEGUN, (week(W47), week(W48)))
    assert ADA.partition not in f"{[row.columns async for row in table.query(KeyRange())]}"
    await store.write_sums(Sums(BEGUN, "UTC", ADA.partition))
    assert await store.forget(lambda key: key.partition == ADA.partition) == 2
    await store.write_sums(Sums(BEGUN, "UTC", "5" * 32))
    await table.upsert({"PartitionKey": "counting", "RowKey": f"{'0' * 32}-0000"})  # A process ended.
    assert await store.forget(ADA.__eq__) == 1
    assert await store.read_sums() == Sums(BEGUN, "UTC", "5" * 32)
