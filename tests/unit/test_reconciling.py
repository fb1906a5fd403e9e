"""What the hourly check corrects."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.table import Entity
from lead_core.errors import RowRefusedError
from lead_core.lead.owners import Owners
from lead_core.lead.problems import LIST_EDITED, NO_ENTRY
from lead_core.lead.values import format_time
from lead_core.steps.reconciling import CHECKING_LASTS, PEOPLE_AT_A_TIME
from lead_core.steps.retrying import RETRYING_LASTS
from lead_core.steps.sending import CLAIMS_LAST
from tests.desk import Desk
from tests.examples import ANNA, NOON, SALES, body, person
from tests.steps import Steps
from tests.to_do_list import EntryKey, entries_asked_for
from tests.weather import Exposed


async def test_the_check_notices_edits_and_corrects_the_list(desk: Desk) -> None:
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
    outcomes = await checking.check(now=NOON)
    assert (outcomes["checked"], outcomes["edited"], outcomes["missing-entry"]) == (3, 1, 1)
    assert outcomes["stale-entry"] == 2  # P0 is answered, P3 is erased
    assert outcomes["moved-entry"] == 1  # P2's
    due = entries_asked_for(desk.memory.leads.rows)
    assert list_entries(desk) == due | {("2026-11-22T12", "typed by hand")}
    again = await checking.check(now=NOON)
    assert again == {"checked": 2 + 1, "resting": 0, "uncounted": 0}


def list_entries(desk: Desk) -> set[EntryKey]:
    return {(row["PartitionKey"], row["RowKey"]) for row in desk.memory.follow_ups.rows}


async def test_the_check_lists_the_unanswered_leads_of_the_version_before(desk: Desk) -> None:
    await fill(desk, 9)
    await desk.steps.reconciling.check(now=NOON)
    for entry in desk.memory.follow_ups.rows:
        await desk.memory.follow_ups.delete(entry["PartitionKey"], entry["RowKey"])
    outcomes = await desk.steps.reconciling.check(now=NOON)
    assert (outcomes["missing-entry"], outcomes["resting"]) == (9, 3)
    assert [row["State"] for row in desk.memory.follow_ups.rows] == ["never answered"] * 3 + ["new"] * 6


OF_THE_VERSION_BEFORE = {
    "PartitionKey",
    "RowKey",
    "Name",
    "Company",
    "OfferTitle",
    "ActionCode",
    "Owner",
    "WaitingSince",
}


async def test_the_check_writes_the_entries_of_the_version_before_anew(desk: Desk) -> None:
    await desk.post(body())
    (entry,) = desk.memory.follow_ups.rows
    before = {name: entry[name] for name in entry if name in OF_THE_VERSION_BEFORE}
    await desk.memory.follow_ups.upsert(before)
    assert (await desk.steps.reconciling.check(now=NOON))["outdated-entry"] == 1
    assert desk.memory.follow_ups.rows == [entry]
    assert (await desk.steps.reconciling.check(now=NOON))["outdated-entry"] == 0


async def test_a_lead_set_back_to_new_gets_its_turn(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Status="Contacted")
    checking = desk.steps.reconciling
    await checking.check(now=NOON)
    assert desk.memory.follow_ups.rows == []
    await desk.edit(Status="New")
    await checking.check(now=NOON)
    assert len(desk.memory.follow_ups.rows) == 1


@pytest.mark.parametrize("offers", [("contoso.a", "contoso.b"), ("contoso.b", "contoso.a")])
async def test_one_check_spreads_do_not_contact_over_all_offers(desk: Desk, offers: tuple[str, str]) -> None:
    for number, offer in enumerate(offers):
        await desk.post(body(offer=offer), event=number)
    closed = next(row for row in desk.memory.leads.rows if row["RowKey"] == offers[0])
    await desk.memory.leads.upsert(closed | {"Status": "do not contact"})
    await desk.steps.reconciling.check(now=NOON)
    assert {row["Status"] for row in desk.memory.leads.rows} == {"DoNotContact"}
    assert desk.memory.follow_ups.rows == []


async def test_an_owner_edited_in_the_grid_is_recorded_and_the_new_one_is_told(desk: Desk) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Owner=ANNA)
    await desk.steps.reconciling.check(now=NOON)
    for minutes in (5, 10):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]
    assert '"by":"grid"' in desk.row["zAppDecisions"]


async def test_what_a_setting_changes_counts_as_nobodys_edit(desk: Desk) -> None:
    for number in range(3):
        await desk.post(body(person(number)), event=number)
        await desk.tick(0)
    with_anna = replace(desk.steps, policy=replace(desk.policy, owners=Owners.parse(ANNA)))
    outcomes = await with_anna.reconciling.check(now=NOON)
    assert (outcomes["edited"], outcomes["updated"], outcomes["moved-entry"], outcomes["stale-entry"]) == (0, 3, 3, 0)


async def test_a_broken_owners_setting_leaves_the_owner_cells_alone(desk: Desk) -> None:
    await desk.post(body())
    await replace(desk.steps, policy=replace(desk.policy, owners=Owners())).reconciling.check(now=NOON)
    assert desk.row["Owner"] == SALES


def hurry(desk: Desk) -> Steps:
    """Return steps whose time is over once they have begun to read leads."""
    seconds = 0.0

    async def let_time_pass() -> None:
        nonlocal seconds
        seconds += 2 * CHECKING_LASTS.total_seconds()

    async def do_nothing() -> None:
        return

    leads = Exposed(desk.memory.leads, let_time_pass, do_nothing)
    return replace(desk.steps, tables={**desk.steps.tables, "leads": leads}, clock=lambda: seconds)


async def fill(desk: Desk, count: int) -> None:
    """Store leads, a third of them resting, and leave the to-do list empty but for a stale entry."""
    for number in range(count):
        await desk.post(body(person(number)), event=number)
    for number, row in enumerate(desk.memory.leads.rows):
        if number % 3 == 0:
            rests = replace(lead_from_row(row), reminders_sent=4, next_reminder_at=None)
            await desk.memory.leads.upsert(lead_to_row(rests, row))
    for entry in desk.memory.follow_ups.rows:
        await desk.memory.follow_ups.delete(entry["PartitionKey"], entry["RowKey"])
    stale = {"PartitionKey": "2026-11-22T12", "RowKey": f"{format_time(NOON)}|~|contoso.gone"}  # the last person
    await desk.memory.follow_ups.upsert(stale)


def progress(desk: Desk) -> str:
    """Return where the next run goes on."""
    (row,) = [row for row in desk.memory.digests.rows if row["RowKey"] == "leads"]
    return str(row["After"])


async def test_a_run_out_of_time_stops_and_the_next_goes_on_there(desk: Desk) -> None:
    count = 2 * PEOPLE_AT_A_TIME + 30
    await fill(desk, count)
    hasty = hurry(desk).reconciling
    partitions = [row["PartitionKey"] for row in desk.memory.leads.rows]
    for run in (1, 2):
        outcomes = await hasty.check(now=NOON)
        assert (outcomes["checked"], outcomes["unfinished"]) == (PEOPLE_AT_A_TIME, 1)
        assert progress(desk) == partitions[run * PEOPLE_AT_A_TIME - 1]
    outcomes = await hasty.check(now=NOON)
    assert (outcomes["checked"], outcomes["stale-entry"], outcomes["unfinished"]) == (30, 1, 0)
    assert progress(desk) == ""
    assert list_entries(desk) == entries_asked_for(desk.memory.leads.rows)


async def test_where_a_run_goes_on_may_be_gone_and_others_may_have_come(desk: Desk) -> None:
    await fill(desk, 2 * PEOPLE_AT_A_TIME)
    hasty = hurry(desk).reconciling
    await hasty.check(now=NOON)
    for row in desk.memory.leads.rows:
        if row["PartitionKey"] == progress(desk):
            await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    for number in range(50):
        await desk.post(body(person(1_000 + number)), event=1_000 + number)
    while progress(desk):
        await hasty.check(now=NOON)
    await hasty.check(now=NOON)
    while progress(desk):
        await hasty.check(now=NOON)
    outcomes = await desk.steps.reconciling.check(now=NOON)
    assert (outcomes["checked"], outcomes["missing-entry"]) == (2 * PEOPLE_AT_A_TIME + 49, 0)


async def test_few_leads_are_one_run_that_notes_nothing(desk: Desk) -> None:
    await fill(desk, 10)
    outcomes = await hurry(desk).reconciling.check(now=NOON)
    assert (outcomes["checked"], outcomes["unfinished"], outcomes["resting"]) == (10, 0, 4)
    assert desk.memory.digests.rows == []


@pytest.mark.parametrize("damage", [{"After": ""}, {"After": None}, {"After": 7, "Resting": 7}, {"After": "~"}])
async def test_a_damaged_note_of_the_place_costs_at_most_one_round(desk: Desk, damage: dict[str, object]) -> None:
    await fill(desk, 9)
    await desk.memory.digests.upsert({"PartitionKey": "checks", "RowKey": "leads", "After": "5"} | damage)
    for _ in range(2):
        await desk.steps.reconciling.check(now=NOON)
    assert not progress(desk) or damage.get("After") in {"", None}
    assert list_entries(desk) == entries_asked_for(desk.memory.leads.rows)


async def test_a_lead_whose_row_storage_refuses_stops_no_other(desk: Desk) -> None:
    class Full(MemoryTable):
        async def replace(self, row: Entity, etag: str) -> str | None:
            if row["FirstName"] == "P1":
                raise RowRefusedError("400 EntityTooLarge")
            return await super().replace(row, etag)

    for number in range(3):
        await desk.post(body(person(number)), event=number)
    full = Full()
    for row in desk.memory.leads.rows:
        await full.upsert(row | {"Status": "contacted"})
    outcomes = await replace(desk.steps, tables={**desk.steps.tables, "leads": full}).reconciling.check(now=NOON)
    assert (outcomes["row-refused"] > 0, outcomes["edited"]) == (True, 2)


def test_every_run_ends_before_the_host_ends_it() -> None:
    host = json.loads((Path(__file__).parents[2] / "host.json").read_text("utf-8"))
    hours, minutes, seconds = map(int, host["functionTimeout"].split(":"))
    limit = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert CHECKING_LASTS + RETRYING_LASTS < limit < CLAIMS_LAST


@pytest.mark.parametrize(
    "edit",
    [
        {"Owner": ANNA},
        {"Company": ""},
        {"Done": True},
        {"WaitingSince": "yesterday"},
        {"WaitingSince": datetime(1601, 1, 1, tzinfo=UTC)},
        {"WaitingSince": datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-8)))},
    ],
)
async def test_an_edit_of_the_to_do_list_is_undone_and_said(desk: Desk, edit: Entity) -> None:
    await desk.post(body())
    (entry,) = desk.memory.follow_ups.rows
    await desk.memory.follow_ups.upsert(entry | edit)
    assert (await desk.steps.reconciling.check(now=NOON))["edited-entry"] == 1
    (row,) = desk.memory.follow_ups.rows
    assert row == entry | {"Problem": LIST_EDITED}
    assert (await desk.steps.reconciling.check(now=NOON))["edited-entry"] == 0
    assert desk.memory.follow_ups.rows == [row]
    await desk.edit(Owner=ANNA)
    await desk.steps.reconciling.check(now=NOON)
    assert [each["Problem"] for each in desk.memory.follow_ups.rows] == [""]


async def test_an_entry_of_the_version_before_is_no_edit(desk: Desk) -> None:
    await desk.post(body())
    (entry,) = desk.memory.follow_ups.rows
    old = {column: cell for column, cell in entry.items() if column not in {"Problem", "zAppWritten"}}
    await desk.memory.follow_ups.upsert(old)
    await desk.steps.reconciling.check(now=NOON)
    assert desk.memory.follow_ups.rows == [old]


async def test_a_row_that_was_typed_into_the_to_do_list_says_where_leads_are_typed(desk: Desk) -> None:
    await desk.memory.follow_ups.upsert({"PartitionKey": "1", "RowKey": "1", "Name": "Ada"})
    await desk.steps.reconciling.check(now=NOON)
    (row,) = desk.memory.follow_ups.rows
    assert (row["Name"], row["Problem"]) == ("Ada", NO_ENTRY)
    version = await desk.memory.follow_ups.get("1", "1")
    await desk.steps.reconciling.check(now=NOON)
    assert await desk.memory.follow_ups.get("1", "1") == version


async def test_a_row_that_only_the_version_before_used_goes(desk: Desk) -> None:
    await desk.memory.digests.upsert({"PartitionKey": "checks", "RowKey": "resting", "Leads": "[]"})
    await desk.memory.digests.upsert({"PartitionKey": "checks", "RowKey": "mails-not-sent"})
    await desk.steps.reconciling.check(now=NOON)
    assert [row["RowKey"] for row in desk.memory.digests.rows] == ["mails-not-sent"]


@pytest.mark.parametrize("status", ["Contacted", "Qualified", "New", ""])
async def test_a_row_that_is_typed_for_a_closed_person_is_closed_as_well(desk: Desk, status: str) -> None:
    await desk.post(body())
    await desk.edit(Status="do not contact")
    await desk.steps.reconciling.check(now=NOON)
    typed = {"PartitionKey": desk.row["PartitionKey"], "RowKey": "contoso.erp", "FirstName": "John", "Status": status}
    await desk.memory.leads.upsert(typed)
    await desk.steps.reconciling.check(now=NOON)
    assert {row["Status"] for row in desk.memory.leads.rows} == {"DoNotContact"}
