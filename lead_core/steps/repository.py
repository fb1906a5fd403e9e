"""Read and write each lead together with its entry on the to-do list."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from lead_core.errors import RowRefusedError, SomeoneWasFirstError
from lead_core.lead.answers import is_closed
from lead_core.lead.changes import StoredLead, edited
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.to_do import find_follow_up, is_at
from lead_core.lead.values import LeadKey, is_same_person
from lead_core.ports.storage import FollowUpStore, LeadStore, StoredFollowUp

MAX_TRIES_TO_CHANGE: Final = 5
"""How often one worker tries to write a change. Each lost write race costs one try."""

Change: TypeAlias = Callable[[StoredLead], Lead]
"""A function of `lead.changes`. It runs again, on the newer lead, after a lost write race."""


def gather(person: Sequence[StoredLead]) -> tuple[StoredLead, ...]:
    """Return the leads of a person, each beside the others."""
    return tuple(stored.beside(person) for stored in person)


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

    async def scan_people(self, *, after: str = "") -> AsyncIterator[tuple[StoredLead, ...]]:
        """Read all leads, person by person. Each lead is beside the person's others. See `LeadStore.scan`."""
        person: list[StoredLead] = []
        async for stored in self.leads.scan(after=after):
            if person and not is_same_person(person[-1].lead.key, stored.lead.key):
                yield gather(person)
                person = []
            person.append(stored)
        if person:
            yield gather(person)

    async def refresh(self, stored: StoredLead, *, alone: bool = False) -> Lead:
        """Record what people edited in a lead and in the person's other leads. Raises: SomeoneWasFirstError.

        *alone* if the caller refreshes the person's other leads as well.
        """
        lead = await self._save(stored, edited(stored, self.policy))
        if not alone:
            await self.spread(stored.lead, lead)
        return lead

    async def change(self, key: LeadKey, change: Change, read: StoredLead | None = None) -> Lead | None:
        """Change a lead as it is stored now, and return it. None if it is gone. *read* is the lead if it was just read.

        Raises: SomeoneWasFirstError.
        """
        before, lead = await self._change(key, change, read)
        if lead:
            await self.spread(before, lead)
        return lead

    async def spread(self, before: Lead | None, lead: Lead) -> None:
        """Write *do not contact*, or its end, into the person's other leads if *lead* has just changed in that.

        With None for *before*, do so in any case. What is lost on the way, the hourly check finds and writes.
        """
        if before and is_closed(before) == is_closed(lead):
            return
        person = await self.leads.list_person(lead.key)
        for stored in person:
            if stored.lead.key != lead.key:
                with suppress(SomeoneWasFirstError, RowRefusedError):
                    await self._settle(stored.lead.key, lambda other: edited(other, self.policy), stored.beside(person))

    async def settle(self, key: LeadKey, change: Change, read: StoredLead | None = None) -> Lead | None:
        """Change a lead, and take its entry off the to-do list if it no longer belongs there.

        The entry is read first. If another worker writes it again meanwhile, it stays.
        """
        before, lead = await self._settle(key, change, read)
        if lead:
            await self.spread(before, lead)
        return lead

    async def _settle(
        self, key: LeadKey, change: Change, read: StoredLead | None
    ) -> tuple[Lead, Lead] | tuple[None, None]:
        stored = read or await self.leads.get(key)
        listed = find_follow_up(stored.lead, self.policy) if stored else None
        entry = await self.follow_ups.get(listed) if listed else None
        before, lead = await self._change(key, change, read)
        if not (before and lead):
            return None, None
        if entry and not is_at(lead, entry.place):
            await self.follow_ups.remove(entry)
        return before, lead

    async def _change(
        self, key: LeadKey, change: Change, read: StoredLead | None
    ) -> tuple[Lead, Lead] | tuple[None, None]:
        """Return the lead before and after the change."""
        for _ in range(MAX_TRIES_TO_CHANGE):
            stored, read = read or await self.get(key), None
            if stored is None:
                return None, None
            with suppress(SomeoneWasFirstError):
                return stored.lead, await self._save(stored, change(stored))
        raise SomeoneWasFirstError

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

    async def remove(self, stored: StoredLead) -> bool:
        """Remove a lead's entry of the to-do list, and then the lead. Return False if it changed since, and stays.

        If the process ends in between, the hourly check writes the entry again.
        """
        listed = find_follow_up(stored.lead, self.policy)
        if listed and (entry := await self.follow_ups.get(listed)):
            await self.follow_ups.remove(entry)
        return await self.leads.remove(stored)

    async def _save(self, stored: StoredLead, lead: Lead) -> Lead:
        if lead != stored.lead:
            await self.leads.replace(stored, lead)
            if entry := find_follow_up(lead, self.policy):
                await self.follow_ups.upsert(entry)
        return lead
