"""When people work, and how much of a wait falls into that."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
        return self._at(day, self.start)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much of the time from *start* to *end* falls into working hours."""
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        total = timedelta(0)
        while day <= last:
            if day.weekday() in self.days:
                total += max(min(self._at(day, self.end), end) - max(self._at(day, self.start), start), timedelta(0))
            day += timedelta(days=1)
        return total

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone).astimezone(UTC)
