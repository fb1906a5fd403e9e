"""Which leads are listed, and in which order."""

from dataclasses import replace

import pytest

from lead_core.lead.selection import Selection
from lead_core.lead.status_words import Word
from lead_core.lead.to_do import find_open_wait
from lead_core.operations.listing import ListedLead, Listing
from tests.desk import Desk
from tests.examples import ANNA, JOHN, NOON, SALES, at, body, person

DAY = 24 * 60
OPEN = Selection()


@pytest.fixture
async def desk() -> Desk:
    """Return a desk with a lead of the sales team."""
    desk = Desk()
    await desk.post(body(code="PLT"))
    return desk


async def find(desk: Desk, selection: Selection, minutes: float = 1) -> list[ListedLead]:
    return await Listing(desk.repository).find(selection, now=at(minutes), on_read=lambda number: None)


async def takes(desk: Desk, selection: Selection, minutes: float = 1) -> bool:
    return bool(await find(desk, selection, minutes))


async def test_open_leads_are_listed(desk: Desk) -> None:
    assert await takes(desk, OPEN)
    await desk.edit(Status="Contacted")  # The list knows it at once.
    assert not await takes(desk, OPEN)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({}, {Word.NEW}),
        ({"Status": "Tried"}, {Word.NEW, Word.TRIED}),
        ({"Status": "Contacted"}, {Word.CONTACTED}),
        ({"Status": "Won"}, {Word.QUALIFIED}),
        ({"Status": "Lost"}, {Word.DISQUALIFIED}),
        ({"Status": "Spam"}, {Word.DISQUALIFIED, Word.SPAM}),
        ({"Status": "DNC"}, {Word.DO_NOT_CONTACT}),
    ],
)
async def test_a_status_lists_its_leads(desk: Desk, cells: dict[str, str], words: set[Word]) -> None:
    await desk.edit(**cells)
    for word in Word:
        assert await takes(desk, Selection(statuses=frozenset({word}))) == (word in words)
    assert await takes(desk, Selection(statuses=frozenset(Word)))
    assert await takes(desk, Selection(has_any_status=True))


async def test_an_owner_lists_their_leads(desk: Desk) -> None:
    assert await takes(desk, Selection(owner=SALES))
    assert not await takes(desk, Selection(owner=ANNA))
    await desk.edit(Owner="Anna")
    assert await takes(desk, Selection(owner=ANNA))


@pytest.mark.parametrize("offer", ["contoso crm", "CRM", "contoso.contoso-crm", ""])
async def test_an_offer_is_known_by_its_title_and_its_key(desk: Desk, offer: str) -> None:
    assert await takes(desk, Selection(offer=offer))
    assert not await takes(desk, Selection(offer=f"{offer} pro"))


@pytest.mark.parametrize("action", ["PLT", "plt", "contact me", "Contact"])
async def test_an_action_is_known_by_its_code_and_its_name(desk: Desk, action: str) -> None:
    assert await takes(desk, Selection(action=action))
    for other in ("INS", "Get it now", "test drive", "WALLET"):
        assert not await takes(desk, Selection(action=other))


async def test_an_action_that_is_not_documented_is_known_by_its_code(desk: Desk) -> None:
    await desk.post(body(person(1), code="WALLET"), event=2)
    assert len(await find(desk, Selection(action="wallet"))) == 1


async def test_a_lead_is_overdue_once_its_first_reminder_is(desk: Desk) -> None:
    overdue = Selection(is_overdue=True)
    assert not await takes(desk, overdue, DAY - 1)
    assert await takes(desk, overdue, DAY)
    await desk.edit(Status="Contacted")
    assert not await takes(desk, overdue, DAY)


async def test_a_lead_that_was_put_off_is_overdue_after_that(desk: Desk) -> None:
    await desk.edit(SnoozedUntil=at(3 * DAY))
    assert not await takes(desk, Selection(is_overdue=True), 2 * DAY)
    assert await takes(desk, Selection(is_overdue=True), 3 * DAY)


async def test_a_plan_is_overdue_from_its_day_on(desk: Desk) -> None:
    await desk.edit(Status="Contacted")
    await desk.steps.reconciling.check(now=NOON)
    await desk.edit(SnoozedUntil=at(DAY))
    overdue = Selection(is_overdue=True)
    assert [await takes(desk, overdue, minutes) for minutes in (DAY - 1, DAY)] == [False, True]
    await desk.tick(DAY)  # The owner was told, and has said nothing yet.
    assert await takes(desk, overdue, 3 * DAY)


async def test_a_lead_rests_after_its_last_reminder(desk: Desk) -> None:
    resting = Selection(is_resting=True)
    for day in (0, 1, 3):
        await desk.tick(day * DAY)
        assert not await takes(desk, resting, day * DAY)
    await desk.tick(7 * DAY)
    assert await takes(desk, resting, 7 * DAY)  # It goes to ESCALATE_TO.
    await desk.tick(7 * DAY + 5)
    assert await takes(desk, resting, 8 * DAY)


async def test_a_day_lists_customers_who_did_something_since(desk: Desk) -> None:
    await desk.post(body(code="INS"), event=2, minutes=30)
    assert await takes(desk, Selection(since=at(30)))
    assert not await takes(desk, Selection(since=at(31)))


async def test_test_leads_are_listed_apart(desk: Desk) -> None:
    await desk.edit(IsTest=True)
    assert not await takes(desk, Selection(has_any_status=True))
    assert await takes(desk, Selection(is_test=True))
    await desk.edit(Status="Contacted")
    assert await takes(desk, Selection(is_test=True))


async def test_leads_of_our_own_people_are_listed_with_the_test_leads(desk: Desk) -> None:
    desk.steps = replace(desk.steps, policy=replace(desk.policy, internal_domains=frozenset({"northwind.example"})))
    assert not await takes(desk, OPEN)
    assert await takes(desk, Selection(is_test=True))


async def test_who_waits_longest_stands_first_and_who_waits_before_who_does_not(desk: Desk) -> None:
    for number, minutes in ((1, 20), (2, 10)):
        await desk.post(body(person(number)), event=number + 1, minutes=minutes)
    row = next(row for row in desk.memory.leads.rows if row["FirstName"] == "P2")
    assert names(await find(desk, OPEN)) == ["John", "P2", "P1"]
    await desk.memory.leads.upsert(row | {"Status": "Qualified"})
    assert names(await find(desk, Selection(has_any_status=True))) == ["John", "P1", "P2"]


async def test_of_the_answered_those_who_acted_last_stand_first(desk: Desk) -> None:
    await desk.post(body(person(1)), event=2, minutes=20)
    for row in desk.memory.leads.rows:
        await desk.memory.leads.upsert(row | {"Status": "Contacted"})
    assert names(await find(desk, Selection(has_any_status=True))) == ["P1", "John"]


async def test_a_listed_lead_knows_what_comes_next(desk: Desk) -> None:
    (listed,) = await find(desk, OPEN)
    assert find_open_wait(listed.lead) == at(0)
    assert listed.entry
    assert (listed.entry.state, listed.entry.place.at) == ("new", at(0))
    await desk.edit(Status="Contacted")
    (listed,) = await find(desk, Selection(has_any_status=True))
    assert (find_open_wait(listed.lead), listed.entry) == (None, None)


async def test_every_lead_that_was_read_is_counted(desk: Desk) -> None:
    await desk.post(body(JOHN, offer="contoso.contoso-erp"), event=2)
    await desk.post(body(person(1)), event=3)
    read: list[int] = []
    await Listing(desk.repository).find(OPEN, now=at(1), on_read=read.append)
    assert sorted(read) == [1, 2]


def names(found: list[ListedLead]) -> list[str]:
    return [listed.lead.shown.first_name for listed in found]
