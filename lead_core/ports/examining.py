"""What an examination of the app looks at from outside. Nothing here changes anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How much waits in a queue."""

    messages: int
    """About how many, with those that are being worked on."""
    oldest_at: datetime | None = None
    """When the oldest message was put there, of those that nobody works on. None if there is none."""


class QueueGauge(Protocol):
    """A queue, seen from outside."""

    name: str

    async def measure(self) -> QueueDepth | None:
        """Read how much waits. None if there is no such queue yet."""


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """A storage account, seen from outside."""

    tables: frozenset[str]
    """The names of its tables."""
    clock: datetime | None
    """What its clock says, in whole seconds. None if it does not say."""


class AccountGauge(Protocol):
    """The storage account, seen from outside."""

    async def look(self) -> AccountSeen:
        """Read its tables and its clock."""


class MailLogin(Protocol):
    """The mail server, without a mail."""

    async def find_refused(self, sender: str, recipients: Sequence[str]) -> list[str]:
        """Log in, and return those of *recipients* that the server refuses, as far as it says so without a mail.

        Raises: MailNotSentError as `Mailer.send` does, if it takes no login or no *sender*.
        """


@dataclass(frozen=True, slots=True)
class DoorAnswer:
    """What the app answered."""

    status: int
    document: Mapping[str, Any] = field(default_factory=dict)
    """Its JSON object. Empty if the answer is none."""


class Door(Protocol):
    """The app as it is reached from outside."""

    async def ask(self, method: str, url: str) -> DoorAnswer:
        """Send a request without a body. Raises: NoAnswerError."""
