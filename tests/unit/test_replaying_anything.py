"""Whatever was posted, edited, answered and mailed: a replay loses nothing and makes nothing up."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.adapters.tables.table import Entity
from lead_core.lead.person import Contact
from lead_core.lead.replay import ReplayChoices
from tests.desk import Desk
from tests.examples import ANNA, JOHN, NOON, at, body, person

AS_NEW = ReplayChoices(NOON - timedelta(days=1))
PEOPLE = (person(0), person(1), replace(JOHN, first_name="MSFT_TEST"), Contact(company="Northwind"))


class Post(NamedTuple):
    """A notification, some minutes after the one before."""

    who: int
    code: str
    offer: str
    description: str
    minutes: int


class Edit(NamedTuple):
    """What a person types into the row of a lead."""

    lead: int
    column: str
    text: str


Happening: TypeAlias = Post | Edit | None
"""None is a tick of the timer and an hourly check."""
posts = st.builds(
    Post,
    st.integers(0, len(PEOPLE) - 1),
    st.sampled_from(["INS", "PLT", "DNC", "StartTestDrive", ""]),
    st.sampled_from(["contoso.crm", "contoso.erp"]),
    st.sampled_from(["", "=1+1", "call me"]),
    st.sampled_from([0, 1, 9, 11, 60, 1_500, 12_000]),
)
edits = st.one_of(
    st.builds(
        Edit,
        st.integers(0, 3),
        st.just("Status"),
        st.sampled_from(["Contacted", "Qualified", "Spam", "Do not contact", "New", "tried", "asdf", ""]),
    ),
    st.builds(Edit, st.integers(0, 3), st.just("Owner"), st.sampled_from([ANNA, "", "nobody knows"])),
    st.builds(Edit, st.integers(0, 3), st.just("Note"), st.just("called")),
)
happenings: st.SearchStrategy[list[Happening]] = st.lists(st.one_of(posts, posts, edits, st.none()), max_size=15)


async def live(desk: Desk, happened: list[Happening]) -> None:
    minutes = 0
    for table in desk.memory.tables.values():
        table.clock = lambda: at(minutes)
    for number, each in enumerate(happened, start=1):
        match each:
            case Post():
                minutes += each.minutes
                content = body(PEOPLE[each.who], code=each.code, offer=each.offer, description=each.description)
                await desk.post(content, event=number, minutes=minutes)
            case Edit():
                rows = desk.memory.leads.rows
                if rows:
                    await desk.memory.leads.upsert(rows[each.lead % len(rows)] | {each.column: each.text})
            case None:
                await desk.tick(minutes)
                await desk.steps.reconciling.check(now=NOON)
    await desk.steps.reconciling.check(now=NOON)


def contents(desk: Desk) -> tuple[list[Entity], list[Entity]]:
    return desk.memory.leads.rows, desk.memory.follow_ups.rows


async def replay(desk: Desk, choices: ReplayChoices = AS_NEW) -> int:
    """Replay, and return how much differed."""
    replaying = desk.steps.replaying
    found = await replaying.compare(choices)
    await replaying.write(found, choices)
    return len(found.differences) + len(found.stale)


@given(happenings)
@settings(max_examples=25)
def test_nothing_differs_as_long_as_nobody_damages_anything(happened: list[Happening]) -> None:
    async def story() -> None:
        desk = Desk()
        await live(desk, happened)
        before = contents(desk)
        assert await replay(desk) == 0
        assert contents(desk) == before

    asyncio.run(story())


@given(happenings)
@settings(max_examples=25)
def test_deleted_tables_come_back_as_if_nobody_had_decided_anything(happened: list[Happening]) -> None:
    async def story() -> None:
        untouched, desk = Desk(), Desk()
        await live(untouched, [each if isinstance(each, Post) else Edit(0, "Note", "") for each in happened])
        await live(desk, happened)
        for table in (desk.memory.leads, desk.memory.follow_ups):
            for row in table.rows:
                await table.delete(row["PartitionKey"], row["RowKey"])
        await replay(desk)
        assert contents(desk) == contents(untouched)
        assert await replay(desk) == 0

    asyncio.run(story())


@given(happenings, st.data())
@settings(max_examples=25)
def test_some_lost_and_some_older_rows_are_put_right_for_good(happened: list[Happening], data: st.DataObject) -> None:
    """An older row is as from a backup."""

    async def story() -> None:
        desk = Desk()
        half = data.draw(st.integers(0, len(happened)))
        await live(desk, happened[:half])
        older = desk.memory.leads.rows
        await live(desk, happened)
        counts = {(row["PartitionKey"], row["RowKey"]): row["ActionCount"] for row in desk.memory.leads.rows}
        for row in desk.memory.leads.rows:
            if data.draw(st.booleans()):
                await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
        for row in older:
            if data.draw(st.booleans()):
                await desk.memory.leads.upsert(row)
        await replay(desk)
        await desk.steps.reconciling.check(now=NOON)
        assert {(row["PartitionKey"], row["RowKey"]): row["ActionCount"] for row in desk.memory.leads.rows} == counts
        assert await replay(desk) == 0

    asyncio.run(story())


@given(happenings)
@settings(max_examples=25)
def test_nobody_is_mailed_about_leads_that_are_taken_as_answered(happened: list[Happening]) -> None:
    async def story() -> None:
        desk = Desk()
        await live(desk, happened)
        for table in (desk.memory.leads, desk.memory.follow_ups):
            for row in table.rows:
                await table.delete(row["PartitionKey"], row["RowKey"])
        mailed = len(desk.outbox.mails)
        as_answered = ReplayChoices(NOON + timedelta(days=999))
        await replay(desk, as_answered)
        await desk.steps.reminding.tick(now=NOON + timedelta(days=1_000), new_id=lambda: "1")
        await desk.steps.reconciling.check(now=NOON)
        assert desk.memory.follow_ups.rows == []
        assert len(desk.outbox.mails) == mailed
        assert await replay(desk, as_answered) == 0

    asyncio.run(story())
