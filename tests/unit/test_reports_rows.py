"""The rows of ``Reports``: what is written reads back the same, what people did to it is read, and it always fits."""

from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.adapters.tables.reports import read_week, week_to_row
from lead_core.adapters.tables.tallies import decode_offers, decode_week, encode_offers, encode_week
from lead_core.lead.scale import LIMITS, STEPS
from lead_core.lead.tally import (
    MOST_LONGEST,
    MOST_NAMED,
    OTHERS,
    Dimension,
    LongWait,
    Milestone,
    OfferArrivals,
    Tally,
    WeekTally,
)
from lead_core.lead.values import LeadKey
from lead_core.lead.weeks import Week

CELL_CHARACTERS, ROW_BYTES = 32_000, 1_048_576
HOURS = 169
A_WEEK = Week(2026, 48)

numbers = st.integers(1, 10**7)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
moments = st.integers(0, 3 * 10**15).map(
    lambda micros: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


def counters(size: int) -> st.SearchStrategy[Counter[int]]:
    return st.dictionaries(st.integers(0, size - 1), numbers, max_size=8).map(Counter)


tallies = st.builds(
    Tally,
    st.dictionaries(st.sampled_from(Milestone), numbers).map(Counter),
    counters(len(STEPS)),
    counters(len(STEPS)),
    counters(HOURS),
    counters(len(LIMITS)),
    counters(len(LIMITS)),
)
groups = st.dictionaries(st.sampled_from(Dimension), st.dictionaries(texts, tallies, min_size=1, max_size=3))
weeks = st.builds(
    WeekTally,
    st.none() | moments.map(lambda at: Week.of(at, UTC)),
    tallies,
    groups,
    numbers,
    st.lists(st.builds(LongWait, moments, st.builds(LeadKey, texts, texts), texts, texts), max_size=3),
    st.dictionaries(texts, numbers).map(Counter),
    st.dictionaries(texts, numbers).map(Counter),
)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)
offers = st.lists(st.builds(OfferArrivals, texts, texts, st.integers(0, 10**6), moments), max_size=4).map(tuple)


@given(week=weeks)
@settings(max_examples=40)
def test_a_week_reads_back_the_same(week: WeekTally) -> None:
    assert read_week(week_to_row(week)) == week
    assert decode_week(encode_week(week)) == week


@given(known=offers)
def test_arrivals_read_back_the_same(known: tuple[OfferArrivals, ...]) -> None:
    assert decode_offers(encode_offers(known)) == known


@given(week=weeks, damage=json, data=st.data())
@settings(max_examples=30)
def test_a_damaged_week_is_read_as_far_as_it_goes(week: WeekTally, damage: Any, data: st.DataObject) -> None:
    written = encode_week(week)
    member = data.draw(st.sampled_from([*written.keys() - {"week"}]))
    read = decode_week(written | {member: damage})
    for part in fields(WeekTally):
        if part.name != member:
            assert getattr(read, part.name) == getattr(week, part.name)
    assert all(0 <= step < len(STEPS) for step in read.total.answered)


@given(damage=json)
@settings(max_examples=30)
def test_damaged_arrivals_are_read_as_far_as_they_go(damage: Any) -> None:
    whole = OfferArrivals("contoso.crm", "CRM", 3, datetime(2026, 11, 22, tzinfo=UTC))
    assert decode_offers([["contoso.crm", "CRM", 3, "2026-11-22T00:00:00Z"], damage])[0] == whole
    assert all(isinstance(each, OfferArrivals) for each in decode_offers(damage))


@given(column=st.sampled_from([*week_to_row(WeekTally(A_WEEK))]), cell=st.integers() | st.booleans() | texts)
def test_any_cell_that_is_typed_into_a_week_is_read(column: str, cell: object) -> None:
    row = week_to_row(WeekTally(A_WEEK)) | {column: cell}
    if column != "RowKey":
        assert read_week(row).week == A_WEEK


@pytest.mark.parametrize("before", ["", "x"])
def test_a_text_that_is_cut_before_an_apostrophe_keeps_it(before: str) -> None:
    week = WeekTally(A_WEEK, qualified=Counter({before + "'=" * CELL_CHARACTERS: 1}))
    assert read_week(week_to_row(week)) == week


def test_a_number_that_nobody_counted_is_left_out() -> None:
    """Or it would be larger than a column for people holds, and no round could write its week."""
    typed = {"week": str(A_WEEK), "total": {"answered": [[3, 1], [9, 10**20]]}, "waiting_at_end": 10**9}
    assert week_to_row(decode_week(typed))["Waits"] == 1
    assert decode_offers([["contoso.crm", "CRM", 10**400, "2026-11-22T00:00:00Z"]]) == ()


def make_fullest(name: str) -> WeekTally:
    """Return the largest week that there can be, with names of a hundred characters."""
    full = Tally(
        reached=Counter(dict.fromkeys(Milestone, 1_234_567)),
        answered=Counter(dict.fromkeys(range(len(STEPS)), 1_234_567)),
        answered_in_hours=Counter(dict.fromkeys(range(len(STEPS)), 1_234_567)),
        waiting=Counter(dict.fromkeys(range(HOURS), 1_234_567)),
        judged=Counter(dict.fromkeys(range(len(LIMITS)), 12_345_678)),
        within=Counter(dict.fromkeys(range(len(LIMITS)), 12_345_678)),
    )
    names = [OTHERS, *(f"{number:03}{name * 97}" for number in range(MOST_NAMED))]
    since = datetime(2026, 11, 22, tzinfo=UTC)
    wait = LongWait(since, LeadKey("f" * 32, name * 200), name * 100, name * 100)
    return WeekTally(
        A_WEEK, full, {each: dict.fromkeys(names, full) for each in Dimension}, 10**7, [wait] * MOST_LONGEST
    )


@pytest.mark.parametrize("name", ["x", "ü", "鎌", "🦄", '"', "\\"])
def test_the_fullest_week_fits_into_its_row(name: str) -> None:
    row = week_to_row(make_fullest(name))
    sizes = [len(f"{cell}".encode("utf-16-le")) for cell in row.values()]
    assert max(sizes) <= 2 * CELL_CHARACTERS
    assert sum(sizes) < 0.8 * ROW_BYTES
    assert len(row) < 60
    assert read_week(row) == make_fullest(name)


def test_a_person_reads_the_week_first() -> None:
    week = WeekTally(
        A_WEEK,
        Tally(
            reached=Counter({Milestone.RECEIVED: 5, Milestone.TOLD: 4, Milestone.CONTACTED: 3}),
            answered=Counter({2: 2, 60: 1}),
            waiting=Counter({7: 1}),
            judged=Counter({2: 4}),
            within=Counter({2: 3}),
        ),
        waiting_at_end=6,
        apart=Counter({"test lead": 2, "spam": 1}),
    )
    assert [each for each in week_to_row(week).items() if not each[0].startswith("zApp")] == [
        ("PartitionKey", "weeks"),
        ("RowKey", "2026-W48"),
        ("WeekBegins", "2026-11-23"),
        ("Leads", 5),
        ("Told", 4),
        ("Attempted", 0),
        ("Contacted", 3),
        ("Closed", 0),
        ("Waits", 4),
        ("Answered", 3),
        ("AnsweredIn24h", "75 %"),
        ("Waiting", 1),
        ("WaitingAtEnd", 6),
        ("CountedApart", "spam: 1; test lead: 2"),
    ]
