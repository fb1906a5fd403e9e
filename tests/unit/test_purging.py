"""What goes once it was kept long enough, what stays, and what happens if the process ends in between."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.table import KeyRange, StoredRow
from lead_core.lead.age import Fate, PurgeRule
from lead_core.lead.retention import Retention
from lead_core.steps import purging
from lead_core.steps.purging import PURGING_LASTS, ROUND_EVERY, WRITTEN_LONG_AGO
from lead_core.steps.reconciling import CHECKING_LASTS
from lead_core.steps.retrying import RETRYING_LASTS
from tests.desk import Desk
from tests.examples import NOON, at, body, person
from tests.steps import Steps
from tests.weather import CrashError, Exposed

A_DAY = 24 * 60
LONG_AGO = -730 * A_DAY
"""In minutes: two years before noon."""
A_YEAR = Retention(months=12)
NOW = NOON + timedelta(days=2)
"""The rows of these tests are written at noon."""
RULE = PurgeRule(A_YEAR.find_start(NOW, UTC))


def new_id() -> str:
    return "f" * 32


@pytest.fixture
def steps(desk: Desk) -> Steps:
    return replace(desk.steps, retention=A_YEAR)


def set_clocks(desk: Desk, minutes: float) -> None:
    """Let what is written from now on be written then."""
    for table in desk.memory.tables.values():
        table.clock = lambda: at(minutes)


async def post(desk: Desk, number: int = 1, *, minutes: float = LONG_AGO, **kwargs: Any) -> None:
    set_clocks(desk, minutes)
    event = len(desk.memory.inbox.rows) + 1
    await desk.post(body(person(number), **kwargs), event=event, minutes=minutes)


async def answer(desk: Desk, number: int = 1, *, minutes: float = LONG_AGO + 60, status: str = "Contacted") -> None:
    """Let a person type an answer into the rows of a person."""
    set_clocks(desk, minutes)
    for row in desk.memory.leads.rows:
        if row["FirstName"] == f"P{number}":
            await desk.memory.leads.upsert(row | {"Status": status})
    await desk.steps.reconciling.check(now=NOON)


async def post_closed(desk: Desk, number: int = 1, *, minutes: float = LONG_AGO, **kwargs: Any) -> None:
    await post(desk, number, minutes=minutes, **kwargs)
    await answer(desk, number, minutes=minutes + 60)


def kept(desk: Desk) -> tuple[set[str], int]:
    """Return whose leads are stored, and how many notifications."""
    return {row["FirstName"] for row in desk.memory.leads.rows}, len(desk.memory.inbox.rows)


async def find_fates(desk: Desk, rule: PurgeRule = RULE) -> dict[Fate, int]:
    pages = [page async for page in desk.steps.purging.find(rule, now=NOW)]
    return {fate: number for page in pages for fate, number in page.by_fate.items()}


async def test_an_old_closed_lead_goes_with_its_notifications(desk: Desk, steps: Steps) -> None:
    await post(desk, 1)
    await post(desk, 1, minutes=LONG_AGO + 30, description="more")
    await answer(desk, 1)
    await post_closed(desk, 2, minutes=-A_DAY)
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"leads": 1, "notifications": 2}
    assert kept(desk) == ({"P2"}, 1)


@pytest.mark.parametrize("minutes", [0, 1])
async def test_the_first_day_that_is_kept_is_kept_whole(desk: Desk, steps: Steps, minutes: int) -> None:
    start = (RULE.keeps_from - at(0)) / timedelta(minutes=1)
    await post_closed(desk, 1, minutes=start - 60 - minutes)
    assert await steps.purging.tick(now=NOW, new_id=new_id) == ({"leads": 1, "notifications": 1} if minutes else {})


async def test_a_new_answer_keeps_a_lead_however_long_ago_it_came(desk: Desk, steps: Steps) -> None:
    await post_closed(desk)
    await answer(desk, minutes=-A_DAY, status="Qualified")
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {}
    assert kept(desk) == ({"P1"}, 1)


async def test_an_edit_that_nobody_noticed_yet_keeps_a_lead(desk: Desk, steps: Steps) -> None:
    await post_closed(desk)
    set_clocks(desk, 0)
    await desk.edit(Status="New")
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {}
    assert kept(desk) == ({"P1"}, 1)


async def test_a_row_that_the_app_wrote_anew_is_no_younger_for_it(desk: Desk, steps: Steps) -> None:
    await post_closed(desk)
    set_clocks(desk, 0)
    await desk.edit()
    assert (await steps.purging.tick(now=NOW, new_id=new_id))["leads"] == 1


async def test_a_new_action_keeps_the_old_notifications_of_its_lead(desk: Desk, steps: Steps) -> None:
    await post_closed(desk)
    await post(desk, minutes=-A_DAY, code="PLT")
    await answer(desk, minutes=-A_DAY + 1)
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {}
    assert kept(desk) == ({"P1"}, 2)


async def test_an_old_lead_that_nobody_answered_stays_unless_it_is_asked_for(desk: Desk) -> None:
    await post(desk)
    assert await find_fates(desk) == {Fate.OPEN: 1}
    pages = [page async for page in desk.steps.purging.find(replace(RULE, open_too=True), now=NOW)]
    gone = [await desk.steps.purging.remove(page, new_id=new_id) for page in pages]
    assert gone == [{"leads": 1, "notifications": 1}]
    assert desk.memory.follow_ups.rows == []


async def test_a_planned_follow_up_keeps_its_lead(desk: Desk, steps: Steps) -> None:
    await post_closed(desk)
    set_clocks(desk, LONG_AGO + 90)
    await desk.edit(SnoozedUntil=at(LONG_AGO + 10 * A_DAY))
    await desk.steps.reconciling.check(now=NOON)
    assert len(desk.memory.follow_ups.rows) == 1
    assert await find_fates(desk) == {Fate.OPEN: 1}


async def test_an_old_test_lead_goes_although_nobody_answered_it(desk: Desk, steps: Steps) -> None:
    set_clocks(desk, LONG_AGO)
    await desk.post(body(replace(person(1), first_name="MSFT_TEST_P1")), minutes=LONG_AGO)
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"leads": 1, "notifications": 1, "test-leads": 1}
    assert [row["RowKey"] for row in desk.memory.digests.rows] == ["purge"]


async def test_the_last_offer_that_is_worked_with_keeps_an_objection_on_the_others(desk: Desk) -> None:
    await post(desk, 1)
    await post(desk, 1, offer="contoso.erp", minutes=-A_DAY)
    await answer(desk, 1, minutes=LONG_AGO + 60, status="DoNotContact")
    await answer(desk, 1, minutes=-A_DAY, status="DoNotContact")
    assert await find_fates(desk) == {Fate.RECENT: 2}


async def test_an_objection_outlives_its_person(desk: Desk, steps: Steps) -> None:
    await post(desk, 1)
    await post(desk, 1, offer="contoso.erp")
    await answer(desk, 1, status="DoNotContact")
    assert await find_fates(desk) == {Fate.OBJECTED: 2}
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"objections": 1, "leads": 2, "notifications": 2}
    assert kept(desk) == (set(), 0)
    assert person(1).email not in f"{desk.memory.tables['erasures'].rows}"
    await post(desk, 1, minutes=2 * A_DAY, code="PLT")
    assert desk.row["Status"] == "DoNotContact"
    assert desk.memory.follow_ups.rows == []
    await steps.reconciling.check(now=NOON)
    assert desk.row["Status"] == "DoNotContact"


async def test_a_person_who_acts_while_their_objection_is_kept_loses_nothing(desk: Desk, steps: Steps) -> None:
    await post(desk, 1)
    await answer(desk, 1, status="DoNotContact")
    (page,) = [page async for page in steps.purging.find(RULE, now=NOW)]
    await answer(desk, 1, minutes=2 * A_DAY, status="Contacted")
    assert await steps.purging.remove(page, new_id=new_id) == {"objections": 1, "notifications": 1, "leads": 0}
    await steps.reconciling.check(now=NOON)
    assert desk.row["Status"] == "Contacted"
    await post(desk, 1, offer="contoso.erp", minutes=2 * A_DAY + 5)
    assert {row["RowKey"]: row["Status"] for row in desk.memory.leads.rows}["contoso.erp"] == "New"


async def test_who_objected_and_comes_again_on_another_offer_meanwhile_is_not_told_about(
    desk: Desk, steps: Steps
) -> None:
    await post(desk, 1)
    await answer(desk, 1, status="DoNotContact")
    (page,) = [page async for page in steps.purging.find(RULE, now=NOW)]
    await post(desk, 1, offer="contoso.erp", minutes=2 * A_DAY, code="PLT")
    assert await steps.purging.remove(page, new_id=new_id) == {"objections": 1}
    await desk.tick(2 * A_DAY + 5)
    assert desk.outbox.mails == []
    assert {row["Status"] for row in desk.memory.leads.rows} == {"DoNotContact"}


async def test_what_was_stored_before_anybody_could_know_of_the_objection_is_closed_by_the_check(
    desk: Desk, steps: Steps
) -> None:
    await post(desk, 1)
    await answer(desk, 1, status="DoNotContact")
    await steps.purging.tick(now=NOW, new_id=new_id)
    erasures = desk.memory.tables["erasures"]
    written = erasures.rows
    for row in written:
        await erasures.delete(row["PartitionKey"], row["RowKey"])
    await post(desk, 1, minutes=2 * A_DAY, code="PLT")
    for row in written:
        await erasures.upsert(row)
    await steps.reconciling.check(now=NOON)
    assert (desk.row["Status"], desk.memory.follow_ups.rows) == ("DoNotContact", [])
    before = desk.row
    await steps.reconciling.check(now=NOON)
    assert desk.row == before


async def test_an_objection_that_was_lifted_in_time_is_none(desk: Desk, steps: Steps) -> None:
    await post(desk, 1)
    await answer(desk, 1, status="DoNotContact")
    await answer(desk, 1, minutes=LONG_AGO + 90, status="Contacted")
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"leads": 1, "notifications": 1}
    assert desk.memory.tables["erasures"].rows == []


async def test_an_objection_that_was_said_again_after_it_was_lifted_outlives_its_person(
    desk: Desk, steps: Steps
) -> None:
    """Even if the hourly check comes between the objection and its leads."""
    await post(desk, 1)
    for minutes, status in enumerate(("DoNotContact", "Contacted", "DoNotContact"), start=60):
        await answer(desk, 1, minutes=LONG_AGO + minutes, status=status)
    (page,) = [page async for page in steps.purging.find(RULE, now=NOW)]
    await steps.purging.remove(replace(page, notifications=[], leads=[]), new_id=new_id)
    await steps.reconciling.check(now=NOON)
    await steps.purging.remove(replace(page, objections=[]), new_id=new_id)
    assert kept(desk) == (set(), 0)
    await post(desk, 1, minutes=2 * A_DAY, code="PLT")
    assert desk.row["Status"] == "DoNotContact"


async def test_an_objection_that_outlived_its_person_can_be_lifted(desk: Desk, steps: Steps) -> None:
    await post(desk, 1)
    await answer(desk, 1, status="DoNotContact")
    await steps.purging.tick(now=NOW, new_id=new_id)
    await post(desk, 1, minutes=2 * A_DAY)
    await answer(desk, 1, minutes=2 * A_DAY + 5, status="Contacted")
    await post(desk, 1, minutes=2 * A_DAY + 10, offer="contoso.erp")
    assert {row["RowKey"]: row["Status"] for row in desk.memory.leads.rows}["contoso.erp"] == "New"


async def test_a_row_typed_by_hand_that_objects_is_remembered_as_its_person(desk: Desk, steps: Steps) -> None:
    set_clocks(desk, LONG_AGO)
    row = {"PartitionKey": "mine", "RowKey": "a", "Email": person(1).email, "Name": "P1 Smith"}
    await desk.memory.leads.upsert(row | {"Status": "DoNotContact"})
    await desk.steps.reconciling.check(now=NOON)
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"objections": 1, "leads": 1}
    await post(desk, 1, minutes=2 * A_DAY)
    assert desk.row["Status"] == "DoNotContact"


async def test_a_mere_notice_of_the_marketplace_is_no_objection(desk: Desk, steps: Steps) -> None:
    await post(desk, 1, code="DNC")
    assert (await steps.purging.tick(now=NOW, new_id=new_id))["leads"] == 1


async def test_a_lead_whose_history_is_lost_stays_until_it_is_made_again(desk: Desk, steps: Steps) -> None:
    await post_closed(desk)
    await desk.edit(zAppActionHistory="?")
    assert await find_fates(desk) == {Fate.DAMAGED: 1}
    await desk.steps.reconciling.check(now=NOON)
    assert (await steps.purging.tick(now=NOW, new_id=new_id))["leads"] == 1


async def test_a_row_typed_by_hand_goes_alone(desk: Desk, steps: Steps) -> None:
    set_clocks(desk, LONG_AGO)
    for key, status in (("a", "Contacted"), ("b", "New")):
        row = {"PartitionKey": "mine", "RowKey": key, "Email": f"{key}@northwind.example", "Status": status}
        await desk.memory.leads.upsert(row)
    await desk.steps.reconciling.check(now=NOON)
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"leads": 1}
    assert [row["RowKey"] for row in desk.memory.leads.rows] == ["b"]


async def test_old_notifications_of_a_lead_that_is_gone_go_too(desk: Desk, steps: Steps) -> None:
    await post(desk, 1)
    await post(desk, 2, minutes=-A_DAY)
    for row in desk.memory.leads.rows:
        await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"notifications": 1}
    assert [row["EmailKey"] for row in desk.memory.inbox.rows] == [person(2).email]


async def test_a_notification_whose_lead_may_be_on_its_way_stays(desk: Desk, steps: Steps) -> None:
    """It was received long ago and comes now, such as a rejected lead that is retried."""
    await post(desk, 1)
    (row,), (lead,) = desk.memory.inbox.rows, desk.memory.leads.rows
    desk.memory.inbox.clock = lambda: NOW - WRITTEN_LONG_AGO + timedelta(seconds=1)
    await desk.memory.inbox.upsert(row)
    await desk.memory.leads.delete(lead["PartitionKey"], lead["RowKey"])
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {}
    assert len(desk.memory.inbox.rows) == 1


async def test_rows_of_other_software_in_the_inbox_stay(desk: Desk, steps: Steps) -> None:
    """A table of Microsoft's own Azure Table destination has the same columns, and no keys of our leads."""
    set_clocks(desk, LONG_AGO)
    await desk.memory.inbox.upsert({"PartitionKey": "1", "RowKey": "x", "CustomerInfo": "{}"})
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {}


async def test_an_old_rejected_lead_goes_unless_it_is_to_be_retried(desk: Desk, steps: Steps) -> None:
    for event, minutes in ((1, LONG_AGO), (2, LONG_AGO), (3, -A_DAY)):
        await desk.post(b"?", event=event, minutes=minutes)
    wanted = desk.memory.rejects.rows[1]
    await desk.memory.rejects.upsert(wanted | {"Retry": "yes"})
    assert await steps.purging.tick(now=NOW, new_id=new_id) == {"rejected": 1}
    assert len(desk.memory.rejects.rows) == 2


async def test_nothing_goes_without_the_setting(desk: Desk) -> None:
    await post_closed(desk)
    assert await desk.steps.purging.tick(now=NOW, new_id=new_id) == {}
    assert kept(desk) == ({"P1"}, 1)
    assert desk.memory.digests.rows == []


async def test_a_round_a_day_is_enough(desk: Desk, steps: Steps) -> None:
    await steps.purging.tick(now=NOW, new_id=new_id)
    await post_closed(desk)
    assert await steps.purging.tick(now=NOW + ROUND_EVERY - timedelta(seconds=1), new_id=new_id) == {}
    assert await steps.purging.tick(now=NOW + ROUND_EVERY, new_id=new_id) == {"leads": 1, "notifications": 1}


async def test_a_round_that_seems_to_be_finished_tomorrow_does_not_count(desk: Desk, steps: Steps) -> None:
    await steps.purging.tick(now=NOW + timedelta(days=30), new_id=new_id)
    await post_closed(desk)
    assert (await steps.purging.tick(now=NOW, new_id=new_id))["leads"] == 1


async def test_many_leads_go_page_by_page_and_a_run_goes_on_where_the_last_stopped(
    desk: Desk, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "MAX_GOING_PER_PAGE", 2)
    for number in range(7):
        await post_closed(desk, number)
    seconds = 0.0

    def passing() -> float:
        nonlocal seconds
        seconds += PURGING_LASTS.total_seconds() / 8
        return seconds

    slow = replace(steps, clock=passing)
    runs: list[Counter[str]] = []
    while not runs or "unfinished" in runs[-1]:
        runs.append(await slow.purging.tick(now=NOW, new_id=new_id))
    assert 1 < len(runs) < 8
    assert sum(runs[1:], runs[0])["leads"] == 7
    assert kept(desk) == (set(), 0)


async def test_a_slow_run_removes_something_each_time(desk: Desk, steps: Steps) -> None:
    for number in range(3):
        await post_closed(desk, number)
    seconds = iter(range(0, 10**6, int(PURGING_LASTS.total_seconds()) - 1))
    slow = replace(steps, clock=lambda: next(seconds))
    assert await slow.purging.tick(now=NOW, new_id=new_id) == {"notifications": 1, "unfinished": 1}


async def test_a_lead_that_changes_meanwhile_stays(desk: Desk, steps: Steps) -> None:
    await post_closed(desk)
    (page,) = [page async for page in steps.purging.find(RULE, now=NOW)]
    await post(desk, minutes=2 * A_DAY, code="PLT")
    assert await steps.purging.remove(page, new_id=new_id) == {"leads": 0, "notifications": 1}
    assert kept(desk) == ({"P1"}, 1)
    assert desk.row["Status"] == "New"


@pytest.mark.parametrize("crashes_at", range(1, 20))
async def test_a_process_may_end_anywhere(desk: Desk, crashes_at: int) -> None:
    """A lead never goes before its notifications, and the next run removes what is left."""
    await post_closed(desk, 1)
    await post(desk, 2)
    await answer(desk, 2, status="DoNotContact")
    await post_closed(desk, 3, minutes=-A_DAY)
    calls = 0

    async def fall() -> None:
        nonlocal calls
        calls += 1
        if calls == crashes_at:
            raise CrashError

    async def go_on() -> None:
        pass

    falling = replace(desk.make_steps(lambda table: Exposed(table, fall, go_on)), retention=A_YEAR)
    try:
        await falling.purging.tick(now=NOW, new_id=new_id)
    except CrashError:
        leads = {row["PartitionKey"] for row in desk.memory.leads.rows}
        assert {row["LeadPartition"] for row in desk.memory.inbox.rows} <= leads
    await replace(desk.steps, retention=A_YEAR).purging.tick(now=NOW + ROUND_EVERY, new_id=new_id)
    assert kept(desk) == ({"P3"}, 1)
    await post(desk, 2, minutes=2 * A_DAY)
    assert {row["FirstName"]: row["Status"] for row in desk.memory.leads.rows}["P2"] == "DoNotContact"


class Counted(MemoryTable):
    """A table that counts what is asked of it."""

    def __init__(self, table: MemoryTable) -> None:
        super().__init__(table.clock)
        self._rows, self.asked = table._rows, 0

    async def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
        self.asked += 1
        async for row in super().query(keys, columns):
            yield row

    async def get(self, partition: str, row: str) -> StoredRow | None:
        self.asked += 1
        return await super().get(partition, row)


async def test_a_round_asks_each_table_once_however_many_leads_stay(desk: Desk) -> None:
    for number in range(30):
        await post_closed(desk, number, minutes=-A_DAY)
    steps = replace(desk.make_steps(Counted), retention=A_YEAR)
    await steps.purging.tick(now=NOW, new_id=new_id)
    assert {name: table.asked for name, table in steps.tables.items()} == {
        "inbox": 1, "leads": 1, "follow_ups": 0, "digests": 2, "rejects": 1, "erasures": 0, "reports": 0,
    }  # fmt: skip
    await steps.purging.tick(now=NOW + timedelta(hours=1), new_id=new_id)
    assert steps.tables["digests"].asked == 3
    assert steps.tables["leads"].asked == 1


def test_the_host_ends_no_run_of_the_check() -> None:
    host = json.loads((Path(__file__).parents[2] / "host.json").read_text(encoding="utf-8"))
    hours, minutes, seconds = map(int, host["functionTimeout"].split(":"))
    limit = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert limit > CHECKING_LASTS + RETRYING_LASTS + PURGING_LASTS
