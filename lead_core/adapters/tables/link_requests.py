"""``Digests``: who asked for a new link. A row for each lead, until an hour after its mail."""

from typing import Final

from lead_core.adapters.tables.cells import read_text, read_time
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity, StoredRow
from lead_core.lead.values import LeadKey, format_digest
from lead_core.ports.outgoing import LinkRequest

LINKS_PARTITION: Final = "links"


def name_link_request(lead: LeadKey) -> str:
    """Return the row key of a request for a new link to *lead*."""
    return format_digest(LINKS_PARTITION, *lead)


def link_request_to_row(request: LinkRequest) -> Entity:
    """Write a request for a new link."""
    return {
        "PartitionKey": LINKS_PARTITION,
        "RowKey": name_link_request(request.lead),
        "Lead": request.lead.partition,
        "Offer": request.lead.row,
        "AskedAt": request.asked_at,
        **({"SentAt": request.sent_at} if request.sent_at else {}),
        **({"To": defuse(request.to)} if request.to else {}),
        **({"Refused": defuse(request.refused)} if request.refused else {}),
    }


def read_link_request(row: StoredRow) -> LinkRequest | None:
    """Read a request for a new link. None if a person edited the row, so that it names no lead any more."""
    columns = row.columns
    lead = LeadKey(read_text(columns, "Lead"), read_text(columns, "Offer"))
    if name_link_request(lead) != columns["RowKey"]:
        return None
    asked_at = read_time(columns, "AskedAt") or row.changed_at
    to, refused = (read_text(columns, column) for column in ("To", "Refused"))
    return LinkRequest(lead, asked_at, read_time(columns, "SentAt"), to, refused)
