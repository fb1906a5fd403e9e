"""Follow notifications until it is known what became of them. It only reads."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from lead_core.at_once import do_few_at_once
from lead_core.lead.lead import Lead
from lead_core.lead.problems import RETRIED
from lead_core.ports.rejects import RejectStore
from lead_core.ports.storage import Arrival, Inbox, LeadStore
from lead_core.steps.budget import Budget

LOOKS_EVERY: Final = timedelta(milliseconds=500)

_Span: TypeAlias = tuple[datetime, datetime]


class Fate(StrEnum):
    """What became of a notification."""

    STORED = "stored"
    REJECTED = "rejected"
    ON_ITS_WAY = "on its way"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A notification that is followed."""

    event_id: str
    since: datetime
    """When it was received, or a little before."""
    until: datetime
    """When it was received, or a little after."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known of a notification."""

    event_id: str
    fate: Fate
    lead: Lead | None = None
    """What it became, if it was stored."""
    reason: str = ""
    """Why it was rejected: a `RejectCode`."""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """Follows notifications into ``Leads`` or ``RejectedLeads``."""

    inbox: Inbox
    leads: LeadStore
    rejects: RejectStore
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def follow(
        self, sought: Collection[Awaited], *, lasts: timedelta, report: Callable[[Followed], None] = lambda _: None
    ) -> list[Followed]:
        """Return what became of each notification within *lasts*, in their order. *report* hears of each at once."""
        budget = Budget.of(lasts, self.clock)
        known: dict[str, Followed] = {}
        while True:
            for followed in await self._look([each for each in sought if each.event_id not in known]):
                known[followed.event_id] = followed
                report(followed)
            if len(known) == len({each.event_id for each in sought}) or budget.is_spent:
                return [known.get(each.event_id, Followed(each.event_id, Fate.ON_ITS_WAY)) for each in sought]
            await self.sleep(LOOKS_EVERY.total_seconds())

    async def _look(self, sought: Collection[Awaited]) -> list[Followed]:
        """Return those of which it is known now what became of them."""
        if not sought:
            return []
        stored: list[Followed] = []

        async def look_into(span: _Span) -> None:
            events = [each.event_id for each in sought if (each.since, each.until) == span]
            arrivals = await self.inbox.find(events, since=span[0], until=span[1])
            for event_id, arrival in arrivals.items():
                if lead := await self._find_lead(arrival):
                    stored.append(Followed(event_id, Fate.STORED, lead))

        # What was received in the same time is found by one read.
        await do_few_at_once(look_into, dict.fromkeys((each.since, each.until) for each in sought))
        ids = {each.event_id for each in sought} - {each.event_id for each in stored}
        return [*stored, *await self._list_rejected(ids, since=min(each.since for each in sought))]

    async def _find_lead(self, arrival: Arrival) -> Lead | None:
        """Return the lead once the notification is in it. The inbox has it before."""
        stored = await self.leads.get(arrival.lead)
        if not stored or not stored.lead.history.count:
            return None
        return stored.lead if stored.lead.history.last_at >= arrival.received_at else None

    async def _list_rejected(self, ids: Collection[str], *, since: datetime) -> list[Followed]:
        if not ids:
            return []
        return [
            Followed(event_id, Fate.REJECTED, reason=stored.reason, explanation=stored.explanation)
            for stored in await self.rejects.list_since(since)
            if (event_id := stored.keys[1]) in ids and stored.reason != RETRIED and not stored.wants_retry
        ]
