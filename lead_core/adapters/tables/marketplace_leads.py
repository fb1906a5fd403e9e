"""``MarketplaceLeads``: the inbox. It holds every notification as it came, written once."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from lead_core.adapters.tables.cells import (
    SHOWN_COLUMNS,
    body_from_columns,
    body_to_columns,
    charset_from_columns,
    dump,
    email_to_columns,
    format_day,
    read_text,
    read_time,
)
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.lead.erasure import Erasure
from lead_core.lead.received import Envelope, Notification
from lead_core.lead.status_words import parse_word
from lead_core.lead.values import LeadKey, format_time, shorten
from lead_core.ports.storage import Arrival, KeptNotification, OldNotification

MAX_READ_PER_LEAD = 200
KEY_COLUMNS = ("PartitionKey", "RowKey", "LeadPartition", "LeadRow")
"""The columns that say whose a notification is: all but its texts."""
ARRIVAL_COLUMNS = (*KEY_COLUMNS, "EventId", "ReceivedAt")
_MICROSECONDS_PER_DAY = 86_400_000_000


class TableInbox:
    """An `Inbox` in ``MarketplaceLeads``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def insert(self, notification: Notification) -> None:
        """See `Inbox.insert`."""
        await self._table.insert(notification_to_row(notification))

    async def insert_all(self, notifications: Iterable[Notification]) -> None:
        """See `Inbox.insert_all`."""
        await self._table.insert_all(map(notification_to_row, notifications))

    async def remove(self, notification: Notification) -> None:
        """See `Inbox.remove`."""
        row = notification_to_row(notification)
        await self._table.delete(row["PartitionKey"], row["RowKey"])

    async def remove_of(self, partition: str, erasure: Erasure) -> int:
        """See `Inbox.remove_of`."""
        removed = 0
        async for row in self._table.query(KeyRange(), (*KEY_COLUMNS, "ReceivedAt")):
            received_at = read_time(row.columns, "ReceivedAt") or row.changed_at
            is_covered = erasure.covers(received_at, written_at=row.changed_at)
            if is_covered and read_text(row.columns, "LeadPartition") == partition:
                removed += await self._table.delete(row.columns["PartitionKey"], row.columns["RowKey"])
        return removed

    async def list_of(self, leads: Collection[LeadKey]) -> dict[LeadKey, list[Envelope]]:
        """See `Inbox.list_of`. Reads the bodies of these leads alone."""
        found: dict[LeadKey, list[Entity]] = {lead: [] for lead in leads}
        async for row in self._table.query(KeyRange(), KEY_COLUMNS):
            keys = found.get(_read_lead(row.columns))
            if keys is not None and len(keys) < MAX_READ_PER_LEAD:
                keys.append(row.columns)
        return {lead: [each async for each in self._read(rows)] for lead, rows in found.items()}

    async def find(self, events: Collection[str], *, since: datetime, until: datetime) -> dict[str, Arrival]:
        """See `Inbox.find`. The keys hold the time, so each day is one range of them."""
        found = {}
        async for row in self._query_received(since, until, ARRIVAL_COLUMNS):
            event_id = read_text(row.columns, "EventId") or row.columns["RowKey"].rpartition("-")[2]
            if event_id in events:
                found[event_id] = Arrival(
                    _read_lead(row.columns), read_time(row.columns, "ReceivedAt") or row.changed_at
                )
        return found

    async def list_between(self, since: datetime, until: datetime) -> AsyncIterator[OldNotification]:
        """See `Inbox.list_between`."""
        async for row in self._query_received(since, until, (*KEY_COLUMNS, "ReceivedAt")):
            yield _read_kept(row)

    async def _query_received(
        self, since: datetime, until: datetime, columns: tuple[str, ...]
    ) -> AsyncIterator[StoredRow]:
        for day in range((until.date() - since.date()).days + 1):
            is_first, is_last = day == 0, since.date() + timedelta(days=day) == until.date()
            keys = KeyRange(
                from_partition=format_day(since + timedelta(days=day)),
                to_partition=format_day(since + timedelta(days=day)),
                from_row=f"{_time_left_in_day(until):011d}-" if is_last else "",
                to_row=f"{_time_left_in_day(since):011d}-~" if is_first else "",
            )
            async for row in self._table.query(keys, columns):
                yield row

    async def list_before(self, moment: datetime) -> AsyncIterator[OldNotification]:
        """See `Inbox.list_before`. Reads no texts. The partitions are days."""
        days = KeyRange(to_partition=format_day(moment))
        async for row in self._table.query(days, (*KEY_COLUMNS, "ReceivedAt")):
            kept = _read_kept(row)
            if kept.received_at < moment:
                yield kept

    async def remove_old(self, notification: OldNotification) -> None:
        """See `Inbox.remove_old`."""
        await self._table.delete(*notification.keys)

    async def scan(self) -> AsyncIterator[KeptNotification]:
        """See `Inbox.scan`."""
        async for row in self._table.query(KeyRange()):
            yield KeptNotification(_read_lead(row.columns), envelope_from_row(row.columns, row.changed_at))

    async def _read(self, rows: Iterable[Entity]) -> AsyncIterator[Envelope]:
        for keys in rows:
            if row := await self._table.get(keys["PartitionKey"], keys["RowKey"]):
                yield envelope_from_row(row.columns, row.changed_at)


def _read_lead(row: Mapping[str, Any]) -> LeadKey:
    return LeadKey(read_text(row, "LeadPartition"), read_text(row, "LeadRow"))


def notification_to_row(notification: Notification) -> Entity:
    """Write a notification with the columns of Microsoft's own Azure Table destination, then our own."""
    envelope, payload, delivery = notification.envelope, notification.payload, notification.delivery
    contact = {part.name: getattr(payload.contact, part.name) for part in fields(payload.contact)}
    product_id = payload.product_id or ".".join(filter(None, (delivery.shown.publisher_id, delivery.shown.offer_id)))
    return {
        "PartitionKey": format_day(envelope.received_at),
        "RowKey": f"{_time_left_in_day(envelope.received_at):011d}-{envelope.event_id}",
        "ActionCode": defuse(payload.action_code or delivery.shown.action_code),
        "CreatedTime": format_time(envelope.received_at),
        "CustomerInfo": dump({SHOWN_COLUMNS[name]: shorten(value, 2_000) for name, value in contact.items()}),
        "Description": defuse(payload.description),
        "LeadSource": defuse(payload.lead_source),
        "OfferDisplayName": defuse(delivery.shown.offer_title),
        "ProductId": defuse(product_id),
        **{column: defuse(key) for column, key in email_to_columns(payload.contact.email).items()},
        "EventId": envelope.event_id,
        "ReceivedAt": envelope.received_at,
        "UrlOffer": envelope.offer,
        "LeadPartition": delivery.key.partition,
        "LeadRow": delivery.key.row,
        **({"ImportedAs": envelope.past.value} if envelope.past else {}),
        **body_to_columns(envelope.body, envelope.charset),
    }


def envelope_from_row(row: Mapping[str, Any], changed_at: datetime) -> Envelope:
    """Read a notification as it came. A person may have edited the row."""
    received_at = read_time(row, "ReceivedAt") or changed_at
    event_id = read_text(row, "EventId") or row["RowKey"].rpartition("-")[2]
    body, charset = body_from_columns(row), charset_from_columns(row)
    past = parse_word(said) if (said := read_text(row, "ImportedAs")) else None
    return Envelope(event_id, received_at, read_text(row, "UrlOffer"), body, charset, past)


def _read_kept(row: StoredRow) -> OldNotification:
    columns = row.columns
    return OldNotification(
        keys=(columns["PartitionKey"], columns["RowKey"]),
        lead=LeadKey(read_text(columns, "LeadPartition"), read_text(columns, "LeadRow")),
        received_at=read_time(columns, "ReceivedAt") or row.changed_at,
        written_at=row.changed_at,
    )


def _time_left_in_day(moment: datetime) -> int:
    """Return the microseconds until midnight. As a key, they put the newest row of a day first."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return _MICROSECONDS_PER_DAY - (moment - midnight) // timedelta(microseconds=1)
