"""The weeks of the calendar, as ISO 8601 counts them: from Monday to Sunday, in the readers' time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

_WEEK = timedelta(days=7)


class Week(NamedTuple):
    """A week: ``2026-W48``. Weeks sort by time."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime, zone: tzinfo) -> Week:
        """Return the week in which *moment* falls in *zone*."""
        return cls(*moment.astimezone(zone).isocalendar()[:2])

    @classmethod
    def parse(cls, text: str) -> Week:
        """Read ``2026-W48``. Raises: ValueError."""
        year, _, number = text.partition("-W")
        week = cls(int(year), int(number))
        if str(week) != text:
            raise ValueError("write a week as 2026-W48")
        return cls(*week.monday.isocalendar()[:2])

    @property
    def monday(self) -> date:
        """The first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.monday + timedelta(days=6)

    def start(self, zone: tzinfo) -> datetime:
        """Return when the week begins in *zone*."""
        return datetime.combine(self.monday, time(), zone).astimezone(UTC)

    def end(self, zone: tzinfo) -> datetime:
        """Return when the next week begins in *zone*."""
        return self.plus(1).start(zone)

    def plus(self, weeks: int) -> Week:
        """Return the week that many weeks later, or earlier."""
        return Week(*(self.monday + weeks * _WEEK).isocalendar()[:2])

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.number:02}"
