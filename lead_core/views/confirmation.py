"""The mail that proves that leads arrive, and says who is told about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from lead_core.messages import Mail
from lead_core.views.plain_text import write_my_leads, write_paragraph, write_text
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_line, show_title
from lead_core.views.words import NO_REPLIES, describe_moment

MAX_OFFERS_SHOWN: Final = 10

_MAX_LINE_CHARACTERS = 80
_MAX_OWNERS_SHOWN = 5
_NOT_NAMED = "not named"
_PROOF = "The connection works: {} received and stored."
_NOTHING_TO_DO = "There is nothing to do: no customer waits for an answer to a test lead."


@dataclass(frozen=True, slots=True, kw_only=True)
class TestConfirmation:
    """Test leads arrived, one for each offer, and this is what would happen to real ones."""

    __test__: ClassVar[bool] = False  # Pytest would collect a class with this name.

    id: str
    sender: str
    to: str
    offers: tuple[str, ...]
    """A title may be ``""``."""
    has_more: bool = False
    """Whether there are more than could be counted."""
    is_bare: bool = False
    """Whether the mail provider refused a mail with the titles in it."""
    received_at: datetime
    owners: tuple[str, ...]
    escalate_to: str
    my_leads: str
    """The page with all open leads of the reader."""


def compose_test_confirmation(confirmation: TestConfirmation) -> Mail:
    """Return the mail about test leads."""
    offers = [show_line(offer, _MAX_LINE_CHARACTERS) or _NOT_NAMED for offer in confirmation.offers]
    number = len(offers)
    if number == 1:
        subject, arrived = "A test lead arrived", "Partner Center's test lead was"
    else:
        number_said = f"More than {number:,}" if confirmation.has_more else f"{number:,}"
        subject, arrived = f"{number_said} test leads arrived", "Partner Center's test leads were"
    if offers != [_NOT_NAMED] and number == 1 and not confirmation.is_bare:
        subject = f"{subject}: {show_title(confirmation.offers[0], _MAX_LINE_CHARACTERS)}"
    listed = "The mail provider refused a mail that names them." if confirmation.is_bare else _list(offers)
    facts = [
        ("Received", describe_moment(confirmation.received_at)),
        ("Offer" if number == 1 else "Offers", listed),
        ("Real leads go to", _list(confirmation.owners, _MAX_OWNERS_SHOWN)),
        ("Told if nobody answers", confirmation.escalate_to or "nobody else"),
    ]
    proof = _PROOF.format(arrived)
    told = write_paragraph(*(f"{name}: {value}" for name, value in facts))
    my_leads = write_my_leads(confirmation.my_leads)
    text = write_text([write_paragraph(proof), told, my_leads, write_paragraph(_NOTHING_TO_DO, NO_REPLIES)])
    html = render(
        "confirmation",
        subject=subject,
        preheader=proof,
        headline=subject,
        sentences=(proof, f"{_NOTHING_TO_DO} {NO_REPLIES}"),
        facts=facts,
        my_leads=confirmation.my_leads,
    )
    return Mail(confirmation.id, confirmation.sender, confirmation.to, subject, text, html)


def _list(names: Sequence[str], limit: int = MAX_OFFERS_SHOWN) -> str:
    more = len(names) - limit
    return ", ".join([*names[:limit], *([f"and {more:,} more"] if more > 0 else [])])
