"""One suite for every kind of table. Memory and Azure must behave the same."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.cells import body_from_columns, body_to_columns
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.table import KeyRange, StoredRow, Table
from lead_core.errors import RowRefusedError, StorageRefusedError, StorageUnavailableError
from lead_core.lead.lead import Lead, fold
from lead_core.lead.values import format_key
from local.azurite import Azurite
from tests.examples import at, delivery

ROW = {"PartitionKey": "p", "RowKey": "r", "Name": "John", "At": at(0), "Count": 3, "IsTest": True}


@pytest.fixture(params=["memory", "azurite"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_tables(StorageAccount(azurite.connection_string), stack)
        yield AzureTable(client.get_table_client(f"T{secrets.token_hex(8)}"))


async def columns(table: Table, partition: str = "p", row: str = "r") -> dict[str, object] | None:
    stored = await table.get(partition, row)
    return stored.columns if stored else None


async def test_a_table_is_there_when_it_is_first_written(table: Table) -> None:
    assert await table.insert(ROW)
    assert await columns(table) == ROW


@pytest.mark.parametrize("verb", ["upsert", "merge"])
async def test_every_write_may_be_the_first(table: Table, verb: str) -> None:
    await getattr(table, verb)(ROW)
    assert await columns(table) == ROW


async def test_a_missing_table_reads_as_empty(table: Table) -> None:
    assert await table.get("p", "r") is None


async def test_a_row_is_inserted_once(table: Table) -> None:
    assert await table.insert(ROW)
    assert not await table.insert(ROW | {"Name": "Other"})
    assert await columns(table) == ROW


async def test_only_one_of_ten_inserts_at_once_is_first(table: Table) -> None:
    written = await asyncio.gather(*(table.insert(ROW) for _ in range(10)))
    assert len(list(filter(None, written))) == 1


async def test_an_upsert_replaces_all_columns(table: Table) -> None:
    await table.insert(ROW)
    row = {"PartitionKey": "p", "RowKey": "r", "Other": 1}
    await table.upsert(row)
    assert await columns(table) == row


async def test_a_merge_leaves_the_other_columns(table: Table) -> None:
    await table.insert(ROW)
    await table.merge({"PartitionKey": "p", "RowKey": "r", "Name": "Jim"})
    assert await columns(table) == ROW | {"Name": "Jim"}


async def test_a_row_is_replaced_only_on_the_version_that_was_read(table: Table) -> None:
    await table.insert(ROW)
    read = await table.get("p", "r")
    assert read is not None
    etag = await table.replace(ROW | {"Name": "first"}, read.etag)
    assert etag not in {None, read.etag}
    assert not await table.replace(ROW | {"Name": "second"}, read.etag)
    assert await columns(table) == ROW | {"Name": "first"}


async def test_a_row_that_is_gone_is_not_replaced(table: Table) -> None:
    await table.insert(ROW)
    read = await table.get("p", "r")
    assert read is not None
    await table.delete("p", "r")
    assert not await table.replace(ROW, read.etag)


async def test_a_row_is_removed_and_removing_it_again_is_fine(table: Table) -> None:
    await table.insert(ROW)
    for _ in range(2):
        assert await table.delete("p", "r")
    assert await table.get("p", "r") is None


async def test_a_row_that_changed_is_not_removed_on_its_old_version(table: Table) -> None:
    await table.insert(ROW)
    read = await table.get("p", "r")
    assert read is not None
    await table.upsert(ROW)
    assert not await table.delete("p", "r", read.etag)
    assert await columns(table) == ROW
    now = await table.get("p", "r")
    assert now is not None
    for _ in range(2):
        assert await table.delete("p", "r", now.etag)
    assert await table.get("p", "r") is None


KEYS = [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("b", "3"), ("c", "1")]


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (KeyRange(), KEYS),
        (KeyRange("b", "b"), KEYS[2:5]),
        (KeyRange(to_partition="b", to_row="1"), [("a", "1"), ("b", "1")]),
        (KeyRange(from_partition="b"), KEYS[2:]),
        (KeyRange("b", "b", from_row="2"), KEYS[3:5]),
        (KeyRange("b", "b", "2", "2"), [("b", "2")]),
        (KeyRange("d"), []),
        (KeyRange("o'neil", "o'neil"), []),
    ],
)
async def test_rows_are_read_by_ranges_of_their_keys_in_order(
    table: Table, keys: KeyRange, found: list[tuple[str, str]]
) -> None:
    assert [row async for row in table.query(keys)] == []  # the table is not there yet
    for partition, row in reversed(KEYS):
        await table.insert({"PartitionKey": partition, "RowKey": row})
    rows = [row.columns async for row in table.query(keys)]
    assert [(row["PartitionKey"], row["RowKey"]) for row in rows] == found


async def test_a_row_knows_when_it_changed(table: Table) -> None:
    await table.insert(ROW)
    first = await table.get("p", "r")
    await table.upsert(ROW)
    second = await table.get("p", "r")
    assert first is not None
    assert second is not None
    assert first.changed_at.tzinfo is not None
    assert first.changed_at <= second.changed_at
    assert first.etag != second.etag


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=200))
async def test_any_key_and_any_text_can_be_stored(table: Table, text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    row = {"PartitionKey": format_key(text), "RowKey": format_key(text[::-1]), **body_to_columns(content)}
    await table.upsert(row)
    stored = await columns(table, row["PartitionKey"], row["RowKey"])
    assert stored is not None
    assert body_from_columns(stored) == content


@pytest.mark.parametrize("plane", range(17))
async def test_text_of_every_unicode_plane_can_be_stored(table: Table, plane: int) -> None:
    start = plane * 0x10000
    text = "".join(chr(code) for code in range(start + 0x20, start + 0xFFFE, 97) if not 0xD800 <= code <= 0xDFFF)
    row = {"PartitionKey": format_key(text), "RowKey": "r", **body_to_columns(text.encode())}
    await table.upsert(row)
    assert await columns(table, row["PartitionKey"]) == row


async def test_a_lead_reads_back_as_it_was_written(table: Table) -> None:
    lead: Lead | None = None
    for number in range(110):
        lead = fold(lead, delivery(number * 20, description=f"{number}"))
    assert lead is not None
    await table.insert(lead_to_row(lead))
    stored = await columns(table, *lead.key)
    assert stored is not None
    assert lead_from_row(stored) == lead


async def test_tables_that_do_not_answer_are_unavailable() -> None:
    async with AsyncExitStack() as stack:
        nowhere = StorageAccount(Azurite().connection_string)  # free ports, and nobody listens
        table = AzureTable(open_tables(nowhere, stack).get_table_client("T123"))
        for act in (table.insert(ROW), table.get("p", "r"), table.upsert(ROW), table.delete("p", "r"), table.check()):
            with pytest.raises(StorageUnavailableError):
                await act


async def test_a_wrong_key_is_reported_without_the_key(azurite: Azurite) -> None:
    wrong = azurite.connection_string.replace("AccountKey=Eby8", "AccountKey=XXXX")
    async with AsyncExitStack() as stack:
        table = AzureTable(open_tables(StorageAccount(wrong), stack).get_table_client("T123"))
        with pytest.raises(StorageRefusedError) as refused:
            await table.check()
    assert "403" in refused.value.explanation
    assert "Check the key in LEADS_STORAGE" in refused.value.explanation
    assert "XXXX" not in refused.value.explanation


async def test_a_range_can_be_read_with_some_columns_only(table: Table) -> None:
    await table.insert(ROW)
    (row,) = [row async for row in table.query(KeyRange("p", "p"), ("PartitionKey", "Name"))]
    assert row.columns == {"PartitionKey": "p", "Name": "John"}
    stored = await table.get("p", "r")
    assert stored is not None
    assert row.etag == stored.etag


async def test_a_merge_on_an_old_version_writes_nothing(table: Table) -> None:
    etag = await table.insert(ROW)
    await table.merge({"PartitionKey": "p", "RowKey": "r", "Name": "first"}, etag)
    await table.merge({"PartitionKey": "p", "RowKey": "r", "Name": "second"}, etag)
    assert await columns(table) == ROW | {"Name": "first"}
    await table.merge({"PartitionKey": "p", "RowKey": "gone", "Name": "third"}, etag)
    assert await columns(table, row="gone") is None


async def test_many_rows_of_several_partitions_are_inserted_at_once(table: Table) -> None:
    numbered = [{"PartitionKey": f"p{number % 2}", "RowKey": f"{number:03}", "Name": "John"} for number in range(230)]
    await table.insert_all(numbered)
    assert {row.columns["RowKey"] for row in await all_rows(table)} == {row["RowKey"] for row in numbered}


async def test_rows_that_are_there_stay_and_stop_no_other_insert(table: Table) -> None:
    numbered = [{"PartitionKey": "p", "RowKey": str(number), "Name": "John"} for number in range(9)]
    await table.insert(numbered[4] | {"Name": "Ada"})
    for _ in range(2):
        await table.insert_all(numbered)
        names = [row.columns["Name"] for row in await all_rows(table)]
        assert names == ["John"] * 4 + ["Ada"] + ["John"] * 4


async def test_inserting_nothing_is_fine(table: Table) -> None:
    await table.insert_all([])


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_rows_that_are_too_large_for_one_request_are_inserted_all_the_same(table: Table) -> None:
    large = {"Name": "x" * 30_000, "Company": "y" * 30_000}
    await table.insert_all({"PartitionKey": "p", "RowKey": f"{number:03}", **large} for number in range(90))
    assert len(await all_rows(table)) == 90


async def merge_everywhere(table: Table, rows: list[StoredRow]) -> None:
    keys = ("PartitionKey", "RowKey")
    await table.merge_all(({name: row.columns[name] for name in keys} | {"Told": True}, row.etag) for row in rows)


async def all_rows(table: Table) -> list[StoredRow]:
    return [row async for row in table.query(KeyRange())]


async def test_many_rows_of_several_partitions_are_merged_at_once(table: Table) -> None:
    for number in range(230):
        await table.insert({"PartitionKey": f"p{number % 2}", "RowKey": f"{number:03}", "Name": "John"})
    await merge_everywhere(table, await all_rows(table))
    assert {(row.columns["Name"], row.columns["Told"]) for row in await all_rows(table)} == {("John", True)}


async def test_rows_that_changed_or_are_gone_are_left_out_of_a_merge_and_stop_no_other(table: Table) -> None:
    for number in range(9):
        await table.insert({"PartitionKey": "p", "RowKey": str(number)})
    read = await all_rows(table)
    for number in (0, 4, 8):
        await table.upsert({"PartitionKey": "p", "RowKey": str(number), "Name": "edited"})
    for number in (1, 5):
        await table.delete("p", str(number))
    await merge_everywhere(table, read)
    told = {row.columns["RowKey"]: row.columns.get("Told", False) for row in await all_rows(table)}
    assert told == {"0": False, "4": False, "8": False, "2": True, "3": True, "6": True, "7": True}


async def test_merging_nothing_is_fine(table: Table) -> None:
    await table.merge_all([])


@pytest.fixture
async def azure_table(azurite: Azurite) -> AsyncIterator[AzureTable]:
    async with AsyncExitStack() as stack:
        client = open_tables(StorageAccount(azurite.connection_string), stack)
        yield AzureTable(client.get_table_client(f"T{secrets.token_hex(8)}"))


TOO_MUCH = {"Name": "x" * 33_000}
NO_ROWS: dict[str, dict[str, Any]] = {
    "a text beyond its limit": {"PartitionKey": "p", "RowKey": "r", **TOO_MUCH},
    "a key beyond its limit": {"PartitionKey": "p", "RowKey": "r" * 1_100},
    "a key with a control character": {"PartitionKey": "p\x01", "RowKey": "r"},
}


@pytest.mark.parametrize("row", NO_ROWS.values(), ids=NO_ROWS.keys())
@pytest.mark.parametrize("verb", ["insert", "upsert", "merge"])
async def test_what_no_table_can_hold_is_the_trouble_of_that_row_alone(
    azure_table: AzureTable, verb: str, row: dict[str, Any]
) -> None:
    with pytest.raises(RowRefusedError) as refused:
        await getattr(azure_table, verb)(row)
    assert re.search(r"\(4\d\d [A-Za-z]+\)", refused.value.explanation)
    assert "xxx" not in refused.value.explanation
    await azure_table.insert(ROW)


async def test_a_change_that_no_table_can_hold_is_the_trouble_of_that_row_alone(azure_table: AzureTable) -> None:
    etag = await azure_table.insert(ROW)
    assert etag
    for change in (azure_table.replace(ROW | TOO_MUCH, etag), azure_table.merge(ROW | TOO_MUCH, etag)):
        with pytest.raises(RowRefusedError, match="row-refused"):
            await change
    other = await azure_table.insert(ROW | {"RowKey": "other"})
    assert other
    told = {"PartitionKey": "p", "RowKey": "other", "Told": True}
    await azure_table.merge_all([(ROW | TOO_MUCH, etag), (told, other)])
    assert await columns(azure_table) == ROW
    assert await columns(azure_table, row="other") == ROW | told


async def test_an_account_that_is_gone_is_no_empty_table(azurite: Azurite) -> None:
    gone = StorageAccount(azurite.connection_string.replace("devstoreaccount1", "nosuchaccount"))
    async with AsyncExitStack() as stack:
        table = AzureTable(open_tables(gone, stack).get_table_client("T123"))
        for act in (table.check(), table.insert(ROW), table.upsert(ROW), all_rows(table)):
            with pytest.raises(StorageRefusedError) as refused:
                await act
            assert "(404 ResourceNotFound)" in refused.value.explanation


async def test_columns_come_in_the_order_in_which_they_were_last_written(table: Table) -> None:
    """Table editors show them so. What is merged in comes last, and a replaced row has its own order."""
    keys = {"PartitionKey": "p", "RowKey": "r"}
    etag = await table.insert(keys | {"Zeta": 1, "Alpha": 2})
    assert etag
    assert list(await columns(table) or ()) == ["PartitionKey", "RowKey", "Zeta", "Alpha"]
    await table.replace(keys | {"Mid": 3, "Alpha": 2, "Zeta": 1}, etag)
    assert list(await columns(table) or ()) == ["PartitionKey", "RowKey", "Mid", "Alpha", "Zeta"]
    await table.merge(keys | {"Alpha": 4, "Before": 5})
    assert list(await columns(table) or ()) == ["PartitionKey", "RowKey", "Mid", "Alpha", "Zeta", "Before"]
    await table.upsert(keys | {"Alpha": 4, "Mid": 3})
    assert list(await columns(table) or ()) == ["PartitionKey", "RowKey", "Alpha", "Mid"]
