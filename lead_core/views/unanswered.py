"""Leads that were never answered: a line for each, in the mails of their owners and in the mail that escalates them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from lead_core.views.card import Detail
from lead_core.views.facts import Facts
from lead_core.views.lead_words import LeadWords
from lead_core.views.plain_text import wrap, write_paragraph
from lead_core.views.safe_text import show_line
from lead_core.views.words import begin_sentence, count, describe_day, describe_wait

HEADING = "Never answered"
_MAX_LINE_CHARACTERS = 60
_MAX_OWNER_CHARACTERS = 200
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


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredList:
    """What stands below the leads of a mail. Empty if everybody was answered."""

    leads: tuple[UnansweredLead, ...] = ()
    """Those who have waited longest."""
    more: int = 0
    """How many more there are."""
    unreachable: int = 0
    """How many leads came without an e-mail address and a phone. They are counted apart, and not named."""
    is_cut: bool = False
    """Whether there are more than could be counted."""

    def without_names(self) -> Self:
        """Return the list as numbers alone, for a mail that has no room or must not name anybody."""
        return replace(self, leads=(), more=self.more + len(self.leads))

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.leads or self.more or self.unreachable)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredWords:
    """The words of one lead, the same in plain text and HTML. ``""`` is left out."""

    name: str
    about: tuple[str, ...]
    """Company and offer."""
    wait: str
    owner: str
    link: str

    @classmethod
    def of(cls, lead: UnansweredLead) -> Self:
        """Return *lead* in words. In a brief mail, its customer's name and company are all that is said of them."""
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
            link=lead.link,
        )

    @property
    def give_link(self) -> str:
        """The page, where the lead is passed on."""
        return f"{self.link}{_COLLEAGUE_FIELD}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredListWords:
    """The words of the list."""

    heading: str
    leads: tuple[UnansweredWords, ...]
    closing: tuple[str, ...]

    @classmethod
    def of(cls, unanswered: UnansweredList, *, is_brief: bool) -> Self | None:
        """Return the list in words. None if there is nothing to say."""
        if not unanswered:
            return None
        detail = Detail.BRIEF if is_brief else Detail.FULL
        leads = tuple(
            UnansweredWords.of(UnansweredLead(facts=each.facts, since=each.since, link=each.link, detail=detail))
            for each in unanswered.leads
        )
        return cls(heading=HEADING, leads=leads, closing=tuple(_close(unanswered)))


def _close(unanswered: UnansweredList) -> Iterator[str]:
    more_than = "more than " if unanswered.is_cut else ""
    if unanswered.more and unanswered.leads:
        yield f"And {more_than}{unanswered.more:,} more. They stand first in the table FollowUps."
    elif unanswered.more:
        number = begin_sentence(f"{more_than}{count(unanswered.more, 'lead')}")
        yield f"{number} never got an answer. See the table FollowUps."
    if unanswered.leads:
        yield "Their reminders have ended. They are named here until someone answers."
    if unanswered.unreachable:
        stand = "stands" if unanswered.unreachable == 1 else "stand"
        yield (
            f"{count(unanswered.unreachable, 'lead')} that came without an e-mail address and a phone"
            f" {stand} in the table FollowUps as well."
            " Partner Center's Referrals page may know more."
        )


def write_unanswered_list(words: UnansweredListWords | None) -> Iterator[str]:
    """Return the paragraphs of the list."""
    if words is None:
        return
    yield words.heading.upper()
    yield from (_write_line(each) for each in words.leads)
    yield from (write_paragraph(sentence) for sentence in words.closing)


def write_escalated(leads: Sequence[UnansweredWords]) -> Iterator[str]:
    """Return the paragraphs of leads that can be given to someone else."""
    for each in leads:
        yield f"{_write_line(each)}\n  Give to …:\n  {each.give_link}"


def _write_line(lead: UnansweredWords) -> str:
    lines = wrap(" · ".join((lead.name, *lead.about)), first="- ", indent="  ")
    for text in (lead.wait, f"Owner: {lead.owner}" if lead.owner else ""):
        lines += wrap(text, first="  ", indent="  ")
    return "\n".join([*lines, f"  {lead.link}"])
