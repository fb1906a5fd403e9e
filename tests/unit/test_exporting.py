"""Leads as rows of a file."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.formulas import undo_defuse
from lead_core.adapters.tables.table import KeyRange, StoredRow
from lead_core.lead.changes import delivered
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import BY_GRID, Decision
from lead_core.lead.person import Contact
from lead_core.lead.selection import Selection
from lead_core.lead.values import Offer, Status, clean_text
from lead_core.operations.exporting import Export, Exporting, Wanted
from lead_core.views.exported import ExportedLead
from lead_core.views.exports import Format
from tests.desk import Desk
from tests.examples import CRM, JOHN, NOON, at, body, delivery, person
from tests.steps import Steps


async def export(steps: Steps, target: Format = Format.CSV, *, since: datetime | None = None) -> Export:
    return await Exporting(steps.repository).export(
        target, Wanted(selection=Selection(has_any_status=True, since=since)), now=NOON
    )


def exported(contact: Contact = JOHN, *, offer: Offer = CRM, description: str = "") -> ExportedLead:
    arrived = delivery(contact=contact, code="PLT", offer=offer, description=description)
    return ExportedLead.of(delivered(None, arrived, FollowUpPolicy()), (), now=NOON, zone=UTC)


def test_a_story_tells_what_they_did_wrote_and_what_the_team_noted() -> None:
    each = exported(replace(JOHN, email="John <jsmith@northwind.example>"), description="Call\nme")
    each = replace(each, facts=replace(each.facts, note="Wants a demo."))
    assert each.story.splitlines() == [
        "Contoso CRM: pressed Contact me on AppSource, on 22 November 2026, 12:00 UTC.",
        "They wrote: Call",
        "me",
        "Address as they wrote it: John <jsmith@northwind.example>",
        "Note: Wants a demo.",
    ]


def test_a_lead_of_no_offer_has_a_topic_as_well() -> None:
    assert exported(offer=Offer()).topic == "Pressed Contact me on AppSource"


@pytest.mark.parametrize(
    ("contact", "names"),
    [
        (JOHN, ("John", "Smith")),
        (Contact(first_name="Ada"), ("", "Ada")),
        (Contact(last_name="Ada"), ("", "Ada")),
        (Contact(email="a@x.example"), ("", "a@x.example")),
        (Contact(email="no address"), ("", "[not provided]")),
    ],
)
def test_there_is_always_a_last_name(contact: Contact, names: tuple[str, str]) -> None:
    each = exported(contact)
    assert (each.first_name, each.last_name) == names


@pytest.mark.parametrize("target", [each for each in Format if each.is_for_crm])
def test_every_status_has_words_in_every_crm(target: Format) -> None:
    new = exported()
    for status in Status:
        decided = replace(new.lead, history=new.lead.history.settled(), decisions=(Decision(status, NOON, BY_GRID),))
        row = {title: write(replace(new, lead=decided)) for title, write in target.columns.items()}
        assert row.get("Status Reason") or row["Lead Status"]


@given(st.text(), st.text(), st.text())
def test_what_is_written_reads_back_the_same(first_name: str, company: str, description: str) -> None:
    made = exported(replace(JOHN, first_name=first_name, company=company), description=description)
    written = Export(Format.CSV, [{title: write(made) for title, write in Format.CSV.columns.items()}])
    (row,) = csv.DictReader(io.StringIO(written.format_csv(UTC), newline=""))
    read = {title: undo_defuse(cell) for title, cell in row.items()}
    for title, text in (("FirstName", first_name), ("Company", company), ("Description", description)):
        assert read[title] == clean_text(text)


async def test_a_person_is_one_contact_with_all_they_did(desk: Desk) -> None:
    await desk.post(body(person(1), offer="contoso.erp"), event=1)
    await desk.post(body(person(1), code="PLT"), event=2, minutes=5)
    (row,) = (await export(desk.steps, Format.HUBSPOT)).rows
    assert str(row["Message"]).splitlines() == [
        "Contoso CRM: pressed Contact me on AppSource, on 22 November 2026, 12:05 UTC.",
        "Contoso CRM (anna@ has it, not answered yet): pressed Get it now or Free trial on AppSource.",
    ]


async def test_an_edit_that_nobody_noticed_yet_is_exported(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Status="won")
    assert [row["Status"] for row in (await export(desk.steps)).rows] == ["Qualified"]


async def test_those_who_came_first_stand_first(desk: Desk) -> None:
    for number in (3, 1, 2):
        await desk.post(body(person(number)), event=number, minutes=number)
    assert [row["FirstName"] for row in (await export(desk.steps)).rows] == ["P1", "P2", "P3"]


@pytest.mark.parametrize(("minutes", "count"), [(0, 1), (1, 0)])
async def test_since_is_from_then_on(desk: Desk, minutes: float, count: int) -> None:
    await desk.post(body())
    assert len((await export(desk.steps, since=at(minutes))).rows) == count


async def test_leads_are_read_once_and_nothing_else_is(desk: Desk) -> None:
    for number in range(30):
        await desk.post(body(person(number)), event=number)

    class Counted(MemoryTable):
        def __init__(self, table: MemoryTable) -> None:
            super().__init__()
            self._rows, self.asked = table._rows, 0

        async def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
            self.asked += 1
            async for row in super().query(keys, columns):
                yield row

    steps = desk.make_steps(Counted)
    assert len((await export(steps, Format.HUBSPOT)).rows) == 30
    assert {name: table.asked for name, table in steps.tables.items() if table.asked} == {"leads": 1}
