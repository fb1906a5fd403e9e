"""``Reports``: the figures, a row a week, kept up as leads are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from lead_core.lead.tally import OfferArrivals, WeekTally
    from lead_core.lead.values import LeadKey


@dataclass(frozen=True, slots=True)
class Counted:
    """What the last complete round added up."""

    counted_at: datetime
    """The moment that the figures are about: when the round began."""
    weeks: tuple[WeekTally, ...]
    """The earliest first. A week in which nothing happened may be missing."""
    offers: tuple[OfferArrivals, ...] = ()


@dataclass(frozen=True, slots=True)
class Sums:
    """What a round added up so far. The next run goes on there."""

    begun_at: datetime
    """When the round began."""
    basis: str
    """The settings that the figures depend on. With others, they are added up anew."""
    after: str
    """The partition of the last person who is in it. ``""`` at the start of a round."""
    weeks: tuple[WeekTally, ...] = ()
    offers: tuple[OfferArrivals, ...] = ()


class ReportStore(Protocol):
    """``Reports``."""

    async def read(self) -> Counted | None:
        """Read the figures in one request. None if no round was finished yet."""

    async def read_offers(self) -> Counted | None:
        """Read what came for each offer alone, one row. None if no round was finished yet."""

    async def update(self, make: Callable[[Sequence[WeekTally]], Counted]) -> int:
        """Write what *make* returns for the weeks that are stored, and return how many rows changed.

        The sums of the round go. A week that stays the same is not written. Of two workers at once, one goes on.

        Raises: SomeoneWasFirstError.
        """

    async def read_sums(self) -> Sums | None:
        """Read what the round added up so far, in one request. None if there is nothing, or if it is damaged."""

    async def write_sums(self, sums: Sums) -> None:
        """Write what the round added up so far, unless another worker came further in it. Raises: SomeoneWasFirstError.

        They are valid at once: until the last write, those of before are.
        """

    async def forget(self, is_theirs: Callable[[LeadKey], bool]) -> int:
        """Remove a person from the longest waits, and sums that name them. Return how many rows changed."""
