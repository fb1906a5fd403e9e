"""What a round added up so far: a row that names the sums, and the sums themselves in rows of bytes.

The bytes are named by their digest. So two workers write the same rows or different ones, and rows of which some are
missing are known. Until the row that names them is written, those of before hold.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Final

from lead_core.adapters.tables.cells import PROPERTY_BYTES, dump, parse_time, read_text, read_time
from lead_core.adapters.tables.table import Entity, StoredRow
from lead_core.adapters.tables.tallies import decode_offers, decode_week, encode_offers, encode_week
from lead_core.lead.values import format_digest, format_time
from lead_core.ports.reports import Sums

SUMS_PARTITION: Final = "counting"
SUMS_KEY: Final = "sums"
_CELLS_PER_ROW: Final = 14
"""A row holds 1 MiB."""


def pack_sums(sums: Sums) -> tuple[str, list[Entity]]:
    """Return the name of the sums, and the rows that hold them."""
    written = {
        "begun_at": format_time(sums.begun_at),
        "basis": sums.basis,
        "after": sums.after,
        "weeks": [*map(encode_week, sums.weeks)],
        "offers": encode_offers(sums.offers),
    }
    content = zlib.compress(dump(written).encode("utf-8", "backslashreplace"))
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
    name = next((read_name(row) for row in rows if row.columns["RowKey"] == SUMS_KEY), "")
    content = b"".join(_read_piece(row) for row in rows if is_part(row, name))
    if _name(content) != name:
        return None
    written = json.loads(zlib.decompress(content))  # The app wrote it, or its name would be another.
    weeks = tuple(map(decode_week, written["weeks"]))
    begun_at, offers = parse_time(written["begun_at"]), decode_offers(written["offers"])
    return Sums(begun_at, written["basis"], written["after"], weeks, offers)


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
    begun_at = read_time(stored.columns, "BegunAt")
    if begun_at is None or begun_at > stored.changed_at:
        return False
    is_same = (begun_at, read_text(stored.columns, "zAppBasis")) == (sums.begun_at, sums.basis)
    return begun_at > sums.begun_at or (is_same and read_text(stored.columns, "After") > sums.after)


def _read_piece(row: StoredRow) -> bytes:
    cells = (row.columns.get(f"zAppSums{place:02}") for place in range(1, _CELLS_PER_ROW + 1))
    return b"".join(cell for cell in cells if isinstance(cell, bytes))


def _name(content: bytes) -> str:
    return format_digest(content.hex())
