"""What the hourly check corrects."""

from dataclasses import replace

import pytest

from lead_core.lead.owners import Owners
from tests.desk import Desk
from tests.examples import ANNA, SALES, body, person
from tests.to_do_list import entries_asked_for


async def test_the_check_notices_edits_corrects_the_list_and_counts_what_rests(desk: Desk) -> None:
    for number in range(4):
        await desk.post(body(person(number)), event=number, minutes=number)
    rows = {row["FirstName"]: row for row in desk.memory.leads.rows}
    entries = desk.memory.follow_ups.rows
    await desk.memory.leads.upsert(rows["P0"] | {"Status": "contacted"})
    await desk.memory.follow_ups.delete(entries[1]["PartitionKey"], entries[1]["RowKey"])
    stale = entries[2]["RowKey"].replace("T12:02:", "T12:59:")
    await desk.memory.follow_ups.upsert(entries[2] | {"RowKey": stale})
    await desk.memory.follow_ups.upsert({"PartitionKey": "2026-11-22T12", "RowKey": "typed by hand"})
    await desk.memory.leads.delete(rows["P3"]["PartitionKey"], rows["P3"]["RowKey"])
    checking = desk.steps.reconciling
    outcomes = await checking.check()
    assert (outcomes["checked"], outcomes["edited"], outcomes["missing-entry"]) == (3, 1, 1)
    assert outcomes["stale-entry"] == 3  # P0 is answered, P2's was moved, P3 is erased
    due = entries_asked_for(desk.memory.leads.rows)
    assert {row["RowKey"] for row in desk.memory.follow_ups.rows} == due | {"typed by hand"}
    again = await checking.check()
    assert again == {"checked": 2 + 1, "edited": 0, "resting": 0}


async def test_a_lead_set_back_to_new_gets_its_turn(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Status="Contacted")
    checking = desk.steps.reconciling
    await checking.check()
    assert desk.memory.follow_ups.rows == []
    await desk.edit(Status="New")
    await checking.check()
    assert len(desk.memory.follow_ups.rows) == 1


@pytest.mark.parametrize("offers", [("contoso.a", "contoso.b"), ("contoso.b", "contoso.a")])
async def test_one_check_spreads_do_not_contact_over_all_offers(desk: Desk, offers: tuple[str, str]) -> None:
    for number, offer in enumerate(offers):
        await desk.post(body(offer=offer), event=number)
    closed = next(row for row in desk.memory.leads.rows if row["RowKey"] == offers[0])
    await desk.memory.leads.upsert(closed | {"Status": "do not contact"})
    await desk.steps.reconciling.check()
    assert {row["Status"] for row in desk.memory.leads.rows} == {"DoNotContact"}
    assert desk.memory.follow_ups.rows == []


async def test_an_owner_edited_in_the_grid_is_recorded_and_the_new_one_is_told(desk: Desk) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Owner=ANNA)
    await desk.steps.reconciling.check()
    for minutes in (5, 10):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]
    assert '"by":"grid"' in desk.row["Decisions"]


async def test_a_broken_owners_setting_leaves_the_owner_cells_alone(desk: Desk) -> None:
    await desk.post(body())
    await replace(desk.steps, policy=replace(desk.policy, owners=Owners())).reconciling.check()
    assert desk.row["Owner"] == SALES
