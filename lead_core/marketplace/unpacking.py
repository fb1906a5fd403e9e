"""Unpack a body that was sent with a ``Content-Encoding``."""

import re
import zlib
from typing import Final

from lead_core.errors import RejectCode, UnreadableLeadError

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
# Many programs send deflate without its header. https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
_FORMS: Final = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}
_STARTS_OF_JSON = re.compile(rb'[\x20\t\r\n]*[{["\xef\xff\xfe\x00]')


def unpack(body: bytes, content_encoding: str, *, limit: int) -> bytes:
    """Return *body* without its packing. Stop as soon as it has more than *limit* bytes.

    Raises: UnreadableLeadError (``unknown-encoding``, ``broken-encoding``, ``too-large``).
    """
    codings = [
        coding for each in content_encoding.lower().split(",") if (coding := each.strip()) not in {"", "identity"}
    ]
    if not codings or not body:
        return body
    if len(codings) > 1 or codings[0] not in _FORMS:
        raise UnreadableLeadError(
            RejectCode.UNKNOWN_ENCODING,
            "The Content-Encoding is not known here. Send the body as it is, or with gzip or deflate alone.",
        )
    unpacked = next((found for form in _FORMS[codings[0]] if (found := _inflate(body, form, limit)) is not None), None)
    if unpacked is None and _STARTS_OF_JSON.match(body):
        return body  # A server on the way unpacked it and left the header.
    if unpacked is None:
        raise UnreadableLeadError(
            RejectCode.BROKEN_ENCODING,
            f"The Content-Encoding says {codings[0]}, but the body cannot be unpacked. Send it again, or unpacked.",
        )
    if len(unpacked) > limit:
        raise UnreadableLeadError(
            RejectCode.TOO_LARGE, f"Unpacked, the body has more than {limit // 1024} KiB. That is no lead."
        )
    return unpacked


def _inflate(body: bytes, form: int, limit: int) -> bytes | None:
    """Return at most one byte more than *limit*. None if *body* is broken or has another form."""
    unpacked = b""
    while body and len(unpacked) <= limit:
        part = zlib.decompressobj(form)
        try:
            unpacked += part.decompress(body, limit + 1 - len(unpacked))
        except zlib.error:
            return None
        if not part.eof and len(unpacked) <= limit:
            return None
        body = part.unused_data
        if body and form != _GZIP and len(unpacked) <= limit:
            return None  # Only gzip may have several parts. Some JSON begins like deflate.
    return unpacked
