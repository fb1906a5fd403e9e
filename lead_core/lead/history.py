"""What a customer did on one offer, folded so that the order and number of deliveries don't matter.

Deliveries of the same content, each within ten minutes of the next, are one action: a union of intervals. It comes out
the same in any order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from lead_core.lead.actions import ActionCode, is_own_action

SAME_ACTION_WITHIN = timedelta(minutes=10)
MAX_ACTIONS = 100
EVENT_ID_DIGITS = 8
ANSWERED_BEFORE = -1
"""The round of actions that were answered before the app knew of them. See `lead.past`."""
MAX_SUMMED_EVENTS = 500
"""Their ids must fit into the history's cell."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that the customer did. It may have been delivered several times."""

    first_at: datetime
    last_at: datetime
    code: str
    source: str
    event_id: str
    """The id of the first delivery."""
    content: str
    """A digest of all that the lead says."""
    round: int = 0
    """In which round of the conversation it came. See `History.round`."""

    @property
    def is_own(self) -> bool:
        """Whether the customer acted. If not, the customer asked another partner."""
        return is_own_action(self.code)

    def is_same_as(self, other: "Action") -> bool:
        """Whether both are deliveries of one action."""
        return (
            self.content == other.content
            and self.first_at - SAME_ACTION_WITHIN <= other.last_at
            and other.first_at - SAME_ACTION_WITHIN <= self.last_at
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """What is left of the oldest actions of a long history."""

    count: int
    first_at: datetime
    last_at: datetime
    has_own: bool
    waiting_since: datetime | None
    events: str = ""
    """The last digits of the event ids of the latest actions in it, one after the other."""
    forgotten_at: datetime | None = None
    """The last receipt of the actions in it whose event ids are not known any more."""

    def may_hold(self, delivered: Action) -> bool:
        """Whether *delivered* may be one of the actions that were summed up."""
        is_forgotten = self.forgotten_at is not None and delivered.first_at <= self.forgotten_at
        starts = range(0, len(self.events), EVENT_ID_DIGITS)
        return is_forgotten or any(delivered.event_id.endswith(self.events[at : at + EVENT_ID_DIGITS]) for at in starts)


@dataclass(frozen=True, slots=True)
class History:
    """All actions on one lead, oldest first."""

    actions: tuple[Action, ...] = ()
    summary: Summary | None = None
    round: int = 0
    """Counts the answers. What settles the lead (an answer, a snooze, the last reminder) opens the next round.

    An action belongs to the round in which it entered the row, whenever it was received.
    """
    left_open_since: int | None = None
    """The first of the rounds that ended with the last reminder and not with an answer. None if there is none."""
    is_lost: bool = False
    """Whether the row's own history was damaged. Then this one was made of the row's other cells."""

    @property
    def count(self) -> int:
        """The number of actions, without duplicates."""
        return len(self.actions) + (self.summary.count if self.summary else 0)

    @property
    def first_at(self) -> datetime:
        """When the first action was received."""
        return min(part.first_at for part in self._parts())

    @property
    def last_at(self) -> datetime:
        """When the last delivery was received."""
        return max(part.last_at for part in self._parts())

    @property
    def has_own_action(self) -> bool:
        """Whether any action is the customer's own."""
        return any(action.is_own for action in self.actions) or (self.summary is not None and self.summary.has_own)

    @property
    def is_left_open(self) -> bool:
        """Whether the customer was reminded about until the last reminder, and never answered.

        A late delivery can show that what opened the lead only repeats what was answered. Then nothing is left open.
        """
        return self.left_open_at is not None

    @property
    def left_open_at(self) -> datetime | None:
        """When the first action was received that is left open. None if there is none."""
        since = self.left_open_since
        if since is None:
            return None
        summed = [self.summary.first_at] if since == 0 and self.summary and self.summary.has_own else []
        left = (action.first_at for action in self.actions if opens(action) and action.round >= since)
        return min([*summed, *left], default=None)

    @property
    def waiting_since(self) -> datetime | None:
        """When the first unanswered action that asks for an answer was received."""
        summed = [self.summary.waiting_since] if self.summary and self.summary.waiting_since else []
        return min([*summed, *(action.first_at for action in self.actions if self._asks(action))], default=None)

    @property
    def news_since(self) -> datetime | None:
        """When the customer first did something new after the last answer that the owner was not told about."""
        news = [a.first_at for a in self.actions if a.is_own and a.round == self.round and not self._asks(a)]
        return min(news, default=None)

    def add(self, delivered: Action) -> Self:
        """Return the history with one more delivery in it. A known delivery may come again."""
        same = [action for action in self.actions if action.is_same_as(delivered)]
        if delivered.round != ANSWERED_BEFORE:
            delivered = replace(delivered, round=self.round)
        elif same:  # It is known here whether that was answered.
            delivered = replace(delivered, round=min(action.round for action in same))
        if not same and self.summary and self.summary.may_hold(delivered):
            return self
        others = [action for action in self.actions if action not in same]
        return replace(self, actions=_in_order([*others, _join([*same, delivered])]))._shortened()

    def knows(self, delivered: Action) -> bool:
        """Whether the history already holds the delivery."""
        return self.add(delivered) == self

    def settled(self, *, is_left_open: bool = False) -> Self:
        """Return the history after an answer to all that stands in it, or after the last reminder."""
        summary = replace(self.summary, waiting_since=None) if self.summary else None
        since = self.round if self.left_open_since is None else self.left_open_since
        return replace(self, summary=summary, round=self.round + 1, left_open_since=since if is_left_open else None)

    def reopened(self) -> Self:
        """Return the history with the unanswered actions in a new round. No mail of the last round is about them."""
        if self.round == 0:
            return self  # Nothing was answered, and nobody was told.
        actions = tuple(
            replace(action, round=self.round + 1) if action.round == self.round else action for action in self.actions
        )
        return replace(self, actions=actions, round=self.round + 1)

    def _asks(self, action: Action) -> bool:
        return opens(action) and action.round == self.round

    def _parts(self) -> list[Action | Summary]:
        return [*self.actions, *([self.summary] if self.summary else [])]

    def _shortened(self) -> Self:
        """Sum up what is too much: first the actions of earlier rounds, then the oldest."""
        excess = len(self.actions) - MAX_ACTIONS
        if excess <= 0:
            return self
        old = sorted(self.actions, key=lambda action: action.round == self.round)[:excess]
        before = self.summary
        ages: list[Action | Summary] = [*old, *([before] if before else [])]
        events = (before.events if before else "") + "".join(
            action.event_id[-EVENT_ID_DIGITS:].rjust(EVENT_ID_DIGITS) for action in old
        )
        summary = Summary(
            count=len(old) + (before.count if before else 0),
            first_at=min(part.first_at for part in ages),
            last_at=max(part.last_at for part in ages),
            has_own=any(action.is_own for action in old) or (before is not None and before.has_own),
            waiting_since=replace(self, actions=tuple(old)).waiting_since,
            events=events,
            forgotten_at=before.forgotten_at if before else None,
        )
        if len(events) > MAX_SUMMED_EVENTS * EVENT_ID_DIGITS:
            kept_events = events[-MAX_SUMMED_EVENTS * EVENT_ID_DIGITS :]
            summary = replace(summary, events=kept_events, forgotten_at=before.last_at if before else summary.last_at)
        since = self.left_open_since
        if since is not None and any(opens(action) and action.round >= since for action in old):
            since = 0  # No delivery can join an action that was summed up.
        kept = tuple(action for action in self.actions if action not in old)
        return replace(self, actions=kept, summary=summary, left_open_since=since)


def opens(action: Action) -> bool:
    """Whether *action* opened the lead. At first any own action does, after an answer only *Contact me*."""
    return action.is_own and (action.round == 0 or action.code == ActionCode.CONTACT_ME)


def _in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple(sorted(actions, key=lambda action: (action.first_at, action.event_id, action.content)))


def _join(deliveries: list[Action]) -> Action:
    first = _in_order(deliveries)[0]
    # A duplicate of what was answered is answered.
    return replace(
        first, last_at=max(part.last_at for part in deliveries), round=min(part.round for part in deliveries)
    )
