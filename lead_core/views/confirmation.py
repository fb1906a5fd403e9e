"""The mail that proves that leads arrive, and says who is told about them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lead_core.messages import Mail
from lead_core.views.plain_text import write_paragraph, write_text
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_line, show_title
from lead_core.views.words import describe_moment

_MAX_LINE_CHARACTERS = 80
_PROOF = "The connection works: Partner Center's test lead was received and stored."
_NOTHING_TO_DO = "There is nothing to do: no customer waits for an answer to a test lead."


@dataclass(frozen=True, slots=True, kw_only=True)
class TestConfirmation:
    """A test lead arrived, and this is what would happen to a real one."""

    __test__: ClassVar[bool] = False  # Pytest would collect a class with this name.

    id: str
    sender: str
    to: str
    offer: str
    received_at: datetime
    owner: str
    escalate_to: str


def compose_test_confirmation(confirmation: TestConfirmation) -> Mail:
    """Return the mail about a test lead."""
    offer, title = (show(confirmation.offer, _MAX_LINE_CHARACTERS) for show in (show_line, show_title))
    subject = f"A test lead arrived: {title}" if title else "A test lead arrived"
    facts = [
        ("Received", describe_moment(confirmation.received_at)),
        ("Offer", offer or "not named"),
        ("Real leads go to", confirmation.owner),
        ("The last reminder also goes to", confirmation.escalate_to or "nobody else"),
    ]
    listed = write_paragraph(*(f"{name}: {value}" for name, value in facts))
    text = write_text([write_paragraph(_PROOF), listed, write_paragraph(_NOTHING_TO_DO)])
    html = render(
        "confirmation",
        subject=subject,
        preheader=_PROOF,
        headline=subject,
        sentences=(_PROOF, _NOTHING_TO_DO),
        facts=facts,
    )
    return Mail(confirmation.id, confirmation.sender, confirmation.to, subject, text, html)
