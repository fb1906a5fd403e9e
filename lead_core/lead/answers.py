"""What a salesperson said on the follow-up page."""

from dataclasses import dataclass
from datetime import date

from lead_core.lead.choices import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A choice with what belongs to it. A text that the choice has no use for is ``""``."""

    choice: Choice
    follow_up_on: date | None
    reason: str
    colleague: str
    note: str | None
    """The note as it is to stand from now on, for the page shows the old one for editing; None if nobody edited it."""
    click: str
    """The id of the page that was shown: the same click twice is one answer."""
