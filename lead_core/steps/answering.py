"""The fourth step: a person says what became of a lead, on the page behind a link. Showing the page changes nothing."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from lead_core.errors import AnswerError, LeadGoneError
from lead_core.lead.changes import answered
from lead_core.lead.choices import Answer
from lead_core.lead.follow_up import FollowUpPolicy, explain_owner
from lead_core.lead.lead import Lead
from lead_core.links import Link, LinkSigner, name_recipient
from lead_core.steps.repository import LeadRepository

BY_LINK = "link"
"""Who decided, if a link's recipient is no longer an owner."""


@dataclass(frozen=True, slots=True)
class OpenedLead:
    """A lead behind a link, and what the same person did on other offers."""

    lead: Lead
    others: tuple[Lead, ...]
    owner_problem: str = ""
    """What is wrong with its owner cell: `explain_owner`."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Shows a lead to those who have a link to it, and records what they say."""

    repository: LeadRepository
    links: LinkSigner
    escalate_to: str

    async def show(self, token: str, *, now: datetime) -> OpenedLead:
        """Return the lead behind a link.

        Raises: ForgedLinkError, ExpiredLinkError, LeadGoneError.
        """
        return await self._open(self.links.read(token, now=now))

    async def record(self, token: str, answer: Answer, *, now: datetime) -> OpenedLead:
        """Record an answer, at most once per click, and return the lead as the answer left it.

        Raises: what `show` raises, AnswerError and SomeoneWasFirstError. After any of them, nothing is recorded.
        """
        link = self.links.read(token, now=now)
        self._check_colleague(answer)
        lead = await self.repository.settle(
            link.lead,
            lambda stored: answered(
                stored, answer, by=self._find_recipient(stored.lead, link), at=now, policy=self._policy
            ),
        )
        if lead is None:
            raise LeadGoneError
        return await self._open(link)

    def _check_colleague(self, answer: Answer) -> None:
        """Refuse a colleague outside the company. A forwarded link may be in anybody's hands."""
        if answer.colleague and (wrong := self._policy.owners.refuse(answer.colleague)):
            raise AnswerError(wrong, "colleague")

    def _find_recipient(self, lead: Lead, link: Link) -> str:
        owners = self._policy.owners
        cell = lead.cells.owner
        known = [cell, owners.read(cell), owners.of(lead), owners.default, self.escalate_to, *owners.people]
        return next((address for address in known if name_recipient(address) == link.recipient), BY_LINK)

    @property
    def zone(self) -> tzinfo:
        """The time zone of the people who answer."""
        return self._policy.zone

    @property
    def _policy(self) -> FollowUpPolicy:
        return self.repository.policy

    async def _open(self, link: Link) -> OpenedLead:
        stored = await self.repository.get(link.lead)
        if stored is None:
            raise LeadGoneError
        return OpenedLead(stored.lead, stored.others, explain_owner(stored.lead, self._policy.owners))
