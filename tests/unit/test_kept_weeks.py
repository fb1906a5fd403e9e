"""Which figures stay when leads go."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lead_core.lead.kept_weeks import keep_weeks
from lead_core.lead.tally import REPORTED_WEEKS, LongWait, Milestone, Tally, WeekTally
from lead_core.lead.values import LeadKey
from lead_core.lead.weeks import Week

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
THIS_WEEK = Week.of(NOW, UTC)
OLD = THIS_WEEK.plus(-60)


def week(of: Week | None, leads: int, *, answered: int = 0, waiting: int = 0) -> WeekTally:
    tally = Tally(Counter({Milestone.RECEIVED: leads}), Counter({3: answered}), waiting=Counter({3: waiting}))
    longest = [LongWait(NOW, LeadKey(f"{number}", "o"), "", "") for number in range(waiting)]
    return WeekTally(of, tally, longest=longest)


def keep(stored: WeekTally, *counted: WeekTally, keeps_from: datetime) -> tuple[WeekTally, ...]:
    return keep_weeks([stored], counted, counted_at=NOW, keeps_from=keeps_from, zone=UTC)


@pytest.mark.parametrize("days", [0, 1])
def test_a_week_that_began_before_what_is_kept_does_not_shrink(days: int) -> None:
    """The week from whose first moment on everything is kept is whole."""
    stored, counted = week(OLD, 5), week(OLD, 3)
    kept = keep(stored, counted, keeps_from=OLD.start(UTC) + timedelta(days=days))
    assert kept == ((stored,) if days else (counted,))


def test_a_week_without_leads_any_more_keeps_its_figures() -> None:
    stored = week(OLD, 5, waiting=2)
    (kept,) = keep(stored, keeps_from=NOW)
    assert (kept.total, kept.longest) == (stored.total, [])


def test_a_late_answer_in_a_week_that_is_whole_is_counted() -> None:
    stored, counted = week(OLD, 5, answered=3, waiting=2), week(OLD, 5, answered=4, waiting=1)
    assert keep(stored, counted, keeps_from=NOW) == (counted,)


def test_who_waits_longest_is_as_it_was_counted() -> None:
    stored, counted = week(OLD, 5, answered=3, waiting=2), week(OLD, 3, answered=1, waiting=1)
    (kept,) = keep(stored, counted, keeps_from=NOW)
    assert (kept.total, kept.longest) == (stored.total, counted.longest)


def test_a_week_that_is_not_reported_any_more_goes() -> None:
    assert keep(week(THIS_WEEK.plus(-REPORTED_WEEKS), 5), keeps_from=NOW) == ()
    assert keep(week(None, 5), week(None, 3), keeps_from=NOW) == (week(None, 3),)
    assert len(keep(week(THIS_WEEK.plus(1 - REPORTED_WEEKS), 5), keeps_from=NOW)) == 1
