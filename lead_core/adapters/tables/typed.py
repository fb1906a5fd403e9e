"""What people type into a cell, and what spreadsheets make of it: Booleans, numbers, times and JSON as texts.

Each function returns None for what it can't read.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from lead_core.lead.values import fold_text

_YES = frozenset(
    """
    true yes y on x ok checked wahr ja j vrai oui verdadero sí si s verdadeiro sim vero sì waar prawda tak sant sann
    sand tosi kyllä pravda ano igaz igen doğru evet da истина да так 真 是 はい 예 네 참 ✓ ✔ ✅ ☑ 👍
    """.split()  # noqa: SIM905 -- words read better without quotes
)
_NO = frozenset(
    """
    false no n off unchecked falsch nein faux non falso não nao falskt falsk nej nei onwaar nee fałsz nie usann epätosi
    ei nepravda ne hamis nem yanlış hayır ложь нет ні 偽 假 否 不 いいえ 아니요 거짓 ✗ ✘ ❌ ☐ -
    """.split()  # noqa: SIM905 -- words read better without quotes
)
_BY_NUMBER: Mapping[float, bool] = {0: False, 1: True}

_ROUNDING = 1e-5
"""A spreadsheet shows six digits of a large number."""
LARGEST_COUNT = 1_000_000
FIRST_YEAR, LAST_YEAR = 2000, 2500
"""Times beyond these are no times of a lead."""
_SPREADSHEET_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
"""Day 0 of the numbers that spreadsheets keep for times."""
_SERIAL = re.compile(r"\d{5,6}([.,]\d+)?")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.年] ?(?P<month>\d{1,2})[-/.月] ?(?P<day>\d{1,2})[日.]?")
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<mark>[-/.]) ?(?P<other>\d{1,2})\2 ?(?P<year>\d{4}|\d{2})")
_NAMED = re.compile(
    r"((?P<day>\d{1,2})(st|nd|rd|th)?[-. ]{1,2}(de )?(?P<month>[^\W\d]{3,12})|"
    r"(?P<month_first>[^\W\d]{3,12})[-. ]{1,2}(?P<day_second>\d{1,2})(st|nd|rd|th)?)[-,. ]{1,2}(de )?"
    r"(?P<year>\d{4}|\d{2})"
)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})([:.](?P<second>\d{2})([.,](?P<part>\d{1,9}))?)?"
    r" ?(?P<half>[ap]\.? ?m\.?)?( uhr)?"
)
_ZONE = re.compile(r" ?(z|utc|gmt|(utc|gmt)?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2}))$")
_WEEKDAY = re.compile(r"[^\W\d]{2,12}[.,]* ")
_ISO_HOUR, _ISO_SECONDS = re.compile(r"[t ]\d\d"), re.compile(r"[t ]\d\d:?\d\d:?\d\d")
_A_SECOND, _A_MINUTE, A_DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
_MONTHS = {
    start: number
    for number, starts in enumerate(
        (
            "jan gen ene", "feb fev", "mar mrz", "apr avr abr", "may mai mag mei maj", "jun juin giu", "jul juil lug",
            "aug aou ago", "sep set", "oct okt ott out", "nov", "dec dez dic des",
        ),
        start=1,
    )
    for start in starts.split()
}  # fmt: skip
_NOON = 12


def parse_yes(cell: object) -> bool | None:
    """Read a Boolean: ``TRUE``, ``WAHR``, ``sí``, ``1``, ``✓``."""
    value = _unwrap(cell)
    if isinstance(value, int | float):
        return _BY_NUMBER.get(value)
    word = _read_word(value).strip("!. ")
    with suppress(ValueError):
        return _BY_NUMBER.get(float(word.replace(",", ".")))
    return True if word in _YES else False if word in _NO else None


def parse_count(cell: object) -> int | None:
    """Read a whole number, 0 or more: ``2``, ``2.0``, ``"2,00"``."""
    value = _unwrap(cell)
    if isinstance(value, bool):
        return None
    try:
        number = float(value if isinstance(value, int | float) else _read_word(value).replace(",", "."))
        return int(number) if 0 <= number <= LARGEST_COUNT and number.is_integer() else None
    except (ValueError, OverflowError):
        return None


def parse_moment(cell: object, *, known: datetime | None = None) -> datetime | None:
    """Read a time, in UTC unless its text names an offset.

    *known* is what the app last wrote. If the cell is that time in another form, it is returned: a spreadsheet's form
    says less. It also decides which of ``11/12/2026`` is the month. Otherwise such a text can't be read.
    """
    value = _unwrap(cell)
    with suppress(ValueError, OverflowError):
        moments, unsaid = ([_plain(value)], _A_SECOND) if isinstance(value, datetime) else list_moments(value)
        fitting = [moment for moment in moments if FIRST_YEAR <= moment.year <= LAST_YEAR]
        if known and any(moment - _A_SECOND < known < moment + unsaid for moment in fitting):
            return known
        return fitting[0] if len(fitting) == 1 else None
    return None


def parse_json(cell: object) -> Any:
    """Read JSON, also as a spreadsheet quotes it: ``"{""round"": 1}"``. Raises: ValueError, TypeError."""
    text = str(_unwrap(cell)).strip().removeprefix("'")
    try:
        parts = json.loads(text)
    except ValueError:
        if not (text.startswith('"') and text.endswith('"')):
            raise
        parts = json.loads(text[1:-1].replace('""', '"'))
    return json.loads(parts) if isinstance(parts, str) else parts


def is_same_phone(cell: str, phone: str) -> bool:
    """Whether *cell* is what a spreadsheet makes of *phone*: ``16175555555`` or ``1.61756E+10`` of ``+16175555555``."""
    digits = phone.removeprefix("+")
    if not digits.isdecimal():
        return False
    with suppress(ValueError):
        number, rounded = float(cell.replace(",", ".")), "e" in cell.casefold()
        return abs(number - float(digits)) <= (float(digits) * _ROUNDING if rounded else 0)
    return False


def unwrap_text(cell: object) -> str:
    """Return a cell as text, whatever its type."""
    if isinstance(cell, str):
        return cell
    value = _unwrap(cell)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _unwrap(cell: object) -> Any:
    """Return the value in a cell. 64-bit numbers come wrapped with their type."""
    return getattr(cell, "value", cell)


def _read_word(value: object) -> str:
    return fold_text(str("" if value is None else value)[:100]).strip("'\"`’ \ufe0f").strip()


def _plain(moment: datetime) -> datetime:
    """Return a plain UTC time. The SDK's own kind keeps the text that it was read from, and is equal to no other."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return datetime.combine(utc.date(), utc.time(), UTC)


def list_moments(value: object) -> tuple[list[datetime], timedelta]:
    """Return the times that *value* may mean, and how much of a time it leaves unsaid. Raises: ValueError."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _read_word(value)
    if _SERIAL.fullmatch(text):
        return [_SPREADSHEET_EPOCH + timedelta(days=float(text.replace(",", ".")))], _A_SECOND
    with suppress(ValueError):
        moment = datetime.fromisoformat(text.upper())
        unsaid = _A_SECOND if _ISO_SECONDS.search(text) else _A_MINUTE if _ISO_HOUR.search(text) else A_DAY
        return [_plain(moment)], unsaid
    offset = timedelta(0)
    zone = _ZONE.search(text)
    # The year of ``26-11-2026`` is no offset: an offset stands behind a time of day.
    if zone and (not zone["sign"] or _CLOCK.search(text, 0, zone.start())):
        text = text[: zone.start()]
        if zone["sign"]:
            offset = timedelta(hours=int(zone["hours"]), minutes=int(zone["minutes"]))
            offset = -offset if zone["sign"] == "-" else offset
    days, rest = _list_days(text)
    clock = rest.strip(" ,t")
    found = _CLOCK.fullmatch(clock)
    if clock and not found:
        raise ValueError("no time of a day")
    since = _read_clock(found) if found else timedelta(0)
    unsaid = A_DAY if not found else _A_SECOND if found["second"] else _A_MINUTE
    return sorted({datetime(*day, tzinfo=UTC) + since - offset for day in days}), unsaid


def _list_days(text: str) -> tuple[list[tuple[int, int, int]], str]:
    """Return the days (year, month, day) that the start of *text* may mean, and the rest. Raises: ValueError."""
    if found := _YEAR_FIRST.match(text):
        return [(int(found["year"]), int(found["month"]), int(found["day"]))], text[found.end() :]
    if found := _YEAR_LAST.match(text):
        year, one, other = _read_year(found["year"]), int(found["one"]), int(found["other"])
        day_first, month_first = (year, other, one), (year, one, other)
        # Dots are written where the day comes first.
        days = [day_first] if found["mark"] == "." else [day_first, month_first]
        return [day for day in days if day[1] <= _NOON], text[found.end() :]
    if found := _NAMED.match(text):
        month = "".join(c for c in unicodedata.normalize("NFD", found["month"] or found["month_first"]) if c.isalpha())
        if number := _MONTHS.get(month[:4]) or _MONTHS.get(month[:3]):
            return [(_read_year(found["year"]), number, int(found["day"] or found["day_second"]))], text[found.end() :]
    if found := _WEEKDAY.match(text):
        return _list_days(text[found.end() :])
    raise ValueError("no day")


def _read_year(text: str) -> int:
    return int(text) + (FIRST_YEAR if len(text) == 2 else 0)  # noqa: PLR2004 -- digits of a short year


def _read_clock(found: re.Match[str]) -> timedelta:
    hour, half = int(found["hour"]), found["half"]
    if hour >= (_NOON + 1 if half else 24) or int(found["minute"]) >= 60:  # noqa: PLR2004 -- of a day and an hour
        raise ValueError("no time of a day")
    if half:
        hour = hour % _NOON + (_NOON if half[0] == "p" else 0)
    part = float(f"0.{found['part'] or 0}")
    return timedelta(hours=hour, minutes=int(found["minute"]), seconds=int(found["second"] or 0) + part)
