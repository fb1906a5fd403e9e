"""What goes out: the claim on a mail, where claims are kept, and the way out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from lead_core.lead.follow_up import Turn
    from lead_core.lead.values import LeadKey
    from lead_core.messages import Mail


@dataclass(frozen=True, slots=True)
class ClaimedLead:
    """A lead in a claimed digest, and which mail about it this is."""

    lead: LeadKey
    turn: Turn


@dataclass(frozen=True, slots=True)
class OwnersDigest:
    """What the next mail to one owner is about."""

    owner: str
    """``""`` if a person edited that away."""
    leads: tuple[ClaimedLead, ...] = ()
    key: str = ""
    """The row's key, which follows from the owner."""

    def confirmed(self) -> Self:
        """Return what stands in the row after the mail."""
        return replace(self, leads=())

    released = confirmed


@dataclass(frozen=True, slots=True)
class FirstTestLead:
    """The first test lead of an offer and day, which is confirmed to the default owner."""

    offer: str
    received_at: datetime
    owner: str = ""
    """Who would be told of a real one."""
    is_confirmed: bool = False

    def confirmed(self) -> Self:
        """Return what stands in the row after the mail."""
        return replace(self, is_confirmed=True)

    def released(self) -> Self:
        """Return what stands in the row if the mail certainly did not go out."""
        return self


About = TypeVar("About", OwnersDigest, FirstTestLead)
"""What a mail can be about. Another kind of mail is named here, and in the adapter that writes its row."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[About]):
    """The right to send one mail: its id, what it is about, and until when nobody else may send it."""

    about: About
    """Frozen while the claim holds."""
    mail_id: str = ""
    until: datetime | None = None
    """None if nobody is sending it."""
    version: str | None = None
    """None if the row is not there yet."""

    def is_held(self, now: datetime) -> bool:
        """Whether another worker may be sending the mail at *now*."""
        return self.until is not None and now < self.until

    def has_run_out(self, now: datetime) -> bool:
        """Whether a worker claimed the mail and never said what became of it."""
        return self.until is not None and now >= self.until

    def confirmed(self) -> Claim[About]:
        """Return the claim after its mail went out."""
        return replace(self, about=self.about.confirmed(), until=None)

    def released(self) -> Claim[About]:
        """Return the claim after its mail certainly did not go out."""
        return replace(self, about=self.about.released(), until=None)


class ClaimStore(Protocol):
    """``Digests``: a claim per owner, one per offer and day with a test lead, and how many leads rest unanswered."""

    async def list_digests(self) -> list[Claim[OwnersDigest]]:
        """Read the claims of all owners."""

    async def list_test_leads(self, since: datetime) -> list[Claim[FirstTestLead]]:
        """Read the claims of the test leads of the day of *since* and later."""

    async def insert_test_lead(self, test_lead: FirstTestLead) -> None:
        """Write the first test lead of an offer and day. One that is already there stays as it is."""

    async def write(self, claim: Claim[About]) -> Claim[About]:
        """Write a claim over the version it carries, and return it with its new one. Raises: SomeoneWasFirstError."""

    async def write_resting(self, count: int) -> None:
        """Write how many leads rest unanswered."""

    async def read_resting(self) -> int:
        """Read how many leads rested unanswered when they were last counted."""


class Mailer(Protocol):
    """The way out for mail."""

    async def send(self, mail: Mail) -> None:
        """Return once the provider has taken *mail*.

        Raises: AddressRefusedError or MailNotSentError if nothing went out, MailUncertainError if it is unknown.
        """
