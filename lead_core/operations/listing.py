"""List leads, those first whose customers have waited longest. Listing changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lead_core.lead.changes import edited
from lead_core.lead.lead import Lead
from lead_core.lead.selection import Selection
from lead_core.lead.to_do import FollowUp, find_follow_up, find_open_wait
from lead_core.steps.repository import LeadRepository


@dataclass(frozen=True, slots=True)
class ListedLead:
    """A lead of a list, as it stands with what people edited in it."""

    lead: Lead
    entry: FollowUp | None
    """Its entry of the to-do list. None if nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists leads."""

    repository: LeadRepository

    async def find(self, selection: Selection, *, now: datetime, on_read: Callable[[int], None]) -> list[ListedLead]:
        """Return the selected leads: those who wait, the longest first, then those who acted last.

        Every lead is read, because the to-do list does not know what people edited within the last hour. *on_read* is
        called with the number of leads that were read since the last call.
        """
        policy, found = self.repository.policy, []
        async for person in self.repository.scan_people():
            on_read(len(person))
            current = (edited(stored, policy) for stored in person)
            taken = (lead for lead in current if selection.takes(lead, now=now, policy=policy))
            found += [ListedLead(lead, find_follow_up(lead, policy)) for lead in taken]
        return sorted(found, key=_order)


def _order(listed: ListedLead) -> tuple[bool, datetime | float]:
    """Return what sorts a list. Who waits comes first."""
    since = find_open_wait(listed.lead)
    return (False, since.timestamp()) if since else (True, -listed.lead.history.last_at.timestamp())
