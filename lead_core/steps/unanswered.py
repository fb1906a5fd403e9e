"""The leads that were never answered, as the mails to their owners list them."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lead_core.lead.changes import edited
from lead_core.lead.lead import Lead
from lead_core.lead.recipients import find_owner_address
from lead_core.lead.to_do import CANNOT_BE_REACHED, find_wait
from lead_core.links import LinkSigner
from lead_core.ports.storage import StoredFollowUp
from lead_core.steps.repository import LeadRepository
from lead_core.views.facts import collect_facts
from lead_core.views.unanswered import UnansweredLead, UnansweredList

MAX_NAMED: Final = 10
MAX_COUNTED: Final = 5_000
"""More are only known to be there."""
_KEPT_FOR_UNREACHABLE: Final = 2
"""Of the names, so that customers whom nobody can reach are named as well."""


@dataclass(slots=True)
class UnansweredReader:
    """Reads them at most once a tick, and only if a mail goes out. Use it for one moment only."""

    repository: LeadRepository
    links: LinkSigner
    now: datetime
    _entries: list[StoredFollowUp] | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def list_for(self, reader: str, *, sees_all: bool) -> UnansweredList:
        """Return the leads of the owner who reads the mail, or of all owners."""
        listed = await self._list()
        own = [entry for entry in listed if sees_all or self._has_mails(entry, reader)]
        waiting = [entry for entry in own if entry.state != CANNOT_BE_REACHED]
        unreachable = [entry for entry in own if entry.state == CANNOT_BE_REACHED]
        kept = min(len(unreachable), max(_KEPT_FOR_UNREACHABLE, MAX_NAMED - len(waiting)))
        named, gone = await self._name(waiting, reader, sees_all=sees_all, limit=MAX_NAMED - kept)
        named_apart, gone_apart = await self._name(unreachable, reader, sees_all=sees_all, limit=kept)
        return UnansweredList(
            leads=tuple(named),
            more=len(waiting) - len(named) - gone,
            unreachable=tuple(named_apart),
            more_unreachable=len(unreachable) - len(named_apart) - gone_apart,
            is_cut=len(listed) == MAX_COUNTED,
        )

    async def _list(self) -> list[StoredFollowUp]:
        async with self._reading:
            if self._entries is None:
                self._entries = []
                async for entry in self.repository.follow_ups.list_resting():
                    self._entries.append(entry)
                    if len(self._entries) == MAX_COUNTED:
                        break
            return self._entries

    async def _name(
        self, entries: list[StoredFollowUp], reader: str, *, sees_all: bool, limit: int
    ) -> tuple[list[UnansweredLead], int]:
        """Return those who have waited longest, as they now stand, and how many are gone: answered, or passed on."""
        named: list[UnansweredLead] = []
        looked_up = 0
        for entry in entries[: 2 * limit]:  # Some entries may be stale. Each of those costs a name.
            if len(named) == limit:
                break
            looked_up += 1
            lead = await self._read(entry)
            if lead and (sees_all or self._find_owner(lead) == reader):
                zone = self.repository.policy.zone
                facts = collect_facts(lead, (), now=self.now, zone=zone)
                link = self.links.sign(lead.key, reader, now=self.now)
                named.append(UnansweredLead(facts=facts, since=find_wait(lead).astimezone(zone), link=link))
        return named, looked_up - len(named)

    async def _read(self, entry: StoredFollowUp) -> Lead | None:
        """Return the entry's lead if nobody answered it. A person may have edited its row a moment ago."""
        stored = await self.repository.get(entry.lead)
        lead = edited(stored, self.repository.policy) if stored else None
        return lead if lead and lead.is_unanswered and lead.next_reminder_at is None else None

    def _find_owner(self, lead: Lead) -> str:
        return find_owner_address(lead, self.repository.policy.owners, now=self.now)

    def _has_mails(self, entry: StoredFollowUp, reader: str) -> bool:
        """Whether *reader* gets the mails about a lead as it is listed. The version before listed what was typed."""
        owners = self.repository.policy.owners
        return reader == (owners.read(entry.owner, confirmed=entry.owner) or owners.default)
