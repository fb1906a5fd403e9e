"""Leads that were answered before the app knew of them, as a file tells it.

Such a lead is stored as answered, so that nobody is mailed about it. When its customer was first contacted is not
known. So ``FirstContactedAt`` and ``ContactedBy`` stay empty, and no figure counts a response that nobody measured.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from lead_core.lead.answers import is_closed
from lead_core.lead.choices import Choice
from lead_core.lead.decisions import decide
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.spam import note_spam
from lead_core.lead.status_words import Word
from lead_core.lead.values import Status

BY_IMPORT: Final = "import"
"""Who decided, if a file said what became of a lead."""
BY_REPLAY: Final = "replay"
"""Who decided, if it is only assumed that a lead was answered before its row was lost."""


def record_past(lead: Lead, word: Word, *, at: datetime, by: str) -> Lead:
    """Return *lead* with what a file says became of it, or what is assumed. *at* is when the lead was received.

    What people decided here stands, and who waits here goes on waiting. Only *do not contact* counts in any case,
    unless a person lifted it later. Of several rows of a file, the latest counts.
    """
    if not _is_news(lead, word.status, at):
        return lead
    kept = lead.decisions[:-1] if _is_only_imported(lead) else lead.decisions
    after = decide(replace(lead, decisions=kept), Decision(word.status, at, by))
    after = replace(after, first_contacted_at=lead.first_contacted_at, contacted_by=lead.contacted_by)
    return replace(after, cells=note_spam(after.cells)) if word is Word.SPAM else after


def is_measured(decision: Decision) -> bool:
    """Whether a person took *decision* here, so that its time is known."""
    return decision.by not in {BY_IMPORT, BY_REPLAY}


def _is_news(lead: Lead, status: Status, at: datetime) -> bool:
    if status is Status.DO_NOT_CONTACT:
        is_lifted = any(taken.choice == Choice.LIFT and taken.at >= at for taken in lead.decisions)
        return not (is_closed(lead) or is_lifted)
    if lead.history.waiting_since or lead.history.is_left_open or not lead.history.has_own_action:
        return False
    if not lead.decisions:
        return True
    last = lead.decisions[-1]
    return _is_only_imported(lead) and last.at < at and last.status not in {status, Status.DO_NOT_CONTACT}


def _is_only_imported(lead: Lead) -> bool:
    return bool(lead.decisions) and not is_measured(lead.decisions[-1])
