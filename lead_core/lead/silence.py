"""Which offers have fallen silent: no lead comes, and that is not chance.

If leads come at random (a Poisson process), each of the leads of a period may stand anywhere in it. So the chance that
all ``n`` leads of the last 90 days came before the last ``s`` days is ``((90 - s) / 90) ** n``. With 45 leads, 13 days
of silence have a chance of 0.001. It needs no guess of how many leads are usual, and holds for few leads too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lead_core.lead.tally import OfferArrivals

COUNTED_FOR: Final = timedelta(days=90)
"""How far back the leads of an offer are counted. See `OfferArrivals.arrivals`."""
SHORTEST: Final = timedelta(days=3)
"""A long weekend is no silence, however many leads come on other days."""
UNLIKELY: Final = 0.001
"""A silence that chance makes less often is told."""
FRESH_FOR: Final = timedelta(hours=6)
"""After so long without a count, nothing is said of silence: what came since is not counted."""
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
    arrivals = sum(each.arrivals for each in counted)
    if not counted:
        return ()
    if is_silent(arrivals, now - counted[-1].last_at, silence_after):
        names = (counted[0].offer, counted[0].title) if len(counted) == 1 else ("", "")
        return (_make(*names, counted[-1].last_at, arrivals, now, is_everywhere=True),)
    return tuple(
        _make(each.offer, each.title, each.last_at, each.arrivals, now)
        for each in counted
        if is_silent(each.arrivals, now - each.last_at, silence_after)
    )


def is_silent(arrivals: int, silence: timedelta, silence_after: timedelta | None) -> bool:
    """Whether no lead for so long is a silence, after *arrivals* in the last 90 days."""
    if silence_after is not None:
        return arrivals > 0 and silence >= silence_after
    return silence >= SHORTEST and find_chance(arrivals, silence) < UNLIKELY


def find_chance(arrivals: int, silence: timedelta) -> float:
    """Return the chance that all *arrivals* of 90 days came before the last part of them, which is *silence* long."""
    return float(max(COUNTED_FOR - silence, timedelta(0)) / COUNTED_FOR) ** arrivals


def _make(
    offer: str, title: str, since: datetime, arrivals: int, now: datetime, *, is_everywhere: bool = False
) -> Silence:
    lasted = max(COUNTED_FOR - (now - since), _WEEK)  # A few days say little about a week.
    return Silence(offer, title, since, arrivals * (_WEEK / lasted), is_everywhere)
