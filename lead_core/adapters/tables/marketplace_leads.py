"""``MarketplaceLeads``: the inbox. It holds every notification as it came, written once."""

from dataclasses import fields
from datetime import datetime, timedelta

from lead_core.adapters.tables.cells import SHOWN_COLUMNS, body_to_columns, dump, format_day
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity, Table
from lead_core.lead.received import Notification
from lead_core.lead.values import format_time, shorten

_MICROSECONDS_PER_DAY = 86_400_000_000


class TableInbox:
    """An `Inbox` in ``MarketplaceLeads``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def insert(self, notification: Notification) -> None:
        """See `Inbox.insert`."""
        await self._table.insert(notification_to_row(notification))


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
        "EventId": envelope.event_id,
        "ReceivedAt": envelope.received_at,
        "UrlOffer": envelope.offer,
        "LeadPartition": delivery.key.partition,
        "LeadRow": delivery.key.row,
        **body_to_columns(envelope.body, envelope.charset),
    }


def _time_left_in_day(moment: datetime) -> int:
    """Return the microseconds until midnight. As a key, they put the newest row of a day first."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return _MICROSECONDS_PER_DAY - (moment - midnight) // timedelta(microseconds=1)
