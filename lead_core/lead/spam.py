"""Which leads no customer sent. They are disqualified, and counted apart."""

from dataclasses import replace
from typing import Final

from lead_core.lead.lead import Cells, Lead
from lead_core.lead.status_words import Word, parse_word
from lead_core.lead.values import Status

SPAM_REASON: Final = "Spam"
"""What the app writes into ``DisqualifiedReason``. A person may write another word for it there."""


def is_spam(lead: Lead) -> bool:
    """Whether a person said that no customer sent *lead*, on the page or in the grid."""
    return lead.status is Status.DISQUALIFIED and parse_word(lead.cells.disqualified_reason) is Word.SPAM


def note_spam(cells: Cells) -> Cells:
    """Return *cells* with the reason of spam, unless a person gave another reason."""
    return cells if cells.disqualified_reason.strip() else replace(cells, disqualified_reason=SPAM_REASON)


def forget_spam(cells: Cells) -> Cells:
    """Return *cells* without the reason of a lead that is no spam any more."""
    return replace(cells, disqualified_reason="") if cells.disqualified_reason == SPAM_REASON else cells
