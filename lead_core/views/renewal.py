"""The mail with a new link, after someone asked for one with an expired link. It names no customer."""

from dataclasses import dataclass
from typing import Final

from lead_core.messages import Mail
from lead_core.views.plain_text import write_paragraph, write_text
from lead_core.views.rendering import render

_SUBJECT: Final = "A new link to a lead"
_WHY: Final = "Someone with an older link to a lead of yours asked for a new one, because the older link has expired."
_ENDS: Final = "It works for {days} days. It was sent to you alone. If you did not ask, there is nothing to do."
_BUTTON: Final = "Open the lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A new link, and who gets it."""

    id: str
    sender: str
    to: str
    link: str
    days: int
    """How long the link works."""


def compose_renewal(renewal: Renewal) -> Mail:
    """Return the mail with a new link."""
    ends = _ENDS.format(days=renewal.days)
    text = write_text([write_paragraph(_WHY), f"{_BUTTON}:\n{renewal.link}", write_paragraph(ends)])
    html = render(
        "renewal",
        subject=_SUBJECT,
        preheader=_WHY,
        headline=_SUBJECT,
        why=_WHY,
        ends=ends,
        button=_BUTTON,
        link=renewal.link,
    )
    return Mail(renewal.id, renewal.sender, renewal.to, _SUBJECT, text, html)
