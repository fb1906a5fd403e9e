"""Times and durations in the few characters that a table has for them."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

_LONG: Final = 2
"""From two days on, the hours of a wait count. From two weeks on, they don't."""


def format_moment(moment: datetime | None, zone: tzinfo) -> str:
    """Return a time in *zone*: ``2026-11-27 18:30``. ``""`` for None."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def format_wait(wait: timedelta | None) -> str:
    """Return how long it took or takes: ``40 s``, ``5 min``, ``26 h``, ``3 d 4 h``, ``15 d``. ``""`` for None."""
    if wait is None:
        return ""
    seconds = max(int(wait.total_seconds()), 0)
    days, hours, minutes = seconds // 86_400, seconds // 3_600, seconds // 60
    if days >= 7 * _LONG:
        return f"{days} d"
    if days >= _LONG:
        return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
    return f"{hours} h" if hours else f"{minutes} min" if minutes else f"{seconds} s"
