"""Make a customer's text safe to look at. Every such text goes through here before a person sees it."""

import re
import unicodedata
from typing import NamedTuple

from lead_core.lead.values import clean_line, clean_text, shorten

# Embeddings, overrides and isolates reverse the text around them. Fillers, tags and the like hide text.
_HIDDEN = re.compile(
    "[\u202a-\u202e\u2066-\u206f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
_HELPS = "[\u200c-\u200f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
"""Joiners, marks of direction and variants. One helps to read Persian, Hebrew, Japanese and emoji. More hide text."""
_HELPERS, _MORE_HELPERS = re.compile(_HELPS), re.compile(f"(?<={_HELPS}){_HELPS}+")
_MAX_MARKS_ON_A_LETTER = 4
"""Tibetan and Vietnamese need three. More run over the lines above and below."""

_LONGEST_WORD = 30
"""Longer ones are cut, and so are Chinese and Japanese texts, which have no blanks."""

_DOT = "[.\u3002\uff0e\uff61\u2024]"
_URL = re.compile(
    rf"[:\uff1a][/\uff0f\\\\]{{2}}|^\W*([/\\\\]{{2}}|www\d?{_DOT})"
    rf"|{_DOT}[^\W\d_]{{2,}}[/\uff0f?#\\\\]|\d{_DOT}\d+{_DOT}\d+{_DOT}\d+[/:]",
    re.IGNORECASE,
)
"""What shows that a word is a URL."""
_DOT_OF_A_DOMAIN = re.compile("(?<=\\w)([.\uff0e\u2024](?=[^\\W\\d_]{2})|[\u3002\uff61](?=[A-Za-z]{2}))")
"""Before a word in another script, the Chinese and Japanese full stop ends a sentence."""


def calm(text: str) -> str:
    """Return *text* without characters that reverse or hide text, or pile up on a letter."""
    return _MORE_HELPERS.sub("", _thin_out(_HIDDEN.sub("", text)))


def show_line(text: str, limit: int) -> str:
    """Return *text* on one line of at most *limit* characters."""
    return shorten(clean_line(calm(text)), limit)


def show_title(text: str, limit: int) -> str:
    """Return *text* for a subject or a letter, where it must not become a link, and nothing in it is invisible.

    URLs are left out, and a blank stands before a domain's dots: ``Klinik http://evil.example`` is ``Klinik``, and
    ``evil.com`` is ``evil .com``. The page shows the whole text.
    """
    words = clean_line(_HELPERS.sub("", calm(text))).split()
    return shorten(_DOT_OF_A_DOMAIN.sub(" .", " ".join(word for word in words if not _URL.search(word))), limit)


class Excerpt(NamedTuple):
    """The lines of a text as far as they are shown."""

    lines: tuple[str, ...]
    is_cut: bool
    """Whether there is more. Then the last line ends with ``…``."""


def show_text(text: str, limit: int, *, max_lines: int = 40) -> tuple[str, ...]:
    """Return the lines of *text*, cut with ``…``. Several blank lines become one."""
    return show_excerpt(text, limit, max_lines=max_lines).lines


def show_excerpt(text: str, limit: int, *, max_lines: int) -> Excerpt:
    """Return the lines of *text* as `show_text` does, and whether it was cut. It ends at a word if it has words."""
    whole = re.sub(r"\n[ \t]*(\n[ \t]*)+", "\n\n", clean_text(calm(text)))
    lines = end_at_word(whole, limit).splitlines()
    if len(lines) > max_lines:
        return Excerpt((*lines[: max_lines - 1], "…"), is_cut=True)
    return Excerpt(tuple(lines), is_cut=len(whole) > limit)


def end_at_word(text: str, limit: int) -> str:
    """Cut *text* to *limit* characters, at the end of a word. A text without blanks near there is cut anywhere."""
    if len(text) <= limit:
        return text
    kept, nearest = text[: limit - 1], max(0, limit - _LONGEST_WORD)
    if not text[limit - 1].isspace():
        last_blank = max(kept.rfind(blank) for blank in " \n\t")
        kept = kept[:last_blank] if last_blank > nearest else kept
    return f"{kept.rstrip()}…"


def _thin_out(text: str) -> str:
    """Return *text* with no more marks on a letter than a script needs."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else marks if category == "Cf" else 0
        if marks <= _MAX_MARKS_ON_A_LETTER:
            kept.append(character)
    return "".join(kept)
