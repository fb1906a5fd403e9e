"""The mail with a new link, after somebody asked for one with an expired link. It names no customer."""

from dataclasses import dataclass
from typing import Final

from lead_core.links import LINKS_LAST
from lead_core.messages import Mail
from lead_core.views.plain_text import write_paragraph, write_text
from lead_core.views.rendering import render

_SUBJECT: Final = "A new link to a lead"
_WHY: Final = "Somebody with an older link to a lead of yours asked for a new one, because the older link has expired."
_ENDS: Final = f"It works for {LINKS_LAST.days} days. It was sent to you alone. If you did not ask, do nothing."
_BUTTON: Final = "Open the lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A new link, and who gets it."""

    id: str
    sender: str
    to: str
    link: str


def compose_renewal(renewal: Renewal) -> Mail:
    """Return the mail with a new link."""
    text = write_text([write_paragraph(_WHY), f"{_BUTTON}:\n{renewal.link}", write_paragraph(_ENDS)])
    html = render(
        "renewal",
        subject=_SUBJECT,
        preheader=_WHY,
        headline=_SUBJECT,
        why=_WHY,
        ends=_ENDS,
        button=_BUTTON,
        link=renewal.link,
    )
    return Mail(renewal.id, renewal.sender, renewal.to, _SUBJECT, text, html)
