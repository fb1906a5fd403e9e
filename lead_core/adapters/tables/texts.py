"""What people wrote freely, in all tables. Bodies are read as a person would read them."""

import html
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from lead_core.adapters.tables.cells import body_from_columns, charset_from_columns, read_text
from lead_core.adapters.tables.columns import DECISIONS, OLD_NAMES, list_added
from lead_core.adapters.tables.remembered import Decided, read_decisions
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.adapters.tables.typed import parse_json
from lead_core.errors import UnreadableLeadError
from lead_core.lead.values import LeadKey
from lead_core.marketplace.charset import decode_text
from lead_core.marketplace.unpacking import unpack
from lead_core.ports.texts import FreeTexts

_FREE: Final = ("Note", "DisqualifiedReason", "Qualification", "Description", "Problem")
_OF_A_REJECT: Final = ("Explanation", "WouldRead", "Problem")
_APPS_OWN: Final = re.compile(
    "PartitionKey|RowKey|Timestamp|Reason|Retry|Retries|Told|From|Offer|ActionCode|CreatedTime|CustomerInfo|LeadSource"
    r"|OfferDisplayName|ProductId|EventId|ReceivedAt|UrlOffer|LeadPartition|LeadRow|ImportedAs|EmailKey\d?"
    r"|Body(Encoding|\d+)?"
)
"""The columns of a notification that only the app writes. People add others."""
_TITLES: Final = ("Name", "Email", "Company", "Reason")
"""What people call a row by. The first that it has counts."""
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}\s*")
_PACKED: Final = b"\x1f\x8b"
"""How gzip begins."""
_LARGEST: Final = 1_000_000
"""How many bytes of a packed body are read."""
_DEEPEST: Final = 2
"""A JSON text may stand as a text within JSON."""


@dataclass(frozen=True, slots=True)
class TableTexts:
    """A `TextReader` of the three tables in which people write freely."""

    leads: Table
    inbox: Table
    rejects: Table

    async def scan(self) -> AsyncIterator[FreeTexts]:
        """See `TextReader.scan`."""
        async for row in self.leads.query(KeyRange()):
            key = LeadKey(row.columns["PartitionKey"], row.columns["RowKey"])
            yield FreeTexts("Leads", key, key, _find_title(row.columns), cells=dict(_read_lead(row.columns)))
        async for row in self.inbox.query(KeyRange()):
            yield _read_notification("MarketplaceLeads", row.columns, ("Description",))
        async for row in self.rejects.query(KeyRange()):
            yield _read_notification("RejectedLeads", row.columns, _OF_A_REJECT)


def _read_lead(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Read what people wrote into a lead's row, and the reasons for which they lifted *do not contact*."""
    for column in (*_FREE, *(each for each in list_added(row) if each not in OLD_NAMES.values())):
        yield column, read_text(row, column)
    yield DECISIONS, "\n".join(taken.reason for taken in (read_decisions(row) or Decided()).taken)


def _read_notification(table: str, row: Mapping[str, Any], columns: tuple[str, ...]) -> FreeTexts:
    partition, key = read_text(row, "LeadPartition"), read_text(row, "LeadRow")
    added = [column for column in row if not _APPS_OWN.fullmatch(column)]
    return FreeTexts(
        table,
        keys=(row["PartitionKey"], row["RowKey"]),
        lead=LeadKey(partition, key) if partition or key else None,
        about=_find_title(row) or _read_name(row),
        cells={column: _unescape(read_text(row, column)) for column in dict.fromkeys((*columns, *added))},
        body=read_body(row),
    )


def _find_title(row: Mapping[str, Any]) -> str:
    return next(filter(None, (read_text(row, column) for column in _TITLES)), "")


def _read_name(row: Mapping[str, Any]) -> str:
    """Return whom a notification is from. ``""`` if that is not known."""
    try:
        contact = parse_json(row.get("CustomerInfo", "{}"))
        texts = [str(contact.get(column, "")) for column in ("FirstName", "LastName", "Email")]
    except (ValueError, TypeError, AttributeError):  # A person edited the cell.
        return ""
    return " ".join(filter(None, texts[:2])) or texts[2]


def read_body(row: Mapping[str, Any]) -> str:
    """Return a body as people read it: unpacked, in its character set, and without the escapes of JSON and HTML."""
    body = _unwrap(body_from_columns(row))
    try:
        return _unescape(decode_text(body, charset_from_columns(row)).text)
    except UnreadableLeadError:
        return _unescape(body.decode("utf-8", "replace"))


def _unwrap(body: bytes) -> bytes:
    """Return *body* without the base64 and the packing of a sender who did not say so. The app can't read these."""
    if _BASE64.fullmatch(body):
        with suppress(ValueError):  # It is a long word.
            unwrapped = b64decode(body.strip(), validate=True)
            body = unwrapped if unwrapped.startswith(_PACKED) else unwrapped.decode().encode()
    if body.startswith(_PACKED):
        with suppress(UnreadableLeadError):
            body = unpack(body, "gzip", limit=_LARGEST)
    return body


def _unescape(text: str) -> str:
    r"""Return *text* without escapes: ``M\u00fcller\n`` and ``M&uuml;ller`` are ``Müller``."""
    for _ in range(_DEEPEST):
        text = html.unescape(_ESCAPE.sub(_read_escape, text))
    return text


def _read_escape(escape: re.Match[str]) -> str:
    digits, letter = escape.groups()
    return chr(int(digits, 16)) if digits else " " if letter in "nrtbf" else letter
