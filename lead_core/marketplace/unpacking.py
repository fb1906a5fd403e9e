"""Unpack a body that was sent with a ``Content-Encoding``."""

import re
import zlib
from typing import Final

from lead_core.errors import RejectCode, UnreadableLeadError

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
# Many programs send deflate without its header. https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
_FORMS: Final = {"gzip": (_GZIP, _ZLIB), "x-gzip": (_GZIP, _ZLIB), "deflate": (_ZLIB, _RAW, _GZIP)}
"""The forms that come under each name. Some programs mix the names up, but no body has two of the forms."""
_NO_CODINGS: Final = {"", "identity", "utf-8", "utf8", "none"}
"""Many programs write the character set here by mistake."""
_MAX_PARTS: Final = 10
"""Gzip may have several parts. A hostile body has many that hold nothing, and each costs time."""
_STARTS_OF_JSON = re.compile(rb'[\x20\t\r\n]*[{["\xef\xff\xfe\x00]')


def unpack(body: bytes, content_encoding: str, *, limit: int) -> bytes:
    """Return *body* without its packing. Stop as soon as it has more than *limit* bytes.

    Raises: UnreadableLeadError (``unknown-encoding``, ``broken-encoding``, ``too-large``).
    """
    codings = [coding for each in content_encoding.lower().split(",") if (coding := each.strip()) not in _NO_CODINGS]
    if not codings or not body:
        return body
    if len(codings) > 1 or codings[0] not in _FORMS:
        raise UnreadableLeadError(
            RejectCode.UNKNOWN_ENCODING,
            "The Content-Encoding is not known here. Send the body as it is, or with gzip or deflate alone.",
        )
    if len(body) > limit:
        raise _too_large(limit)
    unpacked = next((found for form in _FORMS[codings[0]] if (found := _inflate(body, form, limit)) is not None), None)
    if unpacked is None and _STARTS_OF_JSON.match(body):
        return body  # A server on the way unpacked it and left the header.
    if unpacked is None:
        raise UnreadableLeadError(
            RejectCode.BROKEN_ENCODING,
            f"The Content-Encoding says {codings[0]}, but the body cannot be unpacked. Send it again, or unpacked.",
        )
    if len(unpacked) > limit:
        raise _too_large(limit)
    return unpacked


def _too_large(limit: int) -> UnreadableLeadError:
    return UnreadableLeadError(
        RejectCode.TOO_LARGE, f"Unpacked, the body has more than {limit // 1024} KiB. That is no lead."
    )


def _inflate(body: bytes, form: int, limit: int) -> bytes | None:
    """Return at most one byte more than *limit*. None if *body* is broken or has another form."""
    unpacked = b""
    for _ in range(_MAX_PARTS if form == _GZIP else 1):
        part = zlib.decompressobj(form)
        try:
            unpacked += part.decompress(body, limit + 1 - len(unpacked))
        except zlib.error:
            return None
        rest = part.unused_data.strip(b"\0") if form == _GZIP else part.unused_data  # Some fill up a block.
        if len(unpacked) > limit or (part.eof and not rest):
            return unpacked
        if not part.eof:
            return None
        body = part.unused_data
    return None  # Some JSON begins like deflate, but does not end like it.
