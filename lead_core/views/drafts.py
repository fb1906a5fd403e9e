"""Drafts of answers: short letters that a salesperson sends as they are, or changes first."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lead_core.views.draft_files import (
    AGAIN,
    ANY,
    FOLLOW_UP,
    LAST,
    DraftName,
    DraftText,
    count_in_link,
    fill_in,
    read_our_drafts,
)
from lead_core.views.languages import Language, find_language
from lead_core.views.names import write_name
from lead_core.views.safe_text import show_excerpt, show_title

OUR_OFFER: Final[Mapping[Language, str]] = {
    Language.ENGLISH: "our offer on Microsoft's marketplace",
    Language.GERMAN: "unserem Angebot im Microsoft Marketplace",
    Language.FRENCH: "notre offre sur la place de marché Microsoft",
    Language.SPANISH: "nuestra oferta en el marketplace de Microsoft",
    Language.PORTUGUESE: "nossa oferta no marketplace da Microsoft",
    Language.JAPANESE: "弊社製品",
    Language.CHINESE: "我们的产品",
}
"""What an offer without a title is called, to a customer. In German, it is a dative: our drafts need no other case."""

_MAX_NAME_CHARACTERS = 40
_MAX_SENDER_CHARACTERS = 60
_MAX_OFFER_CHARACTERS, _SHORT_OFFER_CHARACTERS = 50, 20
_MAX_QUOTE_CHARACTERS, _MIN_QUOTE_CHARACTERS = 400, 20
_MAX_QUOTE_LINES = 8
_MAX_LINK_CHARACTERS = 1_600
"""Windows opens no mail from a link of more than some 2,000 characters, and an address may take 300 of them."""


class Draft(NamedTuple):
    """A letter. Its signature is a name at most: the salesperson's own mail program adds theirs."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why a customer is written to, and what is known of them. ``""`` is unknown."""

    code: str = ""
    """What they did."""
    attempt: int = 1
    """Which attempt to reach them it is."""
    asks_again: bool = False
    """Whether they ask again after an answer, or after they got none."""
    was_answered: bool = False
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    offer: str = ""
    wrote: str = ""
    """What they wrote."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """All drafts: the publisher's own, and ours for what they have none."""

    own: Mapping[DraftName, DraftText] = field(default_factory=dict)
    booking_link: str = ""
    attempts: int = 0
    """How many attempts are planned. 0 is: as many as it takes."""

    def write(self, occasion: Occasion, *, language: Language | None = None, sender: str = "") -> Draft:
        """Return the draft for *occasion*, in the language of the customer's country unless another one is named."""
        language = language or find_language(occasion.country)
        values = {
            "first_name": _show_name(occasion.first_name),
            "last_name": _show_name(occasion.last_name),
            "offer": show_title(occasion.offer, _MAX_OFFER_CHARACTERS) or OUR_OFFER[language],
            "sender": show_title(sender, _MAX_SENDER_CHARACTERS),
            "booking_link": self.booking_link,
        }
        text = self._find(language, occasion.code, self._name_attempt(occasion))
        *longer, shortest = _list_from_long_to_short(text, values, occasion.wrote, OUR_OFFER[language])
        return next((draft for draft in longer if count_in_link(*draft) <= _MAX_LINK_CHARACTERS), shortest)

    def _name_attempt(self, occasion: Occasion) -> str:
        if occasion.was_answered:
            return FOLLOW_UP
        if occasion.attempt == 1:
            return AGAIN if occasion.asks_again else "1"
        return LAST if 0 < self.attempts <= occasion.attempt else str(occasion.attempt)

    def _find(self, language: Language, code: str, attempt: str) -> DraftText:
        """Return the draft of an attempt, or that of the attempt before if it has none."""
        ours = read_our_drafts(language)
        for texts in (self.own, ours):
            for action in (code, ANY):
                if found := texts.get(DraftName(language, action, attempt)):
                    return found
        return self._find(language, code, str(int(attempt) - 1))


OUR_DRAFTS: Final = Drafts()
"""Ours alone, without a link to book a call."""


def _list_from_long_to_short(text: DraftText, values: Mapping[str, str], wrote: str, our_offer: str) -> Iterator[Draft]:
    """Return the letter with all that is known, and then with less. The last one always fits into a link."""
    placed = _write(text, values | {"wrote": ">"})
    quote = _quote(wrote, _MAX_LINK_CHARACTERS - count_in_link(*placed)) if "{wrote}" in text.body else ""
    yield _write(text, values | {"wrote": quote})
    short = our_offer if values["offer"] == our_offer else show_title(values["offer"], _SHORT_OFFER_CHARACTERS)
    yield _write(text, values | {"wrote": "", "offer": short})
    yield _write(text, dict.fromkeys(values, "") | {"wrote": "", "offer": our_offer})


def _write(text: DraftText, values: Mapping[str, str]) -> Draft:
    return Draft(*(fill_in(part, values) for part in text))


def _show_name(text: str) -> str:
    """Return a name, or ``""``: some people enter an address or a slogan as their name. Then no name is better."""
    name = write_name(show_title(text, _MAX_NAME_CHARACTERS))
    return name if " ." not in name and all(map(_fits_a_name, name)) else ""


def _quote(wrote: str, room: int) -> str:
    """Return what a customer wrote as lines of a letter, of at most *room* characters in a link."""
    limit, lines = _MAX_QUOTE_CHARACTERS, show_excerpt(wrote, _MAX_QUOTE_CHARACTERS, max_lines=_MAX_QUOTE_LINES).lines
    while limit >= _MIN_QUOTE_CHARACTERS:
        shown = [show_title(line, limit) for line in lines]
        quote = "\n".join(f"> {line}".rstrip() for line in shown)
        if not any(line.strip("…") for line in shown):
            return ""
        if count_in_link(quote) <= room:
            return quote
        limit = limit * 2 // 3
        lines = show_excerpt("\n".join(lines), limit, max_lines=_MAX_QUOTE_LINES).lines
    return ""


def _fits_a_name(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or character in " .'\u2019-\u00b7"
