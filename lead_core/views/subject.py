"""The subject of a mail to an owner, and the line that an inbox shows under it: who waits, since when.

They name companies, and a person only if no company is known. A brief mail counts its leads, and names offers alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from lead_core.lead.actions import ActionCode
from lead_core.lead.delivery import Shown
from lead_core.lead.values import fold_text
from lead_core.views.card import Card, Detail
from lead_core.views.kind_words import KIND_WORDS, Topic
from lead_core.views.moments import describe_age, describe_when
from lead_core.views.safe_text import show_line, show_title
from lead_core.views.words import count, describe_action

_MAX_NAME_CHARACTERS = 50
_MAX_NEW_NAMED = 3
_MAX_OFFERS_NAMED = 2
_MAX_TEASER_CHARACTERS = 200
_MAX_TEASED = 3
_MAX_COMPARED_CHARACTERS = 200
_WAIT_FOR_NOTHING = frozenset({Topic.PLANNED, Topic.NEWS})
"""These customers were answered."""


def compose_subject(cards: Sequence[Card], *, more: int) -> str:
    """Return the subject of a mail about *cards*, which are in the order of the mail. *more* come in another mail."""
    last = [card for card in cards if card.is_last]
    topic = cards[0].topic
    first = last or [card for card in cards if card.topic is topic]
    others = [*_count_others([card for card in cards if card not in first]), *([f"{more} more later"] if more else [])]
    return "; ".join(filter(None, (_say_first(first, is_last=bool(last)), ", ".join(others))))


def _say_first(cards: Sequence[Card], *, is_last: bool) -> str:
    """Return what a subject begins with: the leads that matter most, by name."""
    topic = cards[0].topic
    if is_last:
        return f"LAST reminder: {_name_some(cards, 1)}"
    if topic is Topic.NOTICE:
        return _announce(cards)
    if topic is Topic.REMINDER:
        longest = max(cards, key=lambda card: card.facts.acted_ago)
        age = describe_age(longest.facts.acted_ago)
        begin = f"Waiting {age}" if age else KIND_WORDS[topic].named
        return f"{begin}: {_name_some([longest, *(card for card in cards if card is not longest)], 1)}"
    return f"{KIND_WORDS[topic].named}: {_name_some(cards, 1)}"


def _announce(cards: Sequence[Card]) -> str:
    """Return what a subject says of new leads."""
    if len(cards) > 1:
        named = _name_some(cards, _MAX_NEW_NAMED)
        return f"{len(cards)} new leads: {named}" if any(map(name_customer, cards)) else f"{len(cards)} new leads"
    card = cards[0]
    if card.detail is Detail.BARE:
        return "1 new lead"
    who, offer = name_customer(card) or "A customer", show_title(card.facts.offer, _MAX_NAME_CHARACTERS)
    said = f"{who} {_say_wish(card)}{f': {offer}' if offer else ''}"
    # A name in Hebrew or Arabic at the start would turn the whole line round.
    return f"New lead: {said}" if _runs_from_right(who) else said


def _say_wish(card: Card) -> str:
    match card.facts.shown.action_code:
        case ActionCode.CONTACT_ME:
            return "asks to be contacted"
        case ActionCode.START_TEST_DRIVE:
            return "started a test drive"
    return "shows interest"


def _name_some(cards: Sequence[Card], limit: int) -> str:
    """Return the first customers by name, and how many leads more there are."""
    names = [name_customer(card) for card in cards]
    shown = [*dict.fromkeys(filter(None, names))][:limit]
    others = sum(name not in shown for name in names)
    if not shown:
        return count(len(cards), "lead")
    return f"{', '.join(shown)} and {others} more" if others else ", ".join(shown)


def _count_others(cards: Sequence[Card]) -> Iterator[str]:
    topics = [card.topic for card in cards]
    for topic in dict.fromkeys(topics):
        one, several = KIND_WORDS[topic].next
        number = topics.count(topic)
        yield one if number == 1 else several.format(number)


def name_customer(card: Card) -> str:
    """Return a customer's company, or the person's name if no company is known. ``""`` if the mail names nobody."""
    if card.detail is Detail.BARE:
        return ""
    shown = card.facts.shown
    names = (show_title(name, _MAX_NAME_CHARACTERS) for name in (shown.company, shown.name))
    return next(filter(None, names), "")


def _runs_from_right(text: str) -> bool:
    """Whether the first letter of *text* belongs to a script that is written from right to left."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction for direction in directions if direction in {"L", "R", "AL"}), "L") != "L"


def tease(cards: Sequence[Card]) -> str:
    """Return the line under the subject: since when the customers wait, and what one of them did."""
    told = [card for card in cards if card.detail is Detail.FULL]
    told = [card for card in told if card.topic not in _WAIT_FOR_NOTHING] or told[:1]
    if len(told) == 1:
        text = _tell(told[0])
    else:
        text = "; ".join(
            f"{'since' if place else 'Since'} {_date(card)}: {name_customer(card) or 'a customer'}"
            for place, card in enumerate(told[:_MAX_TEASED])
        )
    return show_title(text, _MAX_TEASER_CHARACTERS)


def _tell(card: Card) -> str:
    facts = card.facts
    when = describe_when(facts.wished_at or facts.acted_at, facts.seen_at)
    did = f"{when}: {describe_action(facts.shown.action_code, facts.shown.source)}"
    how = facts.passing.sentence if card.topic is Topic.PASSED else facts.reopening.sentence.rstrip(".")
    return ". ".join(filter(None, (how, did if card.topic in _WAIT_FOR_NOTHING else f"Since {did}")))


def _date(card: Card) -> str:
    return describe_when(card.facts.acted_at, card.facts.seen_at)


def add_offers(headline: str, cards: Iterable[Card]) -> str:
    """Return the subject of a brief mail: *headline* counts its leads, and their offers are named."""
    offers = list_offers([card.facts.shown for card in cards if card.detail is not Detail.BARE])
    named, others = offers[:_MAX_OFFERS_NAMED], len(offers) - _MAX_OFFERS_NAMED
    if others > 0:
        return f"{headline}: {', '.join(named)} and {count(others, 'more offer')}"
    return f"{headline}: {' and '.join(named)}" if named else headline


def list_offers(leads: Sequence[Shown]) -> list[str]:
    """Return the names of the offers, each once. A title and an id that belong to one offer are one name."""
    ids = {_slug(shown.offer_title): shown.offer_id for shown in leads if shown.offer_title and shown.offer_id}
    titles: dict[str, str] = {}
    for shown in leads:
        key = shown.offer_id or ids.get(_slug(shown.offer_title), _slug(shown.offer_title))
        titles[key] = titles.get(key) or show_title(shown.offer_title, _MAX_NAME_CHARACTERS)
    known_ids = {shown.offer_id for shown in leads}
    names = (
        title or (show_title(key, _MAX_NAME_CHARACTERS) if key in known_ids else "") for key, title in titles.items()
    )
    return [*dict.fromkeys(filter(None, names))]


def _slug(title: str) -> str:
    """Return a title as an offer's id is usually made of it: ``contoso-crm`` for ``Contoso CRM``."""
    folded = fold_text(show_line(title, _MAX_COMPARED_CHARACTERS))
    return re.sub(r"\W+", "-", folded).strip("-") or folded
