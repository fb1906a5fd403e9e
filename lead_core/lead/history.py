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


@dataclass(frozen=True, slots=True)
class History:
    """All actions on one lead, oldest first."""

    actions: tuple[Action, ...] = ()
    summary: Summary | None = None
    round: int = 0
    """Counts the answers. What settles the lead (an answer, a snooze, the last reminder) opens the next round.

    An action belongs to the round in which it entered the row, whenever it was received.
    """
    is_left_open: bool = False
    """Whether the last round ended with the last reminder. Then its customer was never answered."""

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
        delivered = replace(delivered, round=self.round)
        same = [action for action in self.actions if action.is_same_as(delivered)]
        if not same and self.summary and delivered.first_at <= self.summary.last_at:
            return self  # It may be part of the summary already.
        others = [action for action in self.actions if action not in same]
        return replace(self, actions=_in_order([*others, _join([*same, delivered])]))._shortened()

    def knows(self, delivered: Action) -> bool:
        """Whether the history already holds the delivery."""
        return self.add(delivered) == self

    def settled(self, *, is_left_open: bool = False) -> Self:
        """Return the history after an answer to all that stands in it, or after the last reminder."""
        summary = replace(self.summary, waiting_since=None) if self.summary else None
        return replace(self, summary=summary, round=self.round + 1, is_left_open=is_left_open)

    def reopened(self) -> Self:
        """Return the history with the unanswered actions in a new round. No mail of the last round is about them."""
        if self.round == 0:
            return self  # Nothing was answered, and nobody was told.
        actions = tuple(
            replace(action, round=self.round + 1) if action.round == self.round else action for action in self.actions
        )
        return replace(self, actions=actions, round=self.round + 1)

    def _asks(self, action: Action) -> bool:
        """Whether *action* opens the lead. At first any own action does, after an answer only *Contact me*."""
        is_wish = self.round == 0 or action.code == ActionCode.CONTACT_ME
        return action.is_own and action.round == self.round and is_wish

    def _parts(self) -> list[Action | Summary]:
        return [*self.actions, *([self.summary] if self.summary else [])]

    def _shortened(self) -> Self:
        excess = len(self.actions) - MAX_ACTIONS
        if excess <= 0:
            return self
        old, kept = self.actions[:excess], self.actions[excess:]
        ages: list[Action | Summary] = [*old, *([self.summary] if self.summary else [])]
        summary = Summary(
            count=len(old) + (self.summary.count if self.summary else 0),
            first_at=min(part.first_at for part in ages),
            last_at=max(part.last_at for part in ages),
            has_own=any(action.is_own for action in old) or (self.summary is not None and self.summary.has_own),
            waiting_since=replace(self, actions=old).waiting_since,
        )
        return replace(self, actions=kept, summary=summary)


def _in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple(sorted(actions, key=lambda action: (action.first_at, action.event_id, action.content)))


def _join(deliveries: list[Action]) -> Action:
    first = _in_order(deliveries)[0]
    # A duplicate of what was answered is answered.
    return replace(
        first, last_at=max(part.last_at for part in deliveries), round=min(part.round for part in deliveries)
    )
