"""The fourth step: a salesperson says what became of a lead, on the page behind a link. Looking changes nothing."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from lead_core.errors import AnswerError, LeadGoneError
from lead_core.lead.addresses import is_at_domain
from lead_core.lead.answers import Answer
from lead_core.lead.decisions import STATUS_OF, Details, record_answer
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Decision, Lead
from lead_core.links import Link, LinkSigner, name_recipient
from lead_core.steps.keeping import LeadKeeper

BY_LINK = "link"
"""Who decided, where a link's recipient is none of the owners any more."""


@dataclass(frozen=True, slots=True)
class OpenedLead:
    """A lead behind a link, and what the same person did on other offers."""

    lead: Lead
    others: tuple[Lead, ...]


@dataclass(frozen=True, slots=True)
class Answering:
    """Opens the lead behind a link, and records what its reader says of it."""

    keeper: LeadKeeper
    links: LinkSigner
    escalate_to: str

    async def show(self, token: str, *, now: datetime) -> OpenedLead:
        """Return the lead behind a link.

        Raises: ForgedLinkError, ExpiredLinkError, LeadGoneError.
        """
        return await self._open(self.links.read(token, now=now))

    async def record(self, token: str, answer: Answer, *, now: datetime) -> OpenedLead:
        """Record an answer, at most once per click, and return the lead as the answer left it.

        Raises: as `show`; AnswerError, SomeoneWasFirstError after which nothing is recorded.
        """
        link = self.links.read(token, now=now)
        self._check_colleague(answer)
        if await self.keeper.answer(link.lead, lambda lead: self._answer(lead, answer, link, now)) is None:
            raise LeadGoneError
        return await self._open(link)

    def _answer(self, lead: Lead, answer: Answer, link: Link, now: datetime) -> Lead:
        by = self._find_recipient(lead, link)
        decision = Decision(STATUS_OF[answer.choice], now, by, answer.choice, answer.click)
        follow_up_at = self._policy.start_of(answer.follow_up_on) if answer.follow_up_on else None
        return record_answer(lead, decision, Details(answer.note, answer.reason, answer.colleague, follow_up_at))

    def _check_colleague(self, answer: Answer) -> None:
        """Let a lead be passed on only within the company: a link may have been forwarded to anybody."""
        owners = self._policy.owners
        domains = {address.rpartition("@")[2] for address in (*owners.people, self.escalate_to.lower()) if address}
        if answer.colleague and not is_at_domain(answer.colleague, domains):
            raise AnswerError(
                "A lead can only be passed on within your company: to an address at a domain of those who own leads. "
                "Whoever runs this app can add one to OWNERS.",
                "colleague",
            )

    def _find_recipient(self, lead: Lead, link: Link) -> str:
        owners = self._policy.owners
        cell = lead.cells.owner
        known = [cell, owners.read(cell), owners.of(lead), owners.default, self.escalate_to, *owners.people]
        return next((address for address in known if name_recipient(address) == link.recipient), BY_LINK)

    @property
    def zone(self) -> tzinfo:
        """The time zone of those who answer."""
        return self._policy.zone

    @property
    def _policy(self) -> FollowUpPolicy:
        return self.keeper.policy

    async def _open(self, link: Link) -> OpenedLead:
        found = await self.keeper.look_at(link.lead)
        if found is None:
            raise LeadGoneError
        stored, others = found
        return OpenedLead(stored.lead, others)
