"""The weekly summary says exactly what its report holds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.report import Group, Report, Speed, WeekBar
from lead_core.lead.tally import Dimension
from lead_core.lead.weeks import Week
from lead_core.views.figures import NOTHING, list_bars, show_share
from lead_core.views.rendering import fits
from lead_core.views.summary import MAX_OWNERS, compose_subject, compose_summary, describe_week
from lead_core.views.words import describe_wait
from tests.reader import Reader
from tests.summaries import NOTHING_CAME, SLOW, WEEK, report, speed, summary

FIGURE = re.compile(r'font-weight:600">([^<]*)</p>')
BAR = re.compile(r'bgcolor="#\w+" style="height:14px')
NUMBERS = st.integers(0, 5_000)
LENGTHS = st.none() | st.timedeltas(timedelta(0), timedelta(days=90))


def one_line(text: str) -> str:
    return " ".join(text.split())


def text(**given: Any) -> str:
    """Return the plain mail about a report, on one line."""
    return one_line(compose_summary(summary(report=report(**given))).text)


@st.composite
def speeds(draw: st.DrawFn) -> Speed:
    judged = draw(st.integers(0, 500))
    within, waits = draw(st.integers(0, judged)), judged + draw(st.integers(0, 50))
    counts = {"judged": (waits, waits, judged, 0), "within": (0, within, within, 0)}
    return Speed(waits=waits, answered=within, **counts, median=draw(LENGTHS))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    by_speed = draw(st.tuples(*[st.integers(0, 300)] * 5))
    groups = tuple(Group(f"owner-{number}@contoso.example", draw(NUMBERS), draw(speeds())) for number in range(2))
    return report(
        leads=draw(st.integers(1, 5_000)),
        **{name: draw(NUMBERS) for name in ("leads_before", "waiting", "waiting_before")},
        **{name: draw(speeds()) for name in ("speed", "speed_before")},
        weeks=(WeekBar(WEEK, 1, by_speed),),
        groups={Dimension.OWNER: groups},
    )


@given(reports())
@settings(max_examples=40)
def test_both_forms_of_the_mail_hold_the_numbers_of_the_report(report: Report) -> None:
    mail = compose_summary(summary(report=report))
    values = [
        f"{report.leads:,}",
        show_share(report.speed),
        NOTHING if report.speed.median is None else describe_wait(report.speed.median),
        f"{report.waiting:,}",
    ]
    assert FIGURE.findall(mail.html) == values
    told = one_line(mail.text)
    names = ("Leads", "Answered within 24 hours", "Half answered within", "Customers who wait now")
    for name, value in zip(names, values, strict=True):
        assert f"{name}: {value}." in told
    by_speed = report.weeks[0].by_speed
    bars = re.findall(r"(?:Within 1 hour|Within 1 day|Within 3 days|Later|Still waiting): ([\d,]+) \(", told)
    assert [int(number.replace(",", "")) for number in bars] == (list(by_speed) if any(by_speed) else [])
    for group in report.groups[Dimension.OWNER]:
        assert re.search(rf"{group.name}: {group.leads:,}\b", told)


@given(reports())
@settings(max_examples=40)
def test_bars_are_as_long_as_their_numbers(report: Report) -> None:
    week = report.weeks[0]
    bars, total = list_bars(week), sum(week.by_speed)
    assert [bar.number for bar in bars] == (list(week.by_speed) if total else [])
    for bar in bars:
        assert abs(bar.percent - 100 * bar.number / total) <= 1
        assert (bar.percent > 0) == (bar.number > 0)
        assert (bar.percent == 100) == (bar.number == total)
    drawn = BAR.findall(compose_summary(summary(report=report)).html)
    assert len(drawn) == sum(bar.number > 0 for bar in bars)


@pytest.mark.parametrize(
    ("within", "judged", "shown"), [(0, 0, NOTHING), (0, 999, "0%"), (1, 999, "1%"), (998, 999, "99%"), (9, 9, "100%")]
)
def test_only_all_are_a_hundred_percent_and_only_none_are_zero(within: int, judged: int, shown: str) -> None:
    assert show_share(speed(within=(0, 0, within, 0), judged=(0, 0, judged, 0))) == shown


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({}, "Week 47: 12 leads, 83% answered within 24 h, 3 still wait"),
        ({"leads": 1, "waiting": 1}, "Week 47: 1 lead, 83% answered within 24 h, 1 still waits"),
        ({"waiting": 0}, "Week 47: 12 leads, 83% answered within 24 h"),
        ({"speed": Speed(waits=3)}, "Week 47: 12 leads, 3 still wait"),
        ({"leads": 0, "speed": Speed(), "waiting": 0}, "Week 47: no leads"),
        ({"last": Week(2026, 53), "waiting": 1_200}, "Week 53: 12 leads, 83% answered within 24 h, 1,200 still wait"),
    ],
)
def test_the_subject_tells_the_news(given: dict[str, Any], subject: str) -> None:
    assert compose_subject(report(**given)) == subject


@pytest.mark.parametrize(
    ("week", "described"),
    [
        (Week(2026, 47), "Week 47, 16 to 22 November 2026"),
        (Week(2026, 49), "Week 49, 30 November to 6 December 2026"),
        (Week(2026, 53), "Week 53, 28 December 2026 to 3 January 2027"),
        (Week(2024, 9), "Week 9, 26 February to 3 March 2024"),
    ],
)
def test_a_week_is_told_with_its_days(week: Week, described: str) -> None:
    assert describe_week(week) == described


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"leads": 9}, "Leads: 9. As many as the week before."),
        ({"leads": 8}, "Leads: 8. 1 fewer than the week before (9)."),
        ({"speed": SLOW}, "Answered within 24 hours: 67%. 6 of 9 customers. As the week before."),
        ({"speed": SLOW, "speed_before": speed()}, "67%. 6 of 9 customers. Worse than the week before (83%)."),
        ({"speed": SLOW, "speed_before": speed()}, "9 hours. Worse than the week before (5 hours)."),
        ({"speed_before": Speed()}, "83%. 10 of 12 customers. Half"),
        ({"speed": Speed(waits=2)}, "Answered within 24 hours: —. It is too early to say."),
        ({"speed": Speed()}, "Half answered within: —. Nobody asked for an answer."),
        ({"speed_in_hours": Speed(median=timedelta(hours=2))}, "5 hours. 2 hours of working time. Better"),
        ({"speed_in_hours": Speed()}, "Half answered within: 5 hours. Better"),
        ({"waiting": 0}, "Customers who wait now: 0. 5 fewer than when the week began (5)."),
        ({"waiting": 6}, "6. 1 more than when the week began (5)."),
    ],
)
def test_each_figure_is_compared_with_the_week_before(given: dict[str, Any], told: str) -> None:
    assert told in text(**given)


def test_a_week_without_leads_says_so_in_one_line_and_names_who_waits() -> None:
    mail = compose_summary(NOTHING_CAME)
    assert "No lead came. 9 came in the week before." in mail.text
    assert "BY OWNER" not in mail.text
    assert "Kim" in mail.text
    assert FIGURE.findall(mail.html) == []
    assert "No lead came. Nobody waits for an answer." in text(leads=0, leads_before=0, speed=Speed(), waiting=0)


def test_a_week_with_no_new_lead_but_an_old_customer_who_asked_again_has_figures() -> None:
    assert "Leads: 0." in text(leads=0, leads_before=0)


def test_nobody_waits_is_no_list() -> None:
    assert "WHO WAITS LONGEST" not in compose_summary(summary(report=report(waiting=0), longest=())).text


def test_figures_that_stop_in_the_week_say_so() -> None:
    assert "then, so leads and answers after that are missing" in text(counted_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert "missing" not in text()


def test_many_owners_are_summed_up() -> None:
    groups = tuple(Group(f"owner-{number}@contoso.example", 20 - number, speed()) for number in range(15))
    told = text(groups={Dimension.OWNER: groups})
    assert f"owner-{MAX_OWNERS - 1}@contoso.example: 11, 83%" in told
    assert f"others: {sum(group.leads for group in groups[MAX_OWNERS:])} WHO" in told


def test_what_stands_in_an_owner_cell_makes_no_element_and_the_mail_fits() -> None:
    hostile = '"><img src=x onerror=alert(1)></bdi></td></table>\u202e' + "x" * 500
    harmless, made = (
        compose_summary(summary(report=report(groups={Dimension.OWNER: (Group(name, 1, speed()),) * 20})))
        for name in ("anna", hostile)
    )
    assert [tag for tag, _ in Reader(made.html).elements] == [tag for tag, _ in Reader(harmless.html).elements]
    assert "\u202e" not in made.html + made.text
    assert fits(made)


def test_the_default_owner_learns_why_the_mail_comes_to_them() -> None:
    assert "refused the address in SUMMARY_TO" in one_line(compose_summary(summary(is_redirected=True)).text)
