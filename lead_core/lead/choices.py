"""What a salesperson can say of a lead on its follow-up page."""

from enum import StrEnum


class Choice(StrEnum):
    """One of the answers to *What happened?*; the values stand in the page's form."""

    CONTACTED = "contacted"
    CONTACTED_FOLLOW_UP = "contacted-follow-up"
    """Contacted, and to be followed up on a day that the salesperson names."""
    TRIED = "tried"
    """An attempt without an answer; the reminders go on."""
    LATER_1D = "later-1d"
    LATER_3D = "later-3d"
    LATER_7D = "later-7d"
    QUALIFIED = "qualified"
    NOT_A_FIT = "not-a-fit"
    """Disqualified, with a reason."""
    PASS = "pass"  # noqa: S105 -- no password
    """Now a colleague's lead."""
    DO_NOT_CONTACT = "do-not-contact"
    """The customer asked for it; it covers all offers."""
