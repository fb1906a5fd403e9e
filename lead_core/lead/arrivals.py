"""What came for each offer lately, added up lead by lead. It shows whether a silence is unusual."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from lead_core.lead.counting import CLOCKS_DIFFER
from lead_core.lead.silence import COUNTED_FOR
from lead_core.lead.tally import OfferArrivals
from lead_core.lead.values import shorten
from lead_core.lead.waits import Apart, find_apart

if TYPE_CHECKING:
    from lead_core.lead.lead import Lead

MOST_OFFERS: Final = 100
"""How many offers are kept: those for which the most came."""
_MOST_COUNTED: Final = 1_000
"""How many offers are told apart while leads are counted. Anyone who has the URL can invent offers."""
_MAX_TITLE_CHARACTERS: Final = 100
_CAME_FROM_NO_CUSTOMER: Final = {Apart.TEST, Apart.INTERNAL, Apart.SPAM, Apart.PAST}


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Adds up what came in the 90 days before a moment."""

    now: datetime
    by_offer: dict[str, OfferArrivals] = field(default_factory=dict)

    def add(self, lead: Lead) -> None:
        """Add what the customer of *lead* did."""
        acted = (action.first_at for action in lead.history.actions if action.is_own)
        came = [moment for moment in acted if self._is_late(moment)]
        if came and find_apart(lead) not in _CAME_FROM_NO_CUSTOMER:
            title = shorten(lead.shown.offer_title or lead.key.row, _MAX_TITLE_CHARACTERS)
            days = {moment.date() for moment in came}  # A customer who tries and buys comes once.
            self._add(OfferArrivals(lead.key.row, title, len(days), max(came)))

    def most(self) -> tuple[OfferArrivals, ...]:
        """Return the offers for which the most came, in the order of their keys."""
        by_number = sorted(self.by_offer.values(), key=lambda each: (-each.arrivals, each.offer))
        return tuple(sorted(by_number[:MOST_OFFERS]))

    def _is_late(self, moment: datetime) -> bool:
        return self.now - COUNTED_FOR <= moment <= self.now + CLOCKS_DIFFER

    def _add(self, more: OfferArrivals) -> None:
        before = self.by_offer.get(more.offer)
        if before is None:
            if len(self.by_offer) < _MOST_COUNTED:
                self.by_offer[more.offer] = more
            return
        last = max(before, more, key=lambda each: (each.last_at, each.title))
        self.by_offer[more.offer] = last._replace(arrivals=before.arrivals + more.arrivals)
