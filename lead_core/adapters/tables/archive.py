"""All tables and queues, read as they stand."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, cast

from lead_core.adapters.tables import digests, link_requests, reports, troubles
from lead_core.adapters.tables.cells import body_to_columns, read_text
from lead_core.adapters.tables.follow_ups import read_follow_up
from lead_core.adapters.tables.marketplace_leads import envelope_from_row
from lead_core.adapters.tables.rejected_leads import rejected_envelope
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.adapters.tables.texts import read_body
from lead_core.at_once import do_few_at_once
from lead_core.errors import UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.lead.values import LeadKey, format_digest
from lead_core.marketplace.envelope import decode_envelope, read_message
from lead_core.ports.archive import KeptRow, Kind

KEYS: Final = ("PartitionKey", "RowKey")


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message as it was seen in a queue."""

    id: str
    content: bytes
    """As it stands there: in base64, or a text that a person put there."""
    queued_at: datetime
    tries: int
    """How often it was handed to a function, or looked at by `Messages.read`."""


class Messages(Protocol):
    """What can be done with the messages of a queue, beside processing them."""

    async def read(self) -> list[QueuedMessage]:
        """Read every message that can be seen now."""

    async def remove(self, ids: Collection[str]) -> None:
        """Remove these messages, as far as they can be seen now."""


class StoredArchive:
    """An `Archive` of any tables and queues, each by the name of its place."""

    def __init__(self, tables: Mapping[str, tuple[Kind, Table]], queues: Mapping[str, Messages]) -> None:
        self._tables = {place: table for place, (_, table) in tables.items()}
        self._kinds = {place: kind for place, (kind, _) in tables.items()} | dict.fromkeys(queues, Kind.MESSAGES)
        self._queues = queues

    @property
    def places(self) -> tuple[str, ...]:
        """See `Archive.places`."""
        return (*self._tables, *self._queues)

    async def scan(self, place: str, *, after: str = "", columns: tuple[str, ...] = ()) -> AsyncIterator[KeptRow]:
        """See `Archive.scan`."""
        if place in self._queues:
            for message in await self._queues[place].read():
                yield _read_message(place, message)
            return
        named = (*KEYS, *columns) if columns else ()
        async for row in self._tables[place].query(KeyRange(from_partition=after), named):
            partition, key = (row.columns[column] for column in KEYS)
            if not after or partition != after:  # The service knows "from", but not "after".
                kind = self._kinds[place]
                envelope = None if columns else _read_envelope(kind, row)
                leads = tuple(dict.fromkeys(_list_leads(kind, row)))
                text = read_body(row.columns) if kind is Kind.REJECTS and not columns else ""
                at = row.changed_at
                yield KeptRow(place, (partition, key), row.columns, row.etag, at, kind, leads, envelope, text)

    async def remove(self, row: KeptRow) -> bool:
        """See `Archive.remove`."""
        if row.place in self._queues:
            await self._queues[row.place].remove({row.keys[1]})
            return True
        return await self._tables[row.place].delete(*row.keys, cast("str", row.version))

    async def remove_all(self, rows: Iterable[KeptRow]) -> int:
        """See `Archive.remove_all`."""
        rows, gone = list(rows), list[KeptRow]()
        if rows and (queue := self._queues.get(rows[0].place)):
            await queue.remove({row.keys[1] for row in rows})
            return len(rows)

        async def remove(row: KeptRow) -> None:
            if await self.remove(row):
                gone.append(row)

        await do_few_at_once(remove, rows)
        return len(gone)


def _list_leads(kind: Kind, row: StoredRow) -> Iterator[LeadKey]:
    """Return the leads that a row names, as far as it can be read."""
    match kind:
        case Kind.LEADS:
            yield LeadKey(*(row.columns[column] for column in KEYS))
        case Kind.FOLLOW_UPS:
            yield from (entry.lead for entry in read_follow_up(row))
        case Kind.INBOX | Kind.REJECTS:
            lead = LeadKey(read_text(row.columns, "LeadPartition"), read_text(row.columns, "LeadRow"))
            yield from [lead] if lead.partition else []
        case Kind.DIGESTS:
            yield from _list_named_leads(row)
        case Kind.REPORTS:
            yield from reports.list_named_leads(row)


def _list_named_leads(row: StoredRow) -> Iterator[LeadKey]:
    """Return the leads that a row of ``Digests`` names: in a claim, in a request for a link, or for `health`."""
    match row.columns["PartitionKey"]:
        case digests.OWNERS_PARTITION | digests.ESCALATIONS_PARTITION:
            digest = digests.read_digest(row.columns)
            yield from (claimed.lead for claimed in digest.leads) if digest else ()
        case link_requests.LINKS_PARTITION:
            yield LeadKey(read_text(row.columns, "Lead"), read_text(row.columns, "Offer"))
        case troubles.CHECKS_PARTITION:
            named = [*read_text(row.columns, "Detail").split("; "), read_text(row.columns, "After")]
            yield from (LeadKey(*each.partition(", ")[::2]) for each in named if each)


def _read_envelope(kind: Kind, row: StoredRow) -> Envelope | None:
    match kind:
        case Kind.INBOX:
            return envelope_from_row(row.columns, row.changed_at)
        case Kind.REJECTS:
            return rejected_envelope(row.columns, row.changed_at)
    return None


def _read_message(place: str, message: QueuedMessage) -> KeptRow:
    """Read a message as a row, with the columns that the tables have for the same."""
    content = read_message(message.content)
    columns: Entity = {"QueuedAt": message.queued_at, "Tries": message.tries}
    try:
        envelope = decode_envelope(content)
        columns |= {"EventId": envelope.event_id, "ReceivedAt": envelope.received_at, "UrlOffer": envelope.offer}
    except UnreadableLeadError:  # A person put it there.
        envelope = Envelope(format_digest("message", message.id), message.queued_at, offer="", body=content)
    columns |= body_to_columns(envelope.body, envelope.charset)
    at = message.queued_at
    return KeptRow(
        place, (place, message.id), columns, message.id, at, Kind.MESSAGES, envelope=envelope, text=read_body(columns)
    )
