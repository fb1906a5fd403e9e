"""Drafts of answers: short letters that a salesperson sends as they are, or changes first."""

import unicodedata
from typing import NamedTuple

from lead_core.views.action_words import find_action_words
from lead_core.views.safe_text import show_title

OUR_OFFER = "our offer on Microsoft's marketplace"
"""What an offer without a title is called, to a customer."""

_MAX_FIRST_NAME_CHARACTERS = 40
_MAX_OFFER_CHARACTERS = 50


class Draft(NamedTuple):
    """A letter without a signature: the salesperson's own mail program adds theirs."""

    subject: str
    body: str


def draft_first_answer(*, code: str, first_name: str, offer: str) -> Draft:
    """Return a first answer to a customer: thanks, help, and one question."""
    offer, words = _name_offer(offer), find_action_words(code)
    return Draft(
        f"Your interest in {offer}", _write_letter(first_name, words.thanks.format(offer=offer), words.question)
    )


def draft_next_answer(*, first_name: str, offer: str) -> Draft:
    """Return a letter to a customer who was answered before."""
    offer = _name_offer(offer)
    opening = f"I am getting back to you about {offer}."
    return Draft(f"Following up on {offer}", _write_letter(first_name, opening, "How can I help you further?"))


def _name_offer(offer: str) -> str:
    return show_title(offer, _MAX_OFFER_CHARACTERS) or OUR_OFFER


def _write_letter(first_name: str, opening: str, question: str) -> str:
    name = show_title(first_name, _MAX_FIRST_NAME_CHARACTERS)
    # Some people enter an address or a slogan as their name. Then no name is better.
    is_name = name and " ." not in name and all(map(_fits_a_name, name))
    greeting = f"Hello {name}," if is_name else "Hello,"
    return f"{greeting}\n\n{opening}\n\n{question}\n\nBest regards"


def _fits_a_name(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or character in " .'\u2019-\u00b7"
