"""Where a body stops being readable, and what stands there: for the person who corrects it."""

import json
import unicodedata
from dataclasses import dataclass
from typing import Final

_MAX_CELLS: Final = 72
"""How much of a line is shown: a Chinese letter takes two cells. A lead is often one long line."""
_BYTES_AROUND: Final = 8


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of a fault in a body."""

    place: str
    """``line 3, column 5``, or ``byte 12`` of what is no text."""
    says: str
    """What is wrong there, in the words of the JSON parser."""
    lines: tuple[str, ...]
    """The line above, if there is one, and the line with the fault, as far as they are shown. All of it is visible."""
    caret: int
    """How many characters of the last line stand before the fault."""


def find_spot(body: bytes, text: str | None) -> Spot | None:
    """Return where a body stops being JSON, or being text if *text* is None. None if it has no such place."""
    return _find_in_bytes(body) if text is None else _find_in_text(text.removeprefix("\ufeff"))


def _find_in_text(text: str) -> Spot | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        fault = error
    except (RecursionError, ValueError):  # Nested too deeply, or a number that is too long: no single place.
        return None
    else:
        return None
    start = text.rfind("\n", 0, fault.pos) + 1
    end = text.find("\n", fault.pos)
    line, caret = _cut_around(text[start : end if end >= 0 else None], fault.pos - start)
    above = text[:start].rstrip()  # Behind a comma that is missing, the fault shows only in the next line.
    place = f"line {fault.lineno}, column {fault.colno}"
    return Spot(place, fault.msg, (*_last_line(above), line), caret)


def _find_in_bytes(body: bytes) -> Spot | None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        start = max(0, error.start - _BYTES_AROUND)
        shown = body[start : error.start + _BYTES_AROUND].hex(" ")
        return Spot(f"byte {error.start}", "not a character", (shown,), 3 * (error.start - start))
    return None


def _last_line(text: str) -> tuple[str, ...]:
    line = text.rpartition("\n")[2]
    return (_cut_around(line, len(line))[0],) if line else ()


def _cut_around(line: str, at: int) -> tuple[str, int]:
    """Return what stands around *at*, and where *at* is in it."""
    near = line[max(0, at - _MAX_CELLS) : at + _MAX_CELLS]
    is_wide = any(unicodedata.east_asian_width(each) in "WF" for each in near)
    limit = _MAX_CELLS // 2 if is_wide else _MAX_CELLS
    start = max(0, min(at - limit // 2, len(line) - limit))
    shown = line[start : start + limit]
    before, after = "…" if start else "", "…" if start + limit < len(line) else ""
    # One for one, so that the caret stays where it is. A terminal obeys some of these characters.
    visible = "".join(each if each.isprintable() else "·" if each not in "\t\r" else " " for each in shown)
    return f"{before}{visible}{after}", at - start + len(before)
