"""Rebuild leads whose history was damaged, from the notifications that the inbox keeps."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from lead_core.errors import RejectCode, SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.changes import StoredLead, rebuilt
from lead_core.lead.delivery import Delivery
from lead_core.lead.erasure import Erasures
from lead_core.lead.received import Envelope, RejectedFrom, RejectedLead
from lead_core.lead.values import LeadKey, format_digest
from lead_core.marketplace.notification import read_kept
from lead_core.ports.rejects import RejectWriter
from lead_core.ports.storage import Inbox
from lead_core.steps.repository import LeadRepository


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """Rebuilds what can be rebuilt, and says what can not."""

    repository: LeadRepository
    inbox: Inbox
    rejects: RejectWriter

    async def rebuild(self, leads: Sequence[LeadKey], erasures: Erasures) -> Counter[str]:
        """Rebuild the history of each lead, and count what became of them. Reads through the inbox once.

        What *erasures* cover does not come back.
        """
        outcomes: Counter[str] = Counter()
        if not leads:
            return outcomes
        received = await self.inbox.list_of(leads)
        for key in leads:
            erasure = erasures.find(key.partition)
            deliveries = tuple(
                each
                for each in _read_deliveries(key, received[key])
                if not (erasure and erasure.covers(each.received_at))
            )
            try:
                stored = await self.repository.get(key)
                if stored and not deliveries:  # Say it first. If the process ends here, it is said again.
                    await self.rejects.upsert(_complain(stored))
                change = partial(rebuilt, deliveries=deliveries, policy=self.repository.policy)
                await self.repository.change(key, change)
            except SomeoneWasFirstError as error:
                outcomes[error.code] += 1
            else:
                outcomes["rebuilt" if deliveries else "not-rebuilt"] += 1
        return outcomes


def _read_deliveries(key: LeadKey, received: list[Envelope]) -> Iterator[Delivery]:
    """Read what was received for a lead, as far as it can be read."""
    for envelope in received:
        with suppress(UnreadableLeadError):
            yield read_kept(envelope, key)


def _complain(stored: StoredLead) -> RejectedLead:
    key = stored.lead.key
    return RejectedLead(
        event_id=format_digest("damaged", *key),
        received_at=stored.changed_at,
        rejected_from=RejectedFrom.LEADS,
        reason=RejectCode.DAMAGED_ROW,
        explanation=(
            f"The row of a lead in the table Leads was damaged: its zAppActionHistory cannot be read. "
            f"(PartitionKey {key.partition}, RowKey {key.row}.) MarketplaceLeads holds nothing of it any more. "
            f"So the lead was made anew from the other cells of its row. See there whether it is right."
        ),
        offer="",
        body=b"",
        lead=key,
    )
