"""Make a customer's text safe to look at. Every such text goes through here before a person sees it."""

import re

from lead_core.lead.values import clean_line, clean_text, shorten

# Embeddings, overrides and isolates: they reverse the text around them. Marks that only help to read stay.
_TURNS_AROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")


def calm(text: str) -> str:
    """Return *text* without the control characters that reverse the text around them."""
    return _TURNS_AROUND.sub("", text)


def show_line(text: str, limit: int) -> str:
    """Return *text* on one line of at most *limit* characters."""
    return shorten(clean_line(calm(text)), limit)


def show_text(text: str, limit: int, *, max_lines: int = 40) -> tuple[str, ...]:
    """Return the lines of *text*, cut with ``…``. Several blank lines become one."""
    whole = re.sub(r"\n[ \t]*(\n[ \t]*)+", "\n\n", clean_text(calm(text)))
    lines = shorten(whole, limit).splitlines()
    return (*lines[: max_lines - 1], "…") if len(lines) > max_lines else tuple(lines)
