"""What one notification says about one lead."""

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple, Self

from lead_core.lead.actions import is_own_action
from lead_core.lead.history import ANSWERED_BEFORE, Action
from lead_core.lead.person import Contact, Identity
from lead_core.lead.status_words import Word
from lead_core.lead.values import LeadKey, Offer, format_digest, shorten

MAX_HISTORY_TEXT_CHARACTERS = 32
"""A hundred actions must fit into one cell, even with long codes."""

_FORMULA = re.compile(r"[=@]|[+-](?! |[\d ()./x-]+$)")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a lead shows of its customer's actions. ``""`` is unknown."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    company: str = ""
    title: str = ""
    publisher_id: str = ""
    offer_id: str = ""
    offer_title: str = ""
    source: str = ""
    action_code: str = ""
    description: str = ""

    @classmethod
    def of(cls, contact: Contact, offer: Offer, *, source: str, action_code: str, description: str) -> Self:
        """Return what one notification says."""
        texts = {part.name: getattr(contact, part.name) for part in fields(contact)}
        texts |= {"publisher_id": offer.publisher_id, "offer_id": offer.offer_id, "offer_title": offer.title}
        texts |= {"source": source, "action_code": action_code, "description": description}
        return cls(**texts)

    def known(self) -> dict[str, str]:
        """Return the values that are not blank, by field name."""
        return {part.name: value for part in fields(self) if (value := getattr(self, part.name))}

    @property
    def name(self) -> str:
        """The person's full name."""
        return f"{self.first_name} {self.last_name}".strip()


class Stamp(NamedTuple):
    """Which delivery a shown value is from. The greater stamp wins: first own actions, then the later receipt."""

    is_own: bool
    received_at: datetime
    event_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification as it concerns one lead."""

    event_id: str
    received_at: datetime
    identity: Identity
    row: str
    """The offer's key."""
    shown: Shown
    is_test: bool
    past: Word | None = None  # See `Envelope.past`.

    @property
    def key(self) -> LeadKey:
        """The lead it belongs to."""
        return LeadKey(self.identity.key, self.row)

    @property
    def stamp(self) -> Stamp:
        """The stamp of the values in it."""
        return Stamp(is_own_action(self.shown.action_code), self.received_at, self.event_id)

    @property
    def action(self) -> Action:
        """The customer's action that it reports."""
        return Action(
            first_at=self.received_at,
            last_at=self.received_at,
            code=shorten(self.shown.action_code, MAX_HISTORY_TEXT_CHARACTERS),
            source=shorten(self.shown.source, MAX_HISTORY_TEXT_CHARACTERS),
            event_id=self.event_id,
            content=format_digest(
                *(f"{name}={_mark_formula(text)}" for name, text in sorted(self.shown.known().items()))
            )[:16],
            round=ANSWERED_BEFORE if self.past else 0,
        )


def _mark_formula(text: str) -> str:
    """Return *text* as the stored digests know it. In another form, an action that comes again would count twice."""
    return f"'{text}" if _FORMULA.match(text) else text
