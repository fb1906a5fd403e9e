"""When something was, in words that are still true when the mail is read. Times are in their own zone."""

from datetime import date, datetime, timedelta

from lead_core.views.words import count, name_zone

_LONG_AGO = timedelta(days=2)
"""Until then, a duration is in hours."""


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
