"""Read every lead once an hour, record what people edited, make the to-do list match, and add up the figures.

A run has a time budget. It notes the last person it checked, and the next run goes on after them. Few leads are one
run. A round is from the first person to the last.
"""

import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from lead_core.at_once import do_few_at_once
from lead_core.errors import SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.answers import is_closed
from lead_core.lead.changes import StoredLead, edited, is_edited, is_objection_lifted, objected
from lead_core.lead.erasure import Erasure, Erasures
from lead_core.lead.lead import Lead
from lead_core.lead.problems import LIST_EDITED
from lead_core.lead.to_do import Place, find_follow_up
from lead_core.lead.values import LeadKey
from lead_core.ports.storage import CheckProgress, CheckStore, ErasureStore, StoredFollowUp
from lead_core.steps.budget import Budget
from lead_core.steps.counting import Count, Counting
from lead_core.steps.rebuilding import Rebuilding
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sweeping import Sweeping

CHECKING_LASTS: Final = timedelta(minutes=3)
"""Shorter than a function may run (``functionTimeout``), so that the host ends no run."""
CATCHING_UP_LASTS: Final = CHECKING_LASTS / 2
"""How long a run adds up people who were checked by a process that ended. So the check goes on in any case."""
PEOPLE_AT_A_TIME: Final = 100
"""After each such number of people, the run notes how far it came. If the process ends, the next run goes on there."""
MAX_REBUILT_PER_CHECK: Final = 200

Entries: TypeAlias = dict[tuple[Place, LeadKey], StoredFollowUp]
Listed: TypeAlias = dict[str, Entries]
"""The entries of the to-do list, by the partition of their lead."""


@dataclass(slots=True)
class _Person:
    """One person's leads, and what the to-do list has of them."""

    partition: str
    entries: Entries
    leads: list[StoredLead] = field(default_factory=list)
    checked: list[Lead] = field(default_factory=list)
    """The leads as they stand after the check."""


@dataclass(slots=True)
class _Run:
    """What one run found so far."""

    after: str
    """The last person up to whom the check came, as it is noted."""
    so_far: Count
    erasures: Erasures
    outcomes: Counter[str] = field(default_factory=Counter)
    lost: list[LeadKey] = field(default_factory=list)
    """The leads whose history is to be made again."""

    @property
    def is_level(self) -> bool:
        """Whether everyone up to there is counted. If not, there was no time for it yet."""
        return self.so_far.after >= self.after


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Reads every lead once, and corrects the to-do list."""

    repository: LeadRepository
    checks: CheckStore
    rebuilding: Rebuilding
    sweeping: Sweeping
    erasures: ErasureStore
    counting: Counting
    clock: Callable[[], float] = time.monotonic
    at_a_time: int = PEOPLE_AT_A_TIME

    async def check(self, *, now: datetime) -> Counter[str]:
        """Read and correct everything, or what the time is enough for, and count what was found."""
        budget = Budget.of(CHECKING_LASTS, self.clock)
        before = await self.checks.read()
        listed = await self._list(before.after, budget)
        run = await self._begin(before, now)
        async for people in _batch(self._read_people(before.after, listed), self.at_a_time):
            await self._check_people(people, run)
            if len(people) < self.at_a_time:
                break
            run.after = people[-1].partition
            await self.checks.write(CheckProgress(run.after, run.so_far.begun_at))
            if budget.is_spent:
                return await self._pause(run)
        return await self._finish(run, now)

    async def _begin(self, before: CheckProgress, now: datetime) -> _Run:
        begun_at = before.begun_at if before.after and before.begun_at else now
        so_far = await self.counting.resume(begun_at, before.after)
        if so_far.after < before.after:
            await self._catch_up(so_far, before.after)
        return _Run(before.after, so_far, await self.erasures.list())

    async def _catch_up(self, so_far: Count, place: str) -> None:
        """Add up the people up to *place*, who were checked by a process that ended, or as far as the time goes."""
        policy, budget = self.repository.policy, Budget.of(CATCHING_UP_LASTS, self.clock)
        async for person in self._read_people(so_far.after, {}):
            if person.partition > place or budget.is_spent:
                break
            so_far.add(person.partition, (edited(stored.beside(person.leads), policy) for stored in person.leads))

    async def _pause(self, run: _Run) -> Counter[str]:
        run.outcomes["unfinished"] = 1
        run.outcomes.update(await self.rebuilding.rebuild(run.lost[:MAX_REBUILT_PER_CHECK], run.erasures))
        run.outcomes["uncounted"] += not await self.counting.pause(run.so_far)
        return run.outcomes

    async def _finish(self, run: _Run, now: datetime) -> Counter[str]:
        run.outcomes.update(await self.rebuilding.rebuild(run.lost[:MAX_REBUILT_PER_CHECK], run.erasures))
        is_counted = run.is_level and await self.counting.finish(run.so_far, now)
        run.outcomes["uncounted"] += not is_counted
        if run.after:
            await self.checks.write(CheckProgress())
        return run.outcomes

    async def _list(self, after: str, budget: Budget) -> Listed:
        """Read the to-do list. If there is no time for all of it, leads write entries that are there already."""
        listed: Listed = defaultdict(dict)
        async for entry in self.repository.follow_ups.scan():
            if not after or entry.lead.partition > after:
                listed[entry.lead.partition][entry.place, entry.lead] = entry
            if budget.is_spent:
                break
        return listed

    async def _read_people(self, after: str, listed: Listed) -> AsyncIterator[_Person]:
        """Read people in the order of their keys, those too of whom only entries are left."""
        left = sorted(listed, reverse=True)
        person: _Person | None = None
        async for stored in self.repository.leads.scan(after=after):
            partition = stored.lead.key.partition
            if person is None or person.partition != partition:
                if person:
                    yield person
                while left and left[-1] < partition:
                    yield _Person(left[-1], listed[left.pop()])
                if left and left[-1] == partition:
                    left.pop()
                person = _Person(partition, listed.get(partition, {}))
            person.leads.append(stored)
        if person:
            yield person
        while left:
            yield _Person(left[-1], listed[left.pop()])

    async def _check_people(self, people: list[_Person], run: _Run) -> None:
        async def check(person: _Person) -> None:
            run.lost += (stored.lead.key for stored in person.leads if stored.lead.history.is_lost)
            try:
                if (erasure := run.erasures.find(person.partition)) and await self._check_erasure(person, erasure):
                    run.outcomes["erased"] += 1
            except (SomeoneWasFirstError, UnreadableLeadError) as error:
                run.outcomes[error.code] += 1
            await self._check_person(person, run.outcomes)

        await do_few_at_once(check, people)
        if run.is_level:
            for person in people:
                run.so_far.add(person.partition, person.checked)

    async def _check_erasure(self, person: _Person, erasure: Erasure) -> bool:
        """Remove what came back of an erased person, and note if their objection was lifted since."""
        if erasure.objects and is_objection_lifted(person.leads, erasure):
            await self.erasures.lift(erasure)
        was_erased = await self.sweeping.sweep(person.leads, erasure) > 0
        if was_erased:
            person.leads = await self.repository.leads.list_person(LeadKey(person.partition, ""))
        if erasure.objects and await self._close(person, erasure):
            person.leads = await self.repository.leads.list_person(LeadKey(person.partition, ""))
        return was_erased

    async def _close(self, person: _Person, erasure: Erasure) -> bool:
        """Close what a worker stored before it could know that the person had objected. Return whether it was open."""
        policy, leads = self.repository.policy, person.leads
        if is_objection_lifted(leads, erasure):
            return False

        def change(now: StoredLead) -> Lead:
            lead = edited(now, policy)
            return lead if is_closed(lead) else objected(lead, leads, erasure, policy)

        read = [stored.beside(leads) for stored in leads]
        still_open = [stored for stored in read if not is_closed(edited(stored, policy))]
        for stored in still_open:
            await self.repository.change(stored.lead.key, change, stored)
        return bool(still_open)

    async def _check_person(self, person: _Person, outcomes: Counter[str]) -> None:
        waiting: set[LeadKey] = set()
        for stored in person.leads:
            try:
                lead = await self.repository.refresh(stored.beside(person.leads), alone=True)
            except (SomeoneWasFirstError, UnreadableLeadError) as error:
                outcomes[error.code] += 1
                person.checked.append(stored.lead)
                continue
            outcomes["checked"] += 1
            person.checked.append(lead)
            if lead != stored.lead:  # The rest follows from settings, from other leads or from a new version.
                outcomes["edited" if is_edited(stored) else "updated"] += 1
            entry = find_follow_up(lead, self.repository.policy)
            if entry is None:
                continue
            waiting.add(lead.key)
            outcomes["resting"] += entry.place.rests
            listed = person.entries.pop((entry.place, lead.key), None)
            if listed and listed.is_changed:
                await self.repository.follow_ups.upsert(replace(entry, problem=LIST_EDITED))
                outcomes["edited-entry"] += 1
            elif lead == stored.lead and (listed is None or listed.is_outdated(entry)):
                await self.repository.follow_ups.upsert(entry)
                outcomes["missing-entry" if listed is None else "outdated-entry"] += 1
        for stale in person.entries.values():  # No lead asks for these.
            try:
                await self.repository.resolve(stale)
            except (SomeoneWasFirstError, UnreadableLeadError) as error:
                outcomes[error.code] += 1
            else:
                outcomes["moved-entry" if stale.lead in waiting else "stale-entry"] += 1


async def _batch(people: AsyncIterator[_Person], size: int) -> AsyncIterator[list[_Person]]:
    """Put so many people together. The last ones are fewer, or none."""
    together: list[_Person] = []
    async for person in people:
        together.append(person)
        if len(together) == size:
            yield together
            together = []
    yield together
