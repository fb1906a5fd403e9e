"""Make ``Leads`` and ``FollowUps`` again from ``MarketplaceLeads``: first say what differs, then write it.

The functions may work at the same time. So each lead is read again before it is written, and written on its etag. If
the process ends in between, the next run finds what is left.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from lead_core.at_once import do_few_at_once
from lead_core.errors import SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.changes import StoredLead, completed, edited, is_edited, made_anew, objected
from lead_core.lead.delivery import Delivery
from lead_core.lead.erasure import Erasure, Erasures
from lead_core.lead.lead import Lead
from lead_core.lead.replay import Difference, Lack, OtherValue, ReplayChoices, find_other_values, is_damaged, is_erased
from lead_core.lead.to_do import Place, find_follow_up
from lead_core.lead.values import LeadKey
from lead_core.marketplace.notification import read_kept, read_notification
from lead_core.ports.storage import ErasureStore, Inbox, KeptNotification, StoredFollowUp
from lead_core.steps.repository import LeadRepository

MAX_TRIES_TO_REPLAY: Final = 5
"""How often one lead is tried. Each lost write race costs one try."""

Received: TypeAlias = dict[str, dict[LeadKey, list[Delivery]]]
"""What was received, by person and lead."""
Entries: TypeAlias = dict[tuple[Place, LeadKey], StoredFollowUp]


def _ignore(_: int) -> None:
    return


@dataclass(slots=True)
class ReplayPlan:
    """What the tables hold, beside what the notifications make of it."""

    counts: Counter[str] = field(default_factory=Counter)
    """``notifications``, ``unreadable``, ``erased``, ``leads``, ``without-notification``."""
    differences: list[Difference] = field(default_factory=list)
    edited: list[tuple[Lead, tuple[OtherValue, ...]]] = field(default_factory=list)
    """The leads in which people changed cells that were received."""
    stale: list[StoredFollowUp] = field(default_factory=list)
    """The entries of the to-do list that no lead asks for."""
    deliveries: dict[LeadKey, list[Delivery]] = field(default_factory=dict)
    """What the leads that differ are made of."""


@dataclass(frozen=True, slots=True)
class _Person:
    """One person's rows, what was received from them, and their entries of the to-do list."""

    stored: dict[LeadKey, StoredLead]
    received: dict[LeadKey, list[Delivery]]
    entries: Entries
    erasure: Erasure | None


@dataclass(frozen=True, slots=True)
class Replaying:
    """Compares all leads with what was received, and puts right what differs."""

    repository: LeadRepository
    inbox: Inbox
    erasures: ErasureStore

    async def compare(self, choices: ReplayChoices, *, advance: Callable[[int], None] = _ignore) -> ReplayPlan:
        """Read everything, write nothing, and return what differs. *advance* is called with each row.

        All notifications are held in memory, without their bodies.
        """
        found = ReplayPlan()
        erasures = await self.erasures.list()
        received = await self._read_inbox(erasures, found.counts, advance)
        listed: dict[str, Entries] = defaultdict(dict)
        async for entry in self.repository.follow_ups.scan(writes_problems=False):
            listed[entry.lead.partition][entry.place, entry.lead] = entry
        async for leads in self._read_people():
            partition = leads[0].lead.key.partition
            stored = {each.lead.key: each.beside(leads) for each in leads}
            erasure = erasures.find(partition)
            person = _Person(stored, received.pop(partition, {}), listed.pop(partition, {}), erasure)
            self._compare(person, choices, found)
            advance(len(leads))
        for partition in sorted(received.keys() | listed.keys()):
            person = _Person({}, received.get(partition, {}), listed.get(partition, {}), erasures.find(partition))
            self._compare(person, choices, found)
        return found

    async def write(
        self, found: ReplayPlan, choices: ReplayChoices, *, advance: Callable[[int], None] = _ignore
    ) -> Counter[str]:
        """Write what differs, and count what became of it: ``written``, or why it was not written."""
        outcomes: Counter[str] = Counter()

        async def write_person(leads: list[LeadKey]) -> None:
            erasure = await self.erasures.find(leads[0].partition)  # They may have been erased since.
            for key in leads:
                received = found.deliveries.get(key, [])
                deliveries = [each for each in received if not is_erased(each, erasure)]
                try:
                    await self._write(key, deliveries, erasure, choices)
                    outcomes["written"] += 1
                except (SomeoneWasFirstError, UnreadableLeadError) as error:
                    outcomes[error.code] += 1
                advance(1)

        async def remove(entry: StoredFollowUp) -> None:
            try:
                await self.repository.resolve(entry)
                outcomes["removed"] += 1
            except (SomeoneWasFirstError, UnreadableLeadError) as error:
                outcomes[error.code] += 1
            advance(1)

        keys = sorted(each.after.key for each in found.differences)
        people = itertools.groupby(keys, lambda key: key.partition)
        await do_few_at_once(write_person, (list(leads) for _, leads in people))
        await do_few_at_once(remove, found.stale)
        return outcomes

    async def _read_inbox(self, erasures: Erasures, counts: Counter[str], advance: Callable[[int], None]) -> Received:
        received: Received = defaultdict(lambda: defaultdict(list))
        async for kept in self.inbox.scan():
            counts["notifications"] += 1
            advance(1)
            try:
                delivery = _read(kept)
            except UnreadableLeadError:
                counts["unreadable"] += 1
                continue
            if is_erased(delivery, erasures.find(delivery.key.partition)):
                counts["erased"] += 1
                continue
            received[delivery.key.partition][delivery.key].append(delivery)
        return received

    async def _read_people(self) -> AsyncIterator[list[StoredLead]]:
        person: list[StoredLead] = []
        async for stored in self.repository.leads.scan():
            if person and person[0].lead.key.partition != stored.lead.key.partition:
                yield person
                person = []
            person.append(stored)
        if person:
            yield person

    def _compare(self, person: _Person, choices: ReplayChoices, found: ReplayPlan) -> None:
        """Compare one person's leads with what was received. Rows without any notification stay as they are."""
        leads = {key: stored.lead for key, stored in person.stored.items()}
        differences: dict[LeadKey, Difference] = {}
        for key, deliveries in person.received.items():
            if difference := self._find_difference(key, person, choices):
                differences[key] = difference
                leads[key] = difference.after
                found.deliveries[key] = deliveries
            if cells := find_other_values(leads[key], deliveries):
                found.edited.append((leads[key], cells))
        self._compare_list(person, leads, differences, found)
        found.counts["leads"] += len(person.stored)
        found.counts["without-notification"] += len(person.stored.keys() - person.received.keys())
        found.differences += (differences[key] for key in sorted(differences))

    def _find_difference(self, key: LeadKey, person: _Person, choices: ReplayChoices) -> Difference | None:
        policy, stored, deliveries = self.repository.policy, person.stored.get(key), person.received[key]
        if stored is None:
            fresh = self._make_anew(deliveries, person.stored.values(), person.erasure, choices)
            return Difference(Lack.NO_ROW, None, fresh)
        after = completed(stored, deliveries, policy, choices)
        if is_damaged(stored.lead):
            return Difference(Lack.DAMAGED, stored.lead, after)
        # What people edited and what settings changed, the functions write by themselves.
        is_complete = after == edited(stored, policy)
        return None if is_complete else Difference(Lack.INCOMPLETE, stored.lead, after)

    def _compare_list(
        self, person: _Person, leads: dict[LeadKey, Lead], differences: dict[LeadKey, Difference], found: ReplayPlan
    ) -> None:
        """Compare the person's entries of the to-do list with what the leads ask for, as they are to be."""
        for key, lead in leads.items():
            entry = find_follow_up(lead, self.repository.policy)
            listed = person.entries.pop((entry.place, key), None) if entry else None
            is_listed = listed is not None and not listed.is_changed
            if entry and not is_listed and key not in differences and not is_edited(person.stored[key]):
                differences[key] = Difference(Lack.NOT_LISTED, lead, lead)
        found.stale += person.entries.values()

    def _make_anew(
        self,
        deliveries: list[Delivery],
        person: Collection[StoredLead],
        erasure: Erasure | None,
        choices: ReplayChoices,
    ) -> Lead:
        lead = made_anew(deliveries, person, self.repository.policy, choices)
        return objected(lead, person, erasure, self.repository.policy) if erasure and erasure.objects else lead

    async def _write(
        self, key: LeadKey, deliveries: list[Delivery], erasure: Erasure | None, choices: ReplayChoices
    ) -> None:
        """Write a lead as it is to be by what is stored now, then its entry of the to-do list."""
        lead = None
        for _ in range(MAX_TRIES_TO_REPLAY):
            person = await self.repository.leads.list_person(key)
            stored = next((each.beside(person) for each in person if each.lead.key == key), None)
            if stored:
                lead = await self._complete(stored, deliveries, choices)
                break
            if not deliveries:  # Its row is gone, and was not made of notifications.
                return
            lead = self._make_anew(deliveries, person, erasure, choices)
            if await self.repository.leads.insert(lead):
                break
        else:
            raise SomeoneWasFirstError
        if entry := find_follow_up(lead, self.repository.policy) if lead else None:
            await self.repository.follow_ups.upsert(entry)

    async def _complete(self, stored: StoredLead, deliveries: list[Delivery], choices: ReplayChoices) -> Lead | None:
        if not deliveries:
            return stored.lead
        change = partial(completed, deliveries=deliveries, policy=self.repository.policy, choices=choices)
        return await self.repository.settle(stored.lead.key, change, stored)


def _read(kept: KeptNotification) -> Delivery:
    if not all(kept.lead):
        return read_notification(kept.envelope).delivery
    return read_kept(kept.envelope, kept.lead)
