"""What can still be said of a lead whose row was damaged, or was typed by hand.

The app keeps what it remembers of a lead in two cells: what its customer did, and what people decided. Without them,
the other cells speak: the lead stays on its way, nobody is told twice, and what people wrote stands.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import reduce

from lead_core.lead.actions import is_own_action
from lead_core.lead.choices import Choice
from lead_core.lead.delivery import Delivery, Shown
from lead_core.lead.history import History, Summary
from lead_core.lead.lead import BY_GRID, Decision, Lead, fold, write_status
from lead_core.lead.spam import note_spam
from lead_core.lead.status_words import Word, parse_status, parse_word
from lead_core.lead.values import Status


@dataclass(frozen=True, slots=True)
class Remains:
    """What a row says of its lead beside the lead's own cells."""

    has_history: bool
    has_decisions: bool
    is_typed: bool
    """Whether a person made the row, so that nothing was lost."""
    changed_at: datetime
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    action_count: int


def salvage(lead: Lead, remains: Remains) -> Lead:
    """Return *lead*, as far as its row could be read, with the best guess at what could not."""
    said = lead.written_status if remains.has_decisions else lead.cells.status
    status = parse_status(said) or Status.NEW
    if not remains.has_history:
        history = _make_history(lead, status, remains)
        lead = replace(lead, history=history, waiting_since=lead.waiting_since or history.waiting_since)
    return lead if remains.has_decisions else _take_cells_as_decisions(lead, status, remains)


def _make_history(lead: Lead, status: Status, remains: Remains) -> History:
    """Return a history that knows how often and when the customer acted, but not what they did."""
    known = [lead.waiting_since, remains.first_seen_at, remains.last_seen_at]
    times = [min(time, remains.changed_at) for time in known if time] or [remains.changed_at]
    first_at, last_at = min(times), max(times)
    is_new = status is Status.NEW
    summary = Summary(
        count=max(remains.action_count, 1),
        first_at=first_at,
        last_at=last_at,
        has_own=is_own_action(lead.shown.action_code) or status is not Status.DO_NOT_CONTACT,
        waiting_since=(lead.waiting_since or first_at) if is_new else None,
        forgotten_at=None if remains.is_typed else last_at,
    )
    return History(summary=summary, round=0 if is_new else 1, is_lost=not remains.is_typed)


def _take_cells_as_decisions(lead: Lead, status: Status, remains: Remains) -> Lead:
    cells, changed_at = lead.cells, remains.changed_at
    confirmed = "" if remains.is_typed else None  # Whom a damaged row named may have been confirmed.
    lead = replace(lead, written_status=cells.status, seen_owner=cells.owner, confirmed_owner=confirmed)
    if lead.status is not status:
        is_open = lead.history.waiting_since or lead.history.is_left_open
        lead = replace(
            lead,
            history=lead.history.settled() if is_open else lead.history,
            decisions=(Decision(status, changed_at, BY_GRID, was=Status.NEW),),
            waiting_since=(lead.waiting_since or changed_at) if status is Status.NEW else None,
        )
    match parse_word(cells.status):
        case Word.SPAM:
            lead = replace(lead, cells=note_spam(cells))
        case Word.TRIED:
            tried = Decision(lead.status, changed_at, BY_GRID, Choice.TRIED)
            lead = replace(lead, attempts=lead.attempts + 1, decisions=(*lead.decisions, tried))
    return write_status(lead)


def rebuild(lead: Lead, deliveries: Iterable[Delivery]) -> Lead:
    """Return *lead* with the history that all its *deliveries* make, if its own was lost.

    What people decided and what was mailed stays. Without any delivery, the lead goes on with what its cells said.
    """
    in_order = sorted(deliveries, key=lambda delivery: delivery.stamp[1:])
    if not lead.history.is_lost:
        return lead
    if not in_order:
        return replace(lead, history=replace(lead.history, is_lost=False))
    fresh = reduce(fold, in_order, None)
    assert fresh
    shown = {name: getattr(lead.shown, name) or text for name, text in asdict(fresh.shown).items()}
    return replace(
        lead,
        identified_by=lead.identified_by or fresh.identified_by,
        is_test=fresh.is_test,
        shown=Shown(**shown),
        stamps=fresh.stamps,
        history=_fold_history(lead, in_order),
    )


def _fold_history(lead: Lead, in_order: Iterable[Delivery]) -> History:
    """Return the history of the deliveries. Which of them were answered follows from when the last decision was."""
    decision = lead.decisions[-1] if lead.decisions else None
    is_opened_anew = decision and decision.status is not Status.NEW and lead.status is Status.NEW
    history, is_settled = History(), decision is None
    for delivery in in_order:
        if decision and not is_settled:
            opened_at = lead.waiting_since if is_opened_anew else None
            is_settled = delivery.received_at >= opened_at if opened_at else delivery.received_at > decision.at
            history = history.settled() if is_settled else history
        history = history.add(delivery.action)
    return history if is_settled else history.settled()
