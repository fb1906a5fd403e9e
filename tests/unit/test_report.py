"""The report of a year of leads is that of a plain model, in whatever order and parts the leads are added up."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

import pytest

from lead_core.lead.counting import count
from lead_core.lead.lead import Lead
from lead_core.lead.report import Period, Report, Speed, make_report
from lead_core.lead.tally import MOST_NAMED, OTHERS, Dimension, Milestone, Tally, WeekTallies, WeekTally, bounded
from lead_core.lead.waits import Apart, find_apart, find_waits
from lead_core.lead.weeks import Week
from tests.year import END, POLICY, expected, find_story, simulate

LEADS = simulate(seed=1, leads=400)
WEEK = Week(2026, 47)
"""The last complete one."""


def add_up(leads: Iterable[Lead], now: datetime = END) -> WeekTallies:
    tallies: WeekTallies = {}
    for lead in leads:
        count(tallies, lead, now=now, policy=POLICY)
    return tallies


def report(weeks: Iterable[WeekTally], period: Period = Period.MONTH, now: datetime = END) -> Report:
    return make_report([*weeks], period, POLICY, counted_at=now)


def test_the_leads_waited_as_their_stories_tell() -> None:
    for lead in LEADS:
        story = find_story(lead)
        assert find_apart(lead) == story.apart
        if not story.apart:
            assert [(wait.since, wait.answered_at, wait.action_code) for wait in find_waits(lead)] == story.waits


@pytest.mark.parametrize("now", [END, END + timedelta(days=9, minutes=11)])
@pytest.mark.parametrize("period", Period)
def test_a_report_has_the_figures_of_a_plain_model(period: Period, now: datetime) -> None:
    weeks = map(bounded, add_up(LEADS, now).values())
    assert report(weeks, period, now) == expected(LEADS, period, now, POLICY)


@pytest.mark.parametrize("seed", range(2, 9))
def test_it_does_whatever_the_year_was_like(seed: int) -> None:
    leads = simulate(seed, leads=200)
    weeks = [bounded(tally) for tally in add_up(leads).values()]
    for period in (Period.MONTH, Period.YEAR):
        assert report(weeks, period) == expected(leads, period, END, POLICY)


@pytest.mark.parametrize("seed", range(3))
def test_leads_in_any_order_add_up_to_the_same(seed: int) -> None:
    assert add_up(Random(seed).sample(LEADS, len(LEADS))) == add_up(LEADS)


def test_without_leads_there_is_nothing_to_say() -> None:
    empty = report([])
    assert (empty.leads, empty.waiting, empty.speed, empty.curve, empty.longest) == (0, 0, Speed(), (), ())
    assert empty.speed.share(0) is None
    assert [bar.leads for bar in empty.weeks] == [0, 0, 0, 0]
    assert empty.funnel == dict.fromkeys(Milestone, 0)
    assert not any(empty.groups.values())


def test_nobody_looks_fast_by_answering_only_the_easy_ones() -> None:
    row = WeekTally(WEEK)
    row.total.answered[0], row.total.waiting[0] = 4, 6
    speed = report([row]).speed
    assert (speed.median, speed.ninth_decile) == (None, None)
    row.total.waiting[0] = 4
    assert report([row]).speed.median == timedelta(minutes=1)


def test_the_row_of_what_came_before_tells_who_waits_longest_and_nothing_else() -> None:
    old = simulate(seed=2, leads=150)
    tallies = add_up(old)
    earlier = tallies.pop(None)
    assert earlier.longest
    assert set(report([earlier, *tallies.values()]).longest) > set(earlier.longest)
    without = report(tallies.values(), Period.YEAR)
    assert report([earlier, *tallies.values()], Period.YEAR).speed == without.speed


def test_what_is_apart_is_in_no_other_figure() -> None:
    others = [lead for lead in LEADS if not find_apart(lead)]
    everyone, without = report(add_up(LEADS).values(), Period.YEAR), report(add_up(others).values(), Period.YEAR)
    assert set(everyone.apart) == set(Apart) - {Apart.FUTURE}
    assert not without.apart
    assert (everyone.leads, everyone.speed, everyone.longest) == (without.leads, without.speed, without.longest)


def test_a_report_names_no_more_than_a_week_does() -> None:
    rows = [WeekTally(WEEK.plus(-number)) for number in range(2)]
    for number, row in enumerate(rows):
        for name in range(number * 15, number * 15 + 15):
            row.by.setdefault(Dimension.SOURCE, {})[f"source {name}"] = made(leads=1 + name)
        row.by[Dimension.SOURCE][OTHERS] = made(leads=1000)
    groups = report(rows).groups[Dimension.SOURCE]
    assert [group.name for group in groups] == [*(f"source {name}" for name in range(29, 9, -1)), OTHERS]
    assert len(groups) == MOST_NAMED + 1
    assert groups[-1].leads == sum(range(1, 11)) + 2000


def made(leads: int) -> Tally:
    tally = Tally()
    tally.reached[Milestone.RECEIVED] = leads
    return tally
