"""The four figures on top of a report, and how each changed. Page and mail say them alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from lead_core.lead.report import Report, Speed
from lead_core.lead.scale import LIMITS
from lead_core.views.moments import format_length

NOTHING: Final = "—"
"""Stands where nothing can be judged. The reason stands beside it."""
A_DAY: Final = LIMITS.index(timedelta(hours=24))
_A_MINUTE: Final = timedelta(minutes=1)


class Trend(StrEnum):
    """What a change means for customers."""

    BETTER = "better"
    WORSE = "worse"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure changed."""

    sign: str
    """``▲`` up, ``▼`` down, ``=`` neither. ``""`` if there is nothing to compare with."""
    words: str
    """How far, and whether that is better or worse: ``better by 6 points (76% before)``."""
    trend: Trend = Trend.NEITHER


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, in words."""

    name: str
    value: str
    about: str
    """What the figure counts, or why there is none."""
    change: Change


def list_figures(report: Report) -> tuple[Figure, ...]:
    """Return the four figures of a report."""
    return (
        _tell_share(report.speed, report.speed_before),
        _tell_median(report.speed, report.speed_before),
        Figure(
            "Waiting now",
            f"{report.waiting:,}",
            "whenever they came",
            _compare(report.waiting, _find_waiting_before(report), _write_number, is_more_better=False),
        ),
        Figure(
            "Leads in",
            f"{report.leads:,}",
            "in these weeks" if report.first < report.last else "in the week",
            _compare(report.leads, report.leads_before, _write_number, is_more_better=None),
        ),
    )


def _find_waiting_before(report: Report) -> int | None:
    """Return how many waited before. None if no customer had come: who waits now is not worse than nobody at all."""
    had_begun = report.leads_before or report.speed_before.waits or report.waiting_before
    return report.waiting_before if had_begun or not report.waiting else None


def find_percent(share: float | None) -> int | None:
    """Return a share in percent, rounded. But 100 is all, and 0 is none."""
    if share is None or share in {0, 1}:
        return None if share is None else int(100 * share)
    return min(max(round(100 * share), 1), 99)


def format_share(share: float | None) -> str:
    """Return a share: ``82%``, or ``—`` if there is none."""
    percent = find_percent(share)
    return NOTHING if percent is None else f"{percent}%"


def format_median(length: timedelta | None) -> str:
    """Return a length: ``2 h 10 min``, or ``—`` if there is none."""
    return NOTHING if length is None else format_length(length)


def _tell_share(speed: Speed, before: Speed) -> Figure:
    share, earlier = speed.share(A_DAY), before.share(A_DAY)
    judged = f"{speed.within[A_DAY]:,} of {speed.judged[A_DAY]:,} waits"
    return Figure(
        "Answered within 24 hours",
        format_share(share),
        judged if share is not None else "it is too early to tell" if speed.waits else "nobody waited",
        _compare(find_percent(share), find_percent(earlier), _write_percent, is_more_better=True, unit=" points"),
    )


def _tell_median(speed: Speed, before: Speed) -> Figure:
    reason = "fewer than half are answered" if speed.waits else "nobody waited"
    return Figure(
        "Half are answered within",
        format_median(speed.median),
        "the median" if speed.median is not None else reason,
        _compare(_count_minutes(speed.median), _count_minutes(before.median), _write_minutes, is_more_better=False),
    )


def _compare(
    now: int | None, before: int | None, write: Callable[[int], str], *, is_more_better: bool | None, unit: str = ""
) -> Change:
    """Return how a figure changed. *unit* is what a difference is counted in, if it is not what *write* says."""
    if now is None or before is None:
        return Change("", "nothing to compare with" if before is None else f"{write(before)} before")
    if now == before:
        return Change("=", "as before")
    size = f"{abs(now - before)}{unit}" if unit else write(abs(now - before))
    sign, was = "▲" if now > before else "▼", f"({write(before)} before)"
    if is_more_better is None:
        return Change(sign, f"{size} {'more' if now > before else 'fewer'} {was}")
    trend = Trend.BETTER if (now > before) is is_more_better else Trend.WORSE
    return Change(sign, f"{trend} by {size} {was}", trend)


def _count_minutes(length: timedelta | None) -> int | None:
    return None if length is None else length // _A_MINUTE


def _write_minutes(minutes: int) -> str:
    return format_length(minutes * _A_MINUTE)


def _write_number(number: int) -> str:
    return f"{number:,}"


def _write_percent(percent: int) -> str:
    return f"{percent}%"
