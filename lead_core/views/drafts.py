"""Drafts of answers: short letters that a salesperson sends as they are, or changes first."""

import unicodedata
from typing import NamedTuple
from urllib.parse import quote as quote_for_link

from lead_core.views.action_words import find_action_words
from lead_core.views.names import write_name
from lead_core.views.safe_text import show_excerpt, show_title

OUR_OFFER = "our offer on Microsoft's marketplace"
"""What an offer without a title is called, to a customer."""

_MAX_FIRST_NAME_CHARACTERS = 40
_MAX_OFFER_CHARACTERS = 50
_MAX_QUOTE_CHARACTERS, _MIN_QUOTE_CHARACTERS = 400, 20
_MAX_QUOTE_LINES = 8
_MAX_ENCODED_CHARACTERS = 1_600
"""Windows opens no mail from a link of more than some 2,000 characters, and an address may take 300 of them."""


class Draft(NamedTuple):
    """A letter without a signature: the salesperson's own mail program adds theirs."""

    subject: str
    body: str


def draft_first_answer(*, code: str, first_name: str, offer: str, wrote: str = "") -> Draft:
    """Return a first answer to a customer: thanks, help, what they *wrote*, and one question."""
    offer, words = _name_offer(offer), find_action_words(code)
    subject, opening = f"Your interest in {offer}", words.thanks.format(offer=offer)
    return _write_draft(subject, first_name, opening, words.question, wrote)


def draft_answer_again(*, first_name: str, offer: str, wrote: str = "") -> Draft:
    """Return a letter to a customer who asks again after an answer, or after they got none."""
    offer = _name_offer(offer)
    opening = f"Thank you for getting in touch again about {offer}."
    return _write_draft(f"Your request about {offer}", first_name, opening, "When would a short call suit you?", wrote)


def draft_next_answer(*, first_name: str, offer: str, wrote: str = "") -> Draft:
    """Return a letter to a customer who was answered before."""
    offer = _name_offer(offer)
    opening = f"I am getting back to you about {offer}."
    return _write_draft(f"Following up on {offer}", first_name, opening, "How can I help you further?", wrote)


def _name_offer(offer: str) -> str:
    return show_title(offer, _MAX_OFFER_CHARACTERS) or OUR_OFFER


def _write_draft(subject: str, first_name: str, opening: str, question: str, wrote: str) -> Draft:
    name = write_name(show_title(first_name, _MAX_FIRST_NAME_CHARACTERS))
    # Some people enter an address or a slogan as their name. Then no name is better.
    is_name = name and " ." not in name and all(map(_fits_a_name, name))
    before = f"{f'Hello {name},' if is_name else 'Hello,'}\n\n{opening}"
    after = f"{question}\n\nBest regards"
    room = _MAX_ENCODED_CHARACTERS - _count_encoded(f"{subject}{before}{after}")
    quote = _quote(wrote, room)
    return Draft(subject, f"{before}\n\n{quote}{after}")


def _quote(wrote: str, room: int) -> str:
    """Return what a customer wrote as a paragraph of a letter, of at most *room* characters in a link."""
    limit, lines = _MAX_QUOTE_CHARACTERS, show_excerpt(wrote, _MAX_QUOTE_CHARACTERS, max_lines=_MAX_QUOTE_LINES).lines
    while limit >= _MIN_QUOTE_CHARACTERS:
        shown = [show_title(line, limit) for line in lines]
        quote = "".join(f"> {line}".rstrip() + "\n" for line in shown)
        quote = f"You wrote:\n{quote}\n" if any(line.strip("…") for line in shown) else ""
        if _count_encoded(quote) <= room:
            return quote
        limit = limit * 2 // 3
        lines = show_excerpt("\n".join(lines), limit, max_lines=_MAX_QUOTE_LINES).lines
    return ""


def _count_encoded(text: str) -> int:
    """Return how long *text* is as a part of a link."""
    return len(quote_for_link(text.replace("\n", "\r\n"), safe=""))


def _fits_a_name(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or character in " .'\u2019-\u00b7"
