"""One suite for what people wrote freely, in memory and on Azurite."""

import base64
import gzip
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.table import Table
from lead_core.adapters.tables.texts import TableTexts
from lead_core.lead.values import LeadKey
from lead_core.ports.texts import FreeTexts
from local.azurite import Azurite


@pytest.fixture(params=["memory", "azurite"])
async def tables(request: pytest.FixtureRequest) -> AsyncIterator[list[Table]]:
    """Yield tables for leads, for the inbox and for what was rejected."""
    if request.param == "memory":
        yield [MemoryTable() for _ in range(3)]
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_tables(StorageAccount(azurite.connection_string), stack)
        yield [AzureTable(client.get_table_client(f"t{secrets.token_hex(8)}")) for _ in range(3)]


async def read(tables: list[Table]) -> list[FreeTexts]:
    return [row async for row in TableTexts(*tables).scan()]


async def test_without_any_rows_nothing_is_written(tables: list[Table]) -> None:
    assert await read(tables) == []


async def test_each_row_says_whose_it_is_and_what_was_written_into_it(tables: list[Table]) -> None:
    leads, inbox, rejects = tables
    await leads.upsert({"PartitionKey": "p", "RowKey": "r", "Name": "Ada", "Note": "'=a note", "Mine": 7, "Owner": "x"})
    keys = {"PartitionKey": "2026-11-27", "RowKey": "1", "LeadPartition": "p", "LeadRow": "r"}
    body = {"BodyEncoding": "text", "Body": '{"a": "M\\u00fc', "Body2": 'ller"}'}
    await inbox.upsert(keys | {"CustomerInfo": '{"FirstName":"Ada"}', "Description": "Hello"} | body)
    await rejects.upsert(
        {"PartitionKey": "2026-11-27", "RowKey": "2", "Reason": "not-json", "Body": b"\xffno text\x00"}
    )
    lead, notification, reject = await read(tables)
    assert (lead.table, lead.keys, lead.lead, lead.about) == ("Leads", ("p", "r"), LeadKey("p", "r"), "Ada")
    assert {column: text for column, text in lead.cells.items() if text} == {"Note": "=a note", "Mine": "7"}
    assert (notification.table, notification.lead, notification.about) == ("MarketplaceLeads", LeadKey("p", "r"), "Ada")
    assert (notification.cells, notification.body) == ({"Description": "Hello"}, '{"a": "Müller"}')
    assert (reject.table, reject.lead, reject.about) == ("RejectedLeads", None, "not-json")
    assert "no text" in reject.body


TEXT = '{"mail": "mü@x.example"'


@pytest.mark.parametrize(
    "body",
    [
        base64.b64encode(TEXT.encode()),
        gzip.compress(TEXT.encode()),
        base64.b64encode(gzip.compress(TEXT.encode())) + b"\n",
        b'{"mail": "m&uuml;&#64;x.example"',
    ],
    ids=["base64", "gzip", "both", "html"],
)
async def test_a_body_is_read_even_if_the_app_could_not(tables: list[Table], body: bytes) -> None:
    await tables[2].upsert({"PartitionKey": "2026-11-27", "RowKey": "2", "Body": body})
    (reject,) = await read(tables)
    assert reject.body == TEXT


@pytest.mark.parametrize("body", [b"AdaLovelaceOfContoso", b"QQQQQQQQQQQQQQQQQ", b"\x1f\x8bcut off"])
async def test_what_only_looks_wrapped_is_read_as_it_stands(tables: list[Table], body: bytes) -> None:
    await tables[2].upsert({"PartitionKey": "2026-11-27", "RowKey": "2", "Body": body})
    (reject,) = await read(tables)
    assert reject.body == body.decode("utf-8", "replace")


async def test_what_people_added_to_a_notification_is_read(tables: list[Table]) -> None:
    for table in tables[1:]:
        await table.upsert({"PartitionKey": "2026-11-27", "RowKey": "2", "Note": "knows Ada", "EmailKey2": "x"})
    assert [row.cells["Note"] for row in await read(tables)] == ["knows Ada", "knows Ada"]
    assert not any("EmailKey2" in row.cells for row in await read(tables))
