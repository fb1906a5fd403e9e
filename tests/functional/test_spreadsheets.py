"""What people see and do in the tables with an editor or a spreadsheet, on a real table service."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import EdmType, EntityProperty
from azure.data.tables.aio import TableServiceClient

from lead_core.adapters.azure.table import AzureTable
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.lead.problems import LIST_EDITED
from lead_core.settings import Settings
from tests.examples import NOON, SALES, at, body, message, person
from tests.outbox import Outbox
from tests.steps import TABLES, Steps

PRIVACY = (Path(__file__).parents[2] / "docs/privacy.md").read_text(encoding="utf-8")


@dataclass
class Desk:
    """The steps on a table service, and the table ``Leads`` as people see it."""

    tables: TableServiceClient
    settings: Settings
    outbox: Outbox = field(default_factory=Outbox)
    ids: Iterator[str] = field(default_factory=lambda: (f"{number:032x}" for number in itertools.count(1)))

    @property
    def steps(self) -> Steps:
        tables = [AzureTable(self.tables.get_table_client(name)) for name in self.settings.table_names]
        policy = FollowUpPolicy(owners=Owners.parse(SALES))
        return Steps(dict(zip(TABLES, tables, strict=True)), mailer=self.outbox, policy=policy)

    async def post(self, number: int) -> None:
        await self.steps.processing.process(
            message(body(person(number)), event=number), message_id=f"{number}", queued_at=at(0)
        )

    async def rows(self) -> list[dict[str, Any]]:
        client = self.tables.get_table_client(self.settings.leads_table)
        rows = [dict(row) async for row in client.list_entities()]
        return sorted(rows, key=lambda row: str(row["FirstName"]))

    async def import_(self, rows: list[dict[str, Any]]) -> None:
        client = self.tables.get_table_client(self.settings.leads_table)
        for row in rows:
            await client.upsert_entity(row)

    async def tick(self, minutes: float) -> None:
        await self.steps.reconciling.check(now=NOON)
        await self.steps.tick(at(minutes), self.ids)


@pytest.fixture
async def desk(table_settings: Settings) -> AsyncIterator[Desk]:
    async with TableServiceClient.from_connection_string(table_settings.connection_string) as tables:
        for name in table_settings.table_names:
            await tables.create_table(name)
        yield Desk(tables, table_settings)


def as_texts(row: dict[str, Any]) -> dict[str, Any]:
    return {
        column: f"{cell:%m/%d/%Y %H:%M}" if isinstance(cell, datetime) else str(cell) for column, cell in row.items()
    }


def as_numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {
        column: EntityProperty(int(cell), EdmType.INT64) if isinstance(cell, bool | int) else cell
        for column, cell in row.items()
    }


@pytest.mark.parametrize("spoil", [as_texts, as_numbers])
async def test_a_table_that_was_in_a_spreadsheet_sends_the_same_mails(desk: Desk, spoil: Any) -> None:
    for number in range(3):
        await desk.post(number)
    before = await desk.rows()
    await desk.import_(
        [
            spoil(row) | {"Status": status}
            for row, status in zip(before, ["NEW", "To be contacted", "Perdu"], strict=True)
        ]
    )
    await desk.tick(1)
    assert len(desk.outbox.mails) == 1
    await desk.import_([spoil(row) for row in await desk.rows()])
    for minutes in (5, 65):
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == 1
    after = await desk.rows()
    assert [row["Status"] for row in after] == ["New", "New", "Disqualified"]
    assert {row["Problem"] for row in after} == {""}
    await desk.tick(24 * 60 + 1)
    assert len(desk.outbox.mails) == 2
    reminded = (await desk.rows())[:2]
    assert [(row["RemindersSent"], row["IsTest"]) for row in reminded] == [(2, False), (2, False)]


async def test_a_table_editor_shows_first_what_people_read_and_edit_whatever_wrote_the_row_last(desk: Desk) -> None:
    first = ["PartitionKey", "RowKey", "Name", "Status", "Owner", "Waiting", "Offer", "Note", "Problem"]
    own = ["zAppIdentifiedBy", "zAppActionHistory", "zAppDecisions"]

    async def shown() -> list[str]:
        return list((await desk.rows())[0])

    await desk.post(0)
    assert (await shown())[: len(first)] == first
    await desk.tick(1)  # A mail is noted in the row.
    ((row,), columns) = (await desk.rows(), await shown())
    assert (columns[: len(first)], columns[-3:]) == (first, own)
    keys = {name: row[name] for name in ("PartitionKey", "RowKey")}
    client = desk.tables.get_table_client(desk.settings.leads_table)
    await client.update_entity({**keys, "SnoozedUntil": at(48 * 60), "Region": "EMEA"})  # A person merges columns in.
    await desk.tick(5)
    columns = await shown()
    assert (columns[: len(first)], columns[-4:]) == (first, ["Region", *own])
    assert columns.index("SnoozedUntil") < columns.index("FirstSeenAt")


async def test_what_is_typed_beside_qualified_stays_as_it_was_typed(desk: Desk) -> None:
    await desk.post(0)
    (row,) = await desk.rows()
    assert "Qualification" not in row
    typed = {"Status": "qualified", "Qualification": "=budget; Decides this year;\nmet at the fair"}
    await desk.import_([row | typed])
    await desk.tick(1)
    (row,) = await desk.rows()
    assert {name: row[name] for name in typed} == typed | {"Status": "Qualified"}
    assert row["Problem"] == ""


async def test_the_to_do_list_says_that_an_edit_is_undone_and_nothing_of_rows_that_nobody_edited(desk: Desk) -> None:
    for number in range(2):
        await desk.post(number)
    await desk.tick(1)  # Both have an entry for their first reminder now.
    client = desk.tables.get_table_client(desk.settings.follow_ups_table)
    first, second = [dict(row) async for row in client.list_entities()]
    await client.update_entity({"PartitionKey": first["PartitionKey"], "RowKey": first["RowKey"], "Owner": "me"})
    await desk.tick(2)
    changed, other = [dict(row) async for row in client.list_entities()]
    assert changed == first | {"Problem": LIST_EDITED}
    assert other == second


async def test_a_retry_that_cannot_be_read_is_said_in_its_row(desk: Desk) -> None:
    await desk.steps.processing.process(message(b"no JSON", event=1), message_id="m", queued_at=at(0))
    client = desk.tables.get_table_client(desk.settings.rejected_leads_table)
    (row,) = [dict(row) async for row in client.list_entities()]
    for cell, problem in (("perhaps", "Retry says “perhaps”. Write true or false."), (False, "")):
        await client.update_entity({"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"], "Retry": cell})
        await desk.steps.retrying.tick(now=at(5))
        assert (await client.get_entity(row["PartitionKey"], row["RowKey"]))["Problem"] == problem


async def test_a_privacy_officer_finds_every_row_of_a_person_as_the_page_says(desk: Desk) -> None:
    officer = re.search(r"filter by `(EmailKey eq .+?)`, and so on", PRIVACY)
    assert officer
    cells = ("Ada.L+crm@Gmail.com", "Bob <bob@northwind.example>; adal@googlemail.com", "other@northwind.example")
    for number, email in enumerate(cells):
        contact = replace(person(number), email=email)
        queued = message(body(contact, offer=f"contoso.{number}"), event=number)
        await desk.steps.processing.process(queued, message_id=f"{number}", queued_at=at(0))
    for table in (desk.settings.leads_table, desk.settings.marketplace_leads_table):
        found = [row async for row in desk.tables.get_table_client(table).query_entities(officer[1])]
        assert {row.get("RowKey" if table == desk.settings.leads_table else "LeadRow") for row in found} == {
            "contoso.0",
            "contoso.1",
        }
