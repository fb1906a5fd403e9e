"""The figures that the hourly check adds up: the same wherever its round is cut, resumed, repeated or run twice."""

import asyncio
import copy
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.leads import lead_to_row
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow
from lead_core.errors import LeadError, RowRefusedError, StorageUnavailableError
from lead_core.lead.lead import Lead
from lead_core.lead.report import Period, make_report
from lead_core.lead.retention import Retention
from lead_core.lead.weeks import Week
from lead_core.steps.reconciling import CHECKING_LASTS, Reconciling
from tests.steps import TABLES, Steps
from tests.weather import CrashError, Exposed
from tests.year import BERLIN, END, POLICY, expected, simulate

LEADS = 15
AT_A_TIME = 4
A_YEAR_OLD = 30
A_MONTH = Retention.parse("30d")


class Office:
    """The check in memory, on made-up leads of a year."""

    def __init__(self) -> None:
        self.now = END
        self.tables = {name: MemoryTable(lambda: self.now) for name in TABLES}

    async def fill(self, leads: Iterable[Lead]) -> "Office":
        """Store leads with their entries on the to-do list, as they stand after a check."""
        for row in map(lead_to_row, leads):
            await self.tables["leads"].upsert(row)
        await self.check()
        for row in (*self.reports, *self.tables["digests"].rows):
            for name in ("reports", "digests"):
                await self.tables[name].delete(row["PartitionKey"], row["RowKey"])
        return self

    def copy(self) -> "Office":
        other = copy.deepcopy(self)
        for table in other.tables.values():
            table.clock = lambda: other.now
        return other

    def make(self, wrap: Callable[[Any], Any] = lambda table: table, **others: Any) -> Reconciling:
        """Return the check on the same rows, each table in something."""
        tables = {name: wrap(table) for name, table in self.tables.items()}
        return replace(Steps(tables, policy=POLICY, escalate_to="").reconciling, at_a_time=AT_A_TIME, **others)

    async def check(self, *, looks: int = 1_000_000, wrap: Callable[[Any], Any] = lambda table: table) -> Counter[str]:
        """Check until the run has looked at its clock so many times: for each entry it lists and each batch."""
        ticks = itertools.count(-1)

        def clock() -> float:
            return CHECKING_LASTS.total_seconds() if next(ticks) >= looks else 0.0

        return await self.make(wrap, clock=clock).check(now=self.now)

    async def finish(self) -> None:
        """Check until a round is complete, an hour later each time."""
        while (await self.check())["unfinished"]:
            self.now += timedelta(hours=1)

    @property
    def half(self) -> int:
        """How often a run looks at its clock until it has checked two batches."""
        return len(self.tables["follow_ups"].rows) + 1

    @property
    def reports(self) -> list[Entity]:
        return self.tables["reports"].rows

    @property
    def weeks(self) -> dict[str, Entity]:
        return {row["RowKey"]: row for row in self.reports if row["PartitionKey"] == "weeks"}


def list_by_age() -> list[Lead]:
    return sorted(simulate(1, 200), key=lambda lead: lead.history.first_at)


@pytest.fixture(scope="module")
async def filled() -> Office:
    """Return an office with leads of the last weeks, one of a year ago, and one of long ago."""
    leads = list_by_age()
    return await Office().fill([leads[0], leads[A_YEAR_OLD], *leads[-LEADS:]])


@pytest.fixture
def office(filled: Office) -> Office:
    return filled.copy()


@pytest.fixture(scope="module")
async def at_once(filled: Office) -> list[Entity]:
    """Return the rows after one round that nothing cut."""
    office = filled.copy()
    assert (await office.check())["uncounted"] == 0
    return office.reports


async def test_the_rows_make_the_report_that_a_plain_model_expects() -> None:
    office = await Office().fill(simulate(1, 80))
    await office.check()
    counted = await Steps(office.tables).reports.read()
    assert counted
    for period in (Period.MONTH, Period.QUARTER, Period.YEAR):
        report = make_report(counted.weeks, period, POLICY, counted_at=counted.counted_at)
        assert report == expected(simulate(1, 80), period, END, POLICY)


@given(cuts=st.lists(st.integers(0, 40), max_size=8))
@settings(max_examples=10)
async def test_a_round_in_several_runs_counts_the_same(filled: Office, at_once: list[Entity], cuts: list[int]) -> None:
    office = filled.copy()
    for looks in cuts:
        if not (await office.check(looks=looks))["unfinished"]:
            break
        office.now += timedelta(hours=1)
    else:
        await office.finish()
    assert office.reports == at_once


@pytest.mark.parametrize("is_after", [False, True])
async def test_a_round_whose_process_ends_at_any_call_counts_the_same(
    filled: Office, at_once: list[Entity], is_after: bool
) -> None:
    """It ends in a run that has time for two batches, or in the next one, which would end the round."""
    for call in itertools.count(1):
        office, crash = filled.copy(), crash_at(call)
        hooks = (nothing, crash) if is_after else (crash, nothing)
        wrap = partial(Exposed, before=hooks[0], after=hooks[1])
        try:
            await office.check(looks=office.half, wrap=wrap)
            await office.check(wrap=wrap)
        except CrashError:
            await office.finish()
            assert office.reports == at_once, f"call {call}"
        else:
            break
    assert call > 20


def crash_at(call: int) -> Callable[[], Awaitable[None]]:
    calls = itertools.count(1)

    async def crash() -> None:
        if next(calls) == call:
            raise CrashError

    return crash


async def nothing() -> None:
    return


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
async def test_two_checks_at_once_count_the_same(filled: Office, at_once: list[Entity], seed: int) -> None:
    office, random = filled.copy(), Random(seed)

    async def wait() -> None:
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)

    async def work() -> None:
        while (await office.check(looks=random.randrange(40), wrap=wrap))["unfinished"]:
            pass

    wrap = partial(Exposed, before=wait, after=wait)
    await asyncio.gather(work(), work())
    await office.finish()
    assert office.reports == at_once


async def test_a_worker_that_comes_late_leaves_the_figures_of_a_later_round(office: Office) -> None:
    await office.check()
    reports = office.reports
    late = office.make()
    assert (await late.check(now=END - timedelta(hours=1)))["uncounted"] == 1
    assert office.reports == reports


async def test_a_round_that_changes_nothing_costs_two_requests(office: Office) -> None:
    await office.check()
    weeks = office.weeks
    calls = await list_calls(office)
    assert calls == ["query", "replace last"]
    assert office.weeks == weeks


async def test_a_round_writes_only_the_weeks_that_changed(office: Office) -> None:
    await office.check()
    row = office.tables["leads"].rows[0]
    await office.tables["leads"].delete(row["PartitionKey"], row["RowKey"])
    before = office.weeks
    calls = await list_calls(office)
    changed = sorted(key for key in before.keys() | office.weeks.keys() if before.get(key) != office.weeks.get(key))
    assert len(changed) < len(before)
    assert sorted(call.partition(" ")[2] for call in calls[1:-1]) == changed


async def list_calls(office: Office) -> list[str]:
    """Return what the next round asks of the table of the figures."""
    calls: list[str] = []

    class Listed(Exposed):
        def __getattr__(self, verb: str) -> Any:
            async def act(*arguments: Any) -> Any:
                calls.append(f"{verb} {arguments[0]['RowKey'] if isinstance(arguments[0], dict) else arguments[1]}")
                return await getattr(self._store, verb)(*arguments)

            return act

        async def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
            calls.append("query")
            async for row in self._store.query(keys, columns):
                yield row

    reports = office.tables["reports"]
    await office.check(wrap=lambda table: Listed(table, nothing, nothing) if table is reports else table)
    return calls


async def test_what_a_person_changed_in_the_figures_is_put_right(office: Office) -> None:
    await office.check()
    reports, table = office.reports, office.tables["reports"]
    weeks = sorted(office.weeks)
    await table.upsert(office.weeks[weeks[0]] | {"Leads": 99, "Mine": "x"})
    await table.upsert(office.weeks[weeks[1]] | {"zAppWeek": "[" * 10_000, "zAppByOwner": 7})
    await table.delete("weeks", weeks[2])
    for key in ("2026-W99", "1999-W01", "Total", "2026-w48"):
        await table.upsert({"PartitionKey": "weeks", "RowKey": key, "Leads": 1})
    await table.upsert({"PartitionKey": "round", "RowKey": "last", "CountedAt": datetime(2099, 1, 1, tzinfo=UTC)})
    counted = await Steps(office.tables).reports.read()
    assert counted
    assert len(counted.weeks) >= len(weeks) - 1
    assert (await office.check())["uncounted"] == 0
    assert office.reports == reports


async def test_sums_that_a_person_damaged_are_added_up_anew(office: Office, at_once: list[Entity]) -> None:
    for damage in ({"BegunAt": "soon"}, {"zAppName": "x"}, {"zAppBasis": "UTC"}, {"After": "~"}):
        other = office.copy()
        await other.check(looks=office.half)
        (head,) = [row for row in other.reports if row["RowKey"] == "sums"]
        await other.tables["reports"].upsert(head | damage)
        await other.finish()
        assert other.reports == at_once, damage


async def test_other_settings_in_the_middle_of_a_round_count_it_anew(office: Office) -> None:
    await office.check(looks=office.half)
    in_utc = replace(POLICY, zone=ZoneInfo("UTC"))
    changed = Steps(office.tables, policy=in_utc, escalate_to="").reconciling
    await changed.check(now=END)
    reports = office.reports
    await changed.check(now=END)
    assert office.reports == reports


@pytest.mark.parametrize("error", [StorageUnavailableError("503"), RowRefusedError("400 EntityTooLarge")])
@pytest.mark.parametrize("is_cut", [False, True])
async def test_figures_that_cannot_be_stored_stop_no_check(office: Office, error: LeadError, is_cut: bool) -> None:
    async def fail() -> None:
        raise error

    reports = office.tables["reports"]
    looks = office.half if is_cut else 1_000
    outcomes = await office.check(
        looks=looks, wrap=lambda table: Exposed(table, fail, nothing) if table is reports else table
    )
    assert (outcomes["checked"] > 0, outcomes["unfinished"], outcomes["uncounted"]) == (True, is_cut, 1)


async def test_a_week_from_which_old_leads_were_removed_keeps_its_figures(office: Office) -> None:
    await office.check()
    lead, before = list_by_age()[A_YEAR_OLD], office.weeks
    week = str(Week.of(lead.history.first_at, BERLIN))
    await office.tables["leads"].delete(*lead.key)
    for retention, keeps in (("30d", True), ("10y", False)):
        counting = replace(office.make().counting, retention=Retention.parse(retention))
        await office.make(counting=counting).check(now=END)
        assert (office.weeks.get(week) == before[week]) is keeps


async def test_who_was_erased_is_in_no_longest_wait_and_in_no_sums(office: Office) -> None:
    await office.check()
    await office.check(looks=office.half)
    store = Steps(office.tables).reports
    sums, counted = await store.read_sums(), await store.read()
    assert sums
    assert counted
    waiting = {wait.lead for week in counted.weeks for wait in week.longest}
    gone = waiting - {min(waiting)}
    assert await store.forget(gone.__contains__) > 0
    assert await store.read_sums() is None
    assert [row["PartitionKey"] for row in office.reports if row["PartitionKey"] == "counting"] == []
    counted = await store.read()
    assert counted
    assert [wait.lead for week in counted.weeks for wait in week.longest] == [min(waiting)]
    assert await store.forget(gone.__contains__) == 0
