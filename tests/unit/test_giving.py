"""Leads get another owner from the person who operates the app."""

import itertools
from collections import Counter
from datetime import UTC

import pytest

from lead_core.lead.changes import edited
from lead_core.lead.lead import BY_COMMAND, Lead
from lead_core.lead.owners import Owners
from lead_core.lead.values import LeadKey, Status
from lead_core.operations.giving import Given, Giving
from lead_core.views.facts import collect_facts
from lead_core.views.standing import tell_standing
from tests.desk import Desk
from tests.examples import ANNA, BOSS, SALES, at, body, person
from tests.to_do_list import entries_asked_for
from tests.weather import Exposed

BOB, CARL = "bob@contoso.example", "carl@contoso.example"
DAY = 24 * 60


@pytest.fixture
async def desk() -> Desk:
    """Return a desk with a lead of which the sales team was told."""
    desk = Desk(Owners.parse(f"contoso.erp: {ANNA}; {SALES}"))
    await desk.post(body(code="PLT"))
    await desk.tick(0)
    return desk


async def lead_of(desk: Desk) -> Lead:
    (stored,) = [stored async for stored in desk.repository.leads.scan()]
    return stored.lead


async def give(desk: Desk, to: str = ANNA, *, minutes: float = 30, is_confirmed: bool = False) -> Counter[Given]:
    leads = [edited(stored, desk.policy) async for stored in desk.repository.leads.scan()]
    return await Giving(desk.repository).give(
        leads, to, is_confirmed=is_confirmed, now=at(minutes), advance=lambda: None
    )


async def find_of(desk: Desk, owner: str) -> list[LeadKey]:
    return [lead.key for lead in await Giving(desk.repository).find_of(owner, on_read=lambda number: None)]


async def test_the_new_owner_is_told_at_the_next_tick(desk: Desk) -> None:
    assert await give(desk) == {Given.GIVEN: 1}
    await desk.tick(35)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]
    assert "Passed to you by a colleague" in desk.outbox.mails[-1].text


async def test_it_is_recorded_as_a_decision(desk: Desk) -> None:
    await give(desk)
    lead = await lead_of(desk)
    (decision,) = lead.decisions
    assert (decision.by, decision.choice, decision.to, decision.at) == (BY_COMMAND, "pass", ANNA, at(30))
    assert (lead.cells.owner, lead.status, lead.waiting_since) == (ANNA, Status.NEW, at(0))


async def test_people_read_who_gave_it(desk: Desk) -> None:
    await give(desk)
    lead = await lead_of(desk)
    sentences = tell_standing(lead, now=at(31), zone=UTC).sentences
    assert f"Someone with the command leads passed it to {ANNA} on 22 November 2026." in sentences
    history = collect_facts(lead, (), now=at(31), zone=UTC).history
    assert history[0].sentence == f"Passed to {ANNA} (with the command leads)."


async def test_given_twice_is_given_once(desk: Desk) -> None:
    await give(desk)
    rows = desk.memory.leads.rows
    assert await give(desk, minutes=31) == {Given.GIVEN: 1}
    assert desk.memory.leads.rows == rows


async def test_the_to_do_list_follows(desk: Desk) -> None:
    await give(desk)
    assert {(row["PartitionKey"], row["RowKey"]) for row in desk.memory.follow_ups.rows} == entries_asked_for(
        desk.memory.leads.rows
    )


async def test_the_reminders_of_a_lead_that_rests_begin_again(desk: Desk) -> None:
    for day in range(9):
        await desk.tick(day * DAY)
    sent = len(desk.outbox.mails)
    await give(desk, minutes=10 * DAY)
    await desk.tick(10 * DAY + 5)
    assert [mail.to for mail in desk.outbox.mails[sent:]] == [ANNA]
    lead = await lead_of(desk)
    assert lead.next_reminder_at is not None


async def test_an_answered_lead_stays_answered(desk: Desk) -> None:
    await desk.edit(Status="Contacted")
    await give(desk)
    lead = await lead_of(desk)
    assert (lead.status, lead.cells.owner) == (Status.CONTACTED, ANNA)
    sent = len(desk.outbox.mails)
    await desk.tick(35)
    assert len(desk.outbox.mails) == sent


async def test_an_edit_at_the_same_time_is_not_lost(desk: Desk) -> None:
    edits = iter(["Contacted", "Qualified"])

    async def edit() -> None:
        """Do what a person does in Storage Explorer, right after the row was read, and once more."""
        if status := next(edits, None):
            await desk.edit(Status=status)

    desk.steps = desk.make_steps(lambda table: Exposed(table, nothing, edit if table is desk.memory.leads else nothing))
    assert await give(desk) == {Given.GIVEN: 1}
    lead = await lead_of(desk)
    assert (lead.status, lead.cells.owner) == (Status.QUALIFIED, ANNA)


async def test_a_lead_that_others_keep_changing_is_counted(desk: Desk) -> None:
    numbers = itertools.count()

    async def edit() -> None:
        await desk.edit(Note=str(next(numbers)))

    leads = [await lead_of(desk)]
    desk.steps = desk.make_steps(lambda table: Exposed(table, nothing, edit if table is desk.memory.leads else nothing))
    outcomes = await Giving(desk.repository).give(leads, ANNA, is_confirmed=False, now=at(1), advance=lambda: None)
    assert outcomes == {Given.BUSY: 1}


async def test_a_lead_that_was_passed_on_meanwhile_stays_there(desk: Desk) -> None:
    shown = await lead_of(desk)
    await desk.edit(Owner=BOSS)
    outcomes = await Giving(desk.repository).give([shown], ANNA, is_confirmed=False, now=at(1), advance=lambda: None)
    assert outcomes == {Given.MOVED: 1}
    assert (await lead_of(desk)).cells.owner == BOSS


async def nothing() -> None:
    """Let it be."""


async def test_what_is_gone_is_counted(desk: Desk) -> None:
    shown = await lead_of(desk)
    await desk.memory.leads.delete(*shown.key)
    outcomes = await Giving(desk.repository).give([shown], ANNA, is_confirmed=False, now=at(1), advance=lambda: None)
    assert outcomes == {Given.GONE: 1}


async def test_an_address_that_was_confirmed_gets_the_mails(desk: Desk) -> None:
    await give(desk, CARL, is_confirmed=True)
    await desk.tick(35)
    assert desk.outbox.mails[-1].to == CARL


async def test_the_leads_of_a_colleague_are_those_on_the_to_do_list(desk: Desk) -> None:
    (key,) = await find_of(desk, SALES)
    assert await find_of(desk, ANNA) == []
    await desk.edit(Status="Contacted")
    assert await find_of(desk, SALES) == []
    await desk.edit(Status="New")
    await give(desk)
    assert (await find_of(desk, ANNA), await find_of(desk, SALES)) == ([key], [])


async def test_the_leads_of_who_left_the_team_are_found_by_their_address(desk: Desk) -> None:
    await desk.edit(Owner=BOB.upper())
    assert len(await find_of(desk, BOB)) == 1
    assert len(await find_of(desk, SALES)) == 1  # The default owner gets the mails.
    assert await find_of(desk, BOSS) == []


async def test_test_leads_are_nobodys_work(desk: Desk) -> None:
    await desk.edit(IsTest=True)
    assert await find_of(desk, SALES) == []


async def test_many_leads_are_given_at_once(desk: Desk) -> None:
    for number in range(20):
        await desk.post(body(person(number)), event=number + 2)
    assert await give(desk) == {Given.GIVEN: 21}
    assert len(await find_of(desk, ANNA)) == 21
