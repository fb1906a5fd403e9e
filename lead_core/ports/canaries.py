"""What canaries need: the app's own door, and a note of each in ``Digests``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lead_core.lead.canary import Canary
    from lead_core.ports.examining import DoorAnswer


class LeadDoor(Protocol):
    """The app's own door, from outside."""

    async def post(self, url: str, lead: bytes) -> DoorAnswer:
        """Post a lead. Raises: NoAnswerError."""


class CanaryStore(Protocol):
    """A note of each canary, until its rows are removed."""

    async def list(self) -> list[Canary]:
        """Read all notes, in the order of their posts. One request."""

    async def write(self, canary: Canary) -> None:
        """Write a note, new or not."""

    async def remove(self, canary: Canary) -> None:
        """Remove a note."""
