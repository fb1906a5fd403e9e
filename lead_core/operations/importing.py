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
from lead_core.lead.changes import StoredLead, delivered, edited, objected
from lead_core.lead.comparison import Comparison, is_erased
from lead_core.lead.delivery import Delivery
from lead_core.lead.erasure import Erasure
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
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
        erasures = await self.erasures.list()  # A person may have been erased since the comparison.
        admitted = [filed for filed in comparison.missing if not is_erased(filed, erasures)]
        arriving = [filed.arriving(as_new=as_new).notification for filed in admitted]
        outcomes = Counter({"erased": len(comparison.missing) - len(arriving)})
        await self.inbox.insert_all(arriving)
        by_person: defaultdict[str, list[Delivery]] = defaultdict(list)
        for notification in arriving:
            by_person[notification.delivery.key.partition].append(notification.delivery)

        async def store_person(partition: str) -> None:
            stored, deliveries = comparison.known.by_person.get(partition, []), by_person[partition]
            outcomes.update(await self._store_person(deliveries, [*stored], erasures.find(partition), now))
            advance(len(deliveries))

        await do_few_at_once(store_person, by_person)
        return +outcomes

    async def _store_person(
        self, deliveries: Iterable[Delivery], person: list[StoredLead], erasure: Erasure | None, now: datetime
    ) -> Counter[str]:
        """Store a person's rows, offer by offer. *person* are their leads as they were read."""
        outcomes: Counter[str] = Counter()
        by_lead: defaultdict[LeadKey, list[Delivery]] = defaultdict(list)
        for delivery in sorted(deliveries, key=lambda each: (each.received_at, each.event_id)):
            by_lead[delivery.key].append(delivery)
        for key, together in by_lead.items():
            fresh = _make(together, person, erasure, now, self.repository.policy)
            try:
                lead = await self._store_lead(fresh, together, person)
            except (RowRefusedError, SomeoneWasFirstError) as error:
                outcomes[error.code] += len(together)
                continue
            outcomes["imported"] += len(together)
            if lead:  # The person's next lead stands beside it.
                person = [each for each in person if each.lead.key != key]
                person.append(StoredLead(lead, version=None, changed_at=now))
        return outcomes

    async def _store_lead(
        self, fresh: Lead, deliveries: Sequence[Delivery], person: Sequence[StoredLead]
    ) -> Lead | None:
        """Insert *fresh*, or put its deliveries into the lead that is there. None if that is removed meanwhile."""
        policy = self.repository.policy
        read = next((stored.beside(person) for stored in person if stored.lead.key == fresh.key), None)
        if read is None and await self.repository.leads.insert(fresh):
            if entry := find_follow_up(fresh, policy):
                await self.repository.follow_ups.upsert(entry)
            if is_closed(fresh):
                await self.repository.spread(None, fresh)
            return fresh
        change = partial(_deliver, deliveries=deliveries, policy=policy)
        return await self.repository.change(fresh.key, change, read)


def _make(
    deliveries: Sequence[Delivery],
    person: Sequence[StoredLead],
    erasure: Erasure | None,
    now: datetime,
    policy: FollowUpPolicy,
) -> Lead:
    """Return the lead that its deliveries make, with what its person said on another offer or before an erasure."""
    first = StoredLead(delivered(None, deliveries[0], policy), version=None, changed_at=now).beside(person)
    lead = _deliver(first, deliveries[1:], policy)
    if first.others:
        lead = edited(replace(first, lead=lead), policy)
    return objected(lead, person, erasure, policy) if erasure and erasure.objects and not is_closed(lead) else lead


def _deliver(stored: StoredLead, deliveries: Iterable[Delivery], policy: FollowUpPolicy) -> Lead:
    for delivery in deliveries:
        stored = replace(stored, lead=delivered(stored, delivery, policy))
    return stored.lead
