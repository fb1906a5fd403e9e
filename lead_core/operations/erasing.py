"""Erase a person everywhere, for good.

First it is noted that they were erased: from then on, nothing that was received before comes back. Then their rows and
messages are removed, and what a worker wrote meanwhile with them. If the process ends in between, the hourly check
removes their leads, and the same command, given again, the rest.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.erasure import Erasure, Receipt
from lead_core.lead.problems import RETRIED
from lead_core.lead.values import LeadKey
from lead_core.marketplace.envelope import encode_envelope
from lead_core.operations.belonging import Belonging, Sought, list_of_others
from lead_core.ports.archive import KeptRow, Kind
from lead_core.ports.outgoing import ClaimStore
from lead_core.ports.reports import ReportStore
from lead_core.ports.storage import CheckProgress, CheckStore, ErasureStore, LeadQueue, LeadStore
from lead_core.steps.sweeping import Sweeping

_MOST_SWEEPS: Final = 5


@dataclass(frozen=True, slots=True)
class Erasing:
    """Erases persons."""

    belonging: Belonging
    leads: LeadStore
    sweeping: Sweeping
    claims: ClaimStore
    checks: CheckStore
    erasures: ErasureStore
    reports: ReportStore
    queue: LeadQueue

    async def erase(  # noqa: PLR0913 -- what stands on the receipt, and what no step makes by itself
        self,
        person: Sought,
        *,
        reason: str,
        objects: bool,
        now: datetime,
        new_id: Callable[[], str],
        on_read: Callable[[int], None],
    ) -> Receipt:
        """Erase a person, and return the receipt. *objects* if they are not to be contacted, even if no lead says so.

        What they do after this is a new lead.
        """
        objected = await self._objected_before(person)
        begun = Receipt(f"{now:%Y-%m-%d}-{new_id()[:8]}", reason, objects=objects or person.objects or objected)
        receipt = await self.erasures.write_receipt(begun)
        assert receipt.at  # It was just written.
        erasure = Erasure(receipt.at, receipt.id, receipt.objects)
        await self.erasures.remember(person.partitions, erasure, secret=f"{new_id()}{new_id()}")
        counts = Counter[str]()
        for _ in range(_MOST_SWEEPS):  # The second finds what a worker wrote during the first, mostly nothing.
            removed = await self._remove_all(person, erasure, on_read)
            counts += removed
            if not removed:
                return await self.erasures.write_receipt(replace(receipt, counts=counts, is_done=True))
        return await self.erasures.write_receipt(replace(receipt, counts=counts))

    async def _objected_before(self, person: Sought) -> bool:
        """Whether an objection from before an earlier erasure still stands. What a lead says was lifted is noted."""
        stands = False
        for partition in person.partitions:
            before = await self.erasures.find(partition)
            if before and before.objects and before.is_lifted(person.leads):
                await self.erasures.lift(before)
            elif before and before.objects:
                stands = True
        return stands

    async def _remove_all(self, person: Sought, erasure: Erasure, on_read: Callable[[int], None]) -> Counter[str]:
        """Remove all that is there now, and count it by table or queue. What came after the erasure stays."""
        found = await self.belonging.find(person, on_read)
        by_kind: dict[Kind, list[KeptRow]] = defaultdict(list)
        for rows in found.values():
            by_kind[rows[0].kind] += rows
        removed = Counter[str]()
        for kind in (Kind.INBOX, Kind.REJECTS, Kind.MESSAGES):
            covered = [row for row in by_kind[kind] if _is_covered(row, erasure)]
            if kind is Kind.REJECTS:
                await self._send_on(covered, person)
            removed += await self._remove(covered)
        if in_digests := by_kind[Kind.DIGESTS]:
            removed[in_digests[0].place] = await self._clear_digests(person)
        unlisted = await self.reports.forget(person.owns)
        if in_reports := by_kind[Kind.REPORTS]:
            removed[in_reports[0].place] = unlisted
        # The leads last but one: by them, the hourly check or the same command finds what is left.
        if in_leads := by_kind[Kind.LEADS]:
            removed[in_leads[0].place] = await self._remove_leads(in_leads, erasure)
        listed = [row for row in by_kind[Kind.FOLLOW_UPS] if not await self._is_left(row.leads)]
        return removed + await self._remove(listed)

    async def _send_on(self, rejects: Sequence[KeptRow], person: Sought) -> None:
        """Put leads of others that were rejected together with the person's into the queue. Twice is once."""
        for row in rejects:
            if row.columns.get("Reason") != RETRIED:  # Else they went on their way already.
                for envelope in list_of_others(row, person):
                    await self.queue.enqueue(encode_envelope(envelope))

    async def _remove(self, rows: Sequence[KeptRow]) -> Counter[str]:
        removed = Counter[str]()
        for place, together in itertools.groupby(rows, key=lambda row: row.place):
            removed[place] += await self.belonging.archive.remove_all(together)
        return removed

    async def _remove_leads(self, rows: Sequence[KeptRow], erasure: Erasure) -> int:
        """Remove leads, and return how many. One in which something newer stands as well is made anew of that."""
        keys = [row.leads[0] for row in rows]
        # A row that was typed under a key of its own is a person of its own.
        persons = {key.partition if key.names_person else key: key for key in keys}
        return sum([await self.sweeping.sweep(await self.leads.list_person(key), erasure) for key in persons.values()])

    async def _is_left(self, leads: Sequence[LeadKey]) -> bool:
        return any([await self.leads.get(key) for key in leads])

    async def _clear_digests(self, person: Sought) -> int:
        """Leave their leads out of mails that are being sent, drop their requests for links, and count both."""
        cleared = 0
        for claim in await self.claims.list_digests():
            left = tuple(each for each in claim.about.leads if not person.owns(each.lead))
            if left != claim.about.leads:
                with suppress(SomeoneWasFirstError):  # The next sweep tries again.
                    await self.claims.write(replace(claim, about=replace(claim.about, leads=left)))
                    cleared += 1
        for request in await self.claims.list_link_requests():
            if person.owns(request.about.lead):
                await self.claims.forget_link_request(request)
                cleared += 1
        for trouble in await self.claims.list_troubles():
            if any(partition in trouble.detail for partition in person.partitions):
                await self.claims.clear_trouble(trouble.code)
                cleared += 1
        if (await self.checks.read()).after in person.partitions:
            await self.checks.write(CheckProgress())  # The check begins again at the first person.
            cleared += 1
        return cleared


def _is_covered(row: KeptRow, erasure: Erasure) -> bool:
    received_at = row.envelope.received_at if row.envelope else row.changed_at
    return erasure.covers(received_at, written_at=row.changed_at)
