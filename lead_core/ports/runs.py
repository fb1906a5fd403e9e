"""When the timers last did their work. A timer that stopped says nothing, so nobody would miss it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Timer(StrEnum):
    """The timers, by the names of their functions."""

    REMINDERS = "send_reminders"
    CHECK = "check_leads"
    SUMMARY = "send_summary"
    CANARY = "send_canary"


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of a timer that came to its end."""

    timer: Timer
    finished_at: datetime
    """By the app's clock."""
    trouble: str = ""
    """Why it sent no mails, in words for people. ``""`` if it could."""
    noted_at: datetime | None = None
    """When that was written, by the storage account's clock. The difference is the difference of the clocks."""


class RunStore(Protocol):
    """In ``Digests``: the last run of each timer."""

    async def note(self, run: Run) -> None:
        """Write a run over the one before."""

    async def list_runs(self) -> dict[Timer, Run]:
        """Read what is known."""
