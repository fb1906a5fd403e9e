"""Where a lead stands, in sentences for its page: who said what when, and what is planned."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from lead_core.lead.answers import find_answer, find_closing, is_closed, mark_seen
from lead_core.lead.choices import Choice
from lead_core.lead.follow_up import find_owner
from lead_core.lead.lead import BY_GRID, BY_LINK, Decision, Lead
from lead_core.lead.spam import is_spam
from lead_core.lead.values import Status
from lead_core.views.safe_text import show_line
from lead_core.views.words import (
    describe_action,
    describe_attempts,
    describe_day,
    describe_moment,
    describe_status,
    describe_wait,
)

_MAX_NAME_CHARACTERS = 200
_MAX_REASON_CHARACTERS = 500


class Standing(StrEnum):
    """What a page is for."""

    OPEN = "open"
    """The customer waits."""
    ANSWERED = "answered"
    CLOSED = "closed"
    """A person said *do not contact*."""
    NOTICE = "notice"
    """The marketplace says that the customer asked another partner. There is nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where a lead stands."""

    standing: Standing = Standing.OPEN
    sentences: tuple[str, ...] = ()
    status: Status = Status.NEW
    has_news: bool = False
    """Whether the customer did something after the last answer that the owner was not told about."""
    seen: str = ""
    """`mark_seen` of the lead."""


def tell_standing(lead: Lead, *, now: datetime, zone: tzinfo) -> Told:
    """Return where *lead* stands at *now*."""
    standing = _find_standing(lead)
    match standing:
        case Standing.CLOSED:
            sentences = _tell_closed(lead, zone)
        case Standing.NOTICE:
            sentences = [
                "The customer asked another partner. Microsoft tells you so because your offer stands beside theirs.",
                "They did not ask you to get in touch, so there is nothing to do, and nobody is reminded.",
            ]
        case Standing.ANSWERED:
            sentences = _tell_answered(lead, now, zone)
        case Standing.OPEN:
            sentences = _tell_open(lead, now, zone)
    return Told(
        standing=standing,
        sentences=tuple(filter(None, sentences)),
        status=lead.status,
        has_news=lead.history.news_since is not None,
        seen=mark_seen(lead),
    )


def name_decider(decision: Decision) -> str:
    """Return who took a decision, to begin a sentence with."""
    if decision.by == BY_GRID:
        return "Someone in the table"
    if decision.name:
        return show_line(decision.name, _MAX_NAME_CHARACTERS)
    return "Someone with a link" if decision.by == BY_LINK else show_line(decision.by, _MAX_NAME_CHARACTERS)


def _find_standing(lead: Lead) -> Standing:
    if is_closed(lead):
        return Standing.CLOSED
    if lead.status is Status.DO_NOT_CONTACT:
        return Standing.NOTICE
    return Standing.OPEN if lead.status is Status.NEW else Standing.ANSWERED


def _tell_closed(lead: Lead, zone: tzinfo) -> list[str]:
    closing = find_closing(lead)
    said = f"{name_decider(closing)} said so on {_day(closing.at, zone)}." if closing else ""
    return [said, "It holds for all of this customer's offers. Nobody is reminded of them."]


def _tell_answered(lead: Lead, now: datetime, zone: tzinfo) -> list[str]:
    answer, reason = find_answer(lead), show_line(lead.cells.disqualified_reason, _MAX_REASON_CHARACTERS)
    status, planned = describe_status(lead.status, is_spam=is_spam(lead)), _find_plan(lead, now)
    return [
        f"{name_decider(answer)} answered on {_day(answer.at, zone)}: {status}." if answer else "",
        f"Reason: {reason}" if reason and lead.status is Status.DISQUALIFIED and not is_spam(lead) else "",
        f"A follow-up is planned for {_day(planned, zone)}." if planned else "",
        _tell_news(lead, zone),
    ]


def _tell_news(lead: Lead, zone: tzinfo) -> str:
    answer = find_answer(lead)
    later = [each for each in lead.history.actions if each.is_own and answer and each.first_at > answer.at]
    if not later:
        return ""
    did = describe_action(later[-1].code, later[-1].source)
    return f"Since then, on {_day(later[-1].first_at, zone)}, the customer {did}."


def _tell_open(lead: Lead, now: datetime, zone: tzinfo) -> list[str]:
    planned = _find_plan(lead, now)
    waits = f"Waiting for {describe_wait(now - lead.waiting_since)}." if lead.waiting_since else ""
    last, answer = lead.decisions[-1] if lead.decisions else None, find_answer(lead)
    passed = last is not None and last.choice == Choice.PASS
    unread = "" if lead.cells.status == lead.status else show_line(lead.cells.status, _MAX_NAME_CHARACTERS)
    return [
        waits,
        f"The word “{unread}” in its Status cell has no meaning here, so it counts as unanswered." if unread else "",
        describe_attempts(lead.attempts),
        f"{name_decider(answer)} answered on {_day(answer.at, zone)}: {describe_status(answer.status)}. "
        "Since then, the customer has asked again."
        if answer
        else "",
        _tell_passing(lead, last, zone) if last and passed else "",
        f"It was put off. The next reminder comes on {describe_moment(planned.astimezone(zone))}." if planned else "",
    ]


def _tell_passing(lead: Lead, passing: Decision, zone: tzinfo) -> str:
    day = _day(passing.at, zone)
    if passing.by == BY_GRID:  # It may be an owner who gets no mails.
        return f"{name_decider(passing)} wrote another owner on {day}. {_show_name(find_owner(lead))} has the lead."
    return f"{name_decider(passing)} passed it to {_show_name(lead.cells.owner)} on {day}."


def _show_name(owner: str) -> str:
    return show_line(owner, _MAX_NAME_CHARACTERS)


def _find_plan(lead: Lead, now: datetime) -> datetime | None:
    """Return when the owner is reminded of a lead that was put off or planned. None if that is over."""
    return lead.next_reminder_at if lead.snoozed_until and lead.snoozed_until > now else None


def _day(moment: datetime, zone: tzinfo) -> str:
    return describe_day(moment.astimezone(zone).date())
