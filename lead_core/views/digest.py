"""The mail to an owner: what waits for them, in what order, and how much of it fits.

Gmail cuts off a mail at some 100 KB, so texts are bounded. Leads that would not fit are shown briefly: the page has the
rest.
"""

from dataclasses import dataclass
from itertools import groupby

from lead_core.lead.values import LeadKey
from lead_core.messages import Mail
from lead_core.views.card import Card, CardWords, find_warnings
from lead_core.views.kind_words import KIND_WORDS
from lead_core.views.plain_text import write_closing, write_group, write_paragraph, write_text
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_line, show_title
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
    cc: str
    """Who also gets it because a reminder in it is the last, ``""`` for nobody."""
    cards: tuple[Card, ...]
    more: int
    """How many more leads are due and come in the next mail."""
    rejected: tuple[tuple[str, int], ...]
    """Why notifications could not be read, and how many for each reason. For the default owner alone."""
    resting: int
    """How many leads rest unanswered. For the default owner alone."""
    damaged: tuple[LeadKey, ...] = ()
    """The leads whose rows were damaged and could not be rebuilt. For the default owner alone."""
    is_brief: bool
    """Whether the mail may show only name, company and link."""


def compose_digest(digest: Digest) -> Mail:
    """Return the mail to one owner. Its subject names counts and offers, never a person."""
    briefly = [CardWords.brief(card, _warn(card, digest)) for card in digest.cards]
    in_full = [] if digest.is_brief else _put_in_full(digest)
    mail = _compose(digest, briefly if digest.is_brief else in_full)
    while in_full and len(mail.html.encode()) > MAX_HTML_BYTES:
        # The cards that matter most come first.
        in_full = in_full[: len(in_full) * 4 // 5]
        mail = _compose(digest, in_full + briefly[len(in_full) :])
    return mail


def _put_in_full(digest: Digest) -> list[CardWords]:
    quote_limit = min(_MAX_QUOTE_CHARACTERS, _MAX_QUOTES_CHARACTERS // max(1, len(digest.cards)))
    return [CardWords.of(card, _warn(card, digest), quote_limit=quote_limit) for card in digest.cards]


def _warn(card: Card, digest: Digest) -> tuple[str, ...]:
    return tuple(find_warnings(card, cc=digest.cc, is_brief=digest.is_brief))


def _compose(digest: Digest, cards: list[CardWords]) -> Mail:
    headline = _count_up(digest) or "Nothing waits for you"
    groups = [(KIND_WORDS[kind].heading, list(group)) for kind, group in groupby(cards, key=lambda card: card.kind)]
    closing, complaint, reasons = _close(digest), _complain(digest), _list_reasons(digest)
    subject = _compose_subject(headline, digest)
    html = render(
        "digest",
        subject=subject,
        preheader=_tease(cards),
        headline=headline,
        groups=groups,
        closing=closing,
        complaint=complaint,
        reasons=reasons,
    )
    text = write_text(
        [write_paragraph(f"{headline}.")],
        *(write_group(heading, cards) for heading, cards in groups),
        write_closing(closing, complaint, reasons),
    )
    return Mail(digest.id, digest.sender, digest.to, subject, text, html, digest.cc)


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
    offers = [*dict.fromkeys(offer for card in digest.cards if (offer := show_title(card.facts.offer, 50)))]
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
    resting = (
        f"{count(digest.resting, 'lead')} never got an answer, and the reminders have ended."
        " In the table Leads: Status New, NextReminderAt empty."
        if digest.resting
        else ""
    )
    return tuple(filter(None, (more, resting, _name_damaged(digest.damaged))))


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
