"""Text as a mail can hold it."""

import re

_NOT_FOR_HEADERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST_HEADER = 500


def clean_header(text: str) -> str:
    """Return *text* on one line, cut to what a header can hold. What looks like an encoded word is not decoded."""
    line = " ".join(_NOT_FOR_HEADERS.sub(" ", text).split()).replace("=?", "= ?")
    return line if len(line) <= _LONGEST_HEADER else line[: _LONGEST_HEADER - 1] + "…"


def clean_body(text: str) -> str:
    """Return *text* without half surrogate pairs, which cannot be encoded."""
    return text.encode("utf-8", "replace").decode("utf-8")
