"""One suite for the store of erasures, in memory and on Azurite."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.erasures import TableErasureStore
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.errors import ErasureKeyLostError
from lead_core.lead.erasure import Erasure, Receipt
from local.azurite import Azurite
from tests.examples import at

ADA, BOB, CARL = ("a" * 32, "b" * 32, "c" * 32)
ERASED = Erasure(at(0), "receipt-1")
SECRET = "s" * 64


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
def store(table: Table) -> TableErasureStore:
    return TableErasureStore(table)


async def test_nobody_was_erased_at_first(store: TableErasureStore) -> None:
    assert await store.find(ADA) is None
    assert (await store.list()).find(ADA) is None
    assert await store.list_receipts() == []


async def test_who_was_erased_is_known_and_others_are_not(store: TableErasureStore, table: Table) -> None:
    await store.remember({ADA, BOB}, ERASED, secret=SECRET)
    for each in (store, TableErasureStore(table)):
        assert [await each.find(who) for who in (ADA, BOB, CARL)] == [ERASED, ERASED, None]
        erasures = await each.list()
        assert [erasures.find(who) for who in (ADA, BOB, CARL)] == [ERASED, ERASED, None]


async def test_a_worker_that_looked_before_an_erasure_knows_of_it(store: TableErasureStore, table: Table) -> None:
    worker = TableErasureStore(table)
    assert await worker.find(ADA) is None
    await store.remember({ADA}, ERASED, secret=SECRET)
    assert await worker.find(ADA) == ERASED


async def test_the_table_holds_no_key_of_a_lead(store: TableErasureStore, table: Table) -> None:
    await store.remember({ADA}, ERASED, secret=SECRET)
    assert ADA not in str([row async for row in table.query(KeyRange())])


async def test_the_secret_of_the_first_erasure_stays(store: TableErasureStore, table: Table) -> None:
    await store.remember({ADA}, ERASED, secret=SECRET)
    await TableErasureStore(table).remember({BOB}, ERASED, secret="t" * 64)
    assert (await TableErasureStore(table).list()).key == SECRET
    assert await store.find(BOB) == ERASED


@pytest.mark.parametrize("is_emptied", [True, False])
async def test_without_the_key_nobody_is_erased_in_vain(
    store: TableErasureStore, table: Table, *, is_emptied: bool
) -> None:
    await store.remember({ADA}, ERASED, secret=SECRET)
    if is_emptied:
        await table.merge({"PartitionKey": "key", "RowKey": "key", "Key": ""})
    else:
        await table.delete("key", "key")
    later = TableErasureStore(table)
    with pytest.raises(ErasureKeyLostError):
        await later.remember({BOB}, ERASED, secret=SECRET)
    assert (await later.list()).is_blind
    assert await later.find(ADA) is (await later.list()).find(ADA) is None


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True)])
async def test_a_second_erasure_keeps_the_objection_and_the_later_time(
    store: TableErasureStore, *, first: bool, second: bool
) -> None:
    later = Erasure(at(5), "receipt-2", objects=second)
    for each in (replace(ERASED, objects=first), later, replace(ERASED, objects=first)):
        await store.remember({ADA}, each, secret=SECRET)
    assert await store.find(ADA) == replace(later, objects=True)


async def test_an_objection_is_lifted_under_all_names_of_the_person_alone(store: TableErasureStore) -> None:
    erased = replace(ERASED, objects=True)
    await store.remember({ADA, BOB}, erased, secret=SECRET)
    await store.remember({CARL}, replace(erased, receipt="other"), secret=SECRET)
    await store.lift(erased)
    found = [await store.find(who) for who in (ADA, BOB, CARL)]
    assert [each and each.objects for each in found] == [False, False, True]


@pytest.mark.parametrize("typed", ["", "soon", datetime(2999, 1, 1, tzinfo=UTC)])
async def test_a_time_that_someone_edited_does_not_reach_into_the_future(
    store: TableErasureStore, table: Table, typed: object
) -> None:
    await store.remember({ADA}, ERASED, secret=SECRET)
    (row,) = [row async for row in table.query(KeyRange("people", "people"))]
    await table.merge(row.columns | {"ErasedAt": typed})
    found = await store.find(ADA)
    assert found
    assert ERASED.at < found.at <= datetime.now(UTC) + timedelta(minutes=1)


async def test_a_receipt_is_dated_by_the_clock_of_storage(store: TableErasureStore) -> None:
    begun = await store.write_receipt(Receipt("r1", "asked by letter", objects=True))
    assert begun.at
    (stored,) = await store.list_receipts()
    assert abs(stored.at - begun.at) < timedelta(milliseconds=1) if stored.at else False
    assert (stored.reason, stored.objects, stored.is_done, stored.counts) == ("asked by letter", True, False, {})


async def test_a_receipt_says_what_went(store: TableErasureStore) -> None:
    begun = await store.write_receipt(Receipt("r1"))
    done = replace(begun, counts={"Leads": 2, "queue leads-poison": 1}, is_done=True)
    assert await store.write_receipt(done) == done
    assert await store.list_receipts() == [done]
