"""The texts in all tables, as people read them. Bodies are read in their character set, and without JSON's escapes."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lead_core.adapters.tables.cells import body_from_columns, charset_from_columns, read_text
from lead_core.adapters.tables.columns import EMAIL_KEY_COLUMNS, HISTORY
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.errors import UnreadableLeadError
from lead_core.lead.values import LeadKey
from lead_core.marketplace.charset import decode_text
from lead_core.ports.texts import KeptTexts

_NO_TEXTS: Final = frozenset(
    ("PartitionKey", "RowKey", "LeadPartition", "LeadRow", "EventId", "BodyEncoding", HISTORY, *EMAIL_KEY_COLUMNS)
)
_TITLES: Final = ("Name", "Email", "Company", "Reason", "OfferDisplayName", "ProductId")
"""What people call a row by. The first that it has counts."""
_PART_OF_A_BODY = re.compile(r"Body\d*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_DEEPEST = 2
"""A JSON text may stand as a text within JSON."""


@dataclass(frozen=True, slots=True)
class TableTexts:
    """A `TextReader` of the three tables that hold texts of people."""

    leads: Table
    inbox: Table
    rejects: Table

    async def scan(self) -> AsyncIterator[KeptTexts]:
        """See `TextReader.scan`."""
        tables = {"Leads": self.leads, "MarketplaceLeads": self.inbox, "RejectedLeads": self.rejects}
        for name, table in tables.items():
            async for row in table.query(KeyRange()):
                keys, cells = (row.columns["PartitionKey"], row.columns["RowKey"]), read_cells(row.columns)
                lead = LeadKey(*keys) if name == "Leads" else _find_lead(row.columns)
                yield KeptTexts(name, keys, lead, next((cells[each] for each in _TITLES if each in cells), ""), cells)


def read_cells(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a row by column."""
    cells = {
        column: _unescape(text)
        for column in row
        if column not in _NO_TEXTS and not _PART_OF_A_BODY.fullmatch(column) and (text := read_text(row, column))
    }
    return cells | {"Body": read_body(row)} if "Body" in row else cells


def read_body(row: Mapping[str, Any]) -> str:
    """Return a body as people read it."""
    body = body_from_columns(row)
    try:
        return _unescape(decode_text(body, charset_from_columns(row)).text)
    except UnreadableLeadError:
        return _unescape(body.decode("utf-8", "replace"))


def _find_lead(row: Mapping[str, Any]) -> LeadKey | None:
    partition, key = read_text(row, "LeadPartition"), read_text(row, "LeadRow")
    return LeadKey(partition, key) if partition or key else None


def _unescape(text: str) -> str:
    r"""Return *text* without the escapes of JSON: ``M\u00fcller\n`` is ``Müller``."""
    for _ in range(_DEEPEST):
        text = _ESCAPE.sub(_read_escape, text)
    return text


def _read_escape(escape: re.Match[str]) -> str:
    digits, letter = escape.groups()
    return chr(int(digits, 16)) if digits else " " if letter in "nrtbf" else letter
