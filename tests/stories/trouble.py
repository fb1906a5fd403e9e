"""What may befall a step of a story, at one of its calls to storage."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from lead_core.errors import StorageUnavailableError
from tests.weather import CrashError


class Kind(StrEnum):
    """What goes wrong at a call to storage, or what happens in between."""

    AWAY = "storage does not answer once"
    LOST = "it is done, and the answer is lost"
    OUTAGE = "storage does not answer any more"
    CRASH = "the process ends"
    TYPED = "a person types a status meanwhile"
    OWNER = "a person types an owner meanwhile"
    CLICKED = "a person says contacted meanwhile"
    DELIVERED = "another worker gets a message meanwhile"
    TICKED = "another timer ticks meanwhile"
    ERASED = "a person erases a lead meanwhile"
    FORGOTTEN = "the privacy officer erases a person meanwhile"
    CHECKED = "the check runs meanwhile"


HARMS = {Kind.AWAY, Kind.LOST, Kind.OUTAGE, Kind.CRASH}


@dataclass(frozen=True)
class Trouble:
    """What happens, and at which of a step's calls to storage."""

    kind: Kind
    call: int
    lead: int = 0
    """Which lead, or message, it concerns."""
    word: str = "Contacted"


class Weather:
    """Counts the calls of a step, and makes trouble at one of them."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.meanwhile: Callable[[Trouble], Awaitable[None]] | None = None
        self.calls = 0

    @contextmanager
    def lasting(self, trouble: Trouble | None) -> Iterator[None]:
        before = self.trouble, self.calls
        self.trouble, self.calls = trouble, 0
        try:
            yield
        finally:
            self.trouble, self.calls = before

    async def before(self) -> None:
        self.calls += 1
        trouble = self.trouble
        if trouble and trouble.kind is Kind.OUTAGE and self.calls >= trouble.call:
            raise StorageUnavailableError("test")
        if trouble is None or self.calls != trouble.call:
            return
        if trouble.kind is Kind.CRASH:
            raise CrashError
        if trouble.kind is Kind.AWAY:
            raise StorageUnavailableError("test")
        if trouble.kind not in HARMS and self.meanwhile:
            with self.lasting(None):
                await self.meanwhile(trouble)

    async def after(self) -> None:
        if self.trouble and self.trouble.kind is Kind.LOST and self.calls == self.trouble.call:
            raise StorageUnavailableError("test")
