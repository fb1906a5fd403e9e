"""The figures of a period, made of the tallies of its weeks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta, tzinfo

    from lead_core.lead.tally import Dimension, LongWait, Milestone, WeekTally
    from lead_core.lead.weeks import Week
    from lead_core.lead.working_hours import WorkingHours


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
    weeks: Sequence[WeekTally], period: Period, *, counted_at: datetime, zone: tzinfo, hours: WorkingHours | None
) -> Report:
    """Return the figures of a period. *weeks* are all that are stored, counted at *counted_at*."""
    raise NotImplementedError
