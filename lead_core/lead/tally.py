"""What is added up about the leads of a week. In any order of the leads, it is the same.

How one lead is counted stands in `counting`. A week is bounded, whatever the number of leads, in two steps. While leads
are added, a week tells at most `MOST_COUNTED` names of a kind apart: the first that it meets. When all are added,
`bounded` keeps those with the most leads.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lead_core.lead.values import LeadKey
    from lead_core.lead.weeks import Week

REPORTED_WEEKS: Final = 105
"""A year, the year before it, and this week. What came earlier is added to one row."""
MOST_NAMED: Final = 20
"""How many owners, offers, sources or actions a week names, those with the most leads. The rest is `OTHERS`."""
MOST_COUNTED: Final = 100
"""How many of them are told apart while leads are added. A sender may invent a name for each lead."""
MOST_LONGEST: Final = 10
OTHERS: Final = "others"


class Dimension(StrEnum):
    """What leads are counted by, beside the week."""

    OWNER = "owner"
    OFFER = "offer"
    SOURCE = "source"
    ACTION = "action"


class Milestone(StrEnum):
    """The funnel, from top to bottom."""

    RECEIVED = "received"
    TOLD = "told"
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    CLOSED = "closed"
    """Qualified or disqualified."""


@dataclass(slots=True)
class Tally:
    """What is added up about some leads of a week. Each counter is by what its comment says."""

    reached: Counter[Milestone] = field(default_factory=Counter)
    """The leads first received in the week, by each milestone that they reached."""
    answered: Counter[int] = field(default_factory=Counter)
    """The answered waits that began in the week, by the number of their step in `scale.STEPS`."""
    answered_in_hours: Counter[int] = field(default_factory=Counter)
    """The same by the part of them that falls into working hours. Empty without `WORKING_HOURS`."""
    waiting: Counter[int] = field(default_factory=Counter)
    """The waits that began in the week and go on, by the hour of the week (0 to 168) in which they began."""
    judged: Counter[int] = field(default_factory=Counter)
    """The waits that are old enough to judge, by the number of the limit in `scale.LIMITS`."""
    within: Counter[int] = field(default_factory=Counter)
    """Those of them that were answered within the limit."""

    def add(self, other: Tally) -> None:
        """Add what *other* counted."""
        for name in ("reached", "answered", "answered_in_hours", "waiting", "judged", "within"):
            if counted := getattr(other, name):  # Most are empty.
                getattr(self, name).update(counted)

    @property
    def leads(self) -> int:
        """How many leads were received."""
        return self.reached[Milestone.RECEIVED]


class LongWait(NamedTuple):
    """A wait that goes on, among the longest of its week."""

    since: datetime
    lead: LeadKey
    owner: str
    offer: str


@dataclass(slots=True)
class WeekTally:
    """What is added up about one week: a row of ``Reports``."""

    week: Week | None
    """None in the row of all that came before `REPORTED_WEEKS`."""
    total: Tally = field(default_factory=Tally)
    by: dict[Dimension, dict[str, Tally]] = field(default_factory=dict)
    waiting_at_end: int = 0
    """How many customers waited when the week ended, whenever they came. So far, in the current week."""
    longest: list[LongWait] = field(default_factory=list)
    """The longest first, at most `MOST_LONGEST`."""
    apart: Counter[str] = field(default_factory=Counter)
    """The leads first received in the week that are in no other figure, by `Apart`."""
    qualified: Counter[str] = field(default_factory=Counter)
    """The qualified leads first received in the week, by each question of `QUALIFICATION` that was ticked."""

    def of(self, dimension: Dimension, name: str) -> Tally:
        """Return the tally of a name, which is `OTHERS` once too many are told apart."""
        named = self.by.setdefault(dimension, {})
        if name not in named and len(named) >= MOST_COUNTED:
            name = OTHERS
        if name not in named:
            named[name] = Tally()
        return named[name]

    def note_longest(self, wait: LongWait) -> None:
        """Keep *wait* if it is among the longest."""
        insort(self.longest, wait)
        del self.longest[MOST_LONGEST:]


class OfferArrivals(NamedTuple):
    """What came for one offer lately. It shows whether a silence is unusual."""

    offer: str
    """The offer's key, as in ``RowKey`` of ``Leads``."""
    title: str
    arrivals: int
    """On how many days customers acted in the last 90 days, added up over the customers."""
    last_at: datetime


WeekTallies: TypeAlias = dict["Week | None", WeekTally]
"""What is added up, by week."""


def bounded(tally: WeekTally) -> WeekTally:
    """Return a week as it is kept: with the names that have the most leads, and the rest as `OTHERS`."""
    by = {dimension: _bound(named) for dimension, named in tally.by.items()}
    ticked = sorted(tally.qualified.items(), key=lambda each: (-each[1], each[0]))
    return replace(tally, by=by, qualified=Counter(dict(ticked[:MOST_NAMED])))


def _bound(named: Mapping[str, Tally]) -> dict[str, Tally]:
    most, rest = split_names({name: tally.leads for name, tally in named.items()})
    kept = {name: named[name] for name in most}
    for name in rest:
        kept.setdefault(OTHERS, Tally()).add(named[name])
    return kept


def split_names(leads: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Return the names that are told, those with the most *leads* first, and those that go into `OTHERS`."""
    names = sorted(leads.keys() - {OTHERS}, key=lambda name: (-leads[name], name))
    return names[:MOST_NAMED], [*names[MOST_NAMED:], *(leads.keys() & {OTHERS})]
