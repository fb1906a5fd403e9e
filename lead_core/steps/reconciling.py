"""Read every lead once an hour, record what people edited, and make the to-do list match."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.changes import StoredLead
from lead_core.lead.follow_up import find_follow_up
from lead_core.lead.values import LeadKey, Status
from lead_core.ports.outgoing import ClaimStore
from lead_core.ports.storage import StoredFollowUp
from lead_core.steps.rebuilding import Rebuilding
from lead_core.steps.repository import LeadRepository

MAX_REBUILT_PER_CHECK: Final = 200


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Reads every lead once, corrects the to-do list, and counts the leads that rest unanswered."""

    repository: LeadRepository
    claims: ClaimStore
    rebuilding: Rebuilding

    async def check(self) -> Counter[str]:
        """Read and correct everything, and count what was found."""
        outcomes: Counter[str] = Counter()
        listed = {(entry.due_at, entry.lead): entry async for entry in self.repository.follow_ups.scan()}
        person: list[StoredLead] = []
        lost: list[LeadKey] = []
        async for stored in self.repository.leads.scan():
            if person and person[0].lead.key.partition != stored.lead.key.partition:
                await self._check_person(person, listed, outcomes)
                person = []
            person.append(stored)
            if stored.lead.history.is_lost:
                lost.append(stored.lead.key)
        await self._check_person(person, listed, outcomes)
        for entry in listed.values():  # No lead asks for these.
            try:
                await self.repository.resolve(entry)
            except SomeoneWasFirstError as error:
                outcomes[error.code] += 1
            else:
                outcomes["stale-entry"] += 1
        if lost:
            outcomes += await self.rebuilding.rebuild(lost[:MAX_REBUILT_PER_CHECK])
        await self.claims.write_resting(outcomes["resting"])
        return outcomes

    async def _check_person(
        self,
        person: list[StoredLead],
        listed: dict[tuple[datetime, LeadKey], StoredFollowUp],
        outcomes: Counter[str],
    ) -> None:
        for stored in person:
            try:
                lead = await self.repository.refresh(stored.beside(person))
            except SomeoneWasFirstError:
                outcomes["someone-was-first"] += 1
                continue
            outcomes["checked"] += 1
            outcomes["edited"] += lead != stored.lead
            entry = find_follow_up(lead)
            outcomes["resting"] += (
                entry is None and lead.status is Status.NEW and not (lead.is_test or lead.is_internal)
            )
            if entry and listed.pop((entry.due_at, lead.key), None) is None and lead == stored.lead:
                await self.repository.follow_ups.upsert(entry)
                outcomes["missing-entry"] += 1
