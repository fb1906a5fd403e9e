"""When something was, and how long it took: in words for a mail, or in the few characters of a table.

Words are still true when the mail is read, and their times are in their own zone.
"""

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from lead_core.views.words import count, name_zone

_LONG_AGO = timedelta(days=2)
"""Until then, a duration is in hours."""
_LONG: Final = 2
"""From two days on, the hours of a wait count. From two weeks on, they don't."""


def describe_when(moment: datetime, now: datetime) -> str:
    """Return a time, with its year only if that is not the year of *now*: ``Thu 26 Nov, 23:11 CET``."""
    year = "" if moment.year == now.astimezone(moment.tzinfo).year else f" {moment.year}"
    return f"{moment:%a} {moment.day} {moment:%b}{year}, {moment:%H:%M} {name_zone(moment)}"


def describe_date(day: date, today: date) -> str:
    """Return a day, with its year only if that is not the year of *today*: ``26 November``."""
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B %Y}"


def describe_age(age: timedelta) -> str:
    """Return a rough duration that is still true when the mail is read an hour later: ``26 hours``, ``3 days``.

    Less than an hour is ``""``.
    """
    hours = age // timedelta(hours=1)
    return count(age.days, "day") if age >= _LONG_AGO else count(hours, "hour") if hours > 0 else ""


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


def format_length(length: timedelta) -> str:
    """Return how long something takes, by the two units that matter: ``40 min``, ``2 h 10 min``, ``3 d 4 h``."""
    minutes = length // timedelta(minutes=1)
    days, hours = minutes // 1_440, minutes // 60
    if days >= _LONG:
        return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min"
