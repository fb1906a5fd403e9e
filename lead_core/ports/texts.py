"""What people wrote freely, where a person may be named whom the row is not about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from lead_core.lead.values import LeadKey


@dataclass(frozen=True, slots=True)
class FreeTexts:
    """What was written freely into one row."""

    table: str
    """``Leads``, ``MarketplaceLeads`` or ``RejectedLeads``, whatever the settings call it."""
    keys: tuple[str, str]
    """The row's partition key and row key."""
    lead: LeadKey | None
    """The lead that the row is about. None if that is not known."""
    about: str
    """What people call the row: a customer's name, an offer, a reason."""
    cells: Mapping[str, str]
    """By column. Who the lead is from stands in other cells."""
    body: str = ""
    """All of what came, as people read it. It also says who it is from."""


class TextReader(Protocol):
    """The tables in which people write freely."""

    def scan(self) -> AsyncIterator[FreeTexts]:
        """Read every row of them."""
