"""The weekly summary: when it is due, and of which figures it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Final

from lead_core.lead.report import Period, Report, make_report
from lead_core.lead.weeks import Week

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lead_core.lead.follow_up import FollowUpPolicy
    from lead_core.lead.tally import WeekTally

SENT_FROM: Final = time(8)
"""On Monday, by the readers' clock."""
FIGURES_ARE_AWAITED_FOR: Final = timedelta(days=1)
"""From the day after on, the summary goes out with the figures that there are."""


class SummaryVerdict(Enum):
    """Whether the summary of a week goes out now. If not, why not."""

    SEND = "send"
    NOT_YET = "not yet"
    """The figures do not hold the whole week yet. The next round of the check of all leads brings them."""
    NOTHING_KNOWN = "nothing known"
    """No lead had ever come when the week ended, or nothing of the week was counted."""


@dataclass(frozen=True, slots=True)
class SummaryTimes:
    """When the summary is sent."""

    zone: tzinfo
    """Of its readers."""
    looks_hourly: bool = True
    """Whether the timer looks each hour. With a schedule of its own, it looks when the summary is wanted."""

    def find_week(self, now: datetime) -> Week | None:
        """Return the last week that is over, if its summary may be sent at *now*. None before Monday at eight."""
        week = Week.of(now, self.zone).plus(-1)
        return week if not self.looks_hourly or now >= self._begin_day(week.plus(1), SENT_FROM) else None

    def decide(
        self, week: Week, tallies: Iterable[WeekTally], *, counted_at: datetime, now: datetime
    ) -> SummaryVerdict:
        """Decide about the summary of *week* with what was counted at *counted_at*."""
        if counted_at < week.end(self.zone) and self._awaits_figures(week, now):
            return SummaryVerdict.NOT_YET
        was_counted = counted_at > week.start(self.zone) and any(_has_leads(tally, until=week) for tally in tallies)
        return SummaryVerdict.SEND if was_counted else SummaryVerdict.NOTHING_KNOWN

    def _awaits_figures(self, week: Week, now: datetime) -> bool:
        return self.looks_hourly and now < self._begin_day(week.plus(1), time()) + FIGURES_ARE_AWAITED_FOR

    def _begin_day(self, week: Week, clock: time) -> datetime:
        return datetime.combine(week.monday, clock, self.zone).astimezone(UTC)


def report_week(week: Week, tallies: Sequence[WeekTally], policy: FollowUpPolicy, *, counted_at: datetime) -> Report:
    """Return the figures of *week*. If they were counted before it was over, they are of the days until then."""
    report = make_report(tallies, Period.WEEK, policy, counted_at=counted_at, current=week.plus(1))
    if counted_at >= week.end(policy.zone):
        return report
    return replace(report, waiting=sum(tally.waiting_at_end for tally in tallies if tally.week == week))


def _has_leads(tally: WeekTally, *, until: Week) -> bool:
    """Whether a row tells of a lead that came by the end of a week."""
    is_earlier = tally.week is None or tally.week <= until
    return is_earlier and bool(tally.total.reached or tally.apart)
