"""The kinds of options: how each is typed, and what to type instead of a mistake."""

from datetime import date, timedelta
from typing import Any, Final

import click

from lead_core.adapters.tables.typed import FIRST_YEAR, LAST_YEAR
from lead_core.lead.retention import Retention
from lead_core.lead.status_words import Word, parse_word
from lead_core.settings import parse_duration

ANY_STATUS: Final = "any"
"""The word that means every status."""


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return value if isinstance(value, timedelta) else parse_duration(str(value))
        except ValueError as error:
            self.fail(f"{value!r} is no duration: {error}.", param, ctx)


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-11-27.", param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value!r} is no day of a lead: the year must be a mistake.", param, ctx)
        return day


class _Status(click.ParamType[str]):
    name = "word"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if str(value).strip().lower() == ANY_STATUS:
            return ANY_STATUS
        word = parse_word(str(value)) if str(value).strip() else None
        return word or self.fail(f"{value!r} is no status. Write {', '.join(Word)} or {ANY_STATUS}.", param, ctx)


class _Age(click.ParamType[Retention]):
    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Retention:
        if isinstance(value, Retention):
            return value
        text = str(value).strip()
        try:
            return Retention.parse(f"{text}o" if text[:-1].isdecimal() and text[-1:] in {"m", "M"} else text)
        except ValueError as error:
            self.fail(f"{value!r} is no age: {error}.", param, ctx)


DURATION: Final = _Duration()
"""``90s``, ``10m``, ``24h`` or ``3d``."""
DAY: Final = _Day()
"""``2026-11-27``."""
STATUS: Final = _Status()
"""A `Word`, read as in the table, or ``any``."""
AGE: Final = _Age()
"""``24mo``, ``2y`` or ``730d``. Nothing is minutes old here, so ``24m`` are months as well."""
