"""The page and the file of a report show its figures, and no others."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.counting import UNKNOWN
from lead_core.lead.report import Group, Period, Report, Speed, WeekBar
from lead_core.lead.scale import LIMITS, STEPS
from lead_core.lead.tally import OTHERS, Dimension, Milestone
from lead_core.lead.waits import Apart
from lead_core.lead.weeks import Week
from lead_core.views.charts import SPEEDS
from lead_core.views.figures import Trend, find_percent, format_share, list_figures
from lead_core.views.moments import format_length
from lead_core.views.report import (
    LIMIT_WORDS,
    MILESTONE_WORDS,
    SPEED_WORDS,
    ReportPage,
    describe_apart,
    find_period,
    name_group,
    name_week,
    render_report,
    tell_current,
    tell_freshness,
    tell_response,
)
from lead_core.views.report_csv import FigureRow, list_figure_rows
from tests.reader import Reader, Tables
from tests.reports import COUNTED_AT, GROUPS, LAST, NOTHING_CAME, SLOWER, SPEED, report
from tests.seen import LINK, unanswered

BERLIN = ZoneInfo("Europe/Berlin")
NOW = (COUNTED_AT + timedelta(minutes=25)).astimezone(BERLIN)
TITLES = ["Waits by week", "Response times", "Answered in time", "How far leads came"]
lengths = st.none() | st.sampled_from(STEPS)


def show(shown: Report | None = None, **given: Any) -> str:
    page = ReportPage(period=Period.MONTH, now=NOW, report=shown or report())
    return render_report(replace(page, **given))


def rows_of(html: str, title: str) -> list[list[str]]:
    """Return the rows of a table without its head."""
    return Tables(html).found[title][1:]


def figures_of(shown: Report) -> dict[tuple[str, str, str, str], int | None]:
    rows = list(list_figure_rows(shown))
    found = {row[:4]: row.value for row in rows}
    assert len(found) == len(rows)  # Each figure is there once.
    return found


@st.composite
def speeds(draw: st.DrawFn) -> Speed:
    waits = draw(st.integers(0, 10**4))
    judged = tuple(draw(st.integers(0, waits)) for _ in LIMITS)
    return Speed(
        waits=waits,
        answered=draw(st.integers(0, waits)),
        judged=judged,
        within=tuple(draw(st.integers(0, each)) for each in judged),
        median=draw(lengths),
        ninth_decile=draw(lengths),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    number = st.integers(0, 10**4)
    bar = st.builds(WeekBar, st.just(LAST), number, st.tuples(number, number, number, number, number))
    names = st.lists(st.text(max_size=8), unique=True, max_size=3)
    groups = {
        dimension: tuple(Group(name, draw(number), draw(speeds())) for name in draw(names)) for dimension in Dimension
    }
    return report(
        leads=draw(number),
        leads_before=draw(number),
        waiting=draw(number),
        waiting_before=draw(number),
        speed=draw(speeds()),
        speed_before=draw(speeds()),
        speed_in_hours=draw(st.none() | speeds()),
        funnel=draw(st.dictionaries(st.sampled_from(Milestone), number)),
        weeks=tuple(replace(draw(bar), week=week.week) for week in report().weeks),
        groups=groups,
        apart=draw(st.dictionaries(st.sampled_from(Apart), number)),
        qualified=draw(st.dictionaries(st.text(max_size=5), number, max_size=3)),
    )


@settings(max_examples=25, deadline=None)
@given(reports())
def test_the_page_shows_the_figures_of_its_report(shown: Report) -> None:
    html = show(shown)
    assert "nan" not in html.lower().replace("finance", "")
    values = re.findall(r'class="value">(.*?)<', html)
    share = format_share(shown.speed.share(2))
    median = format_length(shown.speed.median) if shown.speed.median else "—"
    assert values == [share, median, f"{shown.waiting:,}", f"{shown.leads:,}"]
    assert [row[1:] for row in rows_of(html, "Waits by week")] == [
        [f"{number:,}" for number in (bar.leads, *bar.by_speed)] for bar in shown.weeks
    ]
    assert [row[1] for row in rows_of(html, "Answered in time")] == [
        format_share(shown.speed.share(place)) for place in range(len(LIMITS))
    ]
    assert [row[1] for row in rows_of(html, "How far leads came")] == [
        f"{shown.funnel.get(milestone, 0):,}" for milestone in Milestone
    ]
    for dimension, title in zip(Dimension, ("owner", "offer", "source", "what they did"), strict=True):
        found = rows_of(html, f"By {title}") if shown.groups[dimension] else []
        assert [(row[1], row[4]) for row in found] == [
            (f"{group.leads:,}", f"{group.speed.waits - group.speed.answered:,}") for group in shown.groups[dimension]
        ]


@settings(max_examples=25, deadline=None)
@given(reports())
def test_the_file_holds_the_figures_of_its_report(shown: Report) -> None:
    found, weeks = figures_of(shown), "2026-W44/2026-W47"
    assert found["all", "", weeks, "leads"] == shown.leads
    assert found["all", "", weeks, "waiting now"] == shown.waiting
    assert found["all", "", "2026-W40/2026-W43", "leads"] == shown.leads_before
    for bar in (*shown.weeks, shown.current):
        assert found["week", "", str(bar.week), "leads"] == bar.leads
        parts = [found["week", "", str(bar.week), f"waits, {words}"] for words in SPEED_WORDS.values()]
        assert parts == list(bar.by_speed)
    for milestone in Milestone:
        assert found["funnel", "", weeks, milestone] == shown.funnel.get(milestone, 0)
    each = [(dimension, group.name, group.speed) for dimension in Dimension for group in shown.groups[dimension]]
    for section, name, speed in [("all", "", shown.speed), *each]:
        assert found[section, name, weeks, "waits"] == speed.waits
        for place, words in enumerate(LIMIT_WORDS):
            assert found[section, name, weeks, f"of them, answered within {words}"] == speed.within[place]
        minutes = found[section, name, weeks, "minutes until half were answered"]
        assert minutes == (speed.median / timedelta(minutes=1) if speed.median else None)


def test_a_file_says_which_weeks_each_figure_is_about() -> None:
    rows = set(list_figure_rows(report()))
    assert FigureRow("owner", "anna@contoso.example", "2026-W44/2026-W47", "waits, answered", 37) in rows
    assert FigureRow("week", "", "2026-W48", "waits, still waiting", 3) in rows
    assert FigureRow("all in working hours", "", "2026-W44/2026-W47", "minutes until half were answered", 80) in rows
    assert FigureRow("not counted", "spam", "2026-W44/2026-W47", "leads", 2) in rows
    assert FigureRow("qualified", "Has a budget", "2026-W44/2026-W47", "leads", 9) in rows
    assert "waiting at the end" in {row.figure for row in rows if row.week == "2026-W40/2026-W43"}


@pytest.mark.parametrize(
    ("changed", "sign", "words", "trend"),
    [
        ({}, "▲", "better by 8 points (74% before)", Trend.BETTER),
        ({"speed": SLOWER, "speed_before": SPEED}, "▼", "worse by 8 points (82% before)", Trend.WORSE),
        ({"speed_before": SPEED}, "=", "as before", Trend.NEITHER),
        ({"speed_before": Speed()}, "", "nothing to compare with", Trend.NEITHER),
        ({"speed": Speed()}, "", "74% before", Trend.NEITHER),
    ],
)
def test_a_figure_says_how_it_changed_in_words_and_with_a_sign(
    changed: dict[str, Any], sign: str, words: str, trend: Trend
) -> None:
    change = list_figures(report(**changed))[0].change
    assert (change.sign, change.words, change.trend) == (sign, words, trend)


def test_a_new_app_has_not_become_worse_because_customers_wait_now() -> None:
    before: dict[str, Any] = {"leads_before": 0, "waiting_before": 0, "speed_before": Speed()}
    words = [list_figures(report(waiting=waiting, **before))[2].change.words for waiting in (14, 0)]
    assert words == ["nothing to compare with", "as before"]
    assert list_figures(report(waiting=14, waiting_before=0))[2].change.trend is Trend.WORSE


def test_a_shorter_time_and_fewer_who_wait_are_better_and_more_leads_are_neither() -> None:
    _, median, waiting, leads = [figure.change for figure in list_figures(report())]
    assert (median.sign, median.words, median.trend) == ("▼", "better by 1 h 20 min (3 h 30 min before)", Trend.BETTER)
    assert (waiting.sign, waiting.words, waiting.trend) == ("▲", "worse by 2 (6 before)", Trend.WORSE)
    assert (leads.sign, leads.words, leads.trend) == ("▲", "5 more (82 before)", Trend.NEITHER)
    fewer = list_figures(report(leads=80))[3].change
    assert (fewer.sign, fewer.words) == ("▼", "2 fewer (82 before)")


@pytest.mark.parametrize(
    ("speed", "share", "median"),
    [
        (Speed(), "nobody waited", "nobody waited"),
        (Speed(waits=3), "it is too early to tell", "fewer than half are answered"),
    ],
)
def test_where_nothing_can_be_judged_the_reason_stands(speed: Speed, share: str, median: str) -> None:
    figures = list_figures(report(speed=speed))[:2]
    assert [(figure.value, figure.about) for figure in figures] == [("—", share), ("—", median)]


@pytest.mark.parametrize(
    ("share", "percent"), [(None, None), (0, 0), (1, 100), (0.001, 1), (0.999, 99), (0.824, 82), (0.825, 82)]
)
def test_a_share_is_all_or_none_only_if_it_is(share: float | None, percent: int | None) -> None:
    assert find_percent(share) == percent


@pytest.mark.parametrize(
    ("speed", "said"),
    [
        (SPEED, "Half of the customers were answered within 2 h 10 min, nine of ten within 2 d 6 h."),
        (
            replace(SPEED, ninth_decile=None),
            "Half of the customers were answered within 2 h 10 min. Fewer than nine of ten are answered so far.",
        ),
        (Speed(waits=1), "Fewer than half of the customers are answered so far."),
        (Speed(), "Nobody waited in these weeks."),
    ],
)
def test_response_times_are_a_sentence(speed: Speed, said: str) -> None:
    assert tell_response(speed) == said


def test_working_time_is_told_beside_if_it_is_set_and_known() -> None:
    said = "Half of the customers were answered within 1 h 20 min of working time, nine of ten within 15 h."
    assert said in show()
    for unknown in (None, Speed(waits=2)):
        assert "working time" not in show(report(speed_in_hours=unknown))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (130, "2 h 10 min"), (2_879, "47 h 59 min"), (2_880, "2 d")],
)
def test_a_length_is_written_by_the_two_units_that_matter(minutes: int, words: str) -> None:
    assert format_length(timedelta(minutes=minutes)) == words
    assert format_length(timedelta(days=3, hours=4, minutes=5)) == "3 d 4 h"


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(minutes=25), "Counted 25 minutes ago, at 10:07 CET."),
        (timedelta(days=3), "Counted 3 days ago, on Fri 27 Nov, 10:07 CET."),
    ],
)
def test_a_page_says_how_fresh_it_is(later: timedelta, said: str) -> None:
    assert tell_freshness(COUNTED_AT, (COUNTED_AT + later).astimezone(BERLIN)) == said


@pytest.mark.parametrize(
    ("week", "said"),
    [
        (Week(2026, 47), "16 to 22 Nov 2026"),
        (Week(2026, 44), "26 Oct to 1 Nov 2026"),
        (Week(2026, 53), "28 Dec 2026 to 3 Jan 2027"),
    ],
)
def test_a_week_is_named_by_its_days(week: Week, said: str) -> None:
    assert name_week(week) == said


def test_the_current_week_is_told_apart() -> None:
    said = tell_current(report().current)
    assert said == "This week so far (23 to 29 Nov 2026): 12 leads. Of 10 who began to wait, 7 are answered."
    assert tell_current(NOTHING_CAME.current) == "This week so far (23 to 29 Nov 2026): 0 leads."
    assert said in show()


def test_a_group_is_named_as_people_know_it() -> None:
    assert name_group(Dimension.ACTION, "PLT") == "Pressed Contact me"
    assert name_group(Dimension.ACTION, "WALLET") == "Did “WALLET”"
    assert name_group(Dimension.ACTION, UNKNOWN) == name_group(Dimension.OWNER, UNKNOWN) == "Unknown"
    assert name_group(Dimension.OFFER, OTHERS) == "All others"


def test_what_is_not_counted_is_said() -> None:
    html = show()
    assert "<li>Test leads: 3</li>\n<li>Spam: 2</li>" in html
    assert {describe_apart(reason) for reason in Apart}.isdisjoint({""})
    assert describe_apart("a new reason") == "a new reason"
    assert "No lead of these weeks is left out." in show(NOTHING_CAME)


def test_without_a_wait_no_share_is_shown() -> None:
    assert {row[1] for row in rows_of(show(NOTHING_CAME), "Response times")} == {"—"}
    nobody_answered = report(speed=Speed(waits=2), curve=())
    assert {row[1] for row in rows_of(show(nobody_answered), "Response times")} == {"0%"}


def test_who_waits_longest_is_a_link_each() -> None:
    html = show(waiting=(unanswered(), unanswered(company="", first_name="", last_name="", email="", phone="")))
    assert [link["href"] for link in Reader(html).named("a")][-2:] == [LINK, LINK]
    assert "Waiting for 12 days, since 10 November 2026. Owner: <bdi>sales@contoso.example</bdi>" in html
    assert "Who waits longest now" not in show()


@pytest.mark.parametrize(
    ("weeks", "period"), [("4", 4), ("13", 13), ("52", 52), ("", 4), ("1", 4), ("x", 4), ("-4", 4)]
)
def test_any_other_period_is_four_weeks(weeks: str, period: int) -> None:
    assert find_period(weeks) == period


@pytest.mark.parametrize("period", [Period.MONTH, Period.QUARTER, Period.YEAR])
def test_the_period_that_is_shown_is_marked_and_its_file_is_offered(period: Period) -> None:
    links = Reader(show(report(period), period=period)).named("a")
    assert [link["href"] for link in links if link.get("aria-current") == "page"] == [f"?weeks={period}"]
    assert links[3]["href"] == f"?weeks={period}&format=csv"


def charts(html: str) -> Iterator[dict[str, str | None]]:
    return (found for found in Reader(html).named("svg") if found.get("role") == "img")


@pytest.mark.parametrize("shown", [report(), report(Period.YEAR), NOTHING_CAME])
def test_a_page_has_no_script_fetches_nothing_and_names_its_charts(shown: Report) -> None:
    html = show(shown)
    elements = Reader(html).elements
    assert not {tag for tag, _ in elements} & {"script", "img", "link", "iframe", "object", "base", "image", "use"}
    attributes = {name for _, found in elements for name in found}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"style", "src"}
    ids = [found["id"] for _, found in elements if "id" in found]
    assert len(ids) == len(set(ids))
    named = [pointer for chart in charts(html) for pointer in (chart["aria-labelledby"] or "").split()]
    assert len(named) == 6
    assert set(named) <= set(ids)
    assert set(TITLES) <= set(Tables(html).found)


def test_no_fill_is_said_by_colour_alone() -> None:
    """Each speed but the first and the last has a pattern, and the last is hollow."""
    html = show()
    patterns = {str(found["id"]) for found in Reader(html).named("pattern")}
    assert patterns == {f"{speed}-pattern" for speed in SPEEDS[1:-1]}
    assert set(re.findall(r"url\(#([\w-]+)\)", html)) == patterns


def test_before_the_first_round_the_page_says_when_to_come_again() -> None:
    html = render_report(ReportPage(period=Period.MONTH, now=NOW, report=None))
    assert "There are no figures yet." in html
    assert "Open this page again after the next check." in html


def test_every_milestone_and_group_has_words() -> None:
    assert list(MILESTONE_WORDS) == list(Milestone)
    assert list(GROUPS) == list(Dimension)


def test_words_of_limits_say_what_is_counted() -> None:
    within = [words.removeprefix("within ") for words in list(SPEED_WORDS.values())[:3]]
    assert tuple(map(read_length, LIMIT_WORDS)) == LIMITS
    assert tuple(map(read_length, within)) == LIMITS[1:]


def read_length(words: str) -> timedelta:
    number, unit = words.split()
    return timedelta(**{f"{unit.removesuffix('s')}s": int(number)})
