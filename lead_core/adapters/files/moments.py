"""When a row of a file was received: in any usual form, with or without a time zone, a time of the day or a century.

``03/04/2026`` is in March or in April. Other rows of the file may show which number comes first. If none does, the
person must say it: a wrong month is worse than a question.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from lead_core.adapters.tables.typed import A_DAY, FIRST_YEAR, LAST_YEAR, list_moments

_NUMBERS = re.compile(r"\D{0,12}?(?P<one>\d{1,2})[-/](?P<other>\d{1,2})[-/]\d{2,4}\b")
_NAMED_ZONE = re.compile(r"(z|utc|gmt|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
_ANY_ZONE: Final = timedelta(hours=14)
"""How far the clocks of the world are from UTC at most."""
_MONTHS: Final = 12


class DayOrder(StrEnum):
    """Which number of ``03/04/2026`` is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Received(NamedTuple):
    """When a lead was received, and between which times it may have been."""

    at: datetime
    earliest: datetime
    latest: datetime


def find_day_orders(texts: Iterable[str]) -> set[DayOrder]:
    """Return the orders that dates show which can be read in one way only."""
    orders = set()
    for one, other in filter(None, map(_find_numbers, texts)):
        if one > _MONTHS >= other:
            orders.add(DayOrder.DAY_FIRST)
        elif other > _MONTHS >= one:
            orders.add(DayOrder.MONTH_FIRST)
    return orders


def is_doubtful(text: str) -> bool:
    """Whether nobody can say which number of a date is the day."""
    numbers = _find_numbers(text)
    return numbers is not None and len({*numbers}) > 1 and max(numbers) <= _MONTHS


def read_received(text: str, order: DayOrder | None, zone: tzinfo | None) -> Received | None:
    """Read a time. *zone* is where it was written, None if nobody says. None if it is no time."""
    with suppress(ValueError, OverflowError):
        moments, unsaid = list_moments(text)
        moments = [moment for moment in moments if FIRST_YEAR <= moment.year <= LAST_YEAR]
        if len(moments) > 1 and order:
            moments = [moment for moment in moments if _is_in_order(text, moment, order)]
        if len(moments) != 1:
            return None
        if unsaid < A_DAY and _NAMED_ZONE.search(text.strip()):
            return Received(moments[0], moments[0], moments[0] + unsaid)
        local = moments[0].replace(tzinfo=zone or UTC).astimezone(UTC)
        doubt = timedelta(0) if zone else _ANY_ZONE
        return Received(local, local - doubt, local + doubt + unsaid)
    return None


def _is_in_order(text: str, moment: datetime, order: DayOrder) -> bool:
    numbers = _find_numbers(text)
    return numbers is not None and moment.month == numbers[order is DayOrder.DAY_FIRST]


def _find_numbers(text: str) -> tuple[int, int] | None:
    """Return the two numbers before the year, if the year is the last of three that dashes or slashes divide."""
    found = _NUMBERS.match(text)
    return (int(found["one"]), int(found["other"])) if found else None
