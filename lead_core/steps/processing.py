"""The second step: make a lead of each message in the queue, or keep the message where people see it.

Every write may be repeated, and the process may end between any two of them. Then the message comes again, and what is
already done changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lead_core.errors import (
    RejectCode,
    RowRefusedError,
    SomeoneWasFirstError,
    StorageUnavailableError,
    UnreadableLeadError,
)
from lead_core.lead.canary import is_canary
from lead_core.lead.changes import StoredLead, delivered, objected
from lead_core.lead.delivery import Delivery
from lead_core.lead.erasure import Erasure
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.received import Envelope, Notification, RejectedFrom
from lead_core.lead.to_do import find_follow_up
from lead_core.marketplace.by_hand import check_readable, open_message
from lead_core.marketplace.envelope import read_message
from lead_core.marketplace.leads import split
from lead_core.marketplace.notification import read_notification
from lead_core.marketplace.suggestion import reject
from lead_core.ports.outgoing import ClaimStore
from lead_core.ports.rejects import RejectStore
from lead_core.ports.storage import ErasureStore, FollowUpStore, Inbox, LeadQueue, LeadStore
from lead_core.ports.test_leads import FirstTestLead
from lead_core.steps.repository import LeadRepository

MAX_TRIES_TO_STORE = 20
"""How often one worker tries to store a lead. Each lost write race costs one try. After that the queue redelivers."""

GAVE_UP_EXPLANATION = (
    "This lead could not be stored in several tries, most likely because the storage account did not answer for a "
    "while. The app retries it once by itself. If it is still missing from Leads and Retry is false, set Retry to true."
)


class Outcome(StrEnum):
    """What became of a message, or of one lead in it."""

    NEW_LEAD = "new-lead"
    REPEAT = "repeat"
    ALREADY_STORED = "already-stored"
    REJECTED = "rejected"
    ERASED = "erased"
    """It was received before its person was erased, and came again."""
    QUEUED_AGAIN = "queued-again"


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of one lead of a message, for the log: no personal data."""

    outcome: Outcome
    event_id: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Processing:
    """Stores each lead once. Leads may be delivered several times and in any order."""

    inbox: Inbox
    leads: LeadStore
    follow_ups: FollowUpStore
    rejects: RejectStore
    claims: ClaimStore
    queue: LeadQueue
    policy: FollowUpPolicy
    erasures: ErasureStore

    async def process(self, message: bytes, *, message_id: str, queued_at: datetime) -> list[Processed]:
        """Store each lead of one enqueued post. A second delivery changes nothing.

        Raises: StorageUnavailableError, SomeoneWasFirstError: let the host deliver it again.
        """
        envelope, is_by_hand = open_message(read_message(message), message_id, queued_at)
        try:
            leads = split(envelope)
        except UnreadableLeadError as error:
            return [await self._reject(envelope, _say_what_to_do(error) if is_by_hand else error)]
        return [await self._process(lead, is_by_hand=is_by_hand) for lead in leads]

    async def park(self, message: bytes, *, message_id: str, queued_at: datetime) -> Processed:
        """Keep what the host gave up on. It gets another try by itself, if it can be read."""
        message = read_message(message)
        envelope, is_by_hand = open_message(message, message_id, queued_at)
        why, is_readable = UnreadableLeadError(RejectCode.GAVE_UP, GAVE_UP_EXPLANATION), True
        if is_by_hand:  # It may never have reached `process`: a person can put a text into any queue.
            try:
                check_readable(envelope)
            except UnreadableLeadError as error:
                why, is_readable = _say_what_to_do(error), False
        processed = Processed(Outcome.ERASED, envelope.event_id)
        try:
            for left in await self._leave_out_erased(envelope):
                processed = await self._reject(left, why, RejectedFrom.POISON, retry=is_readable)
        except StorageUnavailableError:
            # A poison queue has no poison queue. A message that fails here too often is never tried again.
            await self.queue.enqueue(message)
            return Processed(Outcome.QUEUED_AGAIN, envelope.event_id)
        return processed

    async def _process(self, envelope: Envelope, *, is_by_hand: bool) -> Processed:
        try:
            notification = read_notification(envelope)
            delivery = notification.delivery
            erasure = await self.erasures.find(delivery.key.partition)
            if erasure and erasure.covers(delivery.received_at):
                return await self._drop(notification)
            await self.inbox.insert(notification)
            return Processed(await self._store(delivery, erasure), envelope.event_id)
        except RowRefusedError as error:
            return await self._reject(envelope, error)
        except UnreadableLeadError as error:
            return await self._reject(envelope, _say_what_to_do(error) if is_by_hand else error)

    async def _reject(
        self,
        envelope: Envelope,
        why: UnreadableLeadError,
        rejected_from: RejectedFrom = RejectedFrom.QUEUE,
        *,
        retry: bool = False,
    ) -> Processed:
        await self.rejects.upsert(reject(envelope, why, rejected_from, retry=retry))
        return Processed(Outcome.REJECTED, envelope.event_id, why.code)

    async def _leave_out_erased(self, envelope: Envelope) -> list[Envelope]:
        """Return *envelope*. If any of its leads is of a person who was erased since, return the others alone."""
        left = []
        try:
            leads = split(envelope)
            for lead in leads:
                delivery = read_notification(lead).delivery
                erasure = await self.erasures.find(delivery.key.partition)
                if not (erasure and erasure.covers(delivery.received_at)):
                    left.append(lead)
        except UnreadableLeadError:  # Nobody can say whose it is.
            return [envelope]
        return left if len(left) < len(leads) else [envelope]

    async def _drop(self, notification: Notification) -> Processed:
        """Leave nothing of a notification whose person was erased since. It may have been kept in part before."""
        await self.inbox.remove(notification)
        await self.rejects.remove(notification.envelope)
        return Processed(Outcome.ERASED, notification.envelope.event_id)

    async def _store(self, delivery: Delivery, erasure: Erasure | None) -> Outcome:
        fresh = delivered(None, delivery, self.policy)
        if erasure and erasure.objects:
            person = await self.leads.list_person(delivery.key)
            fresh = objected(fresh, person, erasure, self.policy)
        for _ in range(MAX_TRIES_TO_STORE):
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
        after = delivered(stored, delivery, self.policy)
        if after != stored.lead:
            await self.leads.replace(stored, after)
        is_known = stored.lead.history.knows(delivery.action)
        # An earlier delivery of the same message may have crashed at this point.
        if is_known or after.is_test or find_follow_up(after, self.policy) != find_follow_up(stored.lead, self.policy):
            await self._list(after, delivery)
        await LeadRepository(self.leads, self.follow_ups, self.policy).spread(stored.lead, after)
        return Outcome.ALREADY_STORED if is_known else Outcome.REPEAT

    async def _list(self, lead: Lead, delivery: Delivery) -> None:
        """Put *lead* on the to-do list. The timer removes the entry that this leaves stale."""
        if entry := find_follow_up(lead, self.policy):
            await self.follow_ups.upsert(entry)
        if lead.is_test and not is_canary(lead):
            await self.claims.insert_test_lead(
                FirstTestLead(lead.shown.offer_title or lead.key.row, delivery.received_at, lead.cells.owner)
            )


def _say_what_to_do(error: UnreadableLeadError) -> UnreadableLeadError:
    return UnreadableLeadError(
        RejectCode.NO_ENVELOPE,
        "This message was put into the queue by hand, and it cannot be read as a lead. "
        f"{error.explanation} Correct the Body, then set Retry to true.",
    )
