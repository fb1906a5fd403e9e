"""The mails: one digest to an owner of what waits for him, and the proof that a test lead arrived.

Gmail cuts off a mail at some 100 KB. So texts are bounded, and what would not fit is told briefly: the page has it all.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import ClassVar

from lead_core.lead.addresses import find_mistake
from lead_core.lead.follow_up import Kind
from lead_core.lead.values import Status
from lead_core.messages import Mail
from lead_core.views.rendering import render
from lead_core.views.words import (
    count,
    describe_action,
    describe_attempts,
    describe_caution,
    describe_moment,
    describe_wait,
    draft_first_answer,
    draft_next_answer,
    format_phone,
    mailto,
    name_country,
    show_line,
    show_text,
    tel,
)

TEXT_COLUMNS = 72
MAX_HTML_BYTES = 98_000

_MAX_LINE_CHARACTERS = 80
_MAX_QUOTE_CHARACTERS = 1_200
_MAX_QUOTES_CHARACTERS = 10_000
_MAX_QUOTE_LINES = 12
_MAX_OFFERS_IN_SUBJECT = 2
_MAX_OTHER_OFFERS = 3
_NOBODY = "Somebody who left no name"

# Lines may break round each Chinese, Japanese or Korean character; other words stay whole, links above all.
_WIDE = (
    "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
)
_PIECES = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One lead in a digest; ``""`` is unknown."""

    kind: Kind
    name: str
    first_name: str
    company: str
    title: str
    country: str
    email: str
    phone: str
    offer: str
    source: str
    action_code: str
    description: str
    waited: timedelta
    """Since when the customer waits; where he was answered, since his last action."""
    attempts: int
    mails_sent: int
    """Before this one."""
    is_last: bool
    """Whether this is the last reminder."""
    other_offers: tuple[str, ...]
    """Plain sentences: ``Contoso ERP: started a test drive, answered``."""
    unread_status: str
    """A word in the status cell that nobody could read."""
    unread_owner: str = ""
    """What stands in the owner cell, if no mail can be sent to it."""
    link: str
    """The follow-up page."""
    note: str = ""
    """What the salesperson wrote down for himself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one owner is told at one time; the cards stand in the order in which they are shown."""

    id: str
    sender: str
    to: str
    cc: str
    """Who also gets it because a reminder in it is the last, ``""`` for nobody."""
    cards: tuple[Card, ...]
    more: int
    """How many more leads are due and come in the next mail."""
    rejected: tuple[tuple[str, int], ...]
    """Why notifications could not be read, and how many each; for the default owner alone."""
    resting: int
    """How many leads rest unanswered; for the default owner alone."""
    is_brief: bool
    """Whether name, company and link are all that may stand in a mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestConfirmation:
    """A test lead arrived, and this is what would happen to a real one."""

    __test__: ClassVar[bool] = False  # The name begins as those do that pytest collects.

    id: str
    sender: str
    to: str
    offer: str
    received_at: datetime
    owner: str
    escalate_to: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """The words of a `Kind`."""

    heading: str
    first: tuple[str, str]
    """How the subject counts them: one, several."""
    next: tuple[str, str]
    """The same after another count, which has named the leads already."""
    button: str
    other_ways: str


_OTHER_WAYS = "Not yet? Say that you tried, be reminded later, pass it on, or close it."
_KINDS: Mapping[Kind, _Kind] = {
    Kind.REMINDER: _Kind(
        "Still waiting",
        ("1 lead still waits", "{} leads still wait"),
        ("1 waits", "{} wait"),
        "I answered \u2013 record it",
        _OTHER_WAYS,
    ),
    Kind.PLANNED: _Kind(
        "You planned to follow up today",
        ("1 follow-up planned for today", "{} follow-ups planned for today"),
        ("1 is planned for today", "{} are planned for today"),
        "I followed up \u2013 record it",
        "Not today? Choose another day, pass it on, or close it.",
    ),
    Kind.NOTICE: _Kind(
        "New", ("1 new lead", "{} new leads"), ("1 is new", "{} are new"), "I answered \u2013 record it", _OTHER_WAYS
    ),
    Kind.NEWS: _Kind(
        "News from customers you have answered",
        ("News from 1 customer", "News from {} customers"),
        ("news from 1 customer", "news from {} customers"),
        "Open this lead",
        "Nothing is due. It is only good to know.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownCard:
    """A card in the words in which it is shown, the same in text and HTML; ``""`` is left out."""

    kind: Kind
    name: str
    about: tuple[str, ...] = ()
    """Company, title, country."""
    offer: str = ""
    action: str = ""
    wait: str = ""
    state: str = ""
    warnings: tuple[str, ...]
    quote: tuple[str, ...] = ()
    note: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    phone: str = ""
    phone_link: str = ""
    email: str = ""
    email_link: str = ""
    draft_subject: str = ""
    draft_body: str = ""
    draft_link: str = ""
    link: str
    button: str
    other_ways: str


def compose_digest(digest: Digest) -> Mail:
    """Write the mail to one owner. Its subject names counts and offers, never a person."""
    briefly = [_show_briefly(card, digest) for card in digest.cards]
    in_full = [] if digest.is_brief else [_show(card, digest) for card in digest.cards]
    mail = _compose(digest, briefly if digest.is_brief else in_full)
    while in_full and len(mail.html.encode()) > MAX_HTML_BYTES:
        # The cards that matter most come first.
        in_full = in_full[: len(in_full) * 4 // 5]
        mail = _compose(digest, in_full + briefly[len(in_full) :])
    return mail


def compose_test_confirmation(confirmation: TestConfirmation) -> Mail:
    """Write the mail that proves on the first day that leads arrive and who is told of them."""
    offer = show_line(confirmation.offer, _MAX_LINE_CHARACTERS)
    subject = f"A test lead arrived: {offer}" if offer else "A test lead arrived"
    facts = [
        ("Received", describe_moment(confirmation.received_at)),
        ("Offer", offer or "not named"),
        ("Real leads are told to", confirmation.owner),
        ("The last reminder also goes to", confirmation.escalate_to or "nobody else"),
    ]
    sentences = (
        "The connection works: Partner Center's test lead was received and stored.",
        "There is nothing to do: behind a test lead, no customer waits.",
    )
    text = "\n\n".join(
        [
            *("\n".join(_wrap(sentence)) for sentence in sentences[:1]),
            "\n".join(line for name, value in facts for line in _wrap(f"{name}: {value}")),
            *("\n".join(_wrap(sentence)) for sentence in sentences[1:]),
        ]
    )
    html = render(
        "confirmation", subject=subject, preheader=sentences[0], headline=subject, sentences=sentences, facts=facts
    )
    return Mail(confirmation.id, confirmation.sender, confirmation.to, subject, text + "\n", html)


def _compose(digest: Digest, cards: list[_ShownCard]) -> Mail:
    headline = _count_up(digest) or "Nothing waits for you"
    groups = [(_KINDS[kind].heading, list(group)) for kind, group in groupby(cards, key=lambda card: card.kind)]
    closing = _close(digest)
    subject = _compose_subject(headline, digest)
    html = render(
        "digest",
        subject=subject,
        preheader=_tease(cards),
        headline=headline,
        groups=groups,
        closing=closing,
        rejected=_list_rejected(digest),
    )
    text = "\n\n".join(_write_digest(headline, groups, digest, closing)) + "\n"
    return Mail(digest.id, digest.sender, digest.to, subject, text, html, digest.cc)


def _count_up(digest: Digest) -> str:
    """Say what the mail holds: ``2 leads still wait, 1 is new``."""
    kinds = [card.kind for card in digest.cards]
    parts: list[str] = []
    for kind in dict.fromkeys(kinds):
        one, several = _KINDS[kind].next if parts else _KINDS[kind].first
        number = kinds.count(kind)
        parts.append(one if number == 1 else several.format(number))
    if digest.more:
        parts.append(f"{digest.more} more")
    if not parts and (unread := _count_rejected(digest)):
        parts.append(f"{count(unread, 'message')} could not be read")
    return ", ".join(parts)


def _compose_subject(headline: str, digest: Digest) -> str:
    offers = [*dict.fromkeys(offer for card in digest.cards if (offer := show_line(card.offer, 50)))]
    named, others = offers[:_MAX_OFFERS_IN_SUBJECT], len(offers) - _MAX_OFFERS_IN_SUBJECT
    if others > 0:
        return f"{headline}: {', '.join(named)} and {count(others, 'more offer')}"
    return f"{headline}: {' and '.join(named)}" if named else headline


def _tease(cards: list[_ShownCard]) -> str:
    """Give the line that an inbox, and a locked phone, show under the subject: no person in it either."""
    return " ".join(filter(None, (cards[0].action, cards[0].wait))) if cards else ""


def _close(digest: Digest) -> tuple[str, ...]:
    """Give the sentences under the cards."""
    more = f"{count(digest.more, 'more lead')} will come in the next mail." if digest.more else ""
    resting = (
        f"{count(digest.resting, 'lead')} never got an answer, and the reminders have ended."
        " In the table Leads: Status New, NextReminderAt empty."
        if digest.resting
        else ""
    )
    return tuple(filter(None, (more, resting)))


def _count_rejected(digest: Digest) -> int:
    return sum(number for _, number in digest.rejected)


def _list_rejected(digest: Digest) -> tuple[str, tuple[str, ...]]:
    """Give a sentence and the reasons; both empty where everything could be read."""
    number = _count_rejected(digest)
    if not number:
        return "", ()
    sentence = (
        f"{count(number, 'message')} from the marketplace could not be read as a lead."
        " Nothing is lost: all of it is in the table RejectedLeads."
    )
    return sentence, tuple(f"{show_line(reason, 300)} ({times})" for reason, times in digest.rejected)


def _show_briefly(card: Card, digest: Digest) -> _ShownCard:
    name, company = (show_line(text, _MAX_LINE_CHARACTERS) for text in (card.name, card.company))
    return _ShownCard(
        kind=card.kind,
        name=name or company or _NOBODY,
        about=(company,) if name and company else (),
        state="Everything else is on the page.",
        # A card that was shortened because the mail is too large has no room for it.
        warnings=(*_warn(card, digest), *(_warn_of_owner(card, digest) if digest.is_brief else ())),
        link=card.link,
        button=_KINDS[card.kind].button,
        other_ways=_KINDS[card.kind].other_ways,
    )


def _show(card: Card, digest: Digest) -> _ShownCard:
    quote_limit = min(_MAX_QUOTE_CHARACTERS, _MAX_QUOTES_CHARACTERS // len(digest.cards))
    name, company = (show_line(text, _MAX_LINE_CHARACTERS) for text in (card.name, card.company))
    title, country, offer, phone = (
        show_line(text, _MAX_LINE_CHARACTERS)
        for text in (card.title, name_country(card.country), card.offer, format_phone(card.phone))
    )
    email = show_line(card.email, 254)
    shown_name = name or email or phone or company or _NOBODY
    draft_subject, draft_body = _draft(card) if mailto(email) else ("", "")
    others = tuple(show_line(other, 160) for other in card.other_offers)
    action, wait = describe_action(card.action_code, card.source), describe_wait(card.waited)
    return _ShownCard(
        kind=card.kind,
        name=shown_name,
        about=tuple(part for part in (company, title, country) if part and part != shown_name),
        offer=offer,
        action=f"{action[:1].upper()}{action[1:]}.",
        wait=f"Waiting for {wait}." if card.kind is Kind.REMINDER else f"{wait[:1].upper()}{wait[1:]} ago.",
        state=_describe_state(card),
        warnings=(*_warn(card, digest), *_warn_of_owner(card, digest)),
        quote=show_text(card.description, quote_limit, max_lines=_MAX_QUOTE_LINES),
        note=show_text(card.note, quote_limit // 2, max_lines=_MAX_QUOTE_LINES),
        others=(*others[:_MAX_OTHER_OFFERS], *_and_more(len(others) - _MAX_OTHER_OFFERS)),
        phone=phone,
        phone_link=tel(card.phone),
        email=email,
        email_link=mailto(email),
        draft_subject=draft_subject,
        draft_body=draft_body,
        draft_link=mailto(email, subject=draft_subject, body=draft_body),
        link=card.link,
        button=_KINDS[card.kind].button,
        other_ways=_KINDS[card.kind].other_ways,
    )


def _draft(card: Card) -> tuple[str, str]:
    if card.kind in {Kind.REMINDER, Kind.NOTICE}:
        return draft_first_answer(code=card.action_code, first_name=card.first_name, offer=card.offer)
    return draft_next_answer(first_name=card.first_name, offer=card.offer)


def _and_more(number: int) -> tuple[str, ...]:
    return (f"and {count(number, 'more offer')}",) if number > 0 else ()


def _describe_state(card: Card) -> str:
    """Say what else helps to judge how urgent it is."""
    mails = f"Mail {card.mails_sent + 1} about this lead." if card.kind is Kind.REMINDER and card.mails_sent else ""
    caution = "" if card.kind is Kind.PLANNED else describe_caution(card.action_code)
    return " ".join(filter(None, (describe_attempts(card.attempts), mails, caution)))


def _warn(card: Card, digest: Digest) -> Iterator[str]:
    """Say what the reader has to know beyond the customer."""
    if card.is_last:
        also = f", also sent to {digest.cc}" if digest.cc else ""
        yield f"This is the last reminder{also}. No more will follow unless the customer asks again."
    if card.unread_status:
        # In a brief mail, even a colleague's word may say too much.
        word = "" if digest.is_brief else f" “{show_line(card.unread_status, 40)}”"
        known = ", ".join(status.value for status in Status)
        yield f"Nobody could read the word{word} in its Status cell. Use the button, or write one of {known}."
    if not (digest.is_brief or card.email or card.phone):
        yield "It came without an e-mail address and a phone. Partner Center's Referrals page may know more."


def _warn_of_owner(card: Card, digest: Digest) -> tuple[str, ...]:
    """Say why a lead came to the default owner, whom its Owner cell does not name."""
    if not card.unread_owner:
        return ()
    word = "the address" if digest.is_brief else f"“{show_line(card.unread_owner, 40)}”"
    return (f"No mail can be sent to {word} in its Owner cell: {find_mistake(card.unread_owner)}.",)


def _write_digest(
    headline: str, groups: list[tuple[str, list[_ShownCard]]], digest: Digest, closing: Iterable[str]
) -> Iterator[str]:
    yield _join(_wrap(f"{headline}."))
    for heading, cards in groups:
        yield f"{heading.upper()}\n{'=' * TEXT_COLUMNS}"
        for number, card in enumerate(cards):
            yield from ["-" * TEXT_COLUMNS] if number else []
            yield from filter(None, _write_card(card))
    if closing or digest.rejected:
        yield "=" * TEXT_COLUMNS
    yield from (_join(_wrap(sentence)) for sentence in closing)
    sentence, reasons = _list_rejected(digest)
    if sentence:
        yield _join(_wrap(sentence))
        yield _join(line for reason in reasons for line in _wrap(reason, first="- ", indent="  "))


def _write_card(card: _ShownCard) -> Iterator[str]:
    """Give the paragraphs of one lead; some may be empty."""
    did = f"{card.offer}: {card.action[:1].lower()}{card.action[1:]}" if card.offer else card.action
    yield _join([*_wrap(card.name), *_wrap(" · ".join(card.about)), *_wrap(did), *_wrap(f"{card.wait} {card.state}")])
    yield from (_join(_wrap(warning, first="! ", indent="  ")) for warning in card.warnings)
    yield _join(line for text in card.quote for line in _wrap(text, first="> ", indent="> ") or [">"])
    yield _join(line for text in card.note for line in _wrap(text, first="Note: ", indent="  "))
    yield _join(line for other in card.others for line in _wrap(other, first="Also: ", indent="  "))
    yield _join(
        [
            *_wrap(card.phone, first="Call:  ", indent="       "),
            *_wrap(card.email, first="Write: ", indent="       "),
        ]
    )
    yield f"{card.button}:\n{card.link}\n" + _join(_wrap(card.other_ways))
    if card.draft_body:
        yield "A draft of an answer:"
        letter = f"Subject: {card.draft_subject}\n\n{card.draft_body}"
        yield _join(line for text in letter.split("\n") for line in _wrap(text, first="    ", indent="    ") or [""])


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _wrap(text: str, *, first: str = "", indent: str = "") -> list[str]:
    """Break *text* into lines of `TEXT_COLUMNS`, the first after *first*, the others after *indent*."""
    lines: list[str] = []
    line, used, start = first, len(first), len(first)
    for piece in _PIECES.findall(text.strip()):
        width = _columns(piece)
        if used > start and used + width > TEXT_COLUMNS and not piece.isspace():
            lines.append(line.rstrip())
            line, used, start = indent, len(indent), len(indent)
        line, used = line + piece, used + width
    return [*lines, line.rstrip()] if text.strip() else []


def _columns(text: str) -> int:
    """Say how wide *text* is in a fixed-width font."""
    return sum(
        0 if unicodedata.category(c) in {"Mn", "Me", "Cf"} else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
