"""Which offers have fallen silent: no lead comes, and that is not chance.

If leads come at random (a Poisson process), each of the leads of a period may stand anywhere in it. So the chance that
all ``n`` leads of the last 90 days came before the last ``s`` days is ``((90 - s) / 90) ** n``. With 45 leads, 13 days
of silence have a chance of 0.001. It needs no guess of how many leads are usual, and holds for few leads too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from lead_core.lead.tally import OfferArrivals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

COUNTED_FOR: Final = timedelta(days=90)
"""How far back the leads of an offer are counted. See `OfferArrivals.arrivals`."""
SHORTEST: Final = timedelta(days=3)
"""A long weekend is no silence, however many leads come on other days."""
UNLIKELY: Final = 0.001
"""A silence that chance makes less often is told."""
FRESH_FOR: Final = timedelta(days=1)
"""After so long without a count, nothing is said of silence: what came since is not counted. A round over many leads
takes hours, and is about the moment at which it began."""
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Silence:
    """No lead comes for an offer, or for any."""

    offer: str
    """The offer's key. ``""`` if none of several offers gets leads."""
    title: str
    since: datetime
    """When the last lead came."""
    a_week: float
    """How many leads came in a week before that."""
    is_everywhere: bool = False
    """Whether no other offer gets leads either. Then it is most likely the connection."""


def find_silent(
    offers: Iterable[OfferArrivals], now: datetime, silence_after: timedelta | None = None
) -> tuple[Silence, ...]:
    """Return the offers that are silent at *now*, the longest first. *offers* were counted at *now*.

    If leads of no offer come any more, that alone is returned: it is one trouble and not several. *silence_after*
    is how long a silence is, whatever usually comes. Without it, a silence is what is unlikely.
    """
    counted = sorted(offers, key=lambda each: each.last_at)
    if not counted:
        return ()
    everything = counted[0] if len(counted) == 1 else _add_up(counted)
    if is_silent(everything, now, silence_after):
        return (_make(everything, now, is_everywhere=True),)
    return tuple(_make(each, now) for each in counted if is_silent(each, now, silence_after))


def find_silent_lately(
    offers: Iterable[OfferArrivals], silence_after: timedelta | None, *, counted_at: datetime, now: datetime
) -> tuple[Silence, ...]:
    """Return the offers that were silent at *counted_at*. Nothing is known of them long after that."""
    return find_silent(offers, counted_at, silence_after) if now - counted_at < FRESH_FOR else ()


def is_silent(arrivals: OfferArrivals, now: datetime, silence_after: timedelta | None) -> bool:
    """Whether no lead since the last one is a silence."""
    silence = now - arrivals.last_at
    if silence_after is not None:
        return silence >= silence_after
    return silence >= SHORTEST and find_chance(arrivals.arrivals, silence) < UNLIKELY


def find_chance(arrivals: int, silence: timedelta) -> float:
    """Return the chance that all *arrivals* of 90 days came before the last part of them, which is *silence* long."""
    return float(max(COUNTED_FOR - silence, timedelta(0)) / COUNTED_FOR) ** arrivals


def _add_up(counted: Sequence[OfferArrivals]) -> OfferArrivals:
    last_at = max(each.last_at for each in counted)
    return OfferArrivals("", "", sum(each.arrivals for each in counted), last_at)


def _make(arrivals: OfferArrivals, now: datetime, *, is_everywhere: bool = False) -> Silence:
    lasted = max(COUNTED_FOR - (now - arrivals.last_at), _WEEK)  # A few days say little about a week.
    a_week = arrivals.arrivals * (_WEEK / lasted)
    return Silence(arrivals.offer, arrivals.title, arrivals.last_at, a_week, is_everywhere)
