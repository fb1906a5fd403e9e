"""What goes out: the claim on a mail, where claims are kept, and the way out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Generic, Protocol, Self, TypeVar

from lead_core.lead.recipients import Recipient, RecipientKey
from lead_core.ports.test_leads import FirstTestLead, TestLeadNote
from lead_core.ports.troubles import TroubleStore

if TYPE_CHECKING:
    from datetime import date, datetime

    from lead_core.lead.follow_up import Turn
    from lead_core.lead.values import LeadKey
    from lead_core.messages import Mail

CLAIMS_LAST: Final = timedelta(minutes=10)
"""Longer than a function may run (``functionTimeout``), so the worker whose claim ran out has ended."""
MAX_TRIES: Final = 6
"""How often a mail is sent under its id without an answer. The tries are 10, 20, 40, 80 and 160 minutes apart."""
MANY_MAILS: Final = 48
"""After as many mails to one owner within a day, the rest is gathered. A busy day has fewer: one each half hour."""
MAILS_ARE_COUNTED_FOR: Final = timedelta(days=1)
IDLE_FOR: Final = timedelta(days=1)
"""An owner's row that nothing needs is removed after that. Their next mail makes it again."""
_MAX_NAMED: Final = 5


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
    last_full_at: datetime | None = None
    """When the owner last got a mail with as many leads as a mail holds, or one in which the rest is gathered."""
    mails: int = 0
    """How many mails the owner got since *mails_since*."""
    mails_since: datetime | None = None
    is_escalation: bool = False
    """Whether the mail says to the one in ``ESCALATE_TO`` that nobody answered. Then *owner* is their address."""

    @property
    def recipient(self) -> Recipient:
        """Who gets the mail."""
        return Recipient(self.owner, self.is_escalation)

    @property
    def recipient_key(self) -> RecipientKey:
        """What tells it apart from other digests, even if its address was edited away."""
        return RecipientKey(self.is_escalation, self.key)

    @property
    def named(self) -> str:
        """What the mail is about, without personal data: the keys of some of its leads."""
        return "; ".join(", ".join(claimed.lead) for claimed in self.leads[:_MAX_NAMED]) or "rejected leads"

    def has_many_mails(self, now: datetime) -> bool:
        """Whether the owner had enough mails within a day, so that the rest is gathered."""
        return self.mails >= MANY_MAILS and self._is_counting(now)

    def counted(self, now: datetime) -> Self:
        """Return the digest after one more mail. The count begins again once a day is over."""
        if self._is_counting(now):
            return replace(self, mails=self.mails + 1)
        return replace(self, mails=1, mails_since=now)

    def _is_counting(self, now: datetime) -> bool:
        return self.mails_since is not None and abs(now - self.mails_since) < MAILS_ARE_COUNTED_FOR

    def is_over(self, now: datetime) -> bool:
        """Whether nothing in it decides about a mail any more: no lead, no full mail of late, no count."""
        has_full = self.last_full_at is not None and abs(now - self.last_full_at) < IDLE_FOR
        return not (self.leads or has_full or self._is_counting(now))

    def confirmed(self) -> Self:
        """Return what stands in the row after the mail."""
        return replace(self, leads=())

    released = confirmed


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Someone with an expired link asked for a new one. It is mailed to the owner of the lead."""

    lead: LeadKey
    asked_at: datetime
    sent_at: datetime | None = None
    """When the mail went out, or was given up. None as long as it is wanted."""
    to: str = ""
    """Who gets the mail, once it is claimed."""
    refused: str = ""
    """An address that the mail provider refused. The default owner gets the link then."""

    @property
    def named(self) -> str:
        """What the mail is about, without personal data."""
        return ", ".join(self.lead)

    def confirmed(self) -> Self:
        """Return what stands in the row after the mail."""
        return replace(self, sent_at=self.sent_at or self.asked_at)

    def released(self) -> Self:
        """Return what stands in the row if the mail certainly did not go out."""
        return self


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that is told once, in a mail of its own: a week that is over, an offer that fell silent."""

    key: str
    """``summary-2026-W47``: what it is and which one. It holds no personal data and is a legal row key."""
    sent_at: datetime | None = None
    """When the mail went out, or was given up. None as long as it is not told."""
    is_refused: bool = False
    """Whether the provider refused the address of its reader. The default owner gets the mail then."""

    @property
    def named(self) -> str:
        """What the mail is about, without personal data."""
        return self.key

    def confirmed(self) -> Self:
        """Return what stands in the row after the mail. `steps.telling` writes when it went out."""
        return self

    released = confirmed


About = TypeVar("About", OwnersDigest, TestLeadNote, LinkRequest, Occasion)
"""What a mail can be about. Another kind of mail is named here, and in the adapter that writes its row."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[About]):
    """The right to send one mail: its id, what it is about, and until when nobody else may send it."""

    about: About
    """Frozen while the claim holds."""
    mail_id: str = ""
    """``""`` if nothing went out under the last one. The next try gets a new one."""
    until: datetime | None = None
    """None if nobody is sending it."""
    version: str | None = None
    """None if the row is not there yet."""
    tries: int = 0
    """How often the mail may have gone out under its id."""
    refusals: int = 0
    """How many forms of the mail the provider refused for good: see `steps.sending`."""
    put_off_since: datetime | None = None
    """Since when the provider has read the owner's mails and put them off. None if it took the last one."""
    written_at: datetime | None = field(default=None, compare=False)
    """When the row was last written. Who has waited longest is served first."""

    def is_held(self, now: datetime) -> bool:
        """Whether another worker may be sending the mail at *now*. Clocks may differ, but not by more than a claim."""
        return self.until is not None and now < self.until <= now + 2 * CLAIMS_LAST

    def has_run_out(self, now: datetime) -> bool:
        """Whether a worker claimed the mail and never said what became of it."""
        return self.until is not None and not self.is_held(now)

    def waits(self, now: datetime) -> bool:
        """Whether it is too early to send the mail again. Each time, the wait is twice as long."""
        if self.until is None or self.until > now:
            return False
        return now < self.until + CLAIMS_LAST * ((1 << max(self.tries, 1) - 1) - 1)

    def taken(self, now: datetime) -> Claim[About]:
        """Return the claim while a worker sends the mail."""
        return replace(self, until=now + CLAIMS_LAST, tries=self.tries + 1)

    def in_another_form(self, mail_id: str) -> Claim[About]:
        """Return the claim on the same leads after the provider refused what the mail says."""
        return replace(self, mail_id=mail_id, refusals=self.refusals + 1, tries=1)

    def kept(self, now: datetime, *, with_id: bool) -> Claim[About]:
        """Return the claim after this try certainly failed. *with_id* if an earlier one may have gone out."""
        kept = replace(self, until=now)
        return replace(kept, tries=self.tries - 1) if with_id else replace(kept, tries=0, mail_id="")

    def confirmed(self) -> Claim[About]:
        """Return the claim after its mail went out."""
        return replace(self._emptied(), about=self.about.confirmed(), put_off_since=None)

    def released(self) -> Claim[About]:
        """Return the claim after its mail certainly did not go out."""
        return replace(self._emptied(), about=self.about.released())

    def _emptied(self) -> Claim[About]:
        return replace(self, until=None, tries=0, refusals=0)


class ClaimStore(TroubleStore, Protocol):
    """``Digests``: a claim per owner, one on the escalation, one per day with test leads, one per link request."""

    async def list_digests(self) -> list[Claim[OwnersDigest]]:
        """Read the claims of all owners, and that of the escalation."""

    async def list_test_leads(
        self, since: date, *, limit: int
    ) -> list[tuple[Claim[TestLeadNote], list[FirstTestLead]]]:
        """Read the test leads of each day from *since* on, at most *limit* a day, with the claim on its mails."""

    async def list_old_test_leads(self, before: date) -> list[str]:
        """Read the keys of the rows about test leads of days before *before*."""

    async def remove_test_lead(self, key: str) -> None:
        """Remove a row about test leads by its key."""

    async def insert_test_lead(self, test_lead: FirstTestLead) -> None:
        """Write the first test lead of an offer and day. One that is already there stays as it is."""

    async def write(self, claim: Claim[About]) -> Claim[About]:
        """Write a claim over the version it carries, and return it with its new one. Raises: SomeoneWasFirstError."""

    async def remove(self, claim: Claim[OwnersDigest]) -> None:
        """Remove an owner's row, unless it changed since it was read."""

    async def list_link_requests(self) -> list[Claim[LinkRequest]]:
        """Read who asked for a new link. A row that can't be read is removed, so that someone can ask again."""

    async def get_link_request(self, lead: LeadKey) -> Claim[LinkRequest] | None:
        """Read whether someone asked for a new link to *lead*."""

    async def forget_link_request(self, claim: Claim[LinkRequest]) -> None:
        """Remove a request, unless it changed since it was read."""

    async def get_occasion(self, key: str) -> Claim[Occasion] | None:
        """Read whether an occasion was told."""

    async def list_occasions(self, kind: str) -> list[Claim[Occasion]]:
        """Read the occasions whose keys begin with *kind*, such as ``summary-``, in the order of their keys."""

    async def forget_occasion(self, claim: Claim[Occasion]) -> None:
        """Remove an occasion, unless it changed since it was read."""


class Mailer(Protocol):
    """The way out for mail."""

    async def send(self, mail: Mail) -> None:
        """Return once the provider has taken *mail*.

        Raises: AddressRefusedError or MailNotSentError if nothing went out, MailUncertainError if it is unknown.
        """
