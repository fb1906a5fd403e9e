"""Mails in plain text, readable in a narrow window and in every script."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from lead_core.views.card import CardWords
from lead_core.views.drafts import Draft
from lead_core.views.safe_text import Excerpt
from lead_core.views.words import NO_REPLIES

TEXT_COLUMNS = 72

# Lines may break around each Chinese, Japanese or Korean character. Other words and links stay whole.
_WIDE = (
    "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
)
_PIECES = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}]+")


def write_text(*blocks: Iterable[str]) -> str:
    """Return all paragraphs of *blocks* as one text, with a blank line between any two."""
    return "\n\n".join(paragraph for block in blocks for paragraph in block) + "\n"


def write_group(heading: str, cards: Sequence[CardWords]) -> Iterator[str]:
    """Return the paragraphs of the leads under one heading."""
    yield heading.upper()
    for number, card in enumerate(cards):
        yield from ["-" * TEXT_COLUMNS] if number else []
        yield from filter(None, _write_card(card))


def write_closing(sentences: Sequence[str], complaint: str, reasons: Sequence[str], my_leads: str) -> Iterator[str]:
    """Return the paragraphs under the leads: *sentences*, then *complaint* with its *reasons*, then what each mail has.

    *my_leads* is the page with all open leads of the reader.
    """
    yield "-" * TEXT_COLUMNS
    yield from (write_paragraph(sentence) for sentence in sentences)
    if complaint:
        yield write_paragraph(complaint)
        yield _join(line for reason in reasons for line in wrap(reason, first="- ", indent="  "))
    yield from write_ending(my_leads)


def write_ending(my_leads: str) -> Iterator[str]:
    """Return the last paragraphs of a mail."""
    yield write_my_leads(my_leads)
    yield write_paragraph(NO_REPLIES)


def write_my_leads(link: str) -> str:
    """Return the paragraph that leads to all open leads of the reader."""
    return f"All your open leads:\n{link}"


def write_paragraph(*texts: str) -> str:
    """Return one paragraph. Each of *texts* begins on its own line."""
    return _join(line for text in texts for line in wrap(text))


def _write_card(card: CardWords) -> Iterator[str]:
    """Return the paragraphs of one lead. Some may be empty."""
    lead = card.lead
    did = f"{lead.offer}: {lead.action[:1].lower()}{lead.action[1:]}" if lead.offer else lead.action
    yield write_paragraph(lead.name, " · ".join(card.about), " ".join(card.opening), did, f"{card.wait} {card.state}")
    yield from (_join(wrap(warning, first="! ", indent="  ")) for warning in card.warnings)
    yield from write_quote(card.quote)
    yield _join(_write_note(card))
    if card.quote.is_cut or card.note.is_cut:
        yield f"Read all:\n{card.link}"
    yield from write_others(card.others)
    call = wrap(lead.phone, first="Call:  ", indent="       ")
    write = wrap(lead.email, first="Write: ", indent="       ")
    yield _join([*call, *write])
    yield f"{card.button}:\n{card.link}\n{write_paragraph(card.other_ways)}"
    if lead.draft:
        other = f" ({lead.draft_language}, and on the page in other languages)" if lead.draft_language else ""
        yield f"A draft of an answer{other}:"
        yield _write_letter(lead.draft)


def write_quote(quote: Excerpt) -> Iterator[str]:
    """Return what a customer wrote as a paragraph, if they wrote anything."""
    if quote.lines:
        yield _join(line for text in quote.lines for line in wrap(text, first="> ", indent="> ") or [">"])


def write_others(others: Sequence[str]) -> Iterator[str]:
    """Return what a customer did on other offers as a paragraph, if they did anything."""
    if others:
        yield _join(line for other in others for line in wrap(other, first="Also: ", indent="  "))


def _write_note(card: CardWords) -> Iterator[str]:
    first = f"{card.note_label}: "
    for text in card.note.lines:
        yield from wrap(text, first=first, indent="  ") or [""]
        first = "  "


def _write_letter(draft: Draft) -> str:
    lines = f"Subject: {draft.subject}\n\n{draft.body}".split("\n")
    return _join(wrapped for line in lines for wrapped in _indent(line) or [""])


def _indent(line: str) -> list[str]:
    quotes = line.startswith("> ")
    return wrap(line, first="    ", indent="    > " if quotes else "    ")


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def wrap(text: str, *, first: str = "", indent: str = "") -> list[str]:
    """Break *text* into lines of `TEXT_COLUMNS`, the first after *first*, the others after *indent*."""
    lines: list[str] = []
    line, used, start = first, len(first), len(first)
    for piece in _PIECES.findall(text.strip()):
        width = count_columns(piece)
        if used > start and used + width > TEXT_COLUMNS and not piece.isspace():
            lines.append(line.rstrip())
            line, used, start = indent, len(indent), len(indent)
        line, used = line + piece, used + width
    return [*lines, line.rstrip()] if text.strip() else []


def count_columns(text: str) -> int:
    """Return how wide *text* is in a fixed-width font."""
    return sum(
        0 if unicodedata.category(c) in {"Mn", "Me", "Cf"} else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
