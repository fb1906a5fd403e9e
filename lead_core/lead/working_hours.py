"""When people work, and how much of a wait falls into that."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When mails may be sent: ``Mon-Fri 09:00-17:00`` in a time zone."""

    days: frozenset[int]
    """0 is Monday."""
    start: time
    end: time
    zone: ZoneInfo

    def next(self, moment: datetime) -> datetime:
        """Return *moment*, or the start of the next working day if *moment* is outside working hours."""
        local = moment.astimezone(self.zone)
        if local.weekday() in self.days and self.start <= local.time() < self.end:
            return moment
        day = local.date() if local.time() < self.start else local.date() + timedelta(days=1)
        while day.weekday() not in self.days:
            day += timedelta(days=1)
        return datetime.combine(day, self.start, self.zone).astimezone(UTC)
