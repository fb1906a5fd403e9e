"""Keeps the rows of ``Leads`` and ``FollowUps`` as their rules want them; the later steps share it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.decisions import decide, find_do_not_contact, notice_hand_edit
from lead_core.lead.follow_up import FollowUpPolicy, list_on_to_do, schedule
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.values import LeadKey, Status
from lead_core.ports import FollowUpStore, LeadStore, StoredFollowUp, StoredLead

MAX_ATTEMPTS: Final = 5

Act: TypeAlias = Callable[[Lead], Lead]
"""What is done with a lead as it now stands. It may be called again, on what somebody else made of it."""


@dataclass(frozen=True, slots=True)
class LeadKeeper:
    """Reads a lead with all that bears on it, and writes it with the entry that it asks for."""

    leads: LeadStore
    follow_ups: FollowUpStore
    policy: FollowUpPolicy

    async def look_at(self, key: LeadKey) -> tuple[StoredLead, tuple[Lead, ...]] | None:
        """Read a lead, and as they now stand those of the same person on other offers; None where it is gone.

        Raises: UnreadableLeadError (``damaged-row``).
        """
        person = await self.leads.list_person(key)
        others = tuple(notice(stored) for stored in person if stored.lead.key != key)
        return next(((stored, others) for stored in person if stored.lead.key == key), None)

    async def refresh(self, stored: StoredLead, others: Sequence[Lead], act: Act | None = None) -> Lead:
        """Write down what people edited, what *do not contact* on another offer means for this one, and then *act*.

        Raises: SomeoneWasFirstError.
        """
        lead = notice(stored)
        covering = find_do_not_contact(lead, others)
        if covering and lead.status is not Status.DO_NOT_CONTACT:
            lead = decide(lead, Decision(Status.DO_NOT_CONTACT, covering.at, covering.by))
        lead = schedule(act(lead) if act else lead, self.policy)
        if lead != stored.lead:
            await self.leads.replace(stored, lead)
            if entry := list_on_to_do(lead):
                await self.follow_ups.upsert(entry)
        return lead

    async def change(self, key: LeadKey, act: Act) -> Lead | None:
        """Do *act* with a lead as it now stands, and write it; None where it is gone.

        Raises: SomeoneWasFirstError, UnreadableLeadError.
        """
        for _ in range(MAX_ATTEMPTS):
            found = await self.look_at(key)
            if found is None:
                return None
            with suppress(SomeoneWasFirstError):
                return await self.refresh(*found, act)
        raise SomeoneWasFirstError

    async def answer(self, key: LeadKey, act: Act) -> Lead | None:
        """Do as `change`, and take the lead off the to-do list where it no longer belongs.

        The entry is read first: if the lead asks for it again meanwhile, it is not the same any more, and stays.
        """
        stored = await self.leads.get(key)
        listed = list_on_to_do(stored.lead) if stored else None
        entry = await self.follow_ups.get(listed) if listed else None
        lead = await self.change(key, act)
        if lead and entry and lead.next_reminder_at != entry.due_at:
            await self.follow_ups.remove(entry)
        return lead

    async def mend(self, entry: StoredFollowUp) -> Lead | None:
        """Give the lead of an entry if it is the one that the lead asks for; else write the right one and remove it.

        Raises: SomeoneWasFirstError, UnreadableLeadError.
        """
        found = await self.look_at(entry.lead)
        lead = await self.refresh(*found) if found else None
        if lead and lead.next_reminder_at == entry.due_at:
            return lead
        if right := list_on_to_do(lead) if lead else None:
            await self.follow_ups.upsert(right)
        await self.follow_ups.remove(entry)
        return None


def notice(stored: StoredLead) -> Lead:
    """Give a lead with what people edited in it since it was written."""
    return notice_hand_edit(stored.lead, edited_at=stored.changed_at)
