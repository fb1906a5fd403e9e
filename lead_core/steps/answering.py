"""The fourth step: a person says what became of a lead, on the page behind a link. Showing the page changes nothing."""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from lead_core.errors import AnswerError, LeadErasedError, LeadError, LeadGoneError
from lead_core.lead.answers import find_contradicted, is_asked_meanwhile, is_closed
from lead_core.lead.attempts import find_plan
from lead_core.lead.changes import StoredLead, answered, edited, others_beside
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy, explain_owner
from lead_core.lead.lead import BY_LINK, Lead
from lead_core.lead.who import is_shared
from lead_core.links import Link, LinkSigner, name_recipient
from lead_core.ports.storage import ErasureStore
from lead_core.steps.repository import LeadRepository
from lead_core.views.attempt_words import refuse_no_answer
from lead_core.views.colleagues import Colleague, ask_colleague, refuse_colleague, say_has_it
from lead_core.views.recorded import ASKED_MEANWHILE, say_contradicted


@dataclass(frozen=True, slots=True)
class OpenedLead:
    """A lead behind a link, and what the same person did on other offers."""

    lead: Lead
    """With what people edited and said on other offers. Its row may not say so yet."""
    others: tuple[Lead, ...]
    owner_problem: str = ""
    """What is wrong with its owner cell: `explain_owner`."""
    shared_mailbox: str | None = None
    """The link's mailbox if several people may read it, ``""`` if it is not known any more. None if one person does."""
    team: tuple[str, ...] = ()
    """The addresses to which the lead may be passed on without a question."""
    my_leads: str = ""
    """The page with all open leads of those who have the link."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Shows a lead to those who have a link to it, and records what they say."""

    repository: LeadRepository
    links: LinkSigner
    erasures: ErasureStore
    questions: tuple[str, ...] = ()
    """What can be ticked beside *Qualified*."""

    async def show(self, token: str, *, now: datetime) -> OpenedLead:
        """Return the lead behind a link.

        Raises: ForgedLinkError, ExpiredLinkError, LeadErasedError, LeadGoneError.
        """
        return await self._open(self.links.read(token, now=now))

    async def record(self, token: str, answer: Answer, *, now: datetime) -> Lead:
        """Record an answer, at most once per click, and return the lead as the answer left it.

        Raises: what `show` raises, AnswerError and SomeoneWasFirstError. After any of them, nothing is recorded.
        """
        link = self.links.read(token, now=now)

        def change(stored: StoredLead) -> Lead:
            current = edited(stored, self._policy)
            _check_state(current, answer, self._policy, now)
            by = self._find_recipient(stored.lead, link)
            understood = self._read_colleague(current, answer, by) if answer.choice is Choice.PASS else answer
            said = understood if is_shared(by) else replace(understood, said_by="")
            return answered(stored, said, by=by, at=now, policy=self._policy)

        lead = await self.repository.settle(link.lead, change)
        if lead is None:
            raise await self._explain_gone(link)
        if answer.choice in {Choice.DO_NOT_CONTACT, Choice.LIFT}:
            # The process may have ended here before, and this is the same click again.
            await self.repository.spread(None, lead)
        return lead

    def _read_colleague(self, lead: Lead, answer: Answer, by: str) -> Answer:
        """Return *answer* with the address of the colleague whom a person typed.

        An address that nobody named is asked about. One outside the company is refused: a forwarded link may be in
        anybody's hands. Raises: AnswerError.
        """
        owners = self._policy.owners
        owner = owners.read(lead.cells.owner, lead.confirmed_owner)
        meaning = owners.interpret(answer.colleague)
        meant = (meaning.address if not meaning.problem else "") or meaning.to_confirm
        if meant and meant == owner != lead.refused_owner and not _is_repeated(lead, answer):
            raise AnswerError(say_has_it(owner, reader=by), "colleague")
        if meaning.address and not meaning.problem:
            return replace(answer, colleague=meaning.address, is_confirmed=False)
        others = tuple(address for address in meaning.alike if address != owner)
        if not meaning.to_confirm:
            colleagues = Colleague.list_of(owners.team, owner=owner)
            raise AnswerError(refuse_colleague(meaning, colleagues), "colleague", offered=others)
        if not answer.is_confirmed:
            question = ask_colleague(meaning._replace(alike=others))
            raise AnswerError(question, "colleague", offered=(*others, meaning.to_confirm))
        return replace(answer, colleague=meaning.to_confirm)

    def _find_recipient(self, lead: Lead, link: Link) -> str:
        owners = self._policy.owners
        cell = lead.cells.owner
        meant = owners.read(cell, lead.confirmed_owner)
        known = [cell, meant, owners.escalate_to, *owners.people]
        return next((address for address in known if name_recipient(address) == link.holder.recipient), BY_LINK)

    @property
    def is_https(self) -> bool:
        """Whether browsers open the links over TLS."""
        return self.links.public_url.startswith("https:")

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
            raise await self._explain_gone(link)
        lead, owners = edited(stored, self._policy), self._policy.owners
        by = self._find_recipient(lead, link)
        shared_mailbox = ("" if by == BY_LINK else by) if is_shared(by) else None
        others = others_beside(stored, lead)
        my_leads = self.links.sign_my_leads_for(link.holder)
        return OpenedLead(lead, others, explain_owner(lead, owners), shared_mailbox, owners.team, my_leads)

    async def _explain_gone(self, link: Link) -> LeadError:
        erasure = await self.erasures.find(link.lead.partition)
        return LeadErasedError(erasure.at.astimezone(self.zone).date()) if erasure else LeadGoneError()


def _is_repeated(lead: Lead, answer: Answer) -> bool:
    return any((taken.click, taken.choice) == (answer.click, answer.choice) for taken in lead.decisions)


def _check_state(lead: Lead, answer: Answer, policy: FollowUpPolicy, now: datetime) -> None:
    """Refuse an answer that does not fit the lead, or would undo what others said while its page was open.

    Raises: AnswerError.
    """
    if _is_repeated(lead, answer):
        return
    if answer.choice is Choice.LIFT and not is_closed(lead):
        raise AnswerError("Nobody says “Do not contact” of this customer any more.", "choice")
    if is_asked_meanwhile(lead, answer, plans_attempts=bool(policy.touches)):
        raise AnswerError(ASKED_MEANWHILE, "choice")
    if contradicted := find_contradicted(lead, answer):
        raise AnswerError(say_contradicted(contradicted), "choice")
    plan = find_plan(lead, policy.touches)
    if answer.choice is Choice.NO_ANSWER and not (plan and plan.has_run):
        raise AnswerError(refuse_no_answer(plan, now=now, zone=policy.zone), "choice")
