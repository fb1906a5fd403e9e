"""What becomes of a lead whose row was damaged."""

from typing import Any

import pytest

from lead_core.lead.lead import fold
from lead_core.lead.salvage import rebuild
from tests.desk import Desk
from tests.examples import ANNA, NOON, SALES, at, body, delivery, person

DAY = 24 * 60
DAMAGE = ["", "{", "[]", "null", '{"round":"x"}', 7, None]


async def damage(desk: Desk, column: str, cell: object = "") -> dict[str, Any]:
    """Damage a cell of the lead, or with None take it out, and return the row as it was."""
    whole = desk.row
    row = {name: value for name, value in whole.items() if name != column}
    await desk.memory.leads.upsert(row if cell is None else row | {column: cell})
    return whole


async def check(desk: Desk) -> None:
    await desk.steps.reconciling.check(now=NOON)


@pytest.mark.parametrize("cell", DAMAGE)
async def test_a_lost_history_is_made_again_from_the_inbox(desk: Desk, cell: object) -> None:
    for number, code in enumerate(["INS", "StartTestDrive", "PLT"]):
        await desk.post(body(code=code), event=number, minutes=20 * number)
    await desk.post(body(person(1)), event=9)
    await desk.tick(60)
    (other,) = [row for row in desk.memory.leads.rows if row["FirstName"] == "P1"]
    await desk.memory.leads.delete(other["PartitionKey"], other["RowKey"])
    whole = await damage(desk, "zAppActionHistory", cell)
    await check(desk)
    assert desk.row == whole
    assert desk.memory.rejects.rows == []


@pytest.mark.parametrize("status", ["Contacted", "Qualified", "Disqualified", "DoNotContact"])
@pytest.mark.parametrize("column", ["zAppActionHistory", "zAppDecisions"])
async def test_what_people_decided_outlasts_the_damage(desk: Desk, column: str, status: str) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Status=status, Owner=ANNA, Note="called twice")
    await check(desk)
    await damage(desk, column)
    await check(desk)
    assert [desk.row[cell] for cell in ("Status", "Owner", "Note")] == [status, ANNA, "called twice"]
    await desk.tick(30)
    assert len(desk.outbox.mails) == 1
    await desk.post(body(code="PLT"), event=2, minutes=DAY)
    assert desk.row["Status"] == ("DoNotContact" if status == "DoNotContact" else "New")


@pytest.mark.parametrize("column", ["zAppActionHistory", "zAppDecisions"])
async def test_a_damaged_lead_is_reminded_and_told_nothing_twice(desk: Desk, column: str) -> None:
    await desk.post(body())
    await desk.tick(0)
    await damage(desk, column)
    await desk.tick(5)
    assert len(desk.outbox.mails) == 1
    await damage(desk, column)
    await desk.tick(DAY)
    await desk.tick(DAY + 5)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, SALES]
    assert desk.row["RemindersSent"] == 2


@pytest.mark.parametrize("column", ["zAppActionHistory", "zAppDecisions"])
async def test_a_resting_lead_still_rests_unanswered(desk: Desk, column: str) -> None:
    await desk.post(body())
    for day in (0, 1, 3, 7, 8):
        await desk.tick(day * DAY + 1)
    await damage(desk, column)
    await check(desk)
    assert (desk.row["Status"], "NextReminderAt" in desk.row) == ("New", False)
    await desk.tick(20 * DAY)
    assert len(desk.outbox.mails) == 5
    assert [row["State"] for row in desk.memory.follow_ups.rows] == ["never answered"]


async def test_a_notice_is_not_taken_for_a_persons_decision(desk: Desk) -> None:
    await desk.post(body(code="DNC"))
    await damage(desk, "zAppDecisions")
    await check(desk)
    assert desk.row["Status"] == "DoNotContact"
    await desk.post(body(code="INS"), event=2, minutes=60)
    assert desk.row["Status"] == "New"


async def test_a_lead_that_was_answered_and_opened_anew_is_still_open(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Status="Contacted")
    await check(desk)
    await desk.post(body(code="PLT"), event=2, minutes=60)
    whole = await damage(desk, "zAppActionHistory")
    await check(desk)
    assert (desk.row["Status"], desk.row["WaitingSince"], desk.row["ActionCount"]) == ("New", whole["WaitingSince"], 2)


async def test_what_came_between_the_damage_and_the_check_is_counted_once(desk: Desk) -> None:
    await desk.post(body())
    await damage(desk, "zAppActionHistory")
    for _ in range(2):
        await desk.post(body(code="PLT"), event=2, minutes=60)
    await check(desk)
    assert (desk.row["ActionCount"], desk.row["ActionCode"], desk.row["FirstSeenAt"]) == (2, "PLT", at(0))
    assert '"lost"' not in desk.row["zAppActionHistory"]


def test_a_history_that_is_not_lost_is_not_made_again() -> None:
    lead = fold(None, delivery())
    assert rebuild(lead, [delivery(60, "PLT")]) == lead


async def test_where_the_inbox_holds_nothing_the_default_owner_learns_which_row_it_is(desk: Desk) -> None:
    await desk.post(body(offer="contoso.erp"))
    await desk.tick(0)
    for row in desk.memory.inbox.rows:
        await desk.memory.inbox.delete(row["PartitionKey"], row["RowKey"])
    await damage(desk, "zAppActionHistory")
    for _ in range(2):
        await check(desk)
    (said,) = desk.memory.rejects.rows
    assert (said["Reason"], said["From"], said["Offer"]) == ("damaged-row", "leads", "")
    await desk.tick(DAY)
    await desk.tick(DAY + 5)
    told = [mail for mail in desk.outbox.mails if mail.to == SALES]
    assert len(told) == 1
    assert f"PartitionKey {desk.row['PartitionKey']}, RowKey contoso.erp" in " ".join(told[0].text.split())
    assert "could not be read" not in told[0].text
    assert [mail.to for mail in desk.outbox.mails if mail.to != SALES] == [ANNA, ANNA]


async def test_a_row_without_any_of_our_columns_but_one_is_still_a_lead(desk: Desk) -> None:
    await desk.post(body())
    row = desk.row
    await desk.memory.leads.upsert({name: row[name] for name in ("PartitionKey", "RowKey", "zAppIdentifiedBy")})
    await check(desk)
    assert (desk.row["Email"], desk.row["Status"], desk.row["ActionCount"]) == ("jsmith@northwind.example", "New", 1)
