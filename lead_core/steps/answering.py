"""The fourth step: a person says what became of a lead, on the page behind a link. Showing it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lead_core.errors import LeadGoneError
from lead_core.lead.changes import answered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.person import is_at_domain
from lead_core.lead.values import Status
from lead_core.links import Link, LinkSigner, name_recipient
from lead_core.steps.repository import LeadRepository
from lead_core.views.other_offers import describe_others
from lead_core.views.page import AnswerError, FollowUpPage, HistoryLine, parse_answer
from lead_core.views.words import describe_action, describe_day, describe_moment, describe_status

_SOON = timedelta(minutes=10)

BY_LINK = "link"
"""Who decided, if a link's recipient is none of the owners any more."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Shows a lead to those who have a link to it, and records what they say."""

    repository: LeadRepository
    links: LinkSigner
    escalate_to: str

    async def show(self, token: str, *, now: datetime, click: str) -> FollowUpPage:
        """Return the page of a lead. *click* is the id of the one change that its form may make.

        Raises: ForgedLinkError, ExpiredLinkError, LeadGoneError.
        """
        link = self.links.read(token, now=now)
        return await self._show(link, token, now=now, click=click)

    async def record(self, token: str, form: Mapping[str, str], *, now: datetime, click: str) -> FollowUpPage:
        """Record an answer, at most once per click, and return the page that says what happens next.

        Raises: what `show` raises, and SomeoneWasFirstError, after which nothing is recorded.
        """
        link = self.links.read(token, now=now)
        try:
            answer = parse_answer(form, today=now.astimezone(self._policy.zone).date())
            self._check_colleague(answer)
        except AnswerError as error:
            page = await self._show(link, token, now=now, click=click)
            return replace(page, problem=str(error), wrong_field=error.field, entered=form, chosen=_find_choice(form))
        lead = await self.repository.settle(
            link.lead,
            lambda stored: answered(
                stored, answer, by=self._find_recipient(stored.lead, link), at=now, policy=self._policy
            ),
        )
        if lead is None:
            raise LeadGoneError
        page = await self._show(link, token, now=now, click=click)
        return replace(page, said=self._say_what_is_next(lead, answer, now), chosen=answer.choice)

    def _check_colleague(self, answer: Answer) -> None:
        """Refuse a colleague outside the company. A link may have been forwarded to anybody."""
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
    def _policy(self) -> FollowUpPolicy:
        return self.repository.policy

    async def _show(self, link: Link, token: str, *, now: datetime, click: str) -> FollowUpPage:
        stored = await self.repository.get(link.lead)
        if stored is None:
            raise LeadGoneError
        lead, others = stored.lead, stored.others
        shown, zone = lead.shown, self._policy.zone
        is_open = lead.status is Status.NEW and lead.waiting_since is not None
        answer = next((d for d in reversed(lead.decisions) if d.status is not Status.NEW), None)
        return FollowUpPage(
            name=shown.name,
            first_name=shown.first_name,
            company=shown.company,
            title=shown.title,
            country=shown.country,
            email=shown.email,
            phone=shown.phone,
            offer=shown.offer_title or shown.offer_id,
            source=shown.source,
            action_code=shown.action_code,
            description=shown.description,
            status=lead.status,
            owner=lead.cells.owner,
            note=lead.cells.note,
            disqualified_reason=lead.cells.disqualified_reason if lead.status is Status.DISQUALIFIED else "",
            attempts=lead.attempts,
            waited=now - lead.waiting_since if is_open and lead.waiting_since else None,
            answered_at=answer.at.astimezone(zone) if answer and not is_open else None,
            answered_by=answer.by if answer and not is_open else "",
            other_offers=describe_others(others),
            history=tuple(replace(line, at=line.at.astimezone(zone)) for line in _tell(lead)),
            action_url=f"/api/follow-up/{token}",
            click=click,
            today=now.astimezone(zone).date(),
        )

    def _say_what_is_next(self, lead: Lead, answer: Answer, now: datetime) -> str:
        recorded = f"Recorded: {_CHOSEN[answer.choice]}."
        if answer.choice is Choice.DO_NOT_CONTACT:
            return f"{recorded} Nobody is reminded of this customer any more, on any offer."
        if lead.status is Status.DO_NOT_CONTACT:
            return f"{recorded} This customer is not to be contacted, on any offer, so nobody is reminded."
        if lead.next_reminder_at is None:
            return f"{recorded} There are no more reminders, unless the customer asks to be contacted again."
        next_at = lead.next_reminder_at.astimezone(self._policy.zone)
        if answer.choice is Choice.PASS:
            is_soon = lead.next_reminder_at <= now + _SOON
            return f"{recorded} {answer.colleague} is told {'within minutes' if is_soon else describe_moment(next_at)}."
        if answer.choice is Choice.CONTACTED_FOLLOW_UP:
            return f"{recorded} You are reminded on {describe_day(next_at.date())}."
        return f"{recorded} The next reminder comes on {describe_moment(next_at)}."


_CHOSEN = {
    Choice.CONTACTED: "contacted",
    Choice.CONTACTED_FOLLOW_UP: "contacted, with a follow-up",
    Choice.TRIED: "tried, no answer",
    Choice.LATER_1D: "remind me in 1 day",
    Choice.LATER_3D: "remind me in 3 days",
    Choice.LATER_7D: "remind me in 7 days",
    Choice.QUALIFIED: "qualified",
    Choice.NOT_A_FIT: "not a fit",
    Choice.PASS: "passed to a colleague",
    Choice.DO_NOT_CONTACT: "asked not to be contacted",
}


def _find_choice(form: Mapping[str, str]) -> Choice | None:
    return next((choice for choice in Choice if choice == form.get("choice")), None)


def _tell(lead: Lead) -> list[HistoryLine]:
    """Tell what happened to a lead, the latest first."""
    acted = [
        HistoryLine(action.first_at, f"The customer {describe_action(action.code, action.source)}.")
        for action in lead.history.actions
    ]
    decided = [
        HistoryLine(taken.at, f"{_CHOSEN.get(Choice(taken.choice), '').capitalize()} ({taken.by}).")
        if taken.choice
        else HistoryLine(taken.at, f"{describe_status(taken.status)} ({taken.by}).")
        for taken in lead.decisions
    ]
    return sorted([*acted, *decided], key=lambda line: line.at, reverse=True)
