"""The facts of a lead in words that can be shown: what mails and pages have in common."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from lead_core.lead.addresses import MAX_ADDRESS_CHARACTERS
from lead_core.views.contact_links import mailto, space_phone, tel
from lead_core.views.drafts import OUR_DRAFTS, Draft, Drafts, Occasion
from lead_core.views.facts import Facts
from lead_core.views.languages import NAMES, Language, find_language
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
    draft_language: str = ""
    """What the draft's language calls itself. ``""`` if it is English, as all else that is shown."""

    @classmethod
    def of(  # noqa: PLR0913 -- all that the draft depends on, too
        cls,
        facts: Facts,
        *,
        limit: int,
        was_answered: bool,
        quotes_in_draft: bool = True,
        drafts: Drafts | None = OUR_DRAFTS,
        sender: str = "",
    ) -> Self:
        """Return *facts* in words, each at most *limit* characters long. The draft depends on *was_answered*.

        *sender* is who writes to the customer, if that is known. Without *drafts*, no draft is written.
        """
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
        draft = None
        if drafts is not None and mailto(email):
            occasion = _find_occasion(facts, was_answered=was_answered, quotes=quotes_in_draft)
            draft = drafts.write(occasion, sender=sender)
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
            draft_language="" if (language := find_language(shown.country)) is Language.ENGLISH else NAMES[language],
        )

    @classmethod
    def brief(cls, facts: Facts, *, limit: int) -> Self:
        """Return the name and the company alone, for a mail that must say no more."""
        name, company = (show_line(text, limit) for text in (facts.shown.name, facts.shown.company))
        return cls(name=name or company or NOBODY, company=company)

    @property
    def draft_label(self) -> str:
        """What the link to the draft is called."""
        return f"Draft an answer ({self.draft_language})" if self.draft_language else "Draft an answer"

    def beside_name(self, *parts: str) -> tuple[str, ...]:
        """Return the *parts* that are known and do not repeat the name."""
        return tuple(part for part in parts if part and part != self.name)


def _tell_action(facts: Facts) -> str:
    """Return what the customer did, with its time if they did something else before, and what they did later."""
    did = begin_sentence(describe_action(facts.shown.action_code, facts.shown.source))
    if facts.wished_at or facts.did_later:
        did = f"{did} on {describe_when(facts.wished_at or facts.acted_at, facts.seen_at)}"
    return f"{did}. Later they {facts.did_later}." if facts.did_later else f"{did}."


class DraftLink(NamedTuple):
    """A link that opens the draft in one language."""

    language: Language
    name: str
    """What the language calls itself."""
    url: str
    is_usual: bool
    """Whether the draft is in that language if nobody chooses."""


def list_draft_links(facts: Facts, drafts: Drafts, *, was_answered: bool, sender: str) -> list[DraftLink]:
    """Return the draft of `LeadWords` in every language."""
    occasion = _find_occasion(facts, was_answered=was_answered, quotes=True)
    usual, links = find_language(occasion.country), []
    for language in Language:
        draft = drafts.write(occasion, language=language, sender=sender)
        url = mailto(facts.shown.email, subject=draft.subject, body=draft.body)
        links.append(DraftLink(language, NAMES[language], url, language is usual))
    return links


def _find_occasion(facts: Facts, *, was_answered: bool, quotes: bool) -> Occasion:
    shown, reopening = facts.shown, facts.reopening
    is_open_again = bool(reopening.sentence) and not reopening.is_first
    return Occasion(
        code=shown.action_code,
        attempt=facts.next_attempt,
        asks_again=is_open_again and reopening.is_customers,
        was_answered=was_answered or (is_open_again and not reopening.is_customers),
        first_name=shown.first_name,
        last_name=shown.last_name,
        country=shown.country,
        offer=facts.offer,
        wrote=shown.description if quotes else "",
    )
