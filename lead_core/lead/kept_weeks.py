"""Which figures stay when leads go that were kept long enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lead_core.lead.tally import REPORTED_WEEKS, WeekTally
from lead_core.lead.weeks import Week

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo


def keep_weeks(
    stored: Iterable[WeekTally],
    counted: Iterable[WeekTally],
    *,
    counted_at: datetime,
    keeps_from: datetime,
    zone: tzinfo,
) -> tuple[WeekTally, ...]:
    """Return the weeks as they were *counted*, and those as *stored* from which leads went since.

    No lead went that was received in a week after *keeps_from*. Who waits is never gone, so the longest waits are as
    they were counted.
    """
    weeks = {tally.week: tally for tally in counted}
    first = Week.of(counted_at, zone).plus(1 - REPORTED_WEEKS)
    for before in stored:
        if before.week is None or before.week < first or before.week.start(zone) >= keeps_from:
            continue
        now = weeks.get(before.week, WeekTally(before.week))
        if _size(before) > _size(now):
            weeks[before.week] = replace(before, longest=now.longest)
    return tuple(weeks.values())


def _size(tally: WeekTally) -> int:
    """Return how many leads and waits a week counts. An answer changes nothing in it."""
    total = tally.total
    return total.leads + total.answered.total() + total.waiting.total() + tally.apart.total()
