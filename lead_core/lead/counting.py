"""How one lead counts in the tallies of its weeks.

A lead counts in the week of its first receipt, and each of its waits in the week in which the wait began. A lead with a
time that is more than a day ahead is told apart, as `Apart.FUTURE`. A smaller difference is one of clocks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from lead_core.lead.canary import is_canary
from lead_core.lead.follow_up import find_owner
from lead_core.lead.qualification import list_qualified
from lead_core.lead.scale import LIMITS, find_step
from lead_core.lead.tally import REPORTED_WEEKS, Dimension, LongWait, Milestone, Tally, WeekTally
from lead_core.lead.values import shorten
from lead_core.lead.waits import Apart, find_apart, find_milestones, find_waits
from lead_core.lead.weeks import Week

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lead_core.lead.follow_up import FollowUpPolicy
    from lead_core.lead.lead import Lead
    from lead_core.lead.tally import WeekTallies
    from lead_core.lead.waits import Wait

CLOCKS_DIFFER: Final = timedelta(days=1)
UNKNOWN: Final = "unknown"
"""The name of an owner, offer, source or action, if none is known."""
_MAX_NAME_CHARACTERS: Final = 100
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment for which leads are counted, with what the settings say. A round counts all leads for the same one."""

    now: datetime
    policy: FollowUpPolicy
    current: Week
    first: Week
    """The first of the weeks that have a row of their own."""
    begins_at: datetime
    """When that week begins."""

    @classmethod
    def of(cls, now: datetime, policy: FollowUpPolicy) -> Moment:
        """Return the moment *now*."""
        current = Week.of(now, policy.zone)
        first = current.plus(1 - REPORTED_WEEKS)
        return cls(now, policy, current, first, first.start(policy.zone))

    def place(self, moment: datetime) -> Week | None:
        """Return the week in which *moment* counts. None if it has no row of its own."""
        return Week.of(min(moment, self.now), self.policy.zone) if moment >= self.begins_at else None


def count(tallies: WeekTallies, lead: Lead, *, now: datetime, policy: FollowUpPolicy) -> None:
    """Add *lead*, as it stands at *now*, to the tallies of its weeks. A canary is nobody's lead, and counts nowhere."""
    if is_canary(lead):
        return
    moment = Moment.of(now, policy)
    week = _open(tallies, moment.place(lead.history.first_at))
    apart = find_apart(lead) or (Apart.FUTURE if lead.history.last_at > now + CLOCKS_DIFFER else None)
    if apart:
        week.apart[apart] += 1
        return
    _add(week, _name_lead(lead), _count_reached(lead))
    week.qualified.update(list_qualified(lead))
    for wait in find_waits(lead):
        _count_wait(tallies, lead, wait, moment)


def _open(tallies: WeekTallies, week: Week | None) -> WeekTally:
    if week not in tallies:
        tallies[week] = WeekTally(week)
    return tallies[week]


def _add(week: WeekTally, names: Mapping[Dimension, str], counted: Tally) -> None:
    week.total.add(counted)
    for dimension, name in names.items():
        week.of(dimension, name).add(counted)


def _name_lead(lead: Lead) -> dict[Dimension, str]:
    """Return the names by which *lead* is counted: of its customer's first action, as far as it is known."""
    own = next((action for action in lead.history.actions if action.is_own), None)
    return _name(lead, own.source if own else lead.shown.source, own.code if own else lead.shown.action_code)


def _name(lead: Lead, source: str, action: str) -> dict[Dimension, str]:
    shown = lead.shown
    names = {
        Dimension.OWNER: find_owner(lead).lower(),
        Dimension.OFFER: shown.offer_title or shown.offer_id or lead.key.row,
        Dimension.SOURCE: source,
        Dimension.ACTION: action,
    }
    return {dimension: shorten(name, _MAX_NAME_CHARACTERS) or UNKNOWN for dimension, name in names.items()}


def _count_reached(lead: Lead) -> Tally:
    """Return the milestones of *lead*. Who came further counts for those above as well, so the funnel only narrows."""
    came = find_milestones(lead)
    times = (came.received_at, came.told_at, came.attempted_at, came.contacted_at, came.closed_at)
    furthest = max(number for number, reached_at in enumerate(times) if reached_at)
    return Tally(reached=Counter([*Milestone][: furthest + 1]))


def _count_wait(tallies: WeekTallies, lead: Lead, wait: Wait, moment: Moment) -> None:
    began, names = moment.place(wait.since), _name(lead, wait.source, wait.action_code)
    week = _open(tallies, began)
    _add(week, names, _measure(wait, began, moment))
    for later in _list_weeks_waiting(wait, moment):
        _open(tallies, later).waiting_at_end += 1
    if wait.answered_at is None:
        week.note_longest(LongWait(wait.since, lead.key, names[Dimension.OWNER], names[Dimension.OFFER]))


def _measure(wait: Wait, week: Week | None, moment: Moment) -> Tally:
    tally, hours, length = Tally(), moment.policy.working_hours, None
    if wait.answered_at is None:
        tally.waiting[_find_hour(wait, week, moment)] = 1
    else:
        length = wait.answered_at - wait.since
        tally.answered[find_step(length)] = 1
        if hours:
            tally.answered_in_hours[find_step(hours.between(wait.since, wait.answered_at))] = 1
    judged = [number for number, limit in enumerate(LIMITS) if wait.since <= moment.now - limit]
    tally.judged.update(judged)
    tally.within.update(number for number in judged if length is not None and length <= LIMITS[number])
    return tally


def _find_hour(wait: Wait, week: Week | None, moment: Moment) -> int:
    """Return in which hour of its week a wait began. 0 without a week: they wait longer than any step."""
    since = min(wait.since, moment.now)
    return (since - week.start(moment.policy.zone)) // _HOUR if week else 0


def _list_weeks_waiting(wait: Wait, moment: Moment) -> Iterator[Week | None]:
    """Return the weeks at whose end the customer waited, the current one included if they wait now."""
    week = moment.place(wait.since)
    over = moment.place(wait.answered_at) if wait.answered_at else moment.current.plus(1)
    while week != over:
        yield week
        week = week.plus(1) if week else moment.first
