"""The figures of a report as rows of a file. Each row is one figure, and each cell that counts is a whole number."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from lead_core.lead.report import Report, Speed
from lead_core.lead.tally import Milestone
from lead_core.lead.weeks import Week
from lead_core.views.report import LIMIT_WORDS, SPEED_WORDS

TITLES: Final = ("Section", "Name", "Week", "Figure", "Value")
_A_MINUTE: Final = timedelta(minutes=1)


class FigureRow(NamedTuple):
    """One figure of a report."""

    section: str
    name: str
    """The owner, the offer, … ``""`` for all together. It comes from a customer's lead."""
    week: str
    """``2026-W47``, or the first and the last of several weeks: ``2026-W44/2026-W47``."""
    figure: str
    value: int | None
    """None if nothing can be judged."""


def list_figure_rows(report: Report) -> Iterator[FigureRow]:
    """Yield the figures that the page shows."""
    weeks = _name_weeks(report.first, report.last)
    yield from _list_period(report, weeks)
    for bar in (*report.weeks, report.current):
        yield FigureRow("week", "", str(bar.week), "leads", bar.leads)
        for words, number in zip(SPEED_WORDS.values(), bar.by_speed, strict=True):
            yield FigureRow("week", "", str(bar.week), f"waits, {words}", number)
    for milestone in Milestone:
        yield FigureRow("funnel", "", weeks, milestone.value, report.funnel.get(milestone, 0))
    for dimension, groups in report.groups.items():
        for group in groups:
            yield FigureRow(dimension.value, group.name, weeks, "leads", group.leads)
            yield from _list_speed(dimension.value, group.name, weeks, group.speed)
    for section, counts in (("qualified", report.qualified), ("not counted", report.apart)):
        for name, number in counts.items():
            yield FigureRow(section, name, weeks, "leads", number)


def _list_period(report: Report, weeks: str) -> Iterator[FigureRow]:
    before = _name_weeks(report.first.plus(-report.period), report.first.plus(-1))
    yield FigureRow("all", "", weeks, "leads", report.leads)
    yield FigureRow("all", "", weeks, "waiting now", report.waiting)
    yield from _list_speed("all", "", weeks, report.speed)
    if report.speed_in_hours:
        yield from _list_lengths("all in working hours", "", weeks, report.speed_in_hours)
    yield FigureRow("all", "", before, "leads", report.leads_before)
    yield FigureRow("all", "", before, "waiting at the end", report.waiting_before)
    yield from _list_speed("all", "", before, report.speed_before)


def _list_speed(section: str, name: str, week: str, speed: Speed) -> Iterator[FigureRow]:
    yield FigureRow(section, name, week, "waits", speed.waits)
    yield FigureRow(section, name, week, "waits, answered", speed.answered)
    for words, judged, within in zip(LIMIT_WORDS, speed.judged, speed.within, strict=True):
        yield FigureRow(section, name, week, f"waits that can be judged for {words}", judged)
        yield FigureRow(section, name, week, f"of them, answered within {words}", within)
    yield from _list_lengths(section, name, week, speed)


def _list_lengths(section: str, name: str, week: str, speed: Speed) -> Iterator[FigureRow]:
    for words, length in (("half", speed.median), ("nine of ten", speed.ninth_decile)):
        minutes = None if length is None else length // _A_MINUTE
        yield FigureRow(section, name, week, f"minutes until {words} were answered", minutes)


def _name_weeks(first: Week, last: Week) -> str:
    return f"{first}/{last}"
