"""The figures of a period, made of the tallies of its weeks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from fractions import Fraction
from heapq import nsmallest
from typing import TYPE_CHECKING, Final, TypeAlias

from lead_core.lead.product_limit import estimate, find_quantile
from lead_core.lead.scale import LIMITS, STEPS, find_step_passed
from lead_core.lead.tally import MOST_LONGEST, OTHERS, Dimension, Milestone, Tally, WeekTally, split_names
from lead_core.lead.weeks import Week

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

    from lead_core.lead.follow_up import FollowUpPolicy
    from lead_core.lead.product_limit import Share
    from lead_core.lead.tally import LongWait
    from lead_core.lead.working_hours import WorkingHours

_HOUR: Final = timedelta(hours=1)
_BARS: Final = LIMITS[1:]
"""The limits of the parts of a week's bar."""
_HALF: Final = Fraction(1, 2)
_NINE_TENTHS: Final = Fraction(9, 10)


class Period(IntEnum):
    """How many complete weeks a report is about."""

    WEEK = 1
    """The weekly summary."""
    MONTH = 4
    QUARTER = 13
    YEAR = 52


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast customers are answered."""

    waits: int = 0
    answered: int = 0
    judged: tuple[int, ...] = (0, 0, 0, 0)
    """Of how many waits it is known whether they were answered within each of `scale.LIMITS`."""
    within: tuple[int, ...] = (0, 0, 0, 0)
    """How many of those were."""
    median: timedelta | None = None
    """By the product-limit estimate. None if fewer than half were answered as far as one can see, or nobody waited."""
    ninth_decile: timedelta | None = None

    def share(self, limit: int) -> float | None:
        """Return the share that was answered within ``scale.LIMITS[limit]``. None if nothing can be judged yet."""
        return self.within[limit] / self.judged[limit] if self.judged[limit] else None


@dataclass(frozen=True, slots=True)
class WeekBar:
    """A week in the chart."""

    week: Week
    leads: int
    by_speed: tuple[int, int, int, int, int]
    """The waits that began in it: answered within an hour, a day, three days, later; and waiting."""


@dataclass(frozen=True, slots=True)
class Group:
    """The leads of one owner, offer, source or action."""

    name: str
    leads: int
    speed: Speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the page, the summary and the CSV show. `compose` functions add words, and no figures."""

    period: Period
    first: Week
    last: Week
    """The last complete week. The current week is told apart, because it is not over."""
    counted_at: datetime
    """How fresh it is."""
    leads: int
    leads_before: int
    """In the period of the same length before this one."""
    waiting: int
    """Now, whenever they came."""
    waiting_before: int
    """When the period began."""
    speed: Speed
    speed_before: Speed
    speed_in_hours: Speed | None
    """With waits counted in working hours, if `WORKING_HOURS` is set. It has no shares."""
    funnel: Mapping[Milestone, int]
    weeks: tuple[WeekBar, ...]
    """The weeks of the period, the earliest first."""
    current: WeekBar
    """The current week so far."""
    curve: tuple[tuple[timedelta, float], ...]
    """The share that is answered after each length, by the product-limit estimate: rising steps from 0."""
    groups: Mapping[Dimension, tuple[Group, ...]]
    """The one with the most leads first."""
    longest: tuple[LongWait, ...]
    """Who waits longest now, whenever they came. The longest first."""
    apart: Mapping[str, int]
    qualified: Mapping[str, int] = field(default_factory=dict)


def make_report(
    weeks: Sequence[WeekTally],
    period: Period,
    policy: FollowUpPolicy,
    *,
    counted_at: datetime,
    current: Week | None = None,
) -> Report:
    """Return the figures of a period. *weeks* are all that are stored, counted at *counted_at*.

    The period ends before the *current* week. That is the one of *counted_at*, if none is given.
    """
    zone, hours = policy.zone, policy.working_hours
    current = current or Week.of(counted_at, zone)
    rows = _list_rows(weeks, current.plus(-period), period)
    before = _list_rows(weeks, current.plus(-2 * period), period)
    now = _list_rows(weeks, current, 1)[current]
    clock, totals = _Clock(counted_at, zone), [(week, row.total) for week, row in rows.items()]
    whole = _add_up(totals)
    return Report(
        period=period,
        first=current.plus(-period),
        last=current.plus(-1),
        counted_at=counted_at,
        leads=whole.leads,
        leads_before=sum(row.total.leads for row in before.values()),
        waiting=now.waiting_at_end,
        waiting_before=before[current.plus(-period - 1)].waiting_at_end,
        speed=_measure(totals, clock),
        speed_before=_measure([(week, row.total) for week, row in before.items()], clock),
        speed_in_hours=_measure(totals, replace(clock, hours=hours)) if hours else None,
        funnel={milestone: whole.reached[milestone] for milestone in Milestone},
        weeks=tuple(_draw(week, row) for week, row in rows.items()),
        current=_draw(current, now),
        curve=tuple((STEPS[share.step], float(share.answered)) for share in _estimate(whole, totals, clock)),
        groups={dimension: tuple(_list_groups(rows, dimension, clock)) for dimension in Dimension},
        longest=tuple(nsmallest(MOST_LONGEST, (wait for row in weeks for wait in row.longest))),
        apart=sum((row.apart for row in rows.values()), Counter[str]()),
        qualified=sum((row.qualified for row in rows.values()), Counter[str]()),
    )


Totals: TypeAlias = "Sequence[tuple[Week, Tally]]"


@dataclass(frozen=True, slots=True)
class _Clock:
    """Says how long customers have waited who still wait."""

    counted_at: datetime
    zone: tzinfo
    hours: WorkingHours | None = None
    """To count working hours alone."""

    def count_waiting(self, totals: Totals) -> Counter[int]:
        """Return how many customers wait, by the last step that they have passed."""
        counts = Counter[int]()
        for week, tally in totals:
            start, end = week.start(self.zone), min(week.end(self.zone), self.counted_at)
            since_the_week = self._measure(end, self.counted_at)
            for hour, number in tally.waiting.items():
                began = start + (hour + 1) * _HOUR  # At the latest.
                counts[find_step_passed(self._measure(began, end) + since_the_week)] += number
        return counts

    def _measure(self, start: datetime, end: datetime) -> timedelta:
        return self.hours.between(start, end) if self.hours else end - start


def _list_rows(weeks: Sequence[WeekTally], first: Week, number: int) -> dict[Week, WeekTally]:
    """Return a row for each of some weeks. A week that is not stored had no leads."""
    stored = {tally.week: tally for tally in weeks}
    return {week: stored.get(week) or WeekTally(week) for week in map(first.plus, range(number))}


def _add_up(totals: Totals) -> Tally:
    whole = Tally()
    for _, tally in totals:
        whole.add(tally)
    return whole


def _estimate(whole: Tally, totals: Totals, clock: _Clock) -> tuple[Share, ...]:
    return estimate(whole.answered_in_hours if clock.hours else whole.answered, clock.count_waiting(totals))


def _measure(totals: Totals, clock: _Clock) -> Speed:
    whole = _add_up(totals)
    answered, shares = whole.answered.total(), _estimate(whole, totals, clock)
    speed = Speed(
        waits=answered + whole.waiting.total(),
        answered=answered,
        median=_find_length(shares, _HALF),
        ninth_decile=_find_length(shares, _NINE_TENTHS),
    )
    if clock.hours:
        return speed
    judged, within = (tuple(counts[number] for number in range(len(LIMITS))) for counts in (whole.judged, whole.within))
    return replace(speed, judged=judged, within=within)


def _find_length(shares: Sequence[Share], share: Fraction) -> timedelta | None:
    step = find_quantile(shares, share)
    return None if step is None else STEPS[step]


def _draw(week: Week, row: WeekTally) -> WeekBar:
    """Return the bar of a week."""
    speeds = [0, 0, 0, 0, row.total.waiting.total()]
    for step, number in row.total.answered.items():
        speeds[bisect_left(_BARS, STEPS[step])] += number
    hour, day, days, later, waiting = speeds
    return WeekBar(week, row.total.leads, (hour, day, days, later, waiting))


def _list_groups(rows: Mapping[Week, WeekTally], dimension: Dimension, clock: _Clock) -> Iterator[Group]:
    """Return the leads by each name. A name that a week did not tell is among the others in that week."""
    named = defaultdict[str, list[tuple[Week, Tally]]](list)
    for week, row in rows.items():
        for name, tally in row.by.get(dimension, {}).items():
            named[name].append((week, tally))
    most, rest = split_names({name: _count_leads(totals) for name, totals in named.items()})
    others = [each for name in rest for each in named[name]]
    for name, totals in [*((name, named[name]) for name in most), *([(OTHERS, others)] if others else [])]:
        yield Group(name, _count_leads(totals), _measure(totals, clock))


def _count_leads(totals: Totals) -> int:
    return sum(tally.leads for _, tally in totals)
