"""When a timer runs: NCRONTAB as Azure reads it, and what is wrong with it in plain words.

Six fields, or five without the seconds. Day of month and weekday must both match.
https://github.com/atifaziz/NCrontab and https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
"""

import re
from itertools import product

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SHORTEST_NAME = 3
_FIELDS = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _WEEKDAYS),
)
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>\d{1,3}))?")
EXAMPLE = "such as 0 */5 * * * * for every five minutes"


def check_schedule(text: str) -> str:
    """Return a schedule with single blanks. Raises: ValueError with what to write instead."""
    fields = text.split()
    if len(fields) not in {len(_FIELDS) - 1, len(_FIELDS)}:
        raise ValueError(f"write six fields, seconds first, {EXAMPLE}")
    with_seconds = fields if len(fields) == len(_FIELDS) else ["0", *fields]
    seconds, minutes, _, days, months, _ = (
        _read_field(field, *kind) for field, kind in zip(with_seconds, _FIELDS, strict=True)
    )
    if not any(day <= _LONGEST_MONTHS[month - 1] for day, month in product(days, months)):
        raise ValueError(f"none of these months has such a day, so it never runs: write a day that comes, {EXAMPLE}")
    if len(seconds) == _FIELDS[0][2] + 1 and len(minutes) < len(seconds):
        raise ValueError(f"it runs each second of these minutes: write 0 for the seconds, {EXAMPLE}")
    return " ".join(fields)


def _read_field(text: str, name: str, low: int, high: int, words: tuple[str, ...]) -> set[int]:
    """Return the numbers that a field stands for."""
    advice = f"the {name} is * or a number from {low} to {high}, also as 1-5, 1,3 or */5: write six fields, {EXAMPLE}"
    found: set[int] = set()
    for part in text.lower().split(","):
        match = _PART.fullmatch(part)
        if not match or (match["first"] == "*" and match["last"]) or match["step"] in {"0", "00", "000"}:
            raise ValueError(advice)
        if int(match["step"] or 1) > high - low + 1:
            raise ValueError(f"a step of the {name} is longer than the clock goes, so it would not count: {advice}")
        first = low if match["first"] == "*" else _read_number(match["first"], low, words)
        is_open = match["first"] == "*" or match["step"]
        last = _read_number(match["last"], low, words) if match["last"] else high if is_open else first
        if not low <= first <= last <= high:
            raise ValueError(advice)
        found |= set(range(first, last + 1, int(match["step"] or 1)))
    return found


def _read_number(text: str, low: int, words: tuple[str, ...]) -> int:
    """Return a number, or the number of a name: ``mon``. -1 for what is neither."""
    if text.isdecimal() and text.isascii():
        return int(text[:4])
    named = (number for number, word in enumerate(words, start=low) if word.startswith(text))
    return next(named, -1) if len(text) >= _SHORTEST_NAME else -1
