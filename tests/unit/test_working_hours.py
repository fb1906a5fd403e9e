"""How much of a wait falls into working hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.working_hours import WorkingHours

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), BERLIN)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 -- given a zone here
hours = st.builds(
    lambda days, start, end, zone: WorkingHours(frozenset(days), time(start), time(end), ZoneInfo(zone)),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 11),
    st.integers(12, 23),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe"]),
)


def berlin(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        (berlin(23, 10), berlin(23, 10), timedelta(0)),
        (berlin(23, 10), berlin(23, 11, 30), timedelta(hours=1.5)),
        (berlin(23, 7), berlin(23, 20), timedelta(hours=8)),
        (berlin(23, 16), berlin(24, 10), timedelta(hours=2)),  # overnight
        (berlin(20, 16, 59), berlin(23, 9, 1), timedelta(minutes=2)),  # over a weekend
        (berlin(21, 9), berlin(22, 17), timedelta(0)),  # on a weekend
        (berlin(23, 17), berlin(24, 9), timedelta(0)),
        (berlin(23, 0), berlin(30, 0), timedelta(hours=40)),
        (berlin(23, 11), berlin(23, 10), timedelta(0)),  # clocks disagree
        (berlin(23, 10, month=10), berlin(26, 10, month=10), timedelta(hours=8)),  # the clocks are put back on Sunday
    ],
)
def test_working_hours_alone_count(start: datetime, end: datetime, length: timedelta) -> None:
    assert OFFICE.between(start, end) == length


@pytest.mark.parametrize(("month", "day", "length"), [(3, 29, 23), (10, 25, 25), (11, 22, 24)])
def test_a_night_shift_is_as_long_as_the_night_is(month: int, day: int, length: int) -> None:
    always = WorkingHours(frozenset(range(7)), time(0), time(23), BERLIN)
    whole = always.between(datetime(2026, month, day, tzinfo=BERLIN), datetime(2026, month, day, 23, tzinfo=BERLIN))
    assert whole == timedelta(hours=length - 1)


@given(hours, moments, moments, moments)
@settings(max_examples=50)
def test_two_parts_of_a_wait_are_the_whole(hours: WorkingHours, one: datetime, two: datetime, three: datetime) -> None:
    start, middle, end = sorted([one, two, three])
    assert hours.between(start, middle) + hours.between(middle, end) == hours.between(start, end)


@given(hours, moments, st.timedeltas(timedelta(0), timedelta(days=30)))
@settings(max_examples=50)
def test_no_wait_is_longer_in_working_hours_than_on_the_calendar(
    hours: WorkingHours, start: datetime, length: timedelta
) -> None:
    assert timedelta(0) <= hours.between(start, start + length) <= length


@given(hours, moments)
@settings(max_examples=50)
def test_nothing_counts_until_the_next_working_hour(hours: WorkingHours, moment: datetime) -> None:
    opening = hours.next(moment)
    assert hours.between(moment, opening) == timedelta(0)
    assert hours.between(opening, opening + timedelta(minutes=1)) > timedelta(0)
