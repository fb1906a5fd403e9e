"""Whatever befalls single cells of any table: no step fails, and every lead whose own row is whole is told."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from lead_core.adapters.memory import MemoryTable
from lead_core.errors import LeadGoneError, MailUncertainError
from tests.desk import Desk
from tests.examples import NOON, at, body, message, person
from tests.steps import TABLES

GONE = object()
JUNK = [
    GONE, "", " ", "garbage", "x" * 5_000, "é🚀", "true", "0", 7, -1, 2.5, True, False, b"\x00\xff",
    datetime(2016, 1, 1, tzinfo=UTC), datetime(2499, 1, 1, tzinfo=UTC), at(-9_999), "2026-11-22",
    "9999-12-31T23:59-23:00",
    "null", "[]", "{}", "[[]]", "[1]", "NaN", "1e999", "[" * 5_000, '{"round":1e999,"actions":[],"shown":[]}',
    '{"actions":[{"at":"x"}]}', '{"taken":[{}],"written":{}}', '[["a","b",0,0]]', '[["","",{},[]]]', '"\\ud800"',
]  # fmt: skip


class Damage(NamedTuple):
    """Which cell, counted on over all rows and columns, and what stands in it now."""

    table: str
    row: int
    column: int
    cell: object


DAMAGES = st.lists(
    st.builds(Damage, st.sampled_from(TABLES), st.integers(0, 30), st.integers(0, 60), st.sampled_from(JUNK)),
    min_size=1,
    max_size=6,
)


async def open_for_business() -> Desk:
    """Return a desk with a bit of everything in its tables."""
    desk = Desk()
    for number in range(3):
        await desk.post(body(person(number)), event=number, minutes=number)
    await desk.post(body(person(3), offer="contoso.erp"), event=3)
    await desk.post(body(person(3)), event=4)
    await desk.post(body(person(4), code="DNC"), event=5)
    await desk.post(b"no JSON", event=6)
    await desk.post(body(replace(person(5), first_name="MSFT_TEST_1")), event=7)
    desk.outbox.fails_with = [None, MailUncertainError("test")]
    await desk.tick(5)
    first = desk.memory.leads.rows[0]
    await desk.memory.leads.upsert(first | {"Status": "Contacted"})
    await desk.steps.reconciling.check(now=NOON)
    await desk.post(body(person(6)), event=8, minutes=6)
    return desk


async def inflict(desk: Desk, damage: Damage) -> tuple[str, str] | None:
    """Damage a cell, and return the keys of the lead if it was a lead's."""
    table: MemoryTable = desk.memory.tables[damage.table]
    if not (rows := table.rows):
        return None
    row = rows[damage.row % len(rows)]
    columns = sorted(row.keys() - {"PartitionKey", "RowKey"})
    if not columns:
        return None
    column = columns[damage.column % len(columns)]
    whole: dict[str, Any] = {name: cell for name, cell in row.items() if name != column}
    await table.upsert(whole if damage.cell is GONE else whole | {column: damage.cell})
    return (row["PartitionKey"], row["RowKey"]) if damage.table == "leads" else None


async def do_everything(desk: Desk, minutes: float) -> None:
    """Run every step once."""
    await desk.tick(minutes)
    await desk.steps.retrying.tick(now=at(minutes))
    await desk.steps.reconciling.check(now=NOON)
    await desk.steps.retrying.check()
    for queued in [*desk.memory.queue.messages, *(message(body(person(number)), event=number) for number in range(4))]:
        await desk.memory.processing.process(queued, message_id="m", queued_at=at(minutes))
    desk.memory.queue.messages.clear()
    for mail in desk.outbox.mails:
        for token in re.findall(r"/api/follow-up/([\w.-]+)", mail.text):
            try:
                await desk.steps.answering.show(token, now=at(minutes))
            except LeadGoneError:
                continue


async def live_through(damages: Sequence[Damage]) -> None:
    desk = await open_for_business()
    damaged = {await inflict(desk, damage) for damage in damages}
    await do_everything(desk, 20)
    await desk.post(body(person(9)), event=9, minutes=21)
    for minutes in (40, 60):
        await do_everything(desk, minutes)
    leads = [row for row in desk.memory.leads.rows if not row.get("IsTest")]
    whole = [row for row in leads if (row["PartitionKey"], row["RowKey"]) not in damaged]
    untold = [row["FirstName"] for row in whole if row["Status"] == "New" and not row["RemindersSent"]]
    assert untold == []
    assert "P9 Smith" in {name for mail in desk.outbox.mails for name in desk.outbox.leads_of(mail)}


@given(DAMAGES)
@example([Damage("digests", 0, 4, 7)])  # How often a mail was tried
def test_damage_to_any_cells_stops_no_step_and_silences_no_other_lead(damages: list[Damage]) -> None:
    asyncio.run(live_through(damages))
