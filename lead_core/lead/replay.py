"""What a lead becomes by the notifications that were kept, if its row is gone, was damaged or lacks some of them.

What people decided stands in the row alone. Whether a lead without a row was ever answered, nobody knows any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Final

from lead_core.lead.answers import find_answer
from lead_core.lead.erasure import Erasure
from lead_core.lead.history import Action, History
from lead_core.lead.lead import Delivery, Lead, fold
from lead_core.lead.problems import HINTS
from lead_core.lead.status_words import Word

MAY_BE_ON_ITS_WAY: Final = timedelta(days=1)
"""What was received so lately may still become a lead by itself, so it is never taken as answered."""


@dataclass(frozen=True, slots=True)
class ReplayChoices:
    """What the operator chose."""

    answered_before: datetime
    """What was received before then, and has no row, counts as answered."""
    undoes_edits: bool = False
    """Whether cells that people changed are written as they were received."""


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A cell that says something else than the notifications do."""

    name: str
    """The field of `Shown`."""
    here: str
    received: str


class Lack(StrEnum):
    """What is wrong with a lead."""

    NO_ROW = "no-row"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    """Its row lacks something that was received."""
    NOT_LISTED = "not-listed"
    """Its entry on the to-do list is missing, or was changed by hand."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored of a lead, and what it is to be."""

    lack: Lack
    before: Lead | None
    after: Lead


def is_damaged(lead: Lead) -> bool:
    """Whether cells that only the app writes are missing in the row of *lead*, or were changed there."""
    is_typed = not lead.identified_by
    is_changed = any(cell.column not in HINTS for cell in lead.unread)
    return lead.history.is_lost or ((lead.needs_writing or is_changed) and not is_typed)


def is_erased(delivery: Delivery, erasure: Erasure | None) -> bool:
    """Whether a *delivery* is of a person who was erased since, so that it must not come back."""
    return erasure is not None and erasure.covers(delivery.received_at)


def find_missing(history: History, deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
    """Return the deliveries that *history* does not hold, oldest first.

    A newer version may read more out of the same notification. So an event that is known is known, whatever it says.
    """
    events = {action.event_id for action in history.actions}
    known: dict[str, Action] = {}
    for delivery in put_in_order(deliveries):
        action = delivery.action
        before = known.get(action.content)
        if action.event_id in events or history.knows(action) or (before and before.is_same_as(action)):
            known[action.content] = action
        else:
            yield delivery


def put_in_order(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return the deliveries, oldest first."""
    return sorted(deliveries, key=lambda delivery: delivery.stamp[1:])


def find_past(lead: Lead, choices: ReplayChoices) -> datetime:
    """Return before when a delivery that *lead* lacks counts as answered: what people said of it covers that, too."""
    answer = find_answer(lead)
    return max(choices.answered_before, answer.at) if answer else choices.answered_before


def assume_answered(delivery: Delivery, *, before: datetime) -> Delivery:
    """Return *delivery* as one that was answered, if it was received *before* then. Nobody answers test leads."""
    is_assumed = delivery.past is None and not delivery.is_test and delivery.received_at < before
    return replace(delivery, past=Word.CONTACTED) if is_assumed else delivery


def find_other_values(lead: Lead, deliveries: Iterable[Delivery]) -> tuple[OtherValue, ...]:
    """Return the cells of *lead* that people changed since it was received. A later delivery is no such change."""
    received = reduce(fold, put_in_order(deliveries), None)
    return tuple(_compare(lead, received)) if received else ()


def _compare(lead: Lead, received: Lead) -> Iterator[OtherValue]:
    for name in (part.name for part in fields(lead.shown)):
        here, there = getattr(lead.shown, name), getattr(received.shown, name)
        if here != there and lead.stamps.get(name) in {None, received.stamps.get(name)}:
            yield OtherValue(name, here, there)


def write_received(lead: Lead, deliveries: Iterable[Delivery], *, undoes_edits: bool) -> Lead:
    """Return *lead* with what its *deliveries* say in cells that never had a value. With *undoes_edits*, in all."""
    received = reduce(fold, put_in_order(deliveries), None)
    if received is None:
        return lead
    others = (other for other in _compare(lead, received) if undoes_edits or _was_never_written(lead, other))
    values = {other.name: other.received for other in others}
    stamps = {name: stamp for name, stamp in received.stamps.items() if name in values}
    return replace(lead, shown=replace(lead.shown, **values), stamps={**lead.stamps, **stamps})


def _was_never_written(lead: Lead, other: OtherValue) -> bool:
    return not other.here and other.name not in lead.stamps
