"""How long leads are kept: ``24mo``, ``2y``, ``730d``."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_WRITTEN: Final = re.compile(r"(\d{1,5}) ?([a-z]{1,6})")
_MONTHS: Final = {"mo": 1, "month": 1, "months": 1, "y": 12, "year": 12, "years": 12}
_DAYS: Final = {"d": 1, "day": 1, "days": 1}
_LONGEST_YEARS: Final = 100
_DAYS_OF_A_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a lead is kept after its last activity: months of the calendar, or days."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Retention:
        """Read ``24mo``, ``24 months``, ``2y``, ``2 years`` or ``730d``. Raises: ValueError with what to write instead.

        ``24m`` is refused, because elsewhere ``m`` are minutes.
        """
        found = _WRITTEN.fullmatch(" ".join(text.lower().split()))
        number, unit = (int(found[1]), found[2]) if found else (0, "")
        if unit == "m":
            raise ValueError(f"write {number}mo for months, because m are minutes elsewhere")
        retention = cls(number * _MONTHS.get(unit, 0), number * _DAYS.get(unit, 0))
        if retention == cls():
            raise ValueError("write months, years or days, such as 24mo, 2y or 730d")
        if retention.length > timedelta(days=12 * _LONGEST_YEARS * _DAYS_OF_A_MONTH):
            raise ValueError(f"write at most {_LONGEST_YEARS}y")
        return retention

    @property
    def length(self) -> timedelta:
        """About how long it is."""
        return timedelta(days=self.months * _DAYS_OF_A_MONTH + self.days)

    def find_start(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the start of the first day that is kept, in *zone*. What was last active before it is old.

        A month that is too short ends with its last day: 12 months before 29 February 2028 is 28 February 2027.
        """
        today = now.astimezone(zone).date()
        year, month = divmod(today.year * 12 + today.month - 1 - self.months, 12)
        day = min(today.day, monthrange(year, month + 1)[1])
        # Days are subtracted by the calendar, so a change of the clock between does not count.
        return (datetime(year, month + 1, day, tzinfo=zone) - timedelta(days=self.days)).astimezone(UTC)

    def __str__(self) -> str:
        number, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{number} {unit}{'' if number == 1 else 's'}"
