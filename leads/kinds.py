"""The kinds of options: how each is typed, and what to type instead of a mistake."""

from datetime import date, timedelta
from typing import Any, Final

import click

from lead_core.settings import parse_duration


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
            return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-11-27.", param, ctx)


DURATION: Final = _Duration()
"""``90s``, ``10m``, ``24h`` or ``3d``."""
DAY: Final = _Day()
"""``2026-11-27``."""
