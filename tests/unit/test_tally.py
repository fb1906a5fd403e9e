"""Tallies: any parts, added in any order, are the tally of the whole. What a week keeps is bounded."""

from collections import Counter
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.tally import (
    MOST_COUNTED,
    MOST_LONGEST,
    MOST_NAMED,
    OTHERS,
    Dimension,
    LongWait,
    Milestone,
    Tally,
    WeekTally,
    bounded,
)
from lead_core.lead.values import LeadKey
from lead_core.lead.weeks import Week
from tests.examples import at

WEEK = Week(2026, 47)

counters = st.dictionaries(st.integers(0, 3), st.integers(1, 3), max_size=3).map(Counter)
tallies = st.builds(
    Tally,
    reached=st.dictionaries(st.sampled_from(Milestone), st.integers(1, 3), max_size=3).map(Counter),
    answered=counters,
    answered_in_hours=counters,
    waiting=counters,
    judged=counters,
    within=counters,
)


def sum_up(*parts: Tally) -> Tally:
    whole = Tally()
    for part in parts:
        whole.add(part)
    return whole


@given(tallies, tallies, tallies)
@settings(max_examples=25)
def test_any_order_and_any_grouping_adds_up_to_the_same(one: Tally, two: Tally, three: Tally) -> None:
    before = deepcopy((one, two, three))
    whole = sum_up(one, two, three)
    assert whole == sum_up(three, one, two) == sum_up(sum_up(one, two), three) == sum_up(one, sum_up(two, three))
    assert sum_up(one, Tally()) == sum_up(one)
    assert (one, two, three) == before


def made(leads: int) -> Tally:
    return Tally(reached=Counter({Milestone.RECEIVED: leads}))


def test_only_the_longest_waits_are_kept() -> None:
    row = WeekTally(WEEK)
    waits = [LongWait(at(minutes), LeadKey("a", "o"), "", "") for minutes in (5, 3, 9, 1, 7, 2, 8, 11, 6, 4, 10, 0)]
    for wait in waits:
        row.note_longest(wait)
    assert row.longest == sorted(waits)[:MOST_LONGEST]


def test_a_kept_week_names_those_with_the_most_leads_and_the_first_of_equals() -> None:
    named = {f"{number:02}": made(leads=5 if number < 30 else 6) for number in range(31)}
    row = bounded(WeekTally(WEEK, by={Dimension.OWNER: {**named, OTHERS: made(leads=100)}}))
    kept = row.by[Dimension.OWNER]
    assert [*kept] == ["30", *(f"{number:02}" for number in range(MOST_NAMED - 1)), OTHERS]
    assert kept[OTHERS].leads == 100 + 11 * 5
    assert named["25"].leads == 5


def test_a_kept_week_with_few_names_has_no_others() -> None:
    row = WeekTally(WEEK, by={Dimension.OWNER: {"anna": made(leads=1)}})
    assert bounded(row) == row


def test_a_name_for_each_lead_takes_no_more_room_than_many() -> None:
    row = WeekTally(WEEK)
    for number in range(3 * MOST_COUNTED):
        row.of(Dimension.SOURCE, f"source {number}").add(made(leads=1))
    row.of(Dimension.SOURCE, "source 7").add(made(leads=1))
    named = row.by[Dimension.SOURCE]
    assert len(named) == MOST_COUNTED + 1
    assert (named["source 7"].leads, named[OTHERS].leads) == (2, 2 * MOST_COUNTED)
