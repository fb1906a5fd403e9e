"""The figures of a week in words: how many, how fast, and how that was the week before."""

from datetime import timedelta
from typing import Final, NamedTuple, TypeVar

from lead_core.lead.report import Report, Speed, WeekBar
from lead_core.lead.scale import LIMITS
from lead_core.views.words import count, describe_wait

WITHIN_A_DAY: Final = LIMITS.index(timedelta(hours=24))
NOTHING: Final = "—"
"""Stands where nothing can be told."""
_SPEEDS = ("Within 1 hour", "Within 1 day", "Within 3 days", "Later", "Still waiting")
"""The words for the parts of a `WeekBar`."""
_WEEK_BEFORE = "the week before"

Measured = TypeVar("Measured", float, timedelta)


class Figure(NamedTuple):
    """One figure."""

    name: str
    value: str
    about: str
    """What it is of, and how it was the week before. ``""`` if neither is known."""


class Bar(NamedTuple):
    """One bar of a chart."""

    name: str
    number: int
    percent: int
    """How long it is, of the whole."""


def list_figures(report: Report) -> tuple[Figure, ...]:
    """Return the four figures of a week."""
    return (
        Figure("Leads", f"{report.leads:,}", _compare_numbers(report.leads, report.leads_before, _WEEK_BEFORE)),
        _tell_share(report),
        _tell_median(report),
        Figure(
            "Customers who wait now",
            f"{report.waiting:,}",
            _compare_numbers(report.waiting, report.waiting_before, "when the week began"),
        ),
    )


def list_bars(week: WeekBar) -> tuple[Bar, ...]:
    """Return how fast the customers of a week were answered. No bar if nobody waited."""
    total = sum(week.by_speed)
    return tuple(
        Bar(name, number, _round(number / total)) for name, number in zip(_SPEEDS, week.by_speed, strict=True) if total
    )


def show_share(speed: Speed) -> str:
    """Return the share that was answered within 24 hours: ``83%``. Only all are ``100%``, and only none are ``0%``."""
    share = speed.share(WITHIN_A_DAY)
    return NOTHING if share is None else f"{_round(share)}%"


def show_median(speed: Speed) -> str:
    """Return within how long half of the customers were answered: ``5 hours``."""
    return NOTHING if speed.median is None else describe_wait(speed.median)


def _round(share: float) -> int:
    """Return a share in percent."""
    return min(max(round(share * 100), 1), 99) if 0 < share < 1 else round(share * 100)


def _tell_share(report: Report) -> Figure:
    speed, before = report.speed, report.speed_before
    judged = speed.judged[WITHIN_A_DAY]
    said = [
        f"{speed.within[WITHIN_A_DAY]:,} of {count(judged, 'customer')}." if judged else _say_unknown(speed),
        _compare(speed.share(WITHIN_A_DAY), before.share(WITHIN_A_DAY), show_share(before), is_more_better=True),
    ]
    return Figure("Answered within 24 hours", show_share(speed), " ".join(filter(None, said)))


def _tell_median(report: Report) -> Figure:
    speed, before, in_hours = report.speed, report.speed_before, report.speed_in_hours
    said = [
        f"{show_median(in_hours)} of working time." if in_hours and in_hours.median is not None else "",
        "" if speed.median is not None else _say_unknown(speed),
        _compare(speed.median, before.median, show_median(before), is_more_better=False),
    ]
    return Figure("Half answered within", show_median(speed), " ".join(filter(None, said)))


def _say_unknown(speed: Speed) -> str:
    return "It is too early to say." if speed.waits else "Nobody asked for an answer."


def _compare_numbers(now: int, before: int, when: str) -> str:
    """Return ``3 more than the week before (9)``."""
    if now == before:
        return f"As many as {when}."
    return f"{abs(now - before):,} {'more' if now > before else 'fewer'} than {when} ({before:,})."


def _compare(now: Measured | None, before: Measured | None, shown: str, *, is_more_better: bool) -> str:
    """Return ``Better than the week before (75%)``. ``""`` if there is nothing to compare."""
    if now is None or before is None:
        return ""
    if now == before:
        return f"As {_WEEK_BEFORE}."
    return f"{'Better' if (now > before) is is_more_better else 'Worse'} than {_WEEK_BEFORE} ({shown})."
