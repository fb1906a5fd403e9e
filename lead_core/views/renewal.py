"""The mail with a new link, after someone asked for one with an expired link.

If the provider refuses it, it goes out again without the name of a customer. So does each brief one.
"""

from dataclasses import dataclass
from typing import Final

from lead_core.lead.delivery import Shown
from lead_core.messages import Mail
from lead_core.views.plain_text import write_ending, write_paragraph, write_text
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_title
from lead_core.views.words import NO_REPLIES

_SUBJECT: Final = "A new link to a lead"
_WHY: Final = "Someone with an older link to a lead of yours asked for a new one, because the older link has expired."
_ENDS: Final = "The new link works for {days} days. It was sent to you alone."
_STILL_WAITS: Final = "The customer still waits for an answer. If you did not ask for the link, a colleague may have."
_NOTHING_TO_DO: Final = "If you did not ask, there is nothing to do."
_MAX_NAME_CHARACTERS: Final = 60
_BUTTON: Final = "Open the lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A new link, and who gets it."""

    id: str
    sender: str
    to: str
    link: str
    my_leads: str
    """The page with all open leads of the reader."""
    days: int
    """How long the link works."""
    shown: Shown | None = None
    """Whose company, or else which offer, the mail names. None if it must name neither."""
    still_waits: bool = False
    """Whether the customer waits for an answer."""


def compose_renewal(renewal: Renewal) -> Mail:
    """Return the mail with a new link."""
    subject = f"{_SUBJECT}: {name}" if (name := _name(renewal.shown)) else _SUBJECT
    ends = f"{_ENDS.format(days=renewal.days)} {_STILL_WAITS if renewal.still_waits else _NOTHING_TO_DO}"
    text = write_text(
        [write_paragraph(_WHY), f"{_BUTTON}:\n{renewal.link}", write_paragraph(ends), *write_ending(renewal.my_leads)]
    )
    html = render(
        "renewal",
        subject=subject,
        preheader=_WHY,
        headline=subject,
        why=_WHY,
        ends=ends,
        button=_BUTTON,
        link=renewal.link,
        my_leads=renewal.my_leads,
        no_replies=NO_REPLIES,
    )
    return Mail(renewal.id, renewal.sender, renewal.to, subject, text, html)


def _name(shown: Shown | None) -> str:
    """Return the customer's company, or else the offer."""
    names = (shown.company, shown.offer_title, shown.offer_id) if shown else ()
    return next(filter(None, (show_title(name, _MAX_NAME_CHARACTERS) for name in names)), "")
