"""Test leads, and the mails that confirm them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class FirstTestLead:
    """The first test lead of an offer and day."""

    offer: str
    received_at: datetime
    owner: str = ""
    """Who would be told of a real one."""
    is_confirmed: bool = False
    """Whether a version before confirmed it by a mail of its own."""
    key: str = ""
    """The row's key, which follows from the day and the offer."""


@dataclass(frozen=True, slots=True)
class TestLeadNote:
    """The mails to the default owner about the test leads of one day."""

    __test__: ClassVar[bool] = False  # Pytest would collect a class with this name.

    day: date
    told: tuple[str, ...] = ()
    """The keys of the test leads that were in a mail."""
    telling: tuple[str, ...] = ()
    """The keys of those in the mail that is being sent now."""
    mails: int = 0

    @property
    def named(self) -> str:
        """What the mail is about, without personal data."""
        return f"test leads of {self.day}"

    def confirmed(self) -> Self:
        """Return what stands in the row after the mail."""
        return replace(self, told=(*self.told, *self.telling), telling=(), mails=self.mails + 1)

    def released(self) -> Self:
        """Return what stands in the row if the mail certainly did not go out."""
        return replace(self, telling=())
