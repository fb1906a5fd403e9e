"""All texts in which a person may be named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from lead_core.lead.values import LeadKey


@dataclass(frozen=True, slots=True)
class KeptTexts:
    """The texts of one row."""

    table: str
    """``Leads``, ``MarketplaceLeads`` or ``RejectedLeads``, whatever the settings call it."""
    keys: tuple[str, str]
    """The row's partition key and row key."""
    lead: LeadKey | None
    """The lead that the row is about. None if nobody knows."""
    about: str
    """What people call the row: a customer's name, a day, a reason."""
    cells: Mapping[str, str]
    """By column, as people read them. A body is in ``Body``, all of it."""


class TextReader(Protocol):
    """The tables that hold texts of people."""

    def scan(self) -> AsyncIterator[KeptTexts]:
        """Read every row of them."""
