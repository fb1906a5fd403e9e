"""Read and write each lead together with its entry on the to-do list."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.changes import StoredLead, edited
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.to_do import find_follow_up, is_at
from lead_core.lead.values import LeadKey
from lead_core.ports.storage import FollowUpStore, LeadStore, StoredFollowUp

MAX_TRIES_TO_CHANGE: Final = 5
"""How often one worker tries to write a change. Each lost write race costs one try."""

Change: TypeAlias = Callable[[StoredLead], Lead]
"""A function of `lead.changes`. It runs again, on the newer lead, after a lost write race."""


@dataclass(frozen=True, slots=True)
class LeadRepository:
    """Reads a lead with the person's other leads, and writes it with its entry on the to-do list."""

    leads: LeadStore
    follow_ups: FollowUpStore
    policy: FollowUpPolicy

    async def get(self, key: LeadKey) -> StoredLead | None:
        """Read a lead, and the same person's leads on other offers. None if it is gone."""
        person = await self.leads.list_person(key)
        return next((stored.beside(person) for stored in person if stored.lead.key == key), None)

    async def refresh(self, stored: StoredLead) -> Lead:
        """Record what people edited in a lead and in the person's other leads. Raises: SomeoneWasFirstError."""
        return await self._save(stored, edited(stored, self.policy))

    async def change(self, key: LeadKey, change: Change, read: StoredLead | None = None) -> Lead | None:
        """Change a lead as it is stored now, and return it. None if it is gone. *read* is the lead if it was just read.

        Raises: SomeoneWasFirstError.
        """
        for _ in range(MAX_TRIES_TO_CHANGE):
            stored, read = read or await self.get(key), None
            if stored is None:
                return None
            with suppress(SomeoneWasFirstError):
                return await self._save(stored, change(stored))
        raise SomeoneWasFirstError

    async def settle(self, key: LeadKey, change: Change, read: StoredLead | None = None) -> Lead | None:
        """Change a lead, and take its entry off the to-do list if it no longer belongs there.

        The entry is read first. If another worker writes it again meanwhile, it stays.
        """
        stored = read or await self.leads.get(key)
        listed = find_follow_up(stored.lead, self.policy) if stored else None
        entry = await self.follow_ups.get(listed) if listed else None
        lead = await self.change(key, change, read)
        if lead and entry and not is_at(lead, entry.place):
            await self.follow_ups.remove(entry)
        return lead

    async def resolve(self, entry: StoredFollowUp) -> Lead | None:
        """Return the entry's lead if the entry is current. Otherwise write the current entry, and delete this one.

        Raises: SomeoneWasFirstError.
        """
        return await self.resolve_with(entry, await self.get(entry.lead))

    async def resolve_with(self, entry: StoredFollowUp, stored: StoredLead | None) -> Lead | None:
        """Do the same with the entry's lead as it was just read, None if it is gone. Raises: SomeoneWasFirstError."""
        lead = await self.refresh(stored) if stored else None
        if is_at(lead, entry.place):
            return lead
        if current := find_follow_up(lead, self.policy) if lead else None:
            await self.follow_ups.upsert(current)
        await self.follow_ups.remove(entry)
        return None

    async def _save(self, stored: StoredLead, lead: Lead) -> Lead:
        if lead != stored.lead:
            await self.leads.replace(stored, lead)
            if entry := find_follow_up(lead, self.policy):
                await self.follow_ups.upsert(entry)
        return lead
