"""What the editors of a row must know: which of its cells was not understood or not obeyed, and what to write instead.

The sentences stand in the column ``Problem``. They name no time that passes, so that a check writes nothing twice.
"""

from dataclasses import replace

from lead_core.lead.lead import Lead
from lead_core.lead.status_words import parse_status
from lead_core.lead.values import Status, UnreadCell, clean_line, shorten

HINTS = {
    "IsTest": "Write true or false.",
    "SnoozedUntil": "Write a day within the next year as yyyy-mm-dd: the year, the month, the day.",
}
"""The columns that people may edit and that hold no text, with what to write there."""
_WRITE_INSTEAD = {
    "Name": "Change FirstName and LastName.",
    "Offer": "Change OfferTitle.",
    "Waiting": "Change Status.",
    **dict.fromkeys(("EmailKey", "EmailKey2", "EmailKey3", "EmailKey4", "EmailKey5"), "Change Email."),
}
"""Columns that only the app writes, with where a person can say what they meant."""
_MAX_QUOTED_CHARACTERS = 40

RETRY_FAILED = (
    "The app tried this row again, and nothing came of it. Explanation says why. "
    "Correct the Body, then set Retry to true."
)
"""What stands in ``RejectedLeads`` after a retry of which nothing came."""
RETRIED = "retried"
RETRY_WAS_READ = (
    "This row could be read when it was tried again, and went on its way. Its lead is in Leads within a minute. "
    "If that fails, this cell and Reason say why."
)
"""What stands in ``RejectedLeads`` as ``Reason`` and ``Explanation`` after a retry that could be read."""
LIST_EDITED = (
    "This row was changed by hand. The app makes this list from the table Leads, so it wrote its own values again. "
    "Make the change in the row of the lead there."
)
"""What stands in an entry of ``FollowUps`` after a person changed it."""
NO_ENTRY = (
    "The app makes this list from the table Leads, and does nothing with this row. "
    "Type a lead into Leads, then delete this row."
)
"""What stands in a row that a person added to ``FollowUps``."""
_RETRY_SAYS = "Retry says "


def note_problems(lead: Lead, *, with_owner: str) -> Lead:
    """Return *lead* with what its editors must know.

    *with_owner* is what is wrong with its owner. What people typed into a cell of theirs stays there until it can be
    read. The app writes other cells again.
    """
    restored = {
        **lead.restored,
        **{c.column: _shorten(c.text) for c in lead.unread if c.column not in HINTS and c.text},
    }
    sentences = (
        _explain_status(lead),
        _explain_reason(lead),
        with_owner,
        *(_explain_cell(cell) for cell in lead.unread if cell.column in HINTS and _stands(cell, lead)),
        *(
            f"{column} said “{text}”. Only the app writes there, so it wrote its own value again."
            + (f" {instead}" if (instead := _WRITE_INSTEAD.get(column)) else "")
            for column, text in restored.items()
        ),
    )
    kept = tuple(cell for cell in lead.unread if cell.column in HINTS and cell.text and _stands(cell, lead))
    return replace(lead, problem=" ".join(filter(None, sentences)), unread=kept, restored=restored)


def _stands(cell: UnreadCell, lead: Lead) -> bool:
    """Whether a cell still stands in the way. A snooze is over when the lead is answered."""
    return cell.column != "SnoozedUntil" or cell.instead == lead.snoozed_until


def _explain_status(lead: Lead) -> str:
    cell = lead.cells.status
    if parse_status(cell):
        return ""
    is_closed = lead.status is Status.DO_NOT_CONTACT
    goes_on = "the customer is still not to be contacted" if is_closed else "the lead counts as unanswered"
    return f"Status says {_quote(cell)}, which the app does not know, so {goes_on}. Write one of {', '.join(Status)}."


def _explain_reason(lead: Lead) -> str:
    """Return what to write beside a reason that closed nothing. One of an earlier *Disqualified* may stay."""
    was_closed = any(taken.status is Status.DISQUALIFIED for taken in lead.decisions)
    is_read = parse_status(lead.cells.status) and lead.status in {Status.NEW, Status.CONTACTED, Status.QUALIFIED}
    if not (lead.cells.disqualified_reason.strip() and is_read) or was_closed:
        return ""
    return f"There is a DisqualifiedReason, but Status still says {lead.status}: write Disqualified."


def _explain_cell(cell: UnreadCell) -> str:
    if not cell.text:
        return ""
    why = ", which is more than a year away" if cell.is_too_late else ""
    return f"{cell.column} says {_quote(cell.text)}{why}. {HINTS[cell.column]}"


def _quote(text: str) -> str:
    return f"“{_shorten(text)}”"


def _shorten(text: str) -> str:
    return shorten(clean_line(text), _MAX_QUOTED_CHARACTERS)


def explain_retry(cell: str) -> str:
    """Return what to write into a ``Retry`` that can't be read as yes or no. ``""`` if it is empty."""
    return f"{_RETRY_SAYS}{_quote(cell)}. Write true or false." if cell.strip() else ""


def is_about_retry(problem: str) -> bool:
    """Whether *problem* is of `explain_retry`."""
    return problem.startswith(_RETRY_SAYS)
