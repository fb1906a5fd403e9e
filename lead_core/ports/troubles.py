"""What `health` says about the mails, and where it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about the mails that a person should know."""

    code: str
    detail: str
    """A code of the provider, a number, or the keys of leads."""
    since: datetime
    seen_at: datetime


class TroubleStore(Protocol):
    """In ``Digests``: what `health` says about the mails."""

    async def list_troubles(self) -> list[Trouble]:
        """Read what is known."""

    async def write_trouble(self, trouble: Trouble) -> None:
        """Write one over what is known under its code."""

    async def clear_trouble(self, code: str) -> None:
        """Forget it."""
