"""List what could not be read, each with the reason as its body now stands."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from lead_core.at_once import do_few_at_once
from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.problems import RETRIED
from lead_core.lead.received import Envelope
from lead_core.marketplace.by_hand import check_readable
from lead_core.marketplace.charset import decode_text
from lead_core.marketplace.envelope import EARLIEST_RECEIPT
from lead_core.marketplace.spot import Spot, find_spot
from lead_core.marketplace.suggestion import suggest
from lead_core.ports.rejects import PoisonQueue, RejectStore, StoredReject


@dataclass(frozen=True, slots=True)
class ReadReject:
    """A rejected lead with its body, and what is wrong with that now: a person may have corrected it."""

    stored: StoredReject
    envelope: Envelope
    text: str | None
    """The body as text. None if it is none."""
    spot: Spot | None
    """Where it stops being readable. None if it can be read, or if the fault has no place."""
    fault: UnreadableLeadError | None
    """Why it cannot be read. None if it can."""
    would_read: str
    """What it seems to hold, if it is nearly JSON."""

    @property
    def id(self) -> str:
        """The row's key. It is the event id, if the app wrote the row."""
        return self.stored.keys[1]


@dataclass(frozen=True, slots=True)
class ListedRejects:
    """What could not be read."""

    rejects: tuple[ReadReject, ...]
    """The newest first."""
    count: int
    """How many there are. Not all of them may have been read."""
    poisoned: int
    """About how many messages stand in the poison queue, where no worker parked them yet."""


@dataclass(frozen=True, slots=True)
class ListingRejects:
    """Lists rejected leads."""

    rejects: RejectStore
    poison: PoisonQueue

    async def find(
        self, *, reason: str = "", since: datetime = EARLIEST_RECEIPT, limit: int | None = None
    ) -> ListedRejects:
        """Return the newest rejected leads, at most *limit*, and count all.

        Those that went on their way since are left out, unless *reason* asks for them.
        """
        found = [
            each
            for each in await self.rejects.list_since(since)
            if each.received_at >= since and (each.reason == reason if reason else each.reason != RETRIED)
        ]
        found.sort(key=lambda each: each.received_at, reverse=True)
        return ListedRejects(await self._read(found[:limit]), len(found), await self.poison.count())

    async def find_by_id(self, start: str) -> tuple[ReadReject, ...]:
        """Return the rejected leads whose id begins with *start*. If one is *start* itself, it alone."""
        found = [each for each in await self.rejects.list_since(EARLIEST_RECEIPT) if each.keys[1].startswith(start)]
        return await self._read([each for each in found if each.keys[1] == start] or found)

    async def _read(self, found: list[StoredReject]) -> tuple[ReadReject, ...]:
        """Read the body of each. One that was erased meanwhile is left out."""
        read: dict[tuple[str, str], ReadReject] = {}

        async def read_body(stored: StoredReject) -> None:
            if envelope := await self.rejects.get(stored):
                read[stored.keys] = judge(stored, envelope)

        await do_few_at_once(read_body, found)
        return tuple(read[each.keys] for each in found if each.keys in read)


def judge(stored: StoredReject, envelope: Envelope) -> ReadReject:
    """Return what is wrong with the body in *envelope*."""
    text, fault = None, None
    with suppress(UnreadableLeadError):
        text = decode_text(envelope.body, envelope.charset).text
    try:
        check_readable(envelope)
    except UnreadableLeadError as error:
        fault = error
    spot = find_spot(envelope.body, text) if fault else None
    would_read = suggest(envelope.body, envelope.charset) if fault and fault.code == RejectCode.NOT_JSON else ""
    return ReadReject(stored, envelope, text, spot, fault, would_read)
