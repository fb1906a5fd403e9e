"""When the weekly summary is due, in every zone and at the ends of years."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.scale import find_step
from lead_core.lead.tally import Milestone, Tally, WeekTally
from lead_core.lead.weekly import SummaryTimes, SummaryVerdict, report_week
from lead_core.lead.weeks import Week
from lead_core.lead.working_hours import WorkingHours

BERLIN, HONOLULU, KIRITIMATI = (ZoneInfo(each) for each in ("Europe/Berlin", "Pacific/Honolulu", "Pacific/Kiritimati"))
ZONES = [ZoneInfo(each) for each in ("UTC", "Europe/Berlin", "Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kolkata")]
W47 = Week(2026, 47)
HOUR = timedelta(hours=1)


def local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def counted(week: Week | None, *, leads: int = 1, tests: int = 0) -> WeekTally:
    total = Tally(reached=Counter({Milestone.RECEIVED: leads}) if leads else Counter())
    return WeekTally(week, total=total, apart=Counter({"test lead": tests}) if tests else Counter())


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    ("clock", "week"),
    [
        ("2026-11-23T07:59:59", None),
        ("2026-11-23T08:00", W47),
        ("2026-11-29T23:59", W47),
        ("2026-11-30T00:00", None),
        ("2026-11-30T08:00", Week(2026, 48)),
        ("2027-01-04T08:00", Week(2026, 53)),
        ("2026-01-05T08:00", Week(2026, 1)),
        ("2027-01-01T12:00", Week(2026, 52)),
        ("2026-10-26T08:00", Week(2026, 43)),  # the day after clocks go back in Europe
        ("2026-03-30T08:00", Week(2026, 13)),  # the day after they go forward
    ],
)
def test_the_last_week_is_due_from_monday_at_eight_where_its_readers_are(
    zone: ZoneInfo, clock: str, week: Week | None
) -> None:
    assert SummaryTimes(zone).find_week(local(clock, zone)) == week


def test_monday_comes_a_day_later_to_the_other_side_of_the_date_line() -> None:
    now = local("2026-11-23T08:00", KIRITIMATI)
    assert SummaryTimes(KIRITIMATI).find_week(now) == W47
    assert SummaryTimes(HONOLULU).find_week(now) == Week(2026, 46)  # It is Sunday morning there.


def test_with_a_schedule_of_its_own_the_summary_is_due_at_once() -> None:
    assert SummaryTimes(BERLIN, looks_hourly=False).find_week(local("2026-11-23T00:00", BERLIN)) == W47


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from(ZONES))
@settings(max_examples=30)
def test_each_week_is_due_in_the_week_after_it_alone(day: date, zone: ZoneInfo) -> None:
    week, times = Week(*day.isocalendar()[:2]), SummaryTimes(zone)
    due = [times.find_week(week.end(zone) + hours * HOUR) for hours in range(7 * 24 - 1)]
    assert due == [None] * due.count(None) + [week] * due.count(week)
    assert due.count(None) in {7, 8, 9}  # hours until eight, where clocks may be changed


@pytest.mark.parametrize(
    ("tallies", "verdict"),
    [
        ([], SummaryVerdict.NOTHING_KNOWN),
        ([counted(Week(2026, 48))], SummaryVerdict.NOTHING_KNOWN),
        (
            [counted(None, leads=0), counted(Week(2026, 46), leads=0), counted(W47, leads=0)],
            SummaryVerdict.NOTHING_KNOWN,
        ),
        ([counted(W47)], SummaryVerdict.SEND),
        ([counted(W47, leads=0, tests=1)], SummaryVerdict.SEND),
        ([counted(Week(2026, 30))], SummaryVerdict.SEND),
        ([counted(None)], SummaryVerdict.SEND),
    ],
)
def test_an_app_to_which_nothing_had_come_yet_says_nothing(tallies: list[WeekTally], verdict: SummaryVerdict) -> None:
    now = local("2026-11-23T08:00", BERLIN)
    assert SummaryTimes(BERLIN).decide(W47, tallies, counted_at=now, now=now) is verdict


@pytest.mark.parametrize(
    ("counted_at", "now", "verdict"),
    [
        ("2026-11-23T00:00", "2026-11-23T08:00", SummaryVerdict.SEND),
        ("2026-11-22T23:59", "2026-11-23T08:00", SummaryVerdict.NOT_YET),
        ("2026-11-22T23:59", "2026-11-23T23:59", SummaryVerdict.NOT_YET),
        ("2026-11-22T23:59", "2026-11-24T00:00", SummaryVerdict.SEND),
        ("2026-11-16T00:01", "2026-11-24T00:00", SummaryVerdict.SEND),
        ("2026-11-16T00:00", "2026-11-24T00:00", SummaryVerdict.NOTHING_KNOWN),
    ],
)
def test_figures_that_stop_before_the_week_was_over_are_awaited_until_tuesday(
    counted_at: str, now: str, verdict: SummaryVerdict
) -> None:
    moments = {"counted_at": local(counted_at, BERLIN), "now": local(now, BERLIN)}
    assert SummaryTimes(BERLIN).decide(W47, [counted(W47)], **moments) is verdict


def test_a_schedule_of_its_own_waits_for_no_figures() -> None:
    times, early = SummaryTimes(BERLIN, looks_hourly=False), local("2026-11-22T23:00", BERLIN)
    verdict = times.decide(W47, [counted(W47)], counted_at=early, now=local("2026-11-23T06:00", BERLIN))
    assert verdict is SummaryVerdict.SEND


def test_in_a_week_that_was_counted_too_early_nobody_has_waited_longer_than_until_then() -> None:
    """It was counted on Monday at noon. One customer was answered after three hours. The other came at nine."""
    total = Tally(answered=Counter({find_step(3 * HOUR): 1}), waiting=Counter({9: 1}))
    tallies = [WeekTally(W47, total, waiting_at_end=1), WeekTally(Week(2026, 46), waiting_at_end=7)]
    hours = WorkingHours(frozenset(range(5)), time(8), time(18), BERLIN)
    counted_at = local("2026-11-16T12:00", BERLIN)
    policy = FollowUpPolicy(working_hours=hours, zone=BERLIN)
    report = report_week(W47, tallies, policy, counted_at=counted_at)
    assert (report.last, report.counted_at, report.waiting, report.waiting_before) == (W47, counted_at, 1, 7)
    assert (report.speed.median, report.speed.ninth_decile) == (3 * HOUR, 3 * HOUR)
