"""The example on the page about response times has the figures that the app computes."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from lead_core.lead.changes import StoredLead, answered, delivered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.counting import count
from lead_core.lead.decisions import MAX_DECISIONS
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.history import MAX_ACTIONS
from lead_core.lead.report import Period, Report, make_report
from lead_core.lead.scale import LIMITS, STEPS
from lead_core.lead.tally import MOST_COUNTED, MOST_NAMED, REPORTED_WEEKS, Milestone, WeekTallies
from lead_core.lead.waits import Apart
from tests.examples import delivery, person

PAGE = (Path(__file__).parents[2] / "docs/response-times.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.partition("## An example by hand")[2]
COUNTED_AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
POLICY = FollowUpPolicy()


def find_rows(header: str) -> list[list[str]]:
    """Return the cells of a table of the example."""
    [table] = re.findall(rf"^\| {header} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", EXAMPLE, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read_length(text: str) -> timedelta:
    number, unit = text.split()
    return timedelta(**{unit.rstrip("s") + "s": int(number)})


def make_example() -> Report:
    tallies: WeekTallies = {}
    for number, (_, asked, replied, *_) in enumerate(find_rows("customer")):
        one = delivery(contact=person(number), event=number)
        lead = delivered(None, replace(one, received_at=read_time(asked)), POLICY)
        if replied:
            said = Answer(choice=Choice.CONTACTED, click="1")
            lead = answered(StoredLead(lead, None, COUNTED_AT), said, by="s", at=read_time(replied), policy=POLICY)
        count(tallies, lead, now=COUNTED_AT, policy=POLICY)
    return make_report([*tallies.values()], Period.WEEK, POLICY, counted_at=COUNTED_AT)


REPORT = make_example()


def test_the_shares_are_those_of_the_table() -> None:
    rows = find_rows("within")
    assert [read_length(row[0]) for row in rows] == [*LIMITS]
    assert [(int(row[1]), int(row[2])) for row in rows] == [*zip(REPORT.speed.judged, REPORT.speed.within, strict=True)]
    assert [row[3] for row in rows] == [f"{REPORT.speed.share(number) or 0:.0%}" for number in range(4)]


def test_the_curve_is_the_one_of_the_table() -> None:
    rows = find_rows("after")
    assert [(read_length(row[0]), row[4]) for row in rows] == [(after, f"{share:.0%}") for after, share in REPORT.curve]
    unanswered = Fraction(1)
    for _, at_risk, answers, product, share in rows:
        before, part, after = map(Fraction, re.split(" [×=] ", product))
        assert (before, part) == (unanswered, 1 - Fraction(int(answers), int(at_risk)))
        unanswered *= part
        assert (after, share) == (unanswered, f"{float(1 - unanswered):.0%}")


def test_the_median_is_the_one_that_the_page_tells() -> None:
    [median] = re.findall("reaches a half at ([^:]*): that is the \\*\\*median", EXAMPLE)
    assert (REPORT.speed.median, REPORT.speed.ninth_decile) == (read_length(median), None)
    assert (REPORT.speed.waits, REPORT.speed.answered, REPORT.waiting) == (6, 4, 2)


def test_the_page_names_what_is_not_counted_and_every_milestone() -> None:
    assert all(f"\n| {name} |" in PAGE for name in (*Apart, *Milestone))


def test_the_page_tells_the_limits_of_the_code() -> None:
    sentences = (
        f"go back {REPORTED_WEEKS} weeks",
        f"names the {MOST_NAMED} owners",
        f"at most {MOST_COUNTED} names",
        f"its last {MAX_ACTIONS} actions and {MAX_DECISIONS} decisions",
        f"up to {STEPS[-1].days} days",
    )
    assert [each for each in sentences if each not in PAGE] == []
