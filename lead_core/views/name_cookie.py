"""The cookie that remembers who answers from a shared mailbox. It holds the name that they typed, and nothing else.

https://www.rfc-editor.org/rfc/rfc6265
"""

from datetime import timedelta
from urllib.parse import quote, unquote

from lead_core.lead.who import clean_name
from lead_core.views.safe_text import calm

COOKIE = "follow-up-name"
KEPT_FOR = timedelta(days=180)
_MAX_HEADER_CHARACTERS = 16_384
_MAX_VALUE_CHARACTERS = 1_000
"""60 characters of four bytes each, three signs a byte, and some."""


def read_name(header: str) -> str:
    """Return the name in a ``Cookie`` header. A browser may send anything there."""
    for part in header[:_MAX_HEADER_CHARACTERS].split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return clean_name(calm(unquote(value.strip('"')[:_MAX_VALUE_CHARACTERS], errors="replace")))
    return ""


def write_name(name: str, *, is_https: bool) -> str:
    """Return the ``Set-Cookie`` header that remembers *name*. ``""`` makes the browser forget it."""
    seconds = int(KEPT_FOR.total_seconds()) if name else 0
    value = quote(name.encode("utf-8", "replace"), safe="")
    secure = "; Secure" if is_https else ""
    return f"{COOKIE}={value}; Path=/api/follow-up; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
