"""Read JSON, and walk into it without losing the source text of its parts."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from lead_core.errors import RejectCode, UnreadableLeadError

_BLANKS = re.compile(r"[ \t\n\r]*")


class Members(list[tuple[str, object]]):
    """The members of a JSON object in their order, including repeated names."""


class Source(NamedTuple):
    """A JSON value and the text that it was read from."""

    value: object
    text: str


# ``NaN`` and ``Infinity`` are no JSON, but many programs write them for a value that they do not have.
_DECODER = json.JSONDecoder(object_pairs_hook=Members, parse_float=str, parse_constant=lambda _: None)


def parse_json(text: str) -> Source:
    """Read *text* as one JSON value.

    Raises: UnreadableLeadError (``not-json``, ``too-complex``).
    """
    text = text.removeprefix("\ufeff")
    try:
        return Source(_DECODER.decode(text), text)
    except json.JSONDecodeError as error:
        raise UnreadableLeadError(
            RejectCode.NOT_JSON,
            f"The body is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
        ) from error
    except (RecursionError, ValueError) as error:  # Python reads numbers up to 4,300 digits.
        raise UnreadableLeadError(
            RejectCode.TOO_COMPLEX, "The body is JSON, but a number in it is too long or it is nested too deeply."
        ) from error


def open_text(source: Source) -> Source:
    """Return what a JSON text inside JSON holds, read once. Anything else stays as it is."""
    text = source.value
    # A plain text costs no attempt.
    if isinstance(text, str) and text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        try:
            return parse_json(text)
        except UnreadableLeadError:
            pass  # It is not lost: the lead's Body keeps it.
    return source


def list_parts(source: Source) -> Iterator[tuple[str, Source]]:
    """Yield the members of an object with their names, or the elements of an array, each with its own text."""
    text, at = source.text, _skip_blanks(source.text, 0) + 1
    at = _skip_blanks(text, at)
    while text[at] not in "]}":
        name = ""
        if isinstance(source.value, Members):
            name, at = _DECODER.raw_decode(text, at)
            at = _skip_blanks(text, _skip_blanks(text, at) + 1)  # over the colon
        value, end = _DECODER.raw_decode(text, at)
        yield name, Source(value, text[at:end])
        at = _skip_blanks(text, end)
        if text[at] == ",":
            at = _skip_blanks(text, at + 1)


def _skip_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    assert blanks  # It matches no blanks, too.
    return blanks.end()
