"""Where each line and bar of a chart stands, in units of its drawing. The templates draw it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from lead_core.lead.report import WeekBar
from lead_core.lead.tally import Milestone
from lead_core.views.moments import format_length

WIDTH: Final = 340
"""As wide as a phone, so that what is written in a chart is read there."""
LEFT, RIGHT, TOP, BOTTOM = 34, 332, 10, 150
"""The frame. Outside of it stands what is written on the axes."""
SPEEDS: Final = ("hour", "day", "days", "later", "waiting")
"""The parts of a bar from the ground up, as in `WeekBar.by_speed`."""
BAR_HEIGHT: Final = 14
_ROW_HEIGHT: Final = 40
_BAR_IN_ROW: Final = 18
_MOST_LABELS: Final = 5
_TOPS: Final = (2, 4, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80)
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=14)
_TICKS: Final = (
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=24),
    timedelta(days=3),
    timedelta(days=7),
)


class Mark(NamedTuple):
    """A place on an axis, and what is written there."""

    at: float
    label: str


class Bar(NamedTuple):
    """A bar, or a part of one."""

    kind: str
    """One of `SPEEDS`. ``""`` if there is one kind alone."""
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class WeekChart:
    """A bar for each week, and in it a part for each speed."""

    bars: tuple[Bar, ...]
    weeks: tuple[Mark, ...]
    counts: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Which share is answered after which time."""

    path: str
    """The line, as SVG writes it."""
    lengths: tuple[Mark, ...]
    shares: tuple[Mark, ...]
    median: Mark | None
    """None if there is none, or it is off the chart."""

    @property
    def is_median_late(self) -> bool:
        """Whether there is more room before the median than after it."""
        return self.median is not None and self.median.at > (LEFT + RIGHT) / 2


@dataclass(frozen=True, slots=True)
class FunnelChart:
    """A bar for each milestone, and its row, in which words stand above the bar."""

    bars: tuple[Bar, ...]
    height: int


def draw_weeks(weeks: Sequence[WeekBar]) -> WeekChart:
    """Return the bars of *weeks*, the earliest first."""
    top = find_top(max((sum(week.by_speed) for week in weeks), default=0))
    step = (RIGHT - LEFT) / max(len(weeks), 1)
    bars = [bar for place, week in enumerate(weeks) for bar in _stack(week, LEFT + place * step, step, top)]
    every = math.ceil(len(weeks) / _MOST_LABELS)
    labels = [
        Mark(_round(LEFT + (place + 0.5) * step), f"{week.week.monday.day} {week.week.monday:%b}")
        for place, week in enumerate(weeks)
        if place % every == 0
    ]
    counts = [Mark(_round(_rise(number / top)), f"{number:,}") for number in (0, top // 2, top)]
    return WeekChart(tuple(bars), tuple(labels), tuple(counts))


def draw_curve(curve: Sequence[tuple[timedelta, float]], median: timedelta | None) -> CurveChart:
    """Return the line of *curve*, rising steps from 0, and where *median* is on it."""
    shown = [(length, share) for length, share in curve if length <= _LONGEST]
    steps = [f"H{find_place(length)}V{_round(_rise(share))}" for length, share in shown]
    rest = f"H{RIGHT}" if len(shown) < len(curve) else ""  # What comes later is off the chart.
    return CurveChart(
        path=f"M{LEFT} {BOTTOM}{''.join(steps)}{rest}" if curve else "",
        lengths=tuple(Mark(find_place(length), format_length(length)) for length in _TICKS),
        shares=tuple(Mark(_round(_rise(percent / 100)), f"{percent}%") for percent in (0, 50, 100)),
        median=Mark(find_place(median), format_length(median)) if median and median <= _LONGEST else None,
    )


def draw_funnel(reached: Mapping[Milestone, int]) -> FunnelChart:
    """Return a bar for each milestone. The first one is as wide as the chart."""
    most = max(reached.values(), default=0) or 1
    bars = [
        Bar("", 0, place * _ROW_HEIGHT + _BAR_IN_ROW, _round(WIDTH * reached.get(milestone, 0) / most), BAR_HEIGHT)
        for place, milestone in enumerate(Milestone)
    ]
    return FunnelChart(tuple(bars), len(bars) * _ROW_HEIGHT)


def _find_share(curve: Iterable[tuple[timedelta, float]], length: timedelta) -> float:
    """Return the share that is answered after *length*."""
    return max((share for at, share in curve if at <= length), default=0.0)


def list_shares(curve: Sequence[tuple[timedelta, float]]) -> list[tuple[str, float]]:
    """Return the curve as numbers: the share after each length that its chart names."""
    return [(format_length(length), _find_share(curve, length)) for length in _TICKS]


def find_place(length: timedelta) -> float:
    """Return where a length stands. An hour is as far from a minute as 60 hours are from an hour."""
    share = math.log(max(length, _SHORTEST) / _SHORTEST) / math.log(_LONGEST / _SHORTEST)
    return _round(LEFT + share * (RIGHT - LEFT))


def find_top(most: int) -> int:
    """Return the number at the top of an axis: even, round, and not less than *most*."""
    scale = 1
    while most > _TOPS[-1] * scale:
        scale *= 10
    return next(top * scale for top in _TOPS if top * scale >= most)


def _stack(week: WeekBar, x: float, step: float, top: int) -> list[Bar]:
    ends = [_rise(number / top) for number in accumulate(week.by_speed, initial=0)]
    gap = step / 5
    return [
        Bar(kind, _round(x + gap / 2), _round(end), _round(step - gap), _round(start - end))
        for kind, (start, end) in zip(SPEEDS, pairwise(ends), strict=True)
        if start > end
    ]


def _rise(share: float) -> float:
    """Return how high a share of the frame is. A drawing is measured from its top."""
    return BOTTOM - share * (BOTTOM - TOP)


def _round(number: float) -> float:
    return round(number, 2)
