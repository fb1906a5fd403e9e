"""The mail to an owner: what waits for them, in what order, and how much of it fits.

Gmail cuts off a mail at some 100 KB, so texts are bounded. Leads that would not fit are shown briefly: the page has the
rest.
"""

from dataclasses import dataclass, replace
from itertools import groupby

from lead_core.lead.values import LeadKey
from lead_core.messages import Mail
from lead_core.views.card import Card, CardWords, Detail, find_warnings
from lead_core.views.kind_words import KIND_WORDS, Topic
from lead_core.views.plain_text import write_closing, write_group, write_paragraph, write_text
from lead_core.views.rejects import Reject, complain, count_in_subject, list_reasons
from lead_core.views.rendering import fits, render
from lead_core.views.safe_text import show_line
from lead_core.views.subject import add_offers, compose_subject, tease
from lead_core.views.unanswered import UnansweredList, UnansweredListWords, write_unanswered_list
from lead_core.views.words import NO_REPLIES, count

_MAX_QUOTE_CHARACTERS = 1_200
_MAX_QUOTES_CHARACTERS = 10_000
_MAX_DAMAGED_NAMED = 5
_MAX_LINE_CHARACTERS = 200
_NOTHING_WAITS = "Nothing waits for you"


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
    rejected: tuple[Reject, ...]
    """What could not be read. For the default owner alone."""
    unanswered: UnansweredList
    """The leads that were never answered: the owner's, or all of them for the default owner."""
    damaged: tuple[LeadKey, ...] = ()
    """The leads whose rows were damaged and could not be rebuilt. For the default owner alone."""
    my_leads: str
    """The page with all open leads of the reader."""
    is_brief: bool
    """Whether the mail may show only name, company and link."""
    hours_apart: int = 0
    """How long after this mail the next one comes, if it is as full."""
    is_unusual: bool = False
    """Whether there are more leads than usual, as after posts by someone else."""
    many_mails: int = 0
    """How many mails the owner had within a day, if the rest is gathered because of that. Otherwise 0."""


def compose_digest(digest: Digest) -> Mail:
    """Return the mail to one owner. A brief one names counts and offers in its subject, any other one companies."""
    topics = list(Topic)
    digest = replace(digest, cards=tuple(sorted(digest.cards, key=lambda card: _place(card, topics))))
    briefly = [_write_card(card, digest, is_full=False) for card in digest.cards]
    if digest.is_brief:
        return _compose(digest, briefly)
    mail = _compose(digest, [_write_card(card, digest, is_full=True) for card in digest.cards])
    if fits(mail):
        return mail
    # First the drafts go without quotes. Then the last leads are told briefly: those that matter most come first.
    in_full = [_write_card(card, digest, is_full=True, quotes_in_draft=False) for card in digest.cards]
    number = len(in_full)
    while not fits(mail := _compose(digest, [*in_full[:number], *briefly[number:]])) and number:
        number = number * 4 // 5
    if not fits(mail) and (digest.unanswered.leads or digest.unanswered.unreachable):
        return compose_digest(replace(digest, unanswered=digest.unanswered.without_names()))
    return mail


def _place(card: Card, topics: list[Topic]) -> tuple[int, bool]:
    """Return where a card stands: by its topic, and the last reminders first, as in the subject."""
    return topics.index(card.topic), not card.is_last


def _write_card(card: Card, digest: Digest, *, is_full: bool, quotes_in_draft: bool = True) -> CardWords:
    """Return a card in words, at most as much as the provider takes."""
    warnings = _warn(card, digest)
    if card.detail is Detail.BARE:
        return CardWords.bare(card, warnings)
    if not is_full or card.detail is Detail.BRIEF:
        return CardWords.brief(card, warnings)
    quote_limit = min(_MAX_QUOTE_CHARACTERS, _MAX_QUOTES_CHARACTERS // len(digest.cards))
    return CardWords.of(card, warnings, quote_limit=quote_limit, quotes_in_draft=quotes_in_draft)


def _warn(card: Card, digest: Digest) -> tuple[str, ...]:
    return tuple(find_warnings(card, escalate_to=digest.escalate_to, is_brief=digest.is_brief))


def _compose(digest: Digest, cards: list[CardWords]) -> Mail:
    headline = _count_up(digest) or _NOTHING_WAITS
    if passed := _say_how_it_came(digest, cards):
        headline, cards = passed, [replace(cards[0], opening=cards[0].opening[1:])]  # It is said once.
    groups = [(KIND_WORDS[topic].heading, list(group)) for topic, group in groupby(cards, key=lambda card: card.topic)]
    closing, complaint = _close(digest), complain(digest.rejected)
    reasons = list_reasons(digest.rejected, is_brief=digest.is_brief)
    unanswered = UnansweredListWords.of(digest.unanswered, is_brief=digest.is_brief)
    subject = _compose_subject(digest)
    html = render(
        "digest",
        subject=subject,
        preheader="" if digest.is_brief else tease(digest.cards),
        headline=headline,
        groups=groups,
        unanswered=unanswered,
        closing=closing,
        complaint=complaint,
        reasons=reasons,
        no_replies=NO_REPLIES,
        my_leads=digest.my_leads,
    )
    text = write_text(
        [write_paragraph(f"{headline}.")],
        *(write_group(heading, cards) for heading, cards in groups),
        write_unanswered_list(unanswered),
        write_closing(closing, complaint, reasons, digest.my_leads),
    )
    return Mail(digest.id, digest.sender, digest.to, subject, text, html)


def _count_up(digest: Digest) -> str:
    """Return what the mail holds: ``2 leads still wait, 1 is new``."""
    topics = [card.topic for card in digest.cards]
    parts: list[str] = []
    for topic in dict.fromkeys(topics):
        one, several = KIND_WORDS[topic].next if parts else KIND_WORDS[topic].first
        number = topics.count(topic)
        parts.append(one if number == 1 else several.format(number))
    if digest.more:
        parts.append(f"{digest.more} more")
    if not parts and digest.rejected:
        parts.append(f"{count(len(digest.rejected), 'message')} could not be read")
    if not parts and digest.damaged:
        parts.append(f"{count(len(digest.damaged), 'row')} of the table Leads cannot be read")
    return ", ".join(parts)


def _say_how_it_came(digest: Digest, cards: list[CardWords]) -> str:
    """Return who passed the only lead on, as a headline. ``""`` if there are others, or it came another way."""
    is_passed = len(cards) == 1 and cards[0].topic is Topic.PASSED and not digest.more
    return show_line(digest.cards[0].facts.passing.sentence, _MAX_LINE_CHARACTERS) if is_passed else ""


def _compose_subject(digest: Digest) -> str:
    unread = count_in_subject(digest.rejected) if digest.cards else ""
    if digest.is_brief or not digest.cards:
        return add_offers(_count_up(digest) or _NOTHING_WAITS, digest.cards) + unread
    return compose_subject(digest.cards, more=digest.more) + unread


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
