"""What stands in a chart is within its frame, and as high or as far as its number says."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.report import WeekBar
from lead_core.lead.scale import STEPS
from lead_core.lead.tally import Milestone
from lead_core.views.charts import (
    BOTTOM,
    LEFT,
    RIGHT,
    SPEEDS,
    TOP,
    WIDTH,
    draw_curve,
    draw_funnel,
    draw_weeks,
    find_place,
    find_top,
    list_shares,
)
from tests.reports import CURVE, LAST, weeks

FEW = settings(max_examples=50)
counts = st.integers(0, 10**6)
speeds = st.tuples(counts, counts, counts, counts, counts)
curves = st.lists(st.sampled_from(STEPS), unique=True).flatmap(
    lambda lengths: st.lists(st.floats(0, 1), min_size=len(lengths), max_size=len(lengths)).map(
        lambda shares: tuple(zip(sorted(lengths), sorted(shares), strict=True))
    )
)


@FEW
@given(st.lists(speeds, max_size=60))
def test_the_bars_of_weeks_stand_in_the_frame_and_add_up(numbers: list[tuple[int, int, int, int, int]]) -> None:
    bars = [WeekBar(LAST.plus(place), sum(each), each) for place, each in enumerate(numbers)]
    chart = draw_weeks(bars)
    top = find_top(max(map(sum, numbers), default=0))
    assert all(bar.x >= LEFT and bar.x + bar.width <= RIGHT + 0.01 for bar in chart.bars)
    assert all(bar.y >= TOP - 0.01 and bar.y + bar.height <= BOTTOM + 0.01 for bar in chart.bars)
    drawn = sum(bar.height for bar in chart.bars)
    assert drawn == pytest.approx(sum(map(sum, numbers)) / top * (BOTTOM - TOP), abs=0.01 * len(chart.bars) + 0.001)


def test_a_bar_is_stacked_from_the_ground_the_fastest_first() -> None:
    parts = draw_weeks(weeks(4)[3:]).bars
    assert tuple(part.kind for part in parts) == SPEEDS
    assert parts[0].y + parts[0].height == BOTTOM
    assert all(lower.y == pytest.approx(upper.y + upper.height, abs=0.02) for lower, upper in pairwise(parts))


def test_a_part_without_a_wait_is_not_drawn() -> None:
    (bar,) = draw_weeks([WeekBar(LAST, 7, (0, 7, 0, 0, 0))]).bars
    assert bar.kind == "day"


def test_no_weeks_and_weeks_without_waits_have_an_axis_all_the_same() -> None:
    for empty in ([], [WeekBar(LAST, 0, (0, 0, 0, 0, 0))]):
        chart = draw_weeks(empty)
        assert chart.bars == ()
        assert [count.label for count in chart.counts] == ["0", "1", "2"]


@pytest.mark.parametrize(("number", "first", "labels"), [(4, "26 Oct", 4), (13, "24 Aug", 5), (52, "24 Nov", 5)])
def test_few_weeks_are_named_so_that_a_phone_shows_them(number: int, first: str, labels: int) -> None:
    named = draw_weeks(weeks(number)).weeks
    assert (named[0].label, len(named)) == (first, labels)


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 4), (9, 10), (11, 12), (25, 30), (81, 100), (101, 120)])
def test_an_axis_ends_at_a_round_number(most: int, top: int) -> None:
    assert find_top(most) == top


@FEW
@given(counts)
def test_an_axis_is_as_high_as_needed_and_not_twice_as_high(most: int) -> None:
    top = find_top(most)
    assert most <= top <= max(2 * most, 2)
    assert top % 2 == 0


@FEW
@given(curves, st.none() | st.sampled_from(STEPS))
def test_the_curve_stands_in_the_frame_and_rises(
    curve: tuple[tuple[timedelta, float], ...], median: timedelta | None
) -> None:
    chart = draw_curve(curve, median)
    across = [float(each) for each in re.findall(r"H([\d.]+)", chart.path)]
    up = [float(each) for each in re.findall(r"V([\d.]+)", chart.path)]
    assert re.fullmatch(r"(M\d+ \d+(H[\d.]+V[\d.]+)*(H\d+)?)?", chart.path)
    assert across == sorted(across)
    assert up == sorted(up, reverse=True)
    assert all(LEFT <= each <= RIGHT for each in across)
    assert all(TOP <= each <= BOTTOM for each in up)
    assert chart.median is None or LEFT <= chart.median.at <= RIGHT


def test_the_curve_stands_where_its_lengths_and_shares_are() -> None:
    path = draw_curve(((timedelta(minutes=5), 0.5), (timedelta(days=14), 1)), None).path
    assert path == f"M{LEFT} {BOTTOM}H{find_place(timedelta(minutes=5))}V80.0H{float(RIGHT)}V{TOP}"


def test_what_is_later_than_the_chart_goes_on_to_its_edge() -> None:
    path = draw_curve(((timedelta(hours=1), 0.5), (timedelta(days=30), 0.9)), None).path
    assert path.endswith(f"V80.0H{RIGHT}")


def test_a_median_that_is_off_the_chart_is_not_marked() -> None:
    assert draw_curve(CURVE, timedelta(days=20)).median is None
    assert draw_curve(CURVE, None).is_median_late is False
    assert draw_curve(CURVE, timedelta(days=2)).is_median_late


def test_no_wait_leaves_the_axes() -> None:
    chart = draw_curve((), None)
    assert (chart.path, len(chart.lengths), len(chart.shares)) == ("", 6, 3)


def test_a_length_stands_by_its_logarithm() -> None:
    assert find_place(timedelta(minutes=1)) == find_place(timedelta(seconds=1)) == LEFT
    assert find_place(timedelta(days=14)) == RIGHT
    hour, day = find_place(timedelta(hours=1)), find_place(timedelta(hours=60))
    assert day - hour == pytest.approx(hour - LEFT, abs=0.02)


def test_the_curve_as_numbers_says_the_share_after_each_length() -> None:
    assert list_shares(CURVE) == [
        ("5 min", 0.11),
        ("1 h", 0.43),
        ("4 h", 0.53),
        ("24 h", 0.82),
        ("3 d", 0.94),
        ("7 d", 0.98),
    ]
    assert {share for _, share in list_shares(())} == {0.0}


@FEW
@given(st.dictionaries(st.sampled_from(Milestone), counts))
def test_the_bars_of_the_funnel_are_as_wide_as_their_numbers(reached: dict[Milestone, int]) -> None:
    chart, most = draw_funnel(reached), max(reached.values(), default=0)
    assert len(chart.bars) == len(Milestone)
    assert all(bar.y + bar.height <= chart.height for bar in chart.bars)
    for milestone, bar in zip(Milestone, chart.bars, strict=True):
        assert bar.width == pytest.approx(WIDTH * reached.get(milestone, 0) / (most or 1), abs=0.01)
