"""Remove what came back of an erased person: a worker may have written it while the erasure went on.

The lead itself goes last. So if the process ends in between, the next check finds the lead again.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from lead_core.errors import SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.changes import StoredLead, without_erased
from lead_core.lead.delivery import Delivery
from lead_core.lead.erasure import Erasure
from lead_core.lead.received import Envelope
from lead_core.lead.to_do import find_follow_up
from lead_core.marketplace.notification import read_notification
from lead_core.ports.storage import Inbox
from lead_core.steps.repository import LeadRepository


@dataclass(frozen=True, slots=True)
class Sweeping:
    """Removes what came back of erased persons."""

    repository: LeadRepository
    inbox: Inbox

    async def sweep(self, leads: list[StoredLead], erasure: Erasure) -> int:
        """Remove what *erasure* covers of a person's *leads*, and return of how many.

        A lead in which something newer stands as well is made anew of that alone.
        """
        touched = [each for each in leads if erasure.covers(each.lead.history.first_at, written_at=each.changed_at)]
        if touched:
            await self.inbox.remove_of(touched[0].lead.key.partition, erasure)
        for stored in touched:
            if erasure.covers(stored.lead.history.last_at, written_at=stored.changed_at):
                await self.repository.leads.remove(stored)
            else:
                await self._make_anew(stored, leads, erasure)
        return len(touched)

    async def _make_anew(self, stored: StoredLead, person: list[StoredLead], erasure: Erasure) -> None:
        key, policy = stored.lead.key, self.repository.policy
        received = await self.inbox.list_of([key])
        deliveries = [each for each in _read(received[key]) if each.key == key]
        if not deliveries:
            return  # It is being written. The next check makes it anew.
        lead = without_erased(stored.beside(person), deliveries, erasure, policy)
        with suppress(SomeoneWasFirstError):  # So does it if something came meanwhile.
            await self.repository.leads.replace_whole(stored, lead)
            if entry := find_follow_up(lead, policy):
                await self.repository.follow_ups.upsert(entry)


def _read(received: list[Envelope]) -> Iterator[Delivery]:
    for envelope in received:
        with suppress(UnreadableLeadError):  # A person edited the row.
            yield read_notification(envelope).delivery
