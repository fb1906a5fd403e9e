"""Store leads that a file tells of. They go the way of a lead: first the inbox, then ``Leads``, then the to-do list.

A lead that arrives answered is written as answered at once, so no timer can mail about it. The process may end between
any two writes. Then the same import, done again, stores the rest and changes nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from lead_core.at_once import do_few_at_once
from lead_core.errors import RowRefusedError, SomeoneWasFirstError
from lead_core.lead.answers import is_closed
from lead_core.lead.changes import StoredLead, delivered, edited
from lead_core.lead.comparison import Comparison
from lead_core.lead.erasure import Erasures
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Delivery, Lead
from lead_core.lead.lead_file import FiledLead
from lead_core.lead.status_words import Word
from lead_core.lead.to_do import find_follow_up
from lead_core.lead.values import LeadKey
from lead_core.ports.storage import ErasureStore, Inbox
from lead_core.steps.repository import LeadRepository


@dataclass(frozen=True, slots=True)
class Importing:
    """Stores what is missing, once."""

    repository: LeadRepository
    inbox: Inbox
    erasures: ErasureStore

    async def store(
        self,
        comparison: Comparison,
        *,
        as_new: bool,
        now: datetime,
        advance: Callable[[int], object] = lambda _: None,
    ) -> Counter[str]:
        """Store the rows that are missing, as answered or *as_new*, and count what became of them.

        *advance* hears of the rows that are done.
        """
        erasures = await self.erasures.list()  # Somebody may have been erased since the comparison.
        arriving = [lead for filed in comparison.missing if (lead := _admit(filed, erasures, as_new=as_new))]
        outcomes = Counter({"erased": len(comparison.missing) - len(arriving)})
        await self.inbox.insert_all(lead.notification for lead in arriving)
        by_person: defaultdict[str, list[Delivery]] = defaultdict(list)
        for lead in arriving:
            by_person[lead.notification.delivery.key.partition].append(lead.notification.delivery)

        async def store_person(partition: str) -> None:
            stored, deliveries = comparison.known.by_person.get(partition, []), by_person[partition]
            outcomes.update(await self._store_person(deliveries, [*stored], now))
            advance(len(deliveries))

        await do_few_at_once(store_person, by_person)
        return +outcomes

    async def _store_person(
        self, deliveries: Iterable[Delivery], person: list[StoredLead], now: datetime
    ) -> Counter[str]:
        """Store a person's rows, offer by offer. *person* are their leads as they were read."""
        outcomes: Counter[str] = Counter()
        by_lead: defaultdict[LeadKey, list[Delivery]] = defaultdict(list)
        for delivery in sorted(deliveries, key=lambda each: (each.received_at, each.event_id)):
            by_lead[delivery.key].append(delivery)
        for key, together in by_lead.items():
            try:
                lead = await self._store_lead(key, together, person, now)
            except (RowRefusedError, SomeoneWasFirstError) as error:
                outcomes[error.code] += len(together)
                continue
            outcomes["imported"] += len(together)
            if lead:  # The person's next lead stands beside it.
                person = [each for each in person if each.lead.key != key]
                person.append(StoredLead(lead, version=None, changed_at=now))
        return outcomes

    async def _store_lead(
        self, key: LeadKey, deliveries: Sequence[Delivery], person: Sequence[StoredLead], now: datetime
    ) -> Lead | None:
        policy = self.repository.policy
        read = next((stored.beside(person) for stored in person if stored.lead.key == key), None)
        if read is None:
            fresh = _make(deliveries, person, now, policy)
            if await self.repository.leads.insert(fresh):
                if entry := find_follow_up(fresh, policy):
                    await self.repository.follow_ups.upsert(entry)
                if is_closed(fresh):
                    await self.repository.spread(None, fresh)
                return fresh
        return await self.repository.change(key, partial(_deliver, deliveries=deliveries, policy=policy), read)


def _admit(filed: FiledLead, erasures: Erasures, *, as_new: bool) -> FiledLead | None:
    """Return a row as it is to be stored. None if its person was erased since. An objection outlives the erasure."""
    delivery = filed.notification.delivery
    erasure = erasures.find(delivery.key.partition)
    if erasure and erasure.covers(delivery.received_at):
        return None
    return replace(filed, said=Word.DO_NOT_CONTACT if erasure and erasure.objects else filed.said).arriving(
        as_new=as_new
    )


def _make(deliveries: Sequence[Delivery], person: Sequence[StoredLead], now: datetime, policy: FollowUpPolicy) -> Lead:
    """Return the lead that its first deliveries make, with what *do not contact* on another offer means for it."""
    first = delivered(None, deliveries[0], policy)
    stored = StoredLead(first, version=None, changed_at=now).beside(person)
    lead = _deliver(stored, deliveries[1:], policy)
    return edited(replace(stored, lead=lead), policy) if stored.others else lead


def _deliver(stored: StoredLead, deliveries: Iterable[Delivery], policy: FollowUpPolicy) -> Lead:
    for delivery in deliveries:
        stored = replace(stored, lead=delivered(stored, delivery, policy))
    return stored.lead
