"""How long leads are kept, and how that is written."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.retention import Retention
from lead_core.settings import load_settings


@pytest.mark.parametrize(
    ("text", "retention"),
    [
        ("24mo", Retention(months=24)),
        (" 24 Months ", Retention(months=24)),
        ("1 month", Retention(months=1)),
        ("2y", Retention(months=24)),
        ("2 years", Retention(months=24)),
        ("730d", Retention(days=730)),
        ("730  days", Retention(days=730)),
    ],
)
def test_a_retention_is_read_as_people_write_it(text: str, retention: Retention) -> None:
    assert Retention.parse(text) == retention


@pytest.mark.parametrize(
    "text", ["", "24", "0d", "0mo", "-3d", "24h", "1.5y", "two years", "24mo 3d", "101y", "99999d"]
)
def test_what_is_no_retention_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"^write "):
        Retention.parse(text)


def test_minutes_are_not_taken_for_months() -> None:
    with pytest.raises(ValueError, match="write 24mo for months"):
        Retention.parse("24m")


@given(st.text())
def test_any_text_is_a_retention_or_refused(text: str) -> None:
    try:
        retention = Retention.parse(text)
    except ValueError as error:
        assert str(error).startswith("write ")
    else:
        assert Retention.parse(str(retention)) == retention


@given(st.integers(1, 1200), st.integers(1, 36_000), st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 -- made aware below
def test_any_retention_has_a_start_before_now(months: int, days: int, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    for retention in (Retention(months=months), Retention(days=days)):
        assert retention.find_start(now, ZoneInfo("Pacific/Auckland")) < now


@pytest.mark.parametrize(
    ("retention", "now", "start"),
    [
        (Retention(months=24), "2026-11-27T18:30", "2024-11-27T00:00"),
        (Retention(months=12), "2028-02-29T12:00", "2027-02-28T00:00"),
        (Retention(months=1), "2026-01-31T12:00", "2025-12-31T00:00"),
        (Retention(months=3), "2026-05-31T12:00", "2026-02-28T00:00"),
        (Retention(days=730), "2026-11-27T18:30", "2024-11-27T00:00"),
    ],
)
def test_what_is_kept_begins_with_a_whole_day(retention: Retention, now: str, start: str) -> None:
    found = retention.find_start(datetime.fromisoformat(now).replace(tzinfo=UTC), UTC)
    assert found == datetime.fromisoformat(start).replace(tzinfo=UTC)


def test_days_are_those_of_the_team() -> None:
    found = Retention(months=12).find_start(datetime(2026, 11, 27, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    assert found == datetime(2025, 11, 27, 23, 0, tzinfo=UTC)  # In Berlin, the 28th has begun.


@pytest.mark.parametrize(("months", "words"), [(24, "24 months"), (1, "1 month")])
def test_a_retention_says_itself_in_words(months: int, words: str) -> None:
    assert str(Retention(months=months)) == words


@pytest.mark.parametrize("text", ["24m", "3d", "1h", "forever"])
def test_a_setting_that_may_be_meant_otherwise_purges_nothing(text: str) -> None:
    settings = load_settings(retention=text)
    assert settings.retention is None
    assert "RETENTION" in {fault.name for fault in settings.mistakes}


def test_without_the_setting_everything_is_kept() -> None:
    assert load_settings().retention is None
