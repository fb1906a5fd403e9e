"""The facts of a lead in words that can be shown: what mails and pages have in common."""

from dataclasses import dataclass
from typing import Self

from lead_core.lead.addresses import MAX_ADDRESS_CHARACTERS
from lead_core.views.contact_links import mailto, space_phone, tel
from lead_core.views.drafts import Draft, draft_answer_again, draft_first_answer, draft_next_answer
from lead_core.views.facts import Facts
from lead_core.views.moments import describe_when
from lead_core.views.safe_text import show_line
from lead_core.views.words import (
    NOBODY,
    begin_sentence,
    describe_action,
    describe_caution,
    name_country,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadWords:
    """Who the customer is, what they did, and how to reach them. Each text is one safe line; ``""`` is left out."""

    name: str
    """The best name that is known for the person."""
    company: str = ""
    title: str = ""
    country: str = ""
    offer: str = ""
    action: str = ""
    caution: str = ""
    phone: str = ""
    phone_link: str = ""
    email: str = ""
    email_link: str = ""
    draft: Draft | None = None
    """A letter to them. None if there is no address to send it to."""
    draft_link: str = ""

    @classmethod
    def of(cls, facts: Facts, *, limit: int, was_answered: bool, quotes_in_draft: bool = True) -> Self:
        """Return *facts* in words, each at most *limit* characters long. The draft depends on *was_answered*."""
        shown = facts.shown
        name, company, title, country, offer, phone = (
            show_line(text, limit)
            for text in (
                shown.name,
                shown.company,
                shown.title,
                name_country(shown.country),
                facts.offer,
                space_phone(shown.phone),
            )
        )
        email = show_line(shown.email, MAX_ADDRESS_CHARACTERS)
        draft = _draft(facts, was_answered=was_answered, quotes=quotes_in_draft) if mailto(email) else None
        return cls(
            name=name or email or phone or company or NOBODY,
            company=company,
            title=title,
            country=country,
            offer=offer,
            action=_tell_action(facts),
            caution=describe_caution(shown.action_code),
            phone=phone,
            phone_link=tel(shown.phone),
            email=email,
            email_link=mailto(email),
            draft=draft,
            draft_link=mailto(email, subject=draft.subject, body=draft.body) if draft else "",
        )

    @classmethod
    def brief(cls, facts: Facts, *, limit: int) -> Self:
        """Return the name and the company alone, for a mail that must say no more."""
        name, company = (show_line(text, limit) for text in (facts.shown.name, facts.shown.company))
        return cls(name=name or company or NOBODY, company=company)

    def beside_name(self, *parts: str) -> tuple[str, ...]:
        """Return the *parts* that are known and do not repeat the name."""
        return tuple(part for part in parts if part and part != self.name)


def _tell_action(facts: Facts) -> str:
    """Return what the customer did, with its time if they did something else before, and what they did later."""
    did = begin_sentence(describe_action(facts.shown.action_code, facts.shown.source))
    if facts.wished_at or facts.did_later:
        did = f"{did} on {describe_when(facts.wished_at or facts.acted_at, facts.seen_at)}"
    return f"{did}. Later they {facts.did_later}." if facts.did_later else f"{did}."


def _draft(facts: Facts, *, was_answered: bool, quotes: bool) -> Draft:
    shown = facts.shown
    names = {"first_name": shown.first_name, "offer": facts.offer, "wrote": shown.description if quotes else ""}
    reopening = facts.reopening
    if was_answered or (reopening.sentence and not (reopening.is_customers or reopening.is_first)):
        return draft_next_answer(**names)
    if reopening.sentence and not reopening.is_first:
        return draft_answer_again(**names)
    return draft_first_answer(code=shown.action_code, **names)
