"""What the editors of a row must know: which of its cells was not understood or not obeyed, and what to write instead.

The sentences stand in the column ``Problem``. They name no time that passes, so that a check writes nothing twice.
"""

from dataclasses import replace

from lead_core.lead.lead import Lead
from lead_core.lead.status_words import parse_status
from lead_core.lead.values import Status, UnreadCell, clean_line, shorten

HINTS = {
    "IsTest": "Write true or false.",
    "SnoozedUntil": "Write a day within the next year as year, month, day, such as 2030-01-31.",
}
"""The columns that people may edit and that hold no text, with what to write there."""
_WRITE_INSTEAD = {
    "Name": "Change FirstName and LastName.",
    "Offer": "Change OfferTitle.",
    "Waiting": "Change Status.",
    "EmailKey": "Change Email.",
}
"""Columns that only the app writes, with where a person can say what they meant."""
_MAX_QUOTED_CHARACTERS = 40

RETRY_FAILED = (
    "The app tried this row again, and nothing came of it. Explanation says why. "
    "Correct the Body, then set Retry to true."
)
"""What stands in ``RejectedLeads`` after a retry of which nothing came."""
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
        _explain_status(lead.cells.status),
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


def _explain_status(cell: str) -> str:
    if parse_status(cell):
        return ""
    return (
        f"Status says {_quote(cell)}, which the app does not know, so the lead counts as unanswered. "
        f"Write one of {', '.join(Status)}."
    )


def _explain_cell(cell: UnreadCell) -> str:
    if not cell.text:
        return ""
    return f"{cell.column} says {_quote(cell.text)}. {HINTS[cell.column]}"


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
