"""What a salesperson can say about a lead on its follow-up page."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Choice(StrEnum):
    """One of the answers to *What happened?* The values stand in the page's form."""

    CONTACTED = "contacted"
    CONTACTED_FOLLOW_UP = "contacted-follow-up"
    """Contacted, with a follow-up on a day that the salesperson names."""
    TRIED = "tried"
    """An attempt without an answer. The next one comes by the plan."""
    LATER_1D = "later-1d"
    LATER_3D = "later-3d"
    LATER_7D = "later-7d"
    QUALIFIED = "qualified"
    NOT_A_FIT = "not-a-fit"
    """Disqualified, with a reason."""
    NO_ANSWER = "no-answer"
    """Disqualified, because the customer answered none of the attempts of the plan."""
    SPAM = "spam"
    """Disqualified, because no customer sent it."""
    PASS = "pass"  # noqa: S105 -- no password
    """Now a colleague's lead."""
    DO_NOT_CONTACT = "do-not-contact"
    """The customer asked for it. It covers all offers."""
    LIFT = "lift"
    """The customer may be contacted again, with a reason. It covers all offers, too."""
    NOTE = "note"
    """Nothing happened. Only the note is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer on the follow-up page. A text that the choice does not use is ``""``."""

    choice: Choice
    follow_up_on: date | None = None
    """When to be reminded, for *contacted, follow up on …*."""
    reason: str = ""
    """Why it is not a fit, or why *do not contact* is lifted."""
    colleague: str = ""
    """The new owner: what was typed, and then the address that it means."""
    ticked: tuple[str, ...] = ()
    """For *qualified*: the questions of ``QUALIFICATION`` that were ticked on the page."""
    unticked: tuple[str, ...] = ()
    """Those that were ticked before, and are not any more."""
    is_confirmed: bool = False
    """Whether the new owner's address was typed, shown and confirmed."""
    note: str | None = None
    """The new text of the note. None if nobody edited it."""
    note_was: str = ""
    """What the note said when the page was opened, if it was edited."""
    seen: str | None = None
    """`mark_seen` of the lead as the page showed it. None if the form does not say."""
    click: str
    """The id of the click. The same click twice is one answer."""
    said_by: str = ""
    """Who they say they are, if several people read the link's mailbox."""
