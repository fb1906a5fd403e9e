"""What is added up about the leads of a week. Tallies of any parts, added in any order, are the tally of the whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from lead_core.lead.values import LeadKey
    from lead_core.lead.weeks import Week

REPORTED_WEEKS: Final = 105
"""A year, the year before it, and this week. What came earlier is added to one row."""
MOST_NAMED: Final = 20
"""How many owners, offers, sources or actions a week names, those with the most leads. The rest is `OTHERS`."""
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


class OfferArrivals(NamedTuple):
    """What came for one offer lately. It shows whether a silence is unusual."""

    offer: str
    """The offer's key, as in ``RowKey`` of ``Leads``."""
    title: str
    arrivals: int
    """How many of the customers' own actions came in the last 90 days."""
    last_at: datetime
