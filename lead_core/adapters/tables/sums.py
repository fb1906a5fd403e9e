"""What a round added up so far: a row that names the sums, and the sums themselves in rows of bytes.

The bytes are named by their digest. So two workers write the same rows or different ones, and rows of which some are
missing are known. Until the row that names them is written, those of before hold.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from lead_core.adapters.tables.cells import PROPERTY_BYTES, dump, read_text, read_time
from lead_core.adapters.tables.table import Entity, StoredRow
from lead_core.adapters.tables.tallies import decode_offers, decode_week, encode_offers, encode_week
from lead_core.lead.values import format_digest
from lead_core.ports.reports import Sums

SUMS_PARTITION: Final = "counting"
SUMS_KEY: Final = "sums"
_CELLS_PER_ROW: Final = 14
"""A row holds 1 MiB."""


def pack_sums(sums: Sums) -> tuple[str, list[Entity]]:
    """Return the name of the sums, and the rows that hold them."""
    text = dump({"weeks": [*map(encode_week, sums.weeks)], "offers": encode_offers(sums.offers)})
    content = zlib.compress(text.encode("utf-8", "backslashreplace"))
    name = _name(content)
    pieces = [content[start : start + PROPERTY_BYTES] for start in range(0, len(content), PROPERTY_BYTES)]
    rows = [pieces[start : start + _CELLS_PER_ROW] for start in range(0, len(pieces), _CELLS_PER_ROW)]
    return name, [
        {"PartitionKey": SUMS_PARTITION, "RowKey": f"{name}-{number:04}"}
        | {f"zAppSums{place:02}": piece for place, piece in enumerate(row, start=1)}
        for number, row in enumerate(rows)
    ]


def unpack_sums(rows: Sequence[StoredRow]) -> Sums | None:
    """Read sums from all rows of their partition. None if there are none, or if they are damaged."""
    head = next((row for row in rows if row.columns["RowKey"] == SUMS_KEY), None)
    known = _read_head(head) if head else None
    if head is None or known is None:
        return None
    content = b"".join(_read_piece(row) for row in rows if is_part(row, read_name(head)))
    if _name(content) != read_name(head):
        return None
    written = json.loads(zlib.decompress(content))  # The app wrote it, or its name would be another.
    return replace(known, weeks=tuple(map(decode_week, written["weeks"])), offers=decode_offers(written["offers"]))


def is_part(row: StoredRow, name: str) -> bool:
    """Whether a row holds some of the sums of that name."""
    return str(row.columns["RowKey"]).startswith(f"{name}-")


def list_stray(rows: Sequence[StoredRow]) -> list[StoredRow]:
    """Return the rows that belong to no sums. A process ended while it wrote or removed them."""
    names = {read_name(row) for row in rows if row.columns["RowKey"] == SUMS_KEY}
    return [row for row in rows if row.columns["RowKey"] != SUMS_KEY and not any(is_part(row, name) for name in names)]


def head_to_row(sums: Sums, name: str) -> Entity:
    """Write the row that names the sums."""
    return {
        "PartitionKey": SUMS_PARTITION,
        "RowKey": SUMS_KEY,
        "BegunAt": sums.begun_at,
        "After": sums.after,
        "zAppBasis": sums.basis,
        "zAppName": name,
    }


def read_name(head: StoredRow) -> str:
    """Read the name of the sums."""
    return read_text(head.columns, "zAppName")


def is_further(stored: StoredRow, sums: Sums) -> bool:
    """Whether the stored sums are of a later round than *sums*, or further in the same round.

    No round begins after its sums were written. Such a time was typed.
    """
    known = _read_head(stored)
    if known is None or known.begun_at > stored.changed_at:
        return False
    if known.begun_at != sums.begun_at:
        return known.begun_at > sums.begun_at
    return known.basis == sums.basis and known.after > sums.after


def _read_head(head: StoredRow) -> Sums | None:
    columns = head.columns
    begun_at = read_time(columns, "BegunAt")
    if begun_at is None:
        return None
    return Sums(begun_at, read_text(columns, "zAppBasis"), read_text(columns, "After"))


def _read_piece(row: StoredRow) -> bytes:
    cells = (row.columns.get(f"zAppSums{place:02}") for place in range(1, _CELLS_PER_ROW + 1))
    return b"".join(cell for cell in cells if isinstance(cell, bytes))


def _name(content: bytes) -> str:
    return format_digest(content.hex())
