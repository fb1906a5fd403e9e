"""``Reports``: the figures, a row a week, kept up as leads are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from lead_core.lead.tally import OfferArrivals, WeekTally


@dataclass(frozen=True, slots=True)
class Counted:
    """What the last complete round added up."""

    counted_at: datetime
    """When the round was finished."""
    weeks: tuple[WeekTally, ...]
    """The earliest first."""
    offers: tuple[OfferArrivals, ...] = ()


class ReportStore(Protocol):
    """``Reports``."""

    async def read(self) -> Counted | None:
        """Read the figures in one request. None if no round was finished yet."""
