"""What looks over everything once in a while: edited cells, the to-do list, rejected leads to be tried again."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lead_core.errors import SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.follow_up import list_on_to_do
from lead_core.lead.values import LeadKey, Status
from lead_core.marketplace.envelope import MAX_BODY_BYTES, encode_envelope
from lead_core.ports import ClaimStore, LeadQueue, RejectStore, StoredFollowUp, StoredLead
from lead_core.steps.keeping import LeadKeeper, notice

RETRIES_LOOK_BACK: Final = timedelta(days=14)
"""At each tick; the hourly check looks at all."""
_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Retries:
    """Puts rejected leads whose ``Retry`` somebody set into the queue again."""

    rejects: RejectStore
    queue: LeadQueue

    async def tick(self, *, now: datetime) -> int:
        """Retry the rejected leads of the last days, and count them. Needs storage alone."""
        return await self._retry(now - RETRIES_LOOK_BACK)

    async def check(self) -> int:
        """Retry rejected leads however old, and count them."""
        return await self._retry(_EVER)

    async def _retry(self, since: datetime) -> int:
        wanted = [each for each in await self.rejects.list_since(since) if each.wants_retry]
        for stored in wanted:
            envelope = await self.rejects.load(stored)
            if envelope and len(envelope.body) > MAX_BODY_BYTES:
                too_large = f"The Body is larger than {MAX_BODY_BYTES // 1024} KiB. Shorten it, then set Retry to true."
                await self.rejects.mark_retried(stored, explanation=too_large)
            elif envelope:
                await self.queue.enqueue(encode_envelope(envelope))
                await self.rejects.mark_retried(stored)
        return len(wanted)


@dataclass(frozen=True, slots=True)
class Checking:
    """Reads every lead once: notices what people edited, mends the to-do list, counts what rests."""

    keeper: LeadKeeper
    claims: ClaimStore

    async def check(self) -> Counter[str]:
        """Do it, and count what was found."""
        outcomes: Counter[str] = Counter()
        listed = {(entry.due_at, entry.lead): entry async for entry in self.keeper.follow_ups.scan()}
        person: list[StoredLead] = []
        async for stored in self.keeper.leads.scan():
            if isinstance(stored, UnreadableLeadError):
                outcomes[stored.code] += 1
                continue
            if person and person[0].lead.key.partition != stored.lead.key.partition:
                await self._check_person(person, listed, outcomes)
                person = []
            person.append(stored)
        await self._check_person(person, listed, outcomes)
        for entry in listed.values():  # What no lead asks for.
            try:
                await self.keeper.mend(entry)
            except (SomeoneWasFirstError, UnreadableLeadError) as error:
                outcomes[error.code] += 1
            else:
                outcomes["stale-entry"] += 1
        await self.claims.note_resting(outcomes["resting"])
        return outcomes

    async def _check_person(
        self,
        person: list[StoredLead],
        listed: dict[tuple[datetime, LeadKey], StoredFollowUp],
        outcomes: Counter[str],
    ) -> None:
        noticed = [notice(stored) for stored in person]
        for stored in person:
            try:
                lead = await self.keeper.refresh(stored, noticed)
            except SomeoneWasFirstError:
                outcomes["someone-was-first"] += 1
                continue
            outcomes["checked"] += 1
            outcomes["edited"] += lead != stored.lead
            entry = list_on_to_do(lead)
            outcomes["resting"] += (
                entry is None and lead.status is Status.NEW and not (lead.is_test or lead.is_internal)
            )
            if entry and listed.pop((entry.due_at, lead.key), None) is None and lead == stored.lead:
                await self.keeper.follow_ups.upsert(entry)
                outcomes["missing-entry"] += 1
