"""Tallies as JSON, for the cells of ``Reports`` and for sums. What a person damaged is read as far as it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from itertools import groupby
from typing import Any, Final, TypeAlias, TypeVar

from lead_core.adapters.tables.cells import parse_time
from lead_core.lead.scale import LIMITS, STEPS
from lead_core.lead.tally import Dimension, LongWait, Milestone, OfferArrivals, Tally, WeekTally
from lead_core.lead.values import LeadKey, format_time
from lead_core.lead.weeks import Week

Json: TypeAlias = Any
Word = TypeVar("Word", bound=StrEnum)

EARLIER: Final = "earlier"
"""The name of the row of all that came before the reported weeks."""
_HOURS_OF_A_WEEK: Final = 169
"""One more where clocks are put back."""
_MOST: Final = 100_000_000
"""A larger number was typed, and might not fit into the columns for people."""
_SIZES: Final = {
    "answered": len(STEPS),
    "answered_in_hours": len(STEPS),
    "waiting": _HOURS_OF_A_WEEK,
    "judged": len(LIMITS),
    "within": len(LIMITS),
}
"""The counters by number, and how many numbers each has."""


def format_week(week: Week | None) -> str:
    """Write the name of a week's row: ``2026-W48``, or ``earlier``."""
    return str(week) if week else EARLIER


def parse_week(text: str) -> Week | None:
    """Read the name of a week's row. Raises: ValueError."""
    return None if text == EARLIER else Week.parse(text)


def encode_tally(tally: Tally) -> dict[str, Json]:
    """Write a tally: ``{"reached": {"received": 2}, "answered": [[3, 1, 1]]}`` is one wait at step 3 and one at 4."""
    counters = {name: _encode_runs(getattr(tally, name)) for name in _SIZES}
    return {name: each for name, each in {"reached": encode_counts(tally.reached), **counters}.items() if each}


def decode_tally(written: Json) -> Tally:
    """Read a tally."""
    members = _members(written)
    counters = {name: Counter(dict(_decode_runs(members.get(name), size))) for name, size in _SIZES.items()}
    return Tally(reached=_by_word(Milestone, decode_counts(members.get("reached"))), **counters)


def encode_groups(groups: Mapping[str, Tally]) -> dict[str, Json]:
    """Write tallies by name, in the order of the names."""
    return {name: encode_tally(groups[name]) for name in sorted(groups)}


def decode_groups(written: Json) -> dict[str, Tally]:
    """Read tallies by name."""
    return {name: decode_tally(each) for name, each in _members(written).items()}


def encode_longest(longest: Iterable[LongWait]) -> list[Json]:
    """Write the longest waits."""
    return [[format_time(wait.since), *wait.lead, wait.owner, wait.offer] for wait in longest]


def decode_longest(written: Json) -> list[LongWait]:
    """Read the longest waits."""
    waits = []
    for each in written if isinstance(written, list) else []:
        with suppress(TypeError, ValueError):
            since, partition, row, owner, offer = map(_text, each)
            waits.append(LongWait(parse_time(since), LeadKey(partition, row), owner, offer))
    return waits


def encode_offers(offers: Iterable[OfferArrivals]) -> list[Json]:
    """Write what came for each offer."""
    return [[each.offer, each.title, each.arrivals, format_time(each.last_at)] for each in offers]


def decode_offers(written: Json) -> tuple[OfferArrivals, ...]:
    """Read what came for each offer."""
    offers = []
    for each in written if isinstance(written, list) else []:
        with suppress(TypeError, ValueError):
            offer, title, arrivals, last_at = each
            offers.append(OfferArrivals(_text(offer), _text(title), _count(arrivals), parse_time(_text(last_at))))
    return tuple(offers)


def decode_counts(written: Json) -> Counter[str]:
    """Read how many there are of each."""
    counts = Counter[str]()
    for name, number in _members(written).items():
        with suppress(ValueError):
            counts[name] = _count(number)
    return counts


def encode_week(tally: WeekTally) -> dict[str, Json]:
    """Write all about a week."""
    return {
        "week": format_week(tally.week),
        "total": encode_tally(tally.total),
        "by": {name.value: encode_groups(groups) for name, groups in sorted(tally.by.items())},
        "waiting_at_end": tally.waiting_at_end,
        "longest": encode_longest(tally.longest),
        "apart": encode_counts(tally.apart),
        "qualified": encode_counts(tally.qualified),
    }


def decode_week(written: Json) -> WeekTally:
    """Read all about a week. Raises: ValueError if it is not known which week it is."""
    members = _members(written)
    by = _members(members.get("by"))
    return WeekTally(
        parse_week(_text(members.get("week"))),
        decode_tally(members.get("total")),
        {name: groups for name in Dimension if (groups := decode_groups(by.get(name)))},
        decode_counts({"": members.get("waiting_at_end")})[""],
        decode_longest(members.get("longest")),
        decode_counts(members.get("apart")),
        decode_counts(members.get("qualified")),
    )


def encode_counts(counts: Mapping[Any, int]) -> dict[str, int]:
    """Write how many there are of each."""
    return {str(name): counts[name] for name in sorted(counts) if counts[name]}


def _encode_runs(counts: Mapping[int, int]) -> list[list[int]]:
    """Write counts by number as runs: where each begins, and its counts. Few and many are both short."""
    known = sorted(number for number in counts if counts[number])
    runs = (list(run) for _, run in groupby(enumerate(known), key=lambda each: each[1] - each[0]))
    return [[run[0][1], *(counts[number] for _, number in run)] for run in runs]


def _decode_runs(written: Json, size: int) -> Iterator[tuple[int, int]]:
    for run in written if isinstance(written, list) else []:
        with suppress(TypeError, ValueError):
            first, *counts = run
            numbered = enumerate(map(_count, counts), start=_count(first))
            yield from [each for each in numbered if each[0] < size]


def _by_word(words: type[Word], counts: Mapping[str, int]) -> Counter[Word]:
    return Counter({word: counts[word] for word in words if word in counts})


def _members(written: Json) -> dict[str, Json]:
    return written if isinstance(written, dict) else {}


def _count(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    raise ValueError("no count")


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("no text")
