"""What stands in the cells, for all tables: texts, times, numbers, bodies. What is written reads back the same."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from lead_core.adapters.tables.columns import EMAIL_KEY_COLUMNS
from lead_core.adapters.tables.formulas import undo_defuse
from lead_core.adapters.tables.table import Entity
from lead_core.adapters.tables.typed import FIRST_YEAR, LAST_YEAR, parse_count, parse_moment, parse_yes, unwrap_text
from lead_core.errors import UnreadableLeadError
from lead_core.lead.addresses import list_email_keys
from lead_core.lead.delivery import Shown
from lead_core.lead.values import is_fit
from lead_core.marketplace.charset import decode_text, encode_text, find_charset

PROPERTY_BYTES = 64_000
"""A property holds 64 KiB, and a row 1 MiB. A character of text counts as two bytes or four.

https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""
MAX_BODY_TEXT_BYTES = 960_000
_GUESSED = " (guessed)"
SHOWN_COLUMNS = {part.name: "".join(word.capitalize() for word in part.name.split("_")) for part in fields(Shown)}


def format_hour(moment: datetime) -> str:
    """Write the partition of an hour: ``2026-11-22T08``."""
    return moment.strftime("%Y-%m-%dT%H")


def format_day(moment: datetime) -> str:
    """Write the partition of a day: ``2026-11-22``."""
    return moment.strftime("%Y-%m-%d")


def dump(parts: object) -> str:
    """Write JSON as short as it can be."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def read_text(row: Mapping[str, Any], column: str) -> str:
    """Read a text, without the apostrophe of `defuse`. A person may have typed anything there."""
    return undo_defuse(unwrap_text(row.get(column)))


def read_number(row: Mapping[str, Any], column: str) -> int:
    """Read a whole number. Anything else that was typed there is 0."""
    return parse_count(row.get(column)) or 0


def read_time(row: Mapping[str, Any], column: str) -> datetime | None:
    """Read a time, as a person or a spreadsheet writes it. None if it is not a time."""
    return parse_moment(row.get(column))


def parse_time(text: str) -> datetime:
    """Read a time as UTC. Raises: ValueError for text that is no time, or no time that a lead can have."""
    moment = datetime.fromisoformat(text)
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        raise ValueError("no time that a lead can have")
    return utc


def email_to_columns(email: str) -> dict[str, str]:
    """Write the addresses in *email* as recognition compares them: into ``EmailKey``, ``EmailKey2``…"""
    keys = list_email_keys(email, limit=len(EMAIL_KEY_COLUMNS)) or [""]
    return dict(zip(EMAIL_KEY_COLUMNS, keys, strict=False))


def is_yes(value: object) -> bool:
    """Read a Boolean cell, which a person may have typed as a word."""
    return parse_yes(value) is True


def body_to_columns(body: bytes, charset: str = "") -> Entity:
    """Write a body as it came into ``Body``, ``Body2``… *charset* is what its sender declared.

    ``BodyEncoding`` says how: ``text`` for UTF-8, another character set such as ``windows-1252`` or ``windows-1252
    (guessed)``, ``base64`` for bytes that are no text, or ``binary`` for what is too large for a row as text. Text
    takes two bytes a character there.
    """
    encoding, text = _as_cell_text(body, charset)
    units = text.encode("utf-16-le")
    if len(units) > MAX_BODY_TEXT_BYTES:
        return {"BodyEncoding": "binary"} | _number_columns(
            body[start : start + PROPERTY_BYTES] for start in range(0, len(body), PROPERTY_BYTES)
        )
    return {"BodyEncoding": encoding, "Body": ""} | _number_columns(_cut(units))


def body_from_columns(row: Mapping[str, Any]) -> bytes:
    """Read a body as it now stands in its columns.

    Text that was typed over another encoding is text. Text that was edited is read as it looks.
    """
    pieces = [row.get("Body", "")]
    while (column := f"Body{len(pieces) + 1}") in row:
        pieces.append(row[column])
    if all(isinstance(piece, bytes) for piece in pieces):
        return b"".join(pieces)
    text = "".join(piece.decode("utf-8", "replace") if isinstance(piece, bytes) else str(piece) for piece in pieces)
    encoding = read_text(row, "BodyEncoding")
    if encoding == "base64":
        with suppress(ValueError):
            return base64.b64decode(text, validate=True)
    return encode_text(text, find_charset(encoding.removesuffix(_GUESSED)) or "utf-8")


def charset_from_columns(row: Mapping[str, Any]) -> str:
    """Read the character set of a body. ``""`` if it is UTF-8, or guessed."""
    return find_charset(read_text(row, "BodyEncoding"))


def _as_cell_text(body: bytes, charset: str) -> tuple[str, str]:
    with suppress(UnreadableLeadError, UnicodeError):
        read = decode_text(body, charset)
        if is_fit(read.text.replace("\r", "")) and read.text.encode(read.charset) == body:
            name = "text" if read.charset == "utf-8" else read.charset
            return f"{name}{_GUESSED}" if read.is_guessed else name, read.text
    return "base64", base64.b64encode(body).decode()


def _number_columns(pieces: Iterable[str | bytes]) -> Entity:
    return {f"Body{number}" if number > 1 else "Body": piece for number, piece in enumerate(pieces, start=1)}


def _cut(units: bytes) -> Iterator[str]:
    """Cut UTF-16 into pieces that fit a property, never between the two halves of a surrogate pair."""
    start = 0
    while start < len(units):
        end = start + PROPERTY_BYTES
        if end < len(units) and 0xDC <= units[end + 1] <= 0xDF:  # noqa: PLR2004 -- the second halves of the pairs
            end -= 2
        yield units[start:end].decode("utf-16-le")
        start = end
