"""Show all that is known of a person's leads. Showing changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lead_core.lead.changes import StoredLead, edited, others_beside
from lead_core.lead.lead import Lead
from lead_core.lead.to_do import FollowUp, find_follow_up
from lead_core.steps.repository import LeadRepository
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.standing import Told, tell_standing


@dataclass(frozen=True, slots=True)
class ShownLead:
    """A lead at one moment, with what people edited in it."""

    lead: Lead
    facts: Facts
    told: Told
    entry: FollowUp | None
    """What the to-do list should have of it. None if nothing is to be done."""
    is_listed: bool
    """Whether it has that. The hourly check writes what is missing."""


@dataclass(frozen=True, slots=True)
class Showing:
    """Shows leads."""

    repository: LeadRepository

    async def show(self, person: Sequence[StoredLead], *, now: datetime) -> list[ShownLead]:
        """Return each lead of a person. *person* is all of them, each beside the others."""
        return [await self._show(stored, now) for stored in person]

    async def _show(self, stored: StoredLead, now: datetime) -> ShownLead:
        policy = self.repository.policy
        lead = edited(stored, policy)
        entry = find_follow_up(lead, policy)
        return ShownLead(
            lead,
            collect_facts(lead, others_beside(stored, lead), now=now, zone=policy.zone, touches=policy.touches),
            tell_standing(lead, now=now, zone=policy.zone, touches=policy.touches),
            entry,
            is_listed=entry is not None and await self.repository.follow_ups.get(entry) is not None,
        )
