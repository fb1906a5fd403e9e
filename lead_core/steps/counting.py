"""Add up the figures as leads are checked, and write them when a round is complete.

A round may be several runs. Each keeps what was added up so far, with the place up to which it counts, and the next run
goes on there. All of a round counts for the moment at which it began. So the figures are the same wherever it was cut.
If storage fails here, the figures are older by a round. The check goes on.
"""

import logging
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from lead_core.errors import RowRefusedError, SomeoneWasFirstError, StorageUnavailableError
from lead_core.lead.arrivals import Arrivals
from lead_core.lead.counting import count
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.kept_weeks import keep_weeks
from lead_core.lead.lead import Lead
from lead_core.lead.retention import Retention
from lead_core.lead.tally import WeekTallies, WeekTally, bounded
from lead_core.log_fields import fields
from lead_core.ports.reports import Counted, ReportStore, Sums

logger = logging.getLogger("leads")


@dataclass(slots=True)
class Count:
    """What a round added up so far."""

    policy: FollowUpPolicy
    arrivals: Arrivals
    weeks: WeekTallies = field(default_factory=dict)
    after: str = ""
    """The partition of the last person who is in it."""

    @property
    def begun_at(self) -> datetime:
        """When the round began."""
        return self.arrivals.now

    def add(self, partition: str, leads: Iterable[Lead]) -> None:
        """Add a person's leads, unless they are in it."""
        if self.after and partition <= self.after:
            return
        for lead in leads:
            count(self.weeks, lead, now=self.begun_at, policy=self.policy)
            self.arrivals.add(lead)
        self.after = partition


@dataclass(frozen=True, slots=True)
class Counting:
    """Keeps what a round adds up, and writes the figures when it is complete."""

    reports: ReportStore
    policy: FollowUpPolicy
    retention: Retention | None = None
    """How long leads are kept. Figures are kept longer."""

    async def resume(self, begun_at: datetime, after: str) -> Count:
        """Return what the round that began then added up before. Without *after* it begins, and that is nothing."""
        sums = None
        if after:
            with suppress(StorageUnavailableError):  # Then it is added up anew.
                sums = await self.reports.read_sums()
        if sums is None or (sums.begun_at, sums.basis) != (begun_at, self._basis):
            return Count(self.policy, Arrivals(begun_at))
        arrivals = Arrivals(begun_at, {each.offer: each for each in sums.offers})
        return Count(self.policy, arrivals, {tally.week: tally for tally in sums.weeks}, sums.after)

    async def pause(self, so_far: Count) -> bool:
        """Keep what was added up for the next run, and return whether it is kept."""
        offers = tuple(so_far.arrivals.by_offer.values())
        sums = Sums(so_far.begun_at, self._basis, so_far.after, tuple(so_far.weeks.values()), offers)
        return await _is_done(self.reports.write_sums(sums))

    async def finish(self, complete: Count, now: datetime) -> bool:
        """Write the figures of a complete round, and return whether they are written."""
        weeks = [bounded(tally) for tally in complete.weeks.values()]
        zone, counted_at = self.policy.zone, complete.begun_at

        def make(stored: Sequence[WeekTally]) -> Counted:
            kept = tuple(weeks)
            if self.retention:
                keeps_from = self.retention.find_start(now, zone)
                kept = keep_weeks(stored, weeks, counted_at=counted_at, keeps_from=keeps_from, zone=zone)
            return Counted(counted_at, kept, complete.arrivals.most())

        return await _is_done(self.reports.update(make))

    @property
    def _basis(self) -> str:
        """What the weeks depend on, beside the leads."""
        hours = self.policy.working_hours
        days = f"{sorted(hours.days)} {hours.start}-{hours.end}" if hours else ""
        return f"{self.policy.zone} {days}".strip()


async def _is_done(writing: Awaitable[object]) -> bool:
    """Wait for *writing*, and return whether it was done."""
    try:
        await writing
    except (RowRefusedError, SomeoneWasFirstError, StorageUnavailableError) as error:
        logger.warning("figures not written %s", fields(code=error.code))
        return False
    return True
