"""Leads that were never answered: a line for each, in the mails of their owners and in the mail that escalates them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from lead_core.views.card import NOTHING, Card, Detail, list_others, tell_unread_status
from lead_core.views.drafts import OUR_DRAFTS, Drafts
from lead_core.views.facts import Facts
from lead_core.views.lead_words import LeadWords
from lead_core.views.plain_text import wrap, write_others, write_paragraph, write_quote
from lead_core.views.safe_text import Excerpt, show_excerpt, show_line
from lead_core.views.words import begin_sentence, count, describe_day, describe_wait

HEADING = "Never answered"
_MAX_LINE_CHARACTERS = 60
_MAX_OWNER_CHARACTERS = 200
_MAX_FACT_CHARACTERS = 80
_MAX_QUOTE_CHARACTERS = 300
_MAX_QUOTE_LINES = 4
_COLLEAGUE_FIELD = "#colleague"
"""Where the page passes a lead on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredLead:
    """One lead that nobody answered."""

    facts: Facts
    since: datetime
    """Since when its customer has waited, in the readers' zone."""
    link: str
    """The follow-up page, for the reader of this mail."""
    detail: Detail = Detail.FULL
    drafts: Drafts = OUR_DRAFTS

    @classmethod
    def of(cls, card: Card, since: datetime, *, is_brief: bool) -> Self:
        """Return the lead of a card. A brief mail says name, company and link alone."""
        detail = Detail.BRIEF if is_brief and card.detail is Detail.FULL else card.detail
        return cls(facts=card.facts, since=since, link=card.link, detail=detail, drafts=card.drafts)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredList:
    """What stands below the leads of a mail. Empty if everybody was answered."""

    leads: tuple[UnansweredLead, ...] = ()
    """Those who have waited longest."""
    more: int = 0
    """How many more there are."""
    unreachable: tuple[UnansweredLead, ...] = ()
    """Those who came without an e-mail address and a phone. They stand apart."""
    more_unreachable: int = 0
    """How many more of them there are."""
    is_cut: bool = False
    """Whether there are more than could be counted."""

    def without_names(self) -> Self:
        """Return the list as numbers alone, for a mail that has no room or must not name anybody."""
        return replace(
            self,
            leads=(),
            more=self.more + len(self.leads),
            unreachable=(),
            more_unreachable=self.more_unreachable + len(self.unreachable),
        )

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.leads or self.more or self.unreachable or self.more_unreachable)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredWords:
    """The words of one lead, the same in plain text and HTML. ``""`` is left out."""

    name: str
    about: tuple[str, ...]
    """Company and offer."""
    wait: str
    owner: str
    problem: str = ""
    """Why it still counts as unanswered, although someone wrote something else."""
    link: str
    lead: LeadWords | None = None
    """What the customer did, and how to reach them. None in a list, and where less must be said."""
    quote: Excerpt = NOTHING
    others: tuple[str, ...] = ()
    """What they did on other offers."""

    @classmethod
    def of(cls, lead: UnansweredLead) -> Self:
        """Return *lead* as a line of a list. In a brief mail, it says no more of a customer than name and company."""
        facts = lead.facts
        words = LeadWords.brief(facts, limit=_MAX_LINE_CHARACTERS)
        offer = show_line(facts.offer, _MAX_LINE_CHARACTERS) if lead.detail is Detail.FULL else ""
        name, about = words.name, words.beside_name(words.company, offer)
        if lead.detail is Detail.BARE:
            name, about = "A lead", ()
        waited = f"Waiting for {describe_wait(facts.waited)}, " if facts.waited is not None else "Waiting "
        return cls(
            name=name,
            about=about,
            wait=f"{waited}since {describe_day(lead.since)}.",
            owner=show_line(facts.owner, _MAX_OWNER_CHARACTERS),
            problem=tell_unread_status(facts, is_brief=lead.detail is not Detail.FULL) if facts.unread_status else "",
            link=lead.link,
        )

    @classmethod
    def in_full(cls, lead: UnansweredLead) -> Self:
        """Return *lead* with all that a reader needs who answers it themselves, unless the mail must say less."""
        line, facts = cls.of(lead), lead.facts
        if lead.detail is not Detail.FULL:
            return line
        words = LeadWords.of(
            facts, limit=_MAX_FACT_CHARACTERS, was_answered=False, quotes_in_draft=False, drafts=lead.drafts
        )
        quote = show_excerpt(facts.shown.description, _MAX_QUOTE_CHARACTERS, max_lines=_MAX_QUOTE_LINES)
        action = f"{words.action} {words.caution}".strip()
        return replace(line, lead=replace(words, action=action), quote=quote, others=list_others(facts))

    @property
    def give_link(self) -> str:
        """The page, where the lead is passed on."""
        return f"{self.link}{_COLLEAGUE_FIELD}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredListWords:
    """The words of the list."""

    heading: str
    groups: tuple[tuple[tuple[UnansweredWords, ...], tuple[str, ...]], ...]
    """Leads, with the sentences under them: first those who can be reached."""

    @classmethod
    def of(cls, unanswered: UnansweredList, *, is_brief: bool) -> Self | None:
        """Return the list in words. None if there is nothing to say."""
        if not unanswered:
            return None
        detail = Detail.BRIEF if is_brief else Detail.FULL

        def write(leads: Sequence[UnansweredLead]) -> tuple[UnansweredWords, ...]:
            return tuple(UnansweredWords.of(replace(each, detail=detail)) for each in leads)

        groups = (
            (write(unanswered.leads), tuple(_close(unanswered))),
            (write(unanswered.unreachable), tuple(_close_unreachable(unanswered))),
        )
        return cls(heading=HEADING, groups=tuple(group for group in groups if any(group)))


def _close(unanswered: UnansweredList) -> Iterator[str]:
    more_than = "more than " if unanswered.is_cut else ""
    if unanswered.more and unanswered.leads:
        yield f"And {more_than}{unanswered.more:,} more. They stand first in the table FollowUps."
    elif unanswered.more:
        number = begin_sentence(f"{more_than}{count(unanswered.more, 'lead')}")
        yield f"{number} never got an answer. See the table FollowUps."
    if unanswered.leads:
        yield "Their reminders have ended. They are named here until someone answers."


def _close_unreachable(unanswered: UnansweredList) -> Iterator[str]:
    named, more = len(unanswered.unreachable), unanswered.more_unreachable
    if named and more:
        yield f"And {more:,} more. They stand first in the table FollowUps."
    elif more:
        came = "1 lead came" if more == 1 else f"{more:,} leads came"
        yield f"{came} without an e-mail address and a phone. See the table FollowUps."
    if named:
        came = "This customer" if named == 1 else "These customers"
        yield f"{came} left no e-mail address and no phone. Partner Center's Referrals page may know more."


def write_unanswered_list(words: UnansweredListWords | None) -> Iterator[str]:
    """Return the paragraphs of the list."""
    if words is None:
        return
    yield words.heading.upper()
    for leads, closing in words.groups:
        yield from map(_write_line, leads)
        yield from map(write_paragraph, closing)


def write_escalated(leads: Sequence[UnansweredWords]) -> Iterator[str]:
    """Return the paragraphs of leads that can be given to someone else."""
    for each in leads:
        yield "\n".join(_write_facts(each))
        yield from write_quote(each.quote)
        yield from write_others(each.others)
        yield f"  Open this lead:\n  {each.link}\n  Give to …:\n  {each.give_link}"


def _write_line(lead: UnansweredWords) -> str:
    return "\n".join([*_write_facts(lead), f"  {lead.link}"])


def _write_facts(lead: UnansweredWords) -> list[str]:
    lines = wrap(" · ".join((lead.name, *lead.about)), first="- ", indent="  ")
    did, phone, email = (lead.lead.action, lead.lead.phone, lead.lead.email) if lead.lead else ("", "", "")
    texts = (
        did,
        lead.wait,
        f"Owner: {lead.owner}" if lead.owner else "",
        lead.problem,
        f"Call: {phone}" if phone else "",
        f"Write: {email}" if email else "",
    )
    for text in texts:
        lines += wrap(text, first="  ", indent="  ")
    return lines
