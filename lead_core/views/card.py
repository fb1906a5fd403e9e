"""One lead in a mail to its owner."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from lead_core.lead.follow_up import Kind
from lead_core.lead.values import Status
from lead_core.views.attempt_words import tell_plan
from lead_core.views.drafts import OUR_DRAFTS, Drafts
from lead_core.views.facts import Facts
from lead_core.views.kind_words import KIND_WORDS, Topic, find_topic
from lead_core.views.lead_words import LeadWords
from lead_core.views.moments import describe_age, describe_when
from lead_core.views.safe_text import Excerpt, show_excerpt, show_line
from lead_core.views.words import count, describe_attempts

_MAX_LINE_CHARACTERS = 80
_MAX_QUOTE_LINES = 12
_MAX_PROBLEM_CHARACTERS = 300
_MAX_OTHER_OFFERS = 3
_MAX_OPENING_CHARACTERS = 300
_MAX_OTHER_OFFER_CHARACTERS = 160
_AFTER_IT = "After it, the lead is only named in your later mails, until someone answers."


class Detail(StrEnum):
    """How much a mail tells about a lead, from all to nothing but the link."""

    FULL = "full"
    BRIEF = "brief"
    BARE = "bare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One lead in a mail: its facts, and why the mail tells about it."""

    facts: Facts
    kind: Kind
    is_last: bool
    """Whether this is the last reminder."""
    owner_problem: str = ""
    """What is wrong with the owner cell, and what to write. In a brief mail it does not quote the cell."""
    link: str
    """The follow-up page."""
    detail: Detail = Detail.FULL
    """Less than `FULL` if the mail provider refused a mail with more in it."""
    drafts: Drafts = OUR_DRAFTS
    """The drafts of answers."""

    @property
    def topic(self) -> Topic:
        """What the mail tells about the lead."""
        return find_topic(self.kind, self.facts)


NOTHING = Excerpt((), is_cut=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """The words of a card, the same in plain text and HTML. ``""`` is left out."""

    topic: Topic
    lead: LeadWords
    about: tuple[str, ...]
    """Company, title, country."""
    opening: tuple[str, ...] = ()
    """Why the lead is not new: who passed it on, then who answered it before."""
    wait: str = ""
    state: str
    warnings: tuple[str, ...]
    quote: Excerpt = NOTHING
    note_label: str = "Note"
    note: Excerpt = NOTHING
    others: tuple[str, ...] = ()
    link: str
    button: str
    other_ways: str

    @classmethod
    def of(cls, card: Card, warnings: tuple[str, ...], *, quote_limit: int, quotes_in_draft: bool = True) -> Self:
        """Return *card* in words. At most *quote_limit* characters of what the customer wrote are quoted."""
        facts, kind, words = card.facts, card.kind, KIND_WORDS[card.topic]
        lead = LeadWords.of(
            facts,
            limit=_MAX_LINE_CHARACTERS,
            was_answered=kind in {Kind.PLANNED, Kind.NEWS},
            quotes_in_draft=quotes_in_draft,
            drafts=card.drafts,
        )
        if lead.caution and kind is not Kind.PLANNED:
            lead = replace(lead, action=f"{lead.action} {lead.caution}")
        return cls(
            topic=card.topic,
            lead=lead,
            about=lead.beside_name(lead.company, lead.title, lead.country),
            opening=_tell_opening(facts),
            wait=_describe_wait(card),
            state=_describe_state(card),
            warnings=warnings,
            quote=show_excerpt(facts.shown.description, quote_limit, max_lines=_MAX_QUOTE_LINES),
            note_label="Their note" if facts.passing.has_senders_note else "Note",
            note=show_excerpt(facts.note, quote_limit // 2, max_lines=_MAX_QUOTE_LINES),
            others=list_others(facts),
            link=card.link,
            button=words.button,
            other_ways=words.other_ways,
        )

    @classmethod
    def brief(cls, card: Card, warnings: tuple[str, ...]) -> Self:
        """Return name, company and link alone: for a brief mail, or if a full mail has no room."""
        lead = LeadWords.brief(card.facts, limit=_MAX_LINE_CHARACTERS)
        return cls(
            topic=card.topic,
            lead=lead,
            about=lead.beside_name(lead.company),
            state="Everything else is on the page.",
            warnings=warnings,
            link=card.link,
            button=KIND_WORDS[card.topic].button,
            other_ways=KIND_WORDS[card.topic].other_ways,
        )

    @classmethod
    def bare(cls, card: Card, warnings: tuple[str, ...]) -> Self:
        """Return the link alone, with no word of the customer's."""
        return replace(cls.brief(card, warnings), lead=LeadWords(name="A lead"), about=())


def find_warnings(card: Card, *, escalate_to: str, is_brief: bool) -> Iterator[str]:
    """Return what the reader must know besides the customer. *escalate_to* is who is told if nobody answers."""
    facts = card.facts
    if card.detail is not Detail.FULL:
        yield "The mail provider refused a mail with more about this lead in it. The rest is on the page alone."
        is_brief = True
    if card.is_last:
        after = f"{escalate_to} is now told that nobody has answered." if escalate_to else _AFTER_IT
        yield f"This is the last reminder. {after}"
    if facts.unread_status:
        known = ", ".join(status.value for status in Status)
        yield f"{tell_unread_status(facts, is_brief=is_brief)} Use the button, or write one of {known}."
    if not (is_brief or facts.shown.email or facts.shown.phone):
        elsewhere = "" if facts.is_typed else " Partner Center's Referrals page may know more."
        yield f"It came without an e-mail address and a phone, so no reminder follows.{elsewhere}"
    if card.owner_problem:
        yield show_line(card.owner_problem, _MAX_PROBLEM_CHARACTERS)


def tell_unread_status(facts: Facts, *, is_brief: bool) -> str:
    """Return what is wrong with a status that the app could not read."""
    # In a brief mail, even a colleague's word may say too much.
    word = "" if is_brief else f" “{show_line(facts.unread_status, 40)}”"
    return f"The word{word} in its Status cell has no meaning here."


def _tell_opening(facts: Facts) -> tuple[str, ...]:
    passed = f"{facts.passing.sentence}." if facts.passing.sentence else ""
    return tuple(show_line(part, _MAX_OPENING_CHARACTERS) for part in (passed, facts.reopening.with_reason) if part)


def _describe_wait(card: Card) -> str:
    """Return since when the customer waits, or when they acted: a time, and a duration if it is a long one."""
    facts = card.facts
    moment, age = describe_when(facts.acted_at, facts.seen_at), describe_age(facts.acted_ago)
    if card.kind in {Kind.REMINDER, Kind.ATTEMPT} or facts.wished_at:
        return f"Waiting for {age}, since {moment}." if age else f"Waiting since {moment}."
    return f"{moment} ({age} ago)." if age else f"{moment}."


def _describe_state(card: Card) -> str:
    """Return what else shows how urgent the lead is."""
    facts, sent = card.facts, card.facts.mails_sent
    plan = tell_plan(facts.plan, now=facts.seen_at, zone=facts.zone)
    mails = f"Mail {sent + 1} about this lead." if card.kind is Kind.REMINDER and sent else ""
    return " ".join(filter(None, (describe_attempts(facts.attempts), plan, mails)))


def list_others(facts: Facts) -> tuple[str, ...]:
    """Return what the customer did on other offers, at most some of them."""
    others = [show_line(other, _MAX_OTHER_OFFER_CHARACTERS) for other in facts.other_offers]
    more = len(others) - _MAX_OTHER_OFFERS
    return (*others[:_MAX_OTHER_OFFERS], *((f"and {count(more, 'more offer')}",) if more > 0 else ()))
