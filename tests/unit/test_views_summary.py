"""The weekly summary says exactly what its report holds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.report import Group, Report, Speed, WeekBar
from lead_core.lead.silence import Silence
from lead_core.lead.tally import Dimension
from lead_core.lead.weeks import Week
from lead_core.views.figures import list_figures
from lead_core.views.rendering import fits
from lead_core.views.report import SPEED_WORDS
from lead_core.views.summary import MAX_OWNERS, SummaryWords, compose_subject, compose_summary
from lead_core.views.words import begin_sentence
from tests.reader import Reader
from tests.summaries import NOTHING_CAME, WEEK, report, speed, summary

VALUE = re.compile(r'font-weight:600">([^<]*)</p>')
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
    return Speed(waits, within, (waits, waits, judged, 0), (0, within, within, 0), median=draw(LENGTHS))


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
    figures, told = list_figures(report), one_line(mail.text)
    assert VALUE.findall(mail.html) == [figure.value for figure in figures]
    for figure in figures:
        assert f"{figure.name}: {figure.value}, {figure.about}, {figure.change.words}" in told
    by_speed = report.weeks[0].by_speed
    names = "|".join(map(begin_sentence, SPEED_WORDS.values()))
    bars = re.findall(rf"(?:{names}): ([\d,]+) \(", told)
    assert [int(number.replace(",", "")) for number in bars] == (list(by_speed) if any(by_speed) else [])
    for group in report.groups[Dimension.OWNER]:
        assert re.search(rf"{group.name}: {group.leads:,}\b", told)


@given(reports())
@settings(max_examples=40)
def test_bars_are_as_long_as_their_numbers(report: Report) -> None:
    bars, total = SummaryWords.of(summary(report=report)).bars, sum(report.weeks[0].by_speed)
    for bar in bars:
        assert abs(bar.percent - 100 * bar.number / total) <= 1
        assert (bar.percent > 0) == (bar.number > 0)
        assert (bar.percent == 100) == (bar.number == total)
    drawn = BAR.findall(compose_summary(summary(report=report)).html)
    assert len(drawn) == sum(bar.number > 0 for bar in bars)


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


def test_working_hours_are_told_beside_the_bars() -> None:
    told = "In working hours, half were answered within 2 h."
    assert told in text(speed_in_hours=Speed(median=timedelta(hours=2)))
    assert "working" not in text(speed_in_hours=Speed()) + text()


def test_a_week_without_leads_says_so_in_one_line_and_names_who_waits() -> None:
    mail = compose_summary(NOTHING_CAME)
    assert "No lead came. 9 came in the week before." in mail.text
    assert "BY OWNER" not in mail.text
    assert "Kim" in mail.text
    assert VALUE.findall(mail.html) == []
    assert "No lead came. Nobody waits for an answer." in text(leads=0, leads_before=0, speed=Speed(), waiting=0)


def test_a_week_with_no_new_lead_but_an_old_customer_who_asked_again_has_figures() -> None:
    assert "Leads in: 0," in text(leads=0, leads_before=0)


def test_nobody_waits_is_no_list() -> None:
    assert "WHO WAITS LONGEST" not in compose_summary(summary(report=report(waiting=0), longest=())).text


def test_figures_that_stop_in_the_week_say_so() -> None:
    assert "then, so leads and answers after that are missing" in text(counted_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert "missing" not in text()


def test_many_owners_are_summed_up() -> None:
    groups = tuple(Group(f"owner-{number}@contoso.example", 20 - number, speed()) for number in range(15))
    told = text(groups={Dimension.OWNER: groups})
    assert f"owner-{MAX_OWNERS - 1}@contoso.example: 11, 83%" in told
    assert f"All others: {sum(group.leads for group in groups[MAX_OWNERS:])} WHO" in told


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
    assert "refused the address that the summary goes to (SUMMARY_TO, or else" in one_line(
        compose_summary(summary(is_redirected=True)).text
    )


def test_offers_that_fell_silent_are_named_as_far_as_there_is_room() -> None:
    silent = tuple(
        Silence(f"o{number}", f"Offer {number}", datetime(2026, 11, 2, tzinfo=UTC), 4) for number in range(8)
    )
    told = one_line(compose_summary(summary(silent=silent)).text)
    assert re.findall(r"any more\. (Offer \d): The last lead came on 2 November 2026", told) == [
        f"Offer {number}" for number in range(5)
    ]
    assert "No leads come any more. That holds for 3 more offers." in told
