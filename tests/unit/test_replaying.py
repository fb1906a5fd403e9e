"""What is made again from the notifications that were kept."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.erasures import TableErasureStore
from lead_core.adapters.tables.table import Entity
from lead_core.errors import RowRefusedError
from lead_core.lead.erasure import Erasure
from lead_core.lead.person import Contact
from lead_core.lead.replay import Lack, ReplayChoices
from lead_core.operations.replaying import ReplayPlan
from tests.desk import Desk
from tests.examples import ANNA, JOHN, NOON, at, body, person
from tests.steps import Steps
from tests.weather import CrashError, Exposed

AS_NEW = ReplayChoices(answered_before=NOON - timedelta(days=999))
AS_ANSWERED = ReplayChoices(answered_before=NOON + timedelta(days=999))
DAY = 24 * 60


async def replay(desk: Desk, choices: ReplayChoices = AS_NEW, steps: Steps | None = None) -> ReplayPlan:
    """Compare, and write what differs."""
    replaying = (steps or desk.steps).replaying
    found = await replaying.compare(choices)
    await replaying.write(found, choices)
    return found


async def empty(*tables: MemoryTable) -> None:
    for table in tables:
        for row in table.rows:
            await table.delete(row["PartitionKey"], row["RowKey"])


def lacks(found: ReplayPlan) -> list[Lack]:
    return [each.lack for each in found.differences]


def contents(desk: Desk) -> tuple[list[Entity], list[Entity]]:
    return desk.memory.leads.rows, desk.memory.follow_ups.rows


async def post_some(desk: Desk) -> None:
    """Post leads of several persons: repeats, two offers, a notice, a test lead, out of order."""
    posts = [
        (person(0), "INS", "contoso.crm", 0),
        (person(1), "PLT", "contoso.crm", 50),
        (person(1), "INS", "contoso.crm", 10),
        (person(1), "INS", "contoso.erp", 20),
        (person(2), "DNC", "contoso.crm", 30),
        (replace(person(3), first_name="MSFT_TEST"), "PLT", "contoso.crm", 40),
        (Contact(), "INS", "contoso.crm", 45),
    ]
    for number, (contact, code, offer, minutes) in enumerate(posts, start=1):
        await desk.post(body(contact, code=code, offer=offer), event=number, minutes=minutes)
    await desk.steps.reconciling.check(now=NOON)  # It removes the entries that became stale.


async def test_deleted_tables_are_made_again_as_they_were(desk: Desk) -> None:
    await post_some(desk)
    before = contents(desk)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    found = await replay(desk)
    assert contents(desk) == before
    assert lacks(found) == [Lack.NO_ROW] * 6
    assert (found.counts["notifications"], found.counts["leads"]) == (7, 0)


async def test_running_twice_changes_nothing(desk: Desk) -> None:
    await post_some(desk)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk, AS_ANSWERED)
    before = contents(desk)
    found = await replay(desk, AS_ANSWERED)
    assert lacks(found) == []
    assert contents(desk) == before


async def test_comparing_writes_nothing(desk: Desk) -> None:
    await post_some(desk)
    await empty(desk.memory.leads)
    await desk.memory.follow_ups.upsert({"PartitionKey": "1", "RowKey": "typed by hand"})
    before = contents(desk)
    await desk.steps.replaying.compare(AS_NEW)
    assert contents(desk) == before


async def test_where_nothing_is_wrong_nothing_differs(desk: Desk) -> None:
    await post_some(desk)
    await desk.tick(60)
    await desk.tick(2 * DAY)
    before = contents(desk)
    assert lacks(await replay(desk)) == []
    assert contents(desk) == before


@pytest.mark.parametrize("status", ["Contacted", "Qualified", "Disqualified", "DoNotContact", "tried"])
async def test_what_people_decided_and_were_told_is_kept(desk: Desk, status: str) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Status=status, Owner=ANNA, Note="called twice")
    await desk.steps.reconciling.check(now=NOON)
    before = contents(desk)
    assert lacks(await replay(desk)) == []
    assert contents(desk) == before


async def test_an_edit_that_nobody_has_noticed_yet_is_left_to_the_functions(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Status="Contacted")
    assert lacks(await replay(desk)) == []
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Status"] == "Contacted"


async def test_old_leads_come_back_answered_and_nobody_is_told(desk: Desk) -> None:
    await post_some(desk)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk, AS_ANSWERED)
    rows = [row for row in desk.memory.leads.rows if row["Status"] != "DoNotContact" and not row["IsTest"]]
    assert {row["Status"] for row in rows} == {"Contacted"}
    assert desk.memory.follow_ups.rows == []
    assert (await desk.steps.reminding.tick(now=at(DAY), new_id=lambda: "1"))["sent"] == 0
    assert desk.outbox.mails == []


async def test_nobody_knows_when_a_lead_was_answered_whose_row_was_lost(desk: Desk) -> None:
    await desk.post(body())
    await empty(desk.memory.leads)
    await replay(desk, AS_ANSWERED)
    assert desk.row["ContactedBy"] == ""
    assert "FirstContactedAt" not in desk.row
    assert '"by":"replay"' in desk.row["zAppDecisions"]


async def test_recent_leads_come_back_new_and_their_owner_is_told(desk: Desk) -> None:
    await desk.post(body(person(0)), event=1)
    await desk.post(body(person(1)), event=2, minutes=2 * DAY)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk, ReplayChoices(answered_before=at(DAY)))
    assert {row["FirstName"]: row["Status"] for row in desk.memory.leads.rows} == {"P0": "Contacted", "P1": "New"}
    await desk.tick(2 * DAY)
    (mail,) = desk.outbox.mails
    assert "P1" in mail.text
    assert "P0 Smith" not in mail.text


async def test_who_asked_again_lately_waits_since_then(desk: Desk) -> None:
    await desk.post(body(), event=1)
    await desk.post(body(code="PLT"), event=2, minutes=2 * DAY)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk, ReplayChoices(answered_before=at(DAY)))
    assert (desk.row["Status"], desk.row["WaitingSince"], desk.row["ActionCount"]) == ("New", at(2 * DAY), 2)


async def test_a_lead_of_which_a_row_is_left_gets_what_it_lacks(desk: Desk) -> None:
    await desk.post(body(), event=1)
    alone = desk.row
    await desk.post(body(code="PLT", description="please call"), event=2, minutes=20)
    whole = desk.row
    await desk.memory.leads.upsert(alone)
    found = await replay(desk)
    assert lacks(found) == [Lack.INCOMPLETE]
    assert desk.row == whole


async def test_who_waits_today_does_not_wait_since_what_was_answered_long_ago(desk: Desk) -> None:
    await desk.post(body(), event=1)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await desk.post(body(), event=2, minutes=2 * DAY)
    await replay(desk, ReplayChoices(answered_before=at(DAY)))
    assert (desk.row["Status"], desk.row["WaitingSince"], desk.row["ActionCount"]) == ("New", at(2 * DAY), 2)


async def test_what_was_answered_is_not_opened_by_what_came_before(desk: Desk) -> None:
    desk.memory.leads.clock = lambda: at(60)
    await desk.post(body(), event=1)
    alone = desk.row
    await desk.post(body(code="PLT"), event=2, minutes=20)
    await desk.memory.leads.upsert(alone | {"Status": "Qualified"})
    await desk.steps.reconciling.check(now=NOON)
    await replay(desk)
    assert (desk.row["Status"], desk.row["ActionCount"]) == ("Qualified", 2)
    assert desk.memory.follow_ups.rows == []


async def test_what_came_after_an_answer_counts_as_answered_too_if_it_is_old(desk: Desk) -> None:
    clock = itertools.chain([at(0), at(1), at(2)], itertools.repeat(at(3)))
    desk.memory.leads.clock = lambda: next(clock)
    await desk.post(body(), event=1)
    await desk.edit(Status="Contacted")
    await desk.steps.reconciling.check(now=NOON)
    alone = desk.row
    await desk.post(body(code="PLT"), event=2, minutes=20)
    await desk.memory.leads.upsert(alone)
    await replay(desk, AS_ANSWERED)
    assert (desk.row["Status"], desk.row["ActionCount"]) == ("Contacted", 2)
    await desk.memory.leads.upsert(alone)
    await replay(desk, AS_NEW)
    assert (desk.row["Status"], desk.row["WaitingSince"]) == ("New", at(20))


DAMAGE: list[tuple[str, object]] = [
    ("zAppActionHistory", ""),
    ("zAppActionHistory", "{"),
    ("WaitingSince", "yesterday"),
    ("RemindersSent", "two"),
    ("EmailKey", "typed over"),
    ("Name", "typed over"),
]


@pytest.mark.parametrize(("column", "cell"), DAMAGE)
async def test_a_damaged_row_is_made_again(desk: Desk, column: str, cell: object) -> None:
    await desk.post(body())
    await desk.post(body(code="PLT"), event=2, minutes=20)
    await desk.tick(30)
    whole = desk.row
    await desk.edit(**{column: cell})
    found = await replay(desk)
    assert lacks(found) == [Lack.DAMAGED]
    assert {**desk.row, "Problem": "", "zAppDecisions": ""} == {**whole, "zAppDecisions": ""}
    assert lacks(await replay(desk)) == []


async def test_a_cell_that_people_changed_stays_and_is_named(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Company="Northwind Traders", Phone="")
    before = desk.row
    found = await replay(desk)
    ((_, others),) = found.edited
    assert [(each.name, each.here, each.received) for each in others] == [
        ("phone", "", "+16175555555"),
        ("company", "Northwind Traders", "Northwind"),
    ]
    assert lacks(found) == []
    assert desk.row == before


async def test_a_cell_that_people_changed_is_written_as_received_if_that_is_asked_for(desk: Desk) -> None:
    await desk.post(body())
    whole = desk.row
    await desk.edit(Company="Northwind Traders", Phone="")
    found = await replay(desk, replace(AS_NEW, undoes_edits=True))
    assert (lacks(found), found.edited) == ([Lack.INCOMPLETE], [])
    assert desk.row == whole


async def test_a_row_without_notification_is_kept_and_counted(desk: Desk) -> None:
    await desk.post(body())
    await empty(desk.memory.inbox)
    await desk.memory.leads.upsert({"PartitionKey": "typed", "RowKey": "1", "Name": "Ada Lovelace"})  # Not noticed yet.
    before = contents(desk)
    found = await replay(desk)
    assert contents(desk) == before
    assert (found.counts["leads"], found.counts["without-notification"], lacks(found)) == (2, 2, [])


async def test_a_notification_that_people_edited_beyond_reading_is_counted(desk: Desk) -> None:
    await desk.post(body())
    (row,) = desk.memory.inbox.rows
    await desk.memory.inbox.upsert(row | {"Body": "{"})
    await empty(desk.memory.leads, desk.memory.follow_ups)
    found = await replay(desk)
    assert (found.counts["notifications"], found.counts["unreadable"]) == (1, 1)
    assert contents(desk) == ([], [])


async def test_a_lead_keeps_its_key_even_if_its_person_is_recognised_otherwise_today(desk: Desk) -> None:
    await desk.post(body())
    (row,) = desk.memory.inbox.rows
    await desk.memory.inbox.upsert(row | {"LeadPartition": "f" * 32, "LeadRow": "contoso.old-key"})
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk)
    assert (desk.row["PartitionKey"], desk.row["RowKey"]) == ("f" * 32, "contoso.old-key")


async def test_a_notification_without_a_lead_s_key_is_recognised_as_today(desk: Desk) -> None:
    await desk.post(body())
    before = contents(desk)
    (row,) = desk.memory.inbox.rows
    await desk.memory.inbox.upsert(row | {"LeadPartition": "", "LeadRow": ""})
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk)
    assert contents(desk) == before


async def test_what_a_file_said_of_a_lead_comes_back_with_it(desk: Desk) -> None:
    await desk.post(body())
    (row,) = desk.memory.inbox.rows
    await desk.memory.inbox.upsert(row | {"ImportedAs": "Qualified"})
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk)
    assert desk.row["Status"] == "Qualified"
    assert '"by":"import"' in desk.row["zAppDecisions"]


async def test_more_is_read_out_of_the_same_notification_without_counting_it_twice(desk: Desk) -> None:
    """A version before may have read less. The event is the same."""
    await desk.post(body(replace(JOHN, title="")))
    await desk.edit(Status="Contacted")
    await desk.steps.reconciling.check(now=NOON)
    (row,) = desk.memory.inbox.rows
    await desk.memory.inbox.upsert(row | {"Body": body(code="PLT").decode()})
    found = await replay(desk)
    assert lacks(found) == [Lack.INCOMPLETE]
    assert (desk.row["Title"], desk.row["Status"], desk.row["ActionCount"]) == ("CTO", "Contacted", 1)
    assert lacks(await replay(desk)) == []


async def erase(desk: Desk, minutes: float, *, objects: bool = False) -> None:
    """Note that the person of the first lead was erased."""
    erasures = TableErasureStore(desk.memory.erasures)
    erasure = Erasure(at(minutes), "receipt", objects)
    await erasures.remember([desk.memory.leads.rows[0]["PartitionKey"]], erasure, secret="s")


async def test_who_was_erased_stays_erased(desk: Desk) -> None:
    await desk.post(body())
    await erase(desk, 10)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    found = await replay(desk)
    assert (found.counts["notifications"], found.counts["erased"], lacks(found)) == (1, 1, [])
    assert contents(desk) == ([], [])


async def test_who_was_erased_and_came_again_is_the_later_lead_alone(desk: Desk) -> None:
    await desk.post(body(), event=1)
    await desk.post(body(code="PLT"), event=2, minutes=60)
    await erase(desk, 10)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk)
    assert (desk.row["ActionCount"], desk.row["WaitingSince"]) == (1, at(60))


@pytest.mark.parametrize("choices", [AS_NEW, AS_ANSWERED])
async def test_who_was_erased_and_had_asked_for_no_contact_stays_so(desk: Desk, choices: ReplayChoices) -> None:
    await desk.post(body(code="PLT"), event=2, minutes=60)
    await erase(desk, 10, objects=True)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk, choices)
    assert (desk.row["Status"], desk.memory.follow_ups.rows) == ("DoNotContact", [])
    assert lacks(await replay(desk, choices)) == []


async def test_who_is_erased_while_the_difference_is_shown_stays_erased(desk: Desk) -> None:
    await desk.post(body())
    await erase(desk, -10)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    found = await desk.steps.replaying.compare(AS_NEW)
    (difference,) = found.differences
    await TableErasureStore(desk.memory.erasures).remember(
        [difference.after.key.partition], Erasure(at(10), "r"), secret="s"
    )
    await desk.steps.replaying.write(found, AS_NEW)
    assert contents(desk) == ([], [])


async def test_do_not_contact_on_another_offer_holds_for_a_row_that_was_lost(desk: Desk) -> None:
    for number, offer in enumerate(("contoso.a", "contoso.b"), start=1):
        await desk.post(body(offer=offer), event=number)
    closed, lost = desk.memory.leads.rows
    await desk.memory.leads.upsert(closed | {"Status": "do not contact"})
    await desk.memory.leads.delete(lost["PartitionKey"], lost["RowKey"])
    await replay(desk)
    assert {row["RowKey"]: row["Status"] for row in desk.memory.leads.rows}["contoso.b"] == "DoNotContact"


async def test_the_to_do_list_is_made_again(desk: Desk) -> None:
    for number in range(3):
        await desk.post(body(person(number)), event=number, minutes=number)
    before = contents(desk)
    missing, changed, _ = desk.memory.follow_ups.rows
    await desk.memory.follow_ups.delete(missing["PartitionKey"], missing["RowKey"])
    await desk.memory.follow_ups.upsert(changed | {"Owner": ANNA})
    await desk.memory.follow_ups.upsert(changed | {"RowKey": changed["RowKey"].replace("T12:01:", "T12:59:")})
    gone = changed["RowKey"].rpartition("|")[0] + "|contoso.gone"
    await desk.memory.follow_ups.upsert(changed | {"RowKey": gone})
    found = await replay(desk)
    assert (lacks(found), len(found.stale)) == ([Lack.NOT_LISTED] * 2, 2)
    assert contents(desk) == before


async def test_a_lead_that_was_processed_meanwhile_stays_as_it_is(desk: Desk) -> None:
    await desk.post(body())
    await empty(desk.memory.leads, desk.memory.follow_ups)
    found = await desk.steps.replaying.compare(AS_ANSWERED)
    await desk.post(body())
    before = contents(desk)
    await desk.steps.replaying.write(found, AS_ANSWERED)
    assert contents(desk) == before


async def test_a_lead_that_was_answered_meanwhile_stays_answered(desk: Desk) -> None:
    await desk.post(body(), event=1)
    alone = desk.row
    await desk.post(body(code="PLT"), event=2, minutes=20)
    await desk.memory.leads.upsert(alone)
    found = await desk.steps.replaying.compare(AS_NEW)
    desk.memory.leads.clock = lambda: at(60)
    await desk.edit(Status="Qualified", Note="signed")
    await desk.steps.replaying.write(found, AS_NEW)
    assert (desk.row["Status"], desk.row["Note"], desk.row["ActionCount"]) == ("Qualified", "signed", 2)


async def test_a_message_that_comes_after_its_lead_was_made_again_changes_nothing(desk: Desk) -> None:
    await desk.post(body())
    await empty(desk.memory.leads, desk.memory.follow_ups)
    await replay(desk)
    before = contents(desk)
    await desk.post(body())
    assert contents(desk) == before


async def test_a_race_between_two_replays_gives_the_same(desk: Desk) -> None:
    await post_some(desk)
    before = contents(desk)
    await empty(desk.memory.leads, desk.memory.follow_ups)
    one, other = desk.steps.replaying, desk.steps.replaying
    found = await one.compare(AS_NEW), await other.compare(AS_NEW)
    for replaying, each in zip((one, other), found, strict=True):
        await replaying.write(each, AS_NEW)
    assert contents(desk) == before


async def test_a_row_that_storage_refuses_stops_no_other(desk: Desk) -> None:
    class Full(MemoryTable):
        async def insert(self, row: Entity) -> str | None:
            if row["FirstName"] == "P1":
                raise RowRefusedError("400 EntityTooLarge")
            return await super().insert(row)

    for number in range(3):
        await desk.post(body(person(number)), event=number)
    steps = replace(desk.steps, tables={**desk.steps.tables, "leads": Full()})
    found = await steps.replaying.compare(AS_NEW)
    outcomes = await steps.replaying.write(found, AS_NEW)
    assert outcomes == {"written": 2, "row-refused": 1}


async def spoil(desk: Desk) -> None:
    """Do all that a replay puts right."""
    await post_some(desk)
    await desk.tick(60)
    rows = {(row["FirstName"], row["RowKey"]): row for row in desk.memory.leads.rows}
    lost, damaged, older = rows["P0", "contoso.crm"], rows["P1", "contoso.crm"], rows["P1", "contoso.erp"]
    await desk.memory.leads.delete(lost["PartitionKey"], lost["RowKey"])
    await desk.memory.leads.upsert(damaged | {"zAppActionHistory": ""})
    await desk.post(body(person(1), code="PLT", offer="contoso.erp"), event=99, minutes=70)
    await desk.memory.leads.upsert(older)
    for entry in desk.memory.follow_ups.rows[::2]:
        await desk.memory.follow_ups.delete(entry["PartitionKey"], entry["RowKey"])


def die_after(desk: Desk, calls: int) -> Steps:
    """Return steps whose process ends after so many requests to storage."""
    left = itertools.count(calls, -1)

    async def count_down() -> None:
        if next(left) <= 0:
            raise CrashError

    async def go_on() -> None:
        return

    wrap: Callable[[MemoryTable], Any] = lambda table: Exposed(table, count_down, go_on)  # noqa: E731 -- one line
    return desk.make_steps(wrap)


async def test_a_process_that_ends_at_any_point_leaves_what_the_next_run_completes() -> None:
    undisturbed = Desk()
    await spoil(undisturbed)
    await replay(undisturbed)
    for calls in itertools.count():
        desk = Desk()
        await spoil(desk)
        found = await desk.steps.replaying.compare(AS_NEW)
        is_over = False
        try:
            await die_after(desk, calls).replaying.write(found, AS_NEW)
            is_over = True
        except CrashError:
            await replay(desk)
        assert contents(desk) == contents(undisturbed), calls
        assert lacks(await desk.steps.replaying.compare(AS_NEW)) == []
        if is_over:
            break
    assert calls > 15  # It ended at each of them.


async def test_what_a_replay_asks_of_storage_grows_with_pages_and_with_what_differs(desk: Desk) -> None:
    calls = itertools.count()

    async def count() -> None:
        next(calls)

    async def go_on() -> None:
        return

    for number in range(20):
        await desk.post(body(person(number)), event=number)
    steps = desk.make_steps(lambda table: Exposed(table, count, go_on))
    await steps.replaying.compare(AS_NEW)
    assert next(calls) == 4  # A page of each table that it reads.


async def test_every_row_that_is_read_and_written_moves_the_bar(desk: Desk) -> None:
    moved: list[int] = []
    await post_some(desk)
    row = desk.memory.leads.rows[0]
    await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    found = await desk.steps.replaying.compare(AS_NEW, advance=moved.append)
    assert sum(moved) == 7 + 5
    moved.clear()
    await desk.steps.replaying.write(found, AS_NEW, advance=moved.append)
    assert sum(moved) == len(found.differences)
