"""Put rejected leads into the queue again if their ``Retry`` is set."""

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lead_core.at_once import do_few_at_once
from lead_core.errors import SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.marketplace.by_hand import check_readable
from lead_core.marketplace.envelope import EARLIEST_RECEIPT, encode_envelope
from lead_core.ports.rejects import RejectStore, StoredReject
from lead_core.ports.storage import LeadQueue
from lead_core.steps.budget import Budget

RETRIES_ARE_READ_FOR: Final = timedelta(days=14)
"""How far back each tick reads. The hourly check reads all."""
RETRYING_LASTS: Final = timedelta(seconds=30)
"""What is left after that keeps its ``Retry``, and has its turn at the next tick."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """Retries rejected leads."""

    rejects: RejectStore
    queue: LeadQueue
    clock: Callable[[], float] = time.monotonic

    async def tick(self, *, now: datetime) -> int:
        """Retry the rejected leads of the last days, and count them. Needs storage alone."""
        return await self._retry_since(now - RETRIES_ARE_READ_FOR)

    async def check(self) -> int:
        """Retry all rejected leads, however old, and count them."""
        return await self._retry_since(EARLIEST_RECEIPT)

    async def retry(self, stored: StoredReject, *, seen: bytes, body: bytes) -> Envelope:
        """Retry one rejected lead now, with *body* in the place of what was *seen*. Return what was put into the queue.

        Raises: SomeoneWasFirstError if its body changed since. UnreadableLeadError if nothing can come of it. Then the
        row says so, too.
        """
        asked = await self.rejects.ask_retry(stored, seen=seen, body=body)
        envelope = await self._retry(asked) if asked else None
        if envelope is None:
            raise SomeoneWasFirstError
        return envelope

    async def _retry_since(self, since: datetime) -> int:
        budget, done = Budget.of(RETRYING_LASTS, self.clock), itertools.count()
        rejects = await self.rejects.list_since(since)
        wanted = [each for each in rejects if each.wants_retry]

        async def retry(stored: StoredReject) -> None:
            with suppress(UnreadableLeadError):  # A row that takes no note stops no other.
                await self._retry(stored)
            next(done)

        await do_few_at_once(retry, itertools.takewhile(lambda _: not budget.is_spent, wanted))
        unexplained = [each for each in rejects if each.needs_explaining]
        await do_few_at_once(self._explain, itertools.takewhile(lambda _: not budget.is_spent, unexplained))
        return next(done)

    async def _explain(self, stored: StoredReject) -> None:
        """Say in a row that its ``Retry`` can't be read, or that it can be read now."""
        with suppress(UnreadableLeadError):  # A row that takes no note stops no other.
            await self.rejects.mark_problem(stored, stored.retry_problem)

    async def _retry(self, stored: StoredReject) -> Envelope | None:
        """Give one rejected lead another try. If there can be none, say why in the row that the person sees, too."""
        envelope = await self.rejects.get(stored)
        if envelope is None:
            return None
        try:
            check_readable(envelope)
            await self.queue.enqueue(encode_envelope(envelope))
        except UnreadableLeadError as why:
            await self.rejects.mark_refused(stored, why)
            raise
        await self.rejects.mark_retried(stored, envelope)
        return envelope
