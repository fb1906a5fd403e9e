"""The second step: what stands in the queue becomes a lead, or is kept where somebody sees it.

Every write may be repeated, and the process may end between any two of them: the message comes again, and whatever is
already done is found done.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lead_core.errors import RejectCode, SomeoneWasFirstError, StorageUnavailableError, UnreadableLeadError
from lead_core.lead.decisions import notice_hand_edit
from lead_core.lead.follow_up import FollowUpPolicy, list_on_to_do, schedule
from lead_core.lead.lead import Delivery, Lead, fold
from lead_core.lead.values import format_digest
from lead_core.marketplace.envelope import Envelope, decode_envelope
from lead_core.marketplace.notification import read_notification
from lead_core.marketplace.rejected import RejectedFrom, RejectedLead
from lead_core.ports import (
    ClaimStore,
    FollowUpStore,
    Inbox,
    LeadQueue,
    LeadStore,
    RejectKeeper,
    StoredLead,
    TestLeadNote,
)

MAX_ATTEMPTS = 20
"""As many workers may meet at one lead before the message goes back into the queue."""

GAVE_UP_EXPLANATION = (
    "This lead could not be stored in several tries, most likely because the storage account did not answer for a "
    "while. The first time, it is tried once more by itself. If it is still missing from Leads and Retry is false, "
    "set Retry to true."
)


class Outcome(StrEnum):
    """What became of a message."""

    NEW_LEAD = "new-lead"
    REPEAT = "repeat"
    ALREADY_STORED = "already-stored"
    REJECTED = "rejected"
    QUEUED_AGAIN = "queued-again"


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of a message, for the log: no personal data."""

    outcome: Outcome
    event_id: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Processing:
    """Stores leads, each once, however often and in whatever order they are delivered."""

    inbox: Inbox
    leads: LeadStore
    follow_ups: FollowUpStore
    rejects: RejectKeeper
    claims: ClaimStore
    queue: LeadQueue
    policy: FollowUpPolicy

    async def process(self, message: bytes, *, message_id: str, queued_at: datetime) -> Processed:
        """Store one enqueued lead; a second delivery changes nothing.

        Raises: StorageUnavailableError, SomeoneWasFirstError: let the host deliver it again.
        """
        envelope, why = _open(message, message_id, queued_at)
        try:
            if why:
                raise why
            notification = read_notification(envelope)
            await self.inbox.insert(notification)
            outcome = await self._store(notification.delivery)
        except UnreadableLeadError as error:
            await self.rejects.keep(RejectedLead.of(envelope, error, RejectedFrom.QUEUE))
            return Processed(Outcome.REJECTED, envelope.event_id, error.code)
        return Processed(outcome, envelope.event_id)

    async def park(self, message: bytes, *, message_id: str, queued_at: datetime) -> Processed:
        """Keep what the host gave up on; it gets another try by itself."""
        envelope, _ = _open(message, message_id, queued_at)
        why = UnreadableLeadError(RejectCode.GAVE_UP, GAVE_UP_EXPLANATION)
        try:
            await self.rejects.keep(RejectedLead.of(envelope, why, RejectedFrom.POISON, retry=True))
        except StorageUnavailableError:
            # A poison queue has none of its own: what fails here often enough is never tried again.
            await self.queue.enqueue(message)
            return Processed(Outcome.QUEUED_AGAIN, envelope.event_id)
        return Processed(Outcome.REJECTED, envelope.event_id, why.code)

    async def _store(self, delivery: Delivery) -> Outcome:
        fresh = schedule(fold(None, delivery), self.policy)
        for _ in range(MAX_ATTEMPTS):
            if await self.leads.insert(fresh):
                await self._list(fresh, delivery)
                return Outcome.NEW_LEAD
            try:
                stored = await self.leads.get(delivery.key)
                if stored:
                    return await self._fold_into(stored, delivery)
            except SomeoneWasFirstError:
                continue
        raise SomeoneWasFirstError

    async def _fold_into(self, stored: StoredLead, delivery: Delivery) -> Outcome:
        before = notice_hand_edit(stored.lead, edited_at=stored.changed_at)
        after = schedule(fold(before, delivery), self.policy)
        if after != stored.lead:
            await self.leads.replace(stored, after)
        is_known = after.history == before.history
        # The delivery before a known one may have ended just here.
        if is_known or after.is_test or after.next_reminder_at != stored.lead.next_reminder_at:
            await self._list(after, delivery)
        return Outcome.ALREADY_STORED if is_known else Outcome.REPEAT

    async def _list(self, lead: Lead, delivery: Delivery) -> None:
        """Put *lead* where the timer finds it; an entry that this leaves stale is removed by whoever finds it."""
        if entry := list_on_to_do(lead):
            await self.follow_ups.upsert(entry)
        if lead.is_test:
            await self.claims.note_test_lead(
                TestLeadNote(lead.shown.offer_title or lead.key.row, delivery.received_at, lead.cells.owner)
            )


def _open(message: bytes, message_id: str, queued_at: datetime) -> tuple[Envelope, UnreadableLeadError | None]:
    """Open the envelope; a message that was put into the queue by hand gets one, the same each time."""
    try:
        return decode_envelope(message), None
    except UnreadableLeadError as error:
        return Envelope(format_digest("message", message_id), queued_at, offer="", body=message), error
