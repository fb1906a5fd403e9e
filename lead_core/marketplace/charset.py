"""Which characters the bytes of a body stand for. A text that was read can be written as the same bytes again."""

import codecs
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lead_core.errors import RejectCode, UnreadableLeadError

_DECLARED = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KNOWN: Final = (
    "big5", "cp", "euc", "gb", "hz", "iso2022", "iso8859", "johab", "koi8", "kz1048", "mac", "ptcp154",
    "shift_jis", "tis", "utf-16-", "utf-32-",
)  # fmt: skip
"""How the names of the character sets begin. Python has other codecs, which compress, escape, or take long."""
_WINDOWS: Final = "windows-1252"
_WRITTEN_AS: Final = {
    "ascii": _WINDOWS, "iso8859-1": _WINDOWS, "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949",
}  # fmt: skip
"""What programs write under the name of a smaller set, as browsers know. https://encoding.spec.whatwg.org"""
_GUESSES: Final = (_WINDOWS, "iso8859-1")
"""The second takes the five bytes that the first does not have."""

# No JSON text has these unescaped. So a text with one was read in a wrong character set.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Text:
    """A body as text."""

    text: str
    """With its byte order mark, if it has one."""
    charset: str
    """``utf-8``, ``utf-16-le``, ``windows-1252``."""
    is_guessed: bool = False
    """Whether nothing said what the character set is."""


def parse_charset(content_type: str) -> str:
    """Read the character set that a ``Content-Type`` declares. ``""`` if it declares none, or an unknown one."""
    declared = _DECLARED.search(content_type[:500])
    return find_charset(declared[1]) if declared else ""


def find_charset(name: str) -> str:
    """Return the one name of a character set. ``""`` for UTF-8, which is tried anyway, and for an unknown one."""
    try:
        known = codecs.lookup(re.sub("^x-", "", name, flags=re.IGNORECASE)).name  # ``x-sjis``
    except (LookupError, ValueError):
        return ""
    known = _WRITTEN_AS.get(known, known)
    known = re.sub(r"^cp(?=125\d$)", "windows-", known)
    return known if known.startswith((*_KNOWN, "windows-")) else ""


def decode_text(body: bytes, declared: str = "") -> Text:
    """Read *body* as UTF-8, else as it is marked or declared. The last guess is Windows-1252.

    Raises: UnreadableLeadError (``not-utf-8``) for bytes that are no text.
    """
    for charset in filter(None, dict.fromkeys(("utf-8", _find_mark(body), declared))):
        text = _decode(body, charset)
        if text is not None and not _CONTROLS.search(text):
            return Text(text, charset)
    try:
        return Text(body.decode(), "utf-8")  # The JSON parser says where its control character is.
    except UnicodeDecodeError as error:
        text, charset = next((text, each) for each in _GUESSES if (text := _decode(body, each)) is not None)
        if _CONTROLS.search(text):
            raise UnreadableLeadError(
                RejectCode.NOT_UTF8,
                f"The body is not text: byte {error.start} does not fit UTF-8, and no other character set fits. "
                "Send it as UTF-8.",
            ) from error
        return Text(text, charset, is_guessed=True)


def encode_text(text: str, charset: str) -> bytes:
    """Write *text* so that `decode_text` reads it again: in *charset* if that can be, else in UTF-8."""
    with suppress(LookupError, UnicodeError, UnreadableLeadError):
        body = text.encode(charset)
        if decode_text(body, charset).text == text:
            return body
    return text.encode("utf-8", "replace")


def _decode(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except (LookupError, UnicodeError):
        return None


def _find_mark(body: bytes) -> str:
    """Return the character set that a byte order mark names. Without one, see where JSON's first letters have zeros."""
    marked = next((charset for mark, charset in _MARKS if body.startswith(mark)), "")
    return marked or json.detect_encoding(body)
