"""The mail to an owner: what waits for them, in what order, and how much of it fits.

Gmail cuts off a mail at some 100 KB, so texts are bounded. Leads that would not fit are shown briefly: the page has the
rest.
"""

from dataclasses import dataclass, replace
from itertools import groupby

from lead_core.lead.values import LeadKey
from lead_core.messages import Mail
from lead_core.views.card import Card, CardWords, Detail, find_warnings
from lead_core.views.kind_words import KIND_WORDS
from lead_core.views.plain_text import write_closing, write_group, write_paragraph, write_text
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_line, show_title
from lead_core.views.unanswered import UnansweredList, UnansweredListWords, write_unanswered_list
from lead_core.views.words import count

MAX_HTML_BYTES = 98_000

_MAX_QUOTE_CHARACTERS = 1_200
_MAX_QUOTES_CHARACTERS = 10_000
_MAX_OFFERS_IN_SUBJECT = 2
_MAX_TEASER_CHARACTERS = 200
_MAX_DAMAGED_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one mail tells its owner. The cards are in the order in which they are shown."""

    id: str
    sender: str
    to: str
    escalate_to: str
    """Who is told if nobody answers after the last reminder, ``""`` if it is the reader."""
    cards: tuple[Card, ...]
    more: int
    """How many more leads are due and come in the next mail."""
    rejected: tuple[tuple[str, int], ...]
    """Why notifications could not be read, and how many for each reason. For the default owner alone."""
    unanswered: UnansweredList
    """The leads that were never answered: the owner's, or all of them for the default owner."""
    damaged: tuple[LeadKey, ...] = ()
    """The leads whose rows were damaged and could not be rebuilt. For the default owner alone."""
    is_brief: bool
    """Whether the mail may show only name, company and link."""
    hours_apart: int = 0
    """How long after this mail the next one comes, if it is as full."""
    is_unusual: bool = False
    """Whether there are more leads than usual, as after posts by someone else."""
    many_mails: int = 0
    """How many mails the owner had within a day, if the rest is gathered because of that. Otherwise 0."""


def compose_digest(digest: Digest) -> Mail:
    """Return the mail to one owner. Its subject names counts and offers, never a person."""
    number = 0 if digest.is_brief else len(digest.cards)
    mail = _compose(digest, _write_cards(digest, in_full=number))
    while number and len(mail.html.encode()) > MAX_HTML_BYTES:
        # The cards that matter most come first.
        number = number * 4 // 5
        mail = _compose(digest, _write_cards(digest, in_full=number))
    if len(mail.html.encode()) > MAX_HTML_BYTES and digest.unanswered.leads:
        return compose_digest(replace(digest, unanswered=digest.unanswered.without_names()))
    return mail


def _write_cards(digest: Digest, *, in_full: int) -> list[CardWords]:
    """Return the cards in words. Only the first *in_full* may say all."""
    quote_limit = min(_MAX_QUOTE_CHARACTERS, _MAX_QUOTES_CHARACTERS // max(1, len(digest.cards)))
    return [
        CardWords.bare(card, _warn(card, digest))
        if card.detail is Detail.BARE
        else CardWords.of(card, _warn(card, digest), quote_limit=quote_limit)
        if card.detail is Detail.FULL and place < in_full
        else CardWords.brief(card, _warn(card, digest))
        for place, card in enumerate(digest.cards)
    ]


def _warn(card: Card, digest: Digest) -> tuple[str, ...]:
    return tuple(find_warnings(card, escalate_to=digest.escalate_to, is_brief=digest.is_brief))


def _compose(digest: Digest, cards: list[CardWords]) -> Mail:
    headline = _count_up(digest) or "Nothing waits for you"
    groups = [(KIND_WORDS[kind].heading, list(group)) for kind, group in groupby(cards, key=lambda card: card.kind)]
    closing, complaint, reasons = _close(digest), _complain(digest), _list_reasons(digest)
    unanswered = UnansweredListWords.of(digest.unanswered, is_brief=digest.is_brief)
    subject = _compose_subject(headline, digest)
    html = render(
        "digest",
        subject=subject,
        preheader=_tease(cards),
        headline=headline,
        groups=groups,
        unanswered=unanswered,
        closing=closing,
        complaint=complaint,
        reasons=reasons,
    )
    text = write_text(
        [write_paragraph(f"{headline}.")],
        *(write_group(heading, cards) for heading, cards in groups),
        write_unanswered_list(unanswered),
        write_closing(closing, complaint, reasons),
    )
    return Mail(digest.id, digest.sender, digest.to, subject, text, html)


def _count_up(digest: Digest) -> str:
    """Return what the mail holds: ``2 leads still wait, 1 is new``."""
    kinds = [card.kind for card in digest.cards]
    parts: list[str] = []
    for kind in dict.fromkeys(kinds):
        one, several = KIND_WORDS[kind].next if parts else KIND_WORDS[kind].first
        number = kinds.count(kind)
        parts.append(one if number == 1 else several.format(number))
    if digest.more:
        parts.append(f"{digest.more} more")
    if not parts and (unread := _count_rejected(digest)):
        parts.append(f"{count(unread, 'message')} could not be read")
    if not parts and digest.damaged:
        parts.append(f"{count(len(digest.damaged), 'row')} of the table Leads cannot be read")
    return ", ".join(parts)


def _compose_subject(headline: str, digest: Digest) -> str:
    named_cards = [card for card in digest.cards if card.detail is not Detail.BARE]
    offers = [*dict.fromkeys(offer for card in named_cards if (offer := show_title(card.facts.offer, 50)))]
    named, others = offers[:_MAX_OFFERS_IN_SUBJECT], len(offers) - _MAX_OFFERS_IN_SUBJECT
    if others > 0:
        return f"{headline}: {', '.join(named)} and {count(others, 'more offer')}"
    return f"{headline}: {' and '.join(named)}" if named else headline


def _tease(cards: list[CardWords]) -> str:
    """Return the line that an inbox, and a locked phone, show under the subject. No person is named in it either."""
    return show_title(f"{cards[0].lead.action} {cards[0].wait}", _MAX_TEASER_CHARACTERS) if cards else ""


def _close(digest: Digest) -> tuple[str, ...]:
    """Return the sentences under the cards."""
    more = f"{count(digest.more, 'more lead')} will come in the next mail." if digest.more else ""
    if digest.more > len(digest.cards):
        more = (
            f"{count(digest.more, 'more lead')} are due. They are in the table FollowUps."
            f" A mail as full as this one comes at most every {digest.hours_apart} hours."
        )
    gathered = (
        f"You have had {digest.many_mails} mails within a day. For the rest of it, leads come together every"
        f" {digest.hours_apart} hours. Customers who ask to be contacted still come at once."
        if digest.many_mails
        else ""
    )
    unusual = (
        "That is unusually many. If you do not expect them, someone may have the URL that leads are posted to."
        " The person who runs this app can give it a new key (docs/deploy.md)."
        if digest.is_unusual or digest.many_mails
        else ""
    )
    return tuple(filter(None, (more, gathered, unusual, _name_damaged(digest.damaged))))


def _name_damaged(leads: tuple[LeadKey, ...]) -> str:
    """Return a sentence with the keys of damaged rows, which hold no personal data, or ``""``."""
    if not leads:
        return ""
    named = "; ".join(f"PartitionKey {lead.partition}, RowKey {lead.row}" for lead in leads[:_MAX_DAMAGED_NAMED])
    others = len(leads) - _MAX_DAMAGED_NAMED
    return (
        f"In the table Leads, what the app remembers of {count(len(leads), 'lead')} was damaged"
        f" and could not be rebuilt. The other cells of the row were used. Please look there: {show_line(named, 1_000)}"
        f"{f'; and {others} more' if others > 0 else ''}."
    )


def _complain(digest: Digest) -> str:
    """Return a sentence about what could not be read, or ``""``."""
    number = _count_rejected(digest)
    if not number:
        return ""
    return (
        f"{count(number, 'message')} from the marketplace could not be read as a lead."
        " Nothing is lost: all of it is in the table RejectedLeads."
    )


def _list_reasons(digest: Digest) -> tuple[str, ...]:
    return tuple(f"{show_line(reason, 300)} ({times})" for reason, times in digest.rejected)


def _count_rejected(digest: Digest) -> int:
    return sum(number for _, number in digest.rejected)
