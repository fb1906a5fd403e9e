"""Remove what was kept long enough: old leads with their notifications, and old rejected leads.

A lead goes after its notifications, and only as it was read. So what is left when a process ends, the next run finds by
the lead. And no notification is left from which a replay could make the lead again. Before all of them, it is written
into ``Erasures`` who asked not to be contacted. So they are not contacted if they come again.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final, TypeVar

from lead_core.at_once import do_few_at_once
from lead_core.lead.age import Fate, PurgeRule, judge_person
from lead_core.lead.changes import StoredLead
from lead_core.lead.erasure import Erasure
from lead_core.lead.lead import Lead
from lead_core.lead.person import Contact, identify
from lead_core.lead.retention import Retention
from lead_core.lead.values import LeadKey, Status, is_same_person
from lead_core.marketplace.envelope import EARLIEST_RECEIPT
from lead_core.ports.outgoing import ClaimStore
from lead_core.ports.rejects import RejectStore, StoredReject
from lead_core.ports.storage import ErasureStore, Inbox, OldNotification, PurgeProgress, PurgeStore
from lead_core.steps.budget import Budget
from lead_core.steps.repository import LeadRepository

PURGING_LASTS: Final = timedelta(seconds=45)
"""Of one run of `check_leads`. Together with the check itself, it is shorter than a function may run."""
ROUND_EVERY: Final = timedelta(hours=23)
"""Leads age by days. Less than a day, so that the round keeps its hour."""
MAX_GOING_PER_PAGE: Final = 500
MAX_READ_PER_PAGE: Final = 10_000
WRITTEN_LONG_AGO: Final = timedelta(days=1)
"""A younger notification without a lead may be on its way. Its lead is written after it."""

T = TypeVar("T")


@dataclass(slots=True)
class Page:
    """What goes of a range of people, by their keys. What belongs to no person goes with the last range."""

    after: str
    """The person before the first of the range."""
    upto: str = ""
    """The last person of the range. ``""`` in the last range."""
    objections: list[tuple[StoredLead, ...]] = field(default_factory=list)
    """The leads of each person who asked not to be contacted and who goes altogether."""
    leads: list[StoredLead] = field(default_factory=list)
    """All leads that go, theirs too."""
    notifications: list[OldNotification] = field(default_factory=list)
    rejects: list[StoredReject] = field(default_factory=list)
    test_leads: list[str] = field(default_factory=list)
    """The keys of rows in ``Digests`` about test leads."""
    fates: dict[LeadKey, Fate] = field(default_factory=dict)
    """What becomes of each lead of the range."""

    @property
    def is_full(self) -> bool:
        """Whether the next person belongs to the next page."""
        return len(self.leads) >= MAX_GOING_PER_PAGE or len(self.fates) >= MAX_READ_PER_PAGE

    @property
    def going(self) -> Counter[str]:
        """How much of each kind goes, and how many objections stay."""
        return Counter(
            {
                "objections": len(self.objections),
                "leads": len(self.leads),
                "notifications": len(self.notifications),
                "rejected": len(self.rejects),
                "test-leads": len(self.test_leads),
            }
        )

    @property
    def by_status(self) -> Counter[Status]:
        """How many leads go, by where they stand."""
        return Counter(stored.lead.status for stored in self.leads)

    @property
    def by_fate(self) -> Counter[Fate]:
        """How many leads there are, by what becomes of them."""
        return Counter(self.fates.values())

    def has_no_use_for(self, notification: OldNotification, now: datetime) -> bool:
        """Whether an old notification goes with this page, because its lead goes or went before."""
        lead = notification.lead
        if lead.partition <= self.after or (self.upto and lead.partition > self.upto):
            return False
        if fate := self.fates.get(lead):
            return fate.goes
        return now - notification.written_at >= WRITTEN_LONG_AGO


@dataclass(frozen=True, slots=True)
class Purging:
    """Finds what was kept long enough, and removes it."""

    repository: LeadRepository
    inbox: Inbox
    rejects: RejectStore
    claims: ClaimStore
    erasures: ErasureStore
    progress: PurgeStore
    retention: Retention | None = None
    """How long leads are kept. None keeps them for good."""
    clock: Callable[[], float] = time.monotonic

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Remove what is old, a page at a time, and count it. Once a day is enough."""
        if self.retention is None:
            return Counter()
        progress, outcomes, budget = await self.progress.read(), Counter[str](), None
        if progress.finished_at and timedelta(0) <= now - progress.finished_at < ROUND_EVERY:
            return outcomes
        rule = PurgeRule(self.retention.find_start(now, self.repository.policy.zone))
        async for page in self.find(rule, now=now, after=progress.after):
            # From here on, so that each run removes something, however long reading takes.
            budget = budget or Budget.of(PURGING_LASTS, self.clock)
            outcomes += await self.remove(page, new_id=new_id, budget=budget)
            if budget.is_spent:
                outcomes["unfinished"] = 1
                break
            await self.progress.write(PurgeProgress(page.upto, finished_at=None if page.upto else now))
        return outcomes

    async def find(self, rule: PurgeRule, *, now: datetime, after: str = "") -> AsyncIterator[Page]:
        """Find what goes, a page at a time. *after* is the last person of the page before."""
        page = Page(after)
        async for person in self.repository.scan_people(after=after):
            partition = person[0].lead.key.partition
            if page.is_full and partition != page.upto:  # Rows that were typed there stand alone.
                yield await self._with_notifications(page, rule, now)
                page = Page(page.upto)
            page.upto = partition
            judged = judge_person(person, rule, self.repository.policy)
            page.fates.update({stored.lead.key: fate for stored, fate in judged})
            page.leads += (stored for stored, fate in judged if fate.goes)
            if judged[0][1] is Fate.OBJECTED:
                page.objections.append(person)
        page.upto = ""
        page.rejects = [each for each in await self.rejects.list_since(EARLIEST_RECEIPT) if _is_old(each, rule)]
        page.test_leads = await self.claims.list_old_test_leads(rule.keeps_from.date())
        yield await self._with_notifications(page, rule, now)

    async def remove(self, page: Page, *, new_id: Callable[[], str], budget: Budget | None = None) -> Counter[str]:
        """Remove what goes with *page*, as it was read, and count it. Once the *budget* is spent, the rest stays."""
        gone, staying = Counter[str](), set[LeadKey]()

        async def keep_objection(person: tuple[StoredLead, ...]) -> None:
            await self._keep_objection(person, new_id)
            gone["objections"] += 1
            if await self._came_again(person):
                staying.update(stored.lead.key for stored in person)

        async def remove_lead(stored: StoredLead) -> None:
            is_gone = await self.repository.remove(stored)
            gone["leads"] += is_gone

        async def remove_notification(notification: OldNotification) -> None:
            await self.inbox.remove_old(notification)
            gone["notifications"] += 1

        async def remove_reject(stored: StoredReject) -> None:
            is_gone = await self.rejects.remove_old(stored)
            gone["rejected"] += is_gone

        async def remove_test_lead(key: str) -> None:
            await self.claims.remove_test_lead(key)
            gone["test-leads"] += 1

        await _do_in_time(keep_objection, page.objections, budget)
        notifications = (each for each in page.notifications if each.lead not in staying)
        await _do_in_time(remove_notification, notifications, budget)
        leads = (each for each in page.leads if each.lead.key not in staying)
        await _do_in_time(remove_lead, leads, budget)
        await _do_in_time(remove_reject, page.rejects, budget)
        await _do_in_time(remove_test_lead, page.test_leads, budget)
        return gone

    async def _keep_objection(self, person: tuple[StoredLead, ...], new_id: Callable[[], str]) -> None:
        """Write that a person asked not to be contacted, under the key that their next lead would have.

        It is dated before all that was received of them, so that it says nothing else: a lead that changes now stays.
        """
        at = min(stored.lead.history.first_at for stored in person) - datetime.resolution
        for name in {_find_name(stored.lead) for stored in person}:
            known = await self.erasures.find(name)
            receipt = known.receipt if known else f"purge-{new_id()}"  # What lifts an objection goes by its receipt.
            await self.erasures.remember({name}, Erasure(at, receipt, objects=True), secret=new_id())

    async def _came_again(self, person: tuple[StoredLead, ...]) -> bool:
        """Whether a person has a lead now that was not read. What says there that they object are their old leads."""
        known = {stored.lead.key for stored in person}
        now = await self.repository.leads.list_person(person[0].lead.key)
        return any(is_same_person(each.lead.key, person[0].lead.key) for each in now if each.lead.key not in known)

    async def _with_notifications(self, page: Page, rule: PurgeRule, now: datetime) -> Page:
        async for notification in self.inbox.list_before(rule.keeps_from):
            if page.has_no_use_for(notification, now):
                page.notifications.append(notification)
        return page


def _find_name(lead: Lead) -> str:
    """Return the partition of a lead's person, even if the lead was typed under a key of its own."""
    if lead.key.names_person:
        return lead.key.partition
    return identify(Contact(**{part.name: getattr(lead.shown, part.name) for part in fields(Contact)}), event_id="").key


def _is_old(reject: StoredReject, rule: PurgeRule) -> bool:
    """Whether a rejected lead goes. One that is to be retried may become a lead."""
    return reject.received_at < rule.keeps_from and not reject.wants_retry


async def _do_in_time(act: Callable[[T], Awaitable[None]], things: Iterable[T], budget: Budget | None) -> None:
    """Call *act* with *things*, a few at once, until the budget is spent."""
    await do_few_at_once(act, takewhile(lambda _: budget is None or not budget.is_spent, things))
