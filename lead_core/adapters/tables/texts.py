"""What people wrote freely, in all tables. Bodies are read in their character set, and without JSON's escapes."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lead_core.adapters.tables.cells import body_from_columns, charset_from_columns, read_text
from lead_core.adapters.tables.columns import DECISIONS, OLD_NAMES, list_added
from lead_core.adapters.tables.remembered import Decided, read_decisions
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.errors import UnreadableLeadError
from lead_core.lead.values import LeadKey
from lead_core.marketplace.charset import decode_text
from lead_core.ports.texts import FreeTexts

_FREE: Final = ("Note", "DisqualifiedReason", "Description", "Problem")
_OF_A_REJECT: Final = ("Explanation", "WouldRead", "Problem")
_TITLES: Final = ("Name", "Email", "Company", "Reason", "OfferDisplayName", "ProductId")
"""What people call a row by. The first that it has counts."""
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
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
    return FreeTexts(
        table,
        keys=(row["PartitionKey"], row["RowKey"]),
        lead=LeadKey(partition, key) if partition or key else None,
        about=_find_title(row),
        cells={column: _unescape(read_text(row, column)) for column in columns},
        body=read_body(row),
    )


def _find_title(row: Mapping[str, Any]) -> str:
    return next(filter(None, (read_text(row, column) for column in _TITLES)), "")


def read_body(row: Mapping[str, Any]) -> str:
    """Return a body as people read it: in its character set, and without JSON's escapes."""
    body = body_from_columns(row)
    try:
        return _unescape(decode_text(body, charset_from_columns(row)).text)
    except UnreadableLeadError:
        return _unescape(body.decode("utf-8", "replace"))


def _unescape(text: str) -> str:
    r"""Return *text* without the escapes of JSON: ``M\u00fcller\n`` is ``Müller``."""
    for _ in range(_DEEPEST):
        text = _ESCAPE.sub(_read_escape, text)
    return text


def _read_escape(escape: re.Match[str]) -> str:
    digits, letter = escape.groups()
    return chr(int(digits, 16)) if digits else " " if letter in "nrtbf" else letter
