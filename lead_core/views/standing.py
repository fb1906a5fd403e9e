"""Where a lead stands, in sentences for its page: who said what when, and what is planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from lead_core.lead.answers import count_attempts, find_answer, find_closing, is_closed, mark_seen
from lead_core.lead.attempts import Plan, find_attempts, find_plan, is_awaiting_attempt, join_taps, make_plan
from lead_core.lead.choices import Choice
from lead_core.lead.follow_up import find_owner, is_escalating
from lead_core.lead.lead import BY_ERASURE, BY_GRID, BY_LINK, Decision, Lead
from lead_core.lead.past import BY_REPLAY
from lead_core.lead.spam import is_spam
from lead_core.lead.values import Status
from lead_core.views.attempt_words import advise, explain_tap, tell_plan
from lead_core.views.safe_text import show_line
from lead_core.views.words import (
    describe_action,
    describe_attempts,
    describe_day,
    describe_moment,
    describe_status,
    describe_wait,
    find_place,
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
    is_spam: bool = False
    is_reminded: bool = True
    """Whether reminders of a customer who waits are still to come."""
    planned_on: date | None = None
    """The day of a follow-up that is still to come."""
    is_follow_up_due: bool = False
    """Whether the day of a follow-up has come, and nobody has said what came of it."""
    plan: Plan | None = None
    """What comes after the attempts so far. None if nobody tried yet, or there is no plan."""
    if_tried: str = ""
    """What one more attempt without an answer does. ``""`` without a plan."""
    advice: str = ""
    """When the lead may be closed because its customer does not answer. ``""`` without a plan, or once it has run."""
    seen: str = ""
    """`mark_seen` of the lead."""


def tell_standing(lead: Lead, *, now: datetime, zone: tzinfo, touches: Sequence[timedelta] = ()) -> Told:
    """Return where *lead* stands at *now*. *touches* are the plan of attempts."""
    standing, plan = _find_standing(lead), find_plan(lead, touches)
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
            sentences = _tell_open(lead, plan, now, zone)
    planned_at = _find_plan(lead, now) if standing is Standing.ANSWERED else None
    return Told(
        standing=standing,
        sentences=tuple(filter(None, sentences)),
        status=lead.status,
        has_news=lead.history.news_since is not None,
        is_spam=is_spam(lead),
        is_reminded=_is_reminded(lead),
        planned_on=planned_at.astimezone(zone).date() if planned_at else None,
        is_follow_up_due=standing is Standing.ANSWERED and _find_due_plan(lead, now) is not None,
        plan=plan,
        if_tried=_tell_one_more(lead, touches, now, zone) if standing is Standing.OPEN else "",
        advice=advise(touches) if standing is Standing.OPEN and touches and not (plan and plan.has_run) else "",
        seen=mark_seen(lead),
    )


def _tell_one_more(lead: Lead, touches: Sequence[timedelta], now: datetime, zone: tzinfo) -> str:
    after = make_plan(join_taps((*find_attempts(lead), now)), touches)
    return explain_tap(after, now=now, zone=zone) if after else ""


def name_decider(decision: Decision) -> str:
    """Return who took a decision, to begin a sentence with."""
    if place := find_place(decision):
        return f"Someone {place}"
    if decision.name:
        return show_line(decision.name, _MAX_NAME_CHARACTERS)
    return "Someone with a link" if decision.by == BY_LINK else show_line(decision.by, _MAX_NAME_CHARACTERS)


def _tell_closing(closing: Decision, zone: tzinfo) -> str:
    if closing.by == BY_ERASURE:
        return f"They asked for it before their data was erased on {_day(closing.at, zone)}."
    return f"{name_decider(closing)} said so on {_day(closing.at, zone)}."


def _find_standing(lead: Lead) -> Standing:
    if is_closed(lead):
        return Standing.CLOSED
    if lead.status is Status.DO_NOT_CONTACT:
        return Standing.NOTICE
    return Standing.OPEN if lead.status is Status.NEW else Standing.ANSWERED


def _tell_closed(lead: Lead, zone: tzinfo) -> list[str]:
    closing = find_closing(lead)
    said = _tell_closing(closing, zone) if closing else ""
    return [said, "It holds for all of this customer's offers. Nobody is reminded of them."]


def _tell_answered(lead: Lead, now: datetime, zone: tzinfo) -> list[str]:
    planned, due = _find_plan(lead, now), _find_due_plan(lead, now)
    is_today = due is not None and due.astimezone(zone).date() == now.astimezone(zone).date()
    return [
        *_tell_answer(lead, zone),
        f"A follow-up is planned for {_day(planned, zone)}." if planned else "",
        f"A follow-up was planned for {'today' if is_today else _day(due, zone)}." if due else "",
        _tell_news(lead, zone),
    ]


def _tell_answer(lead: Lead, zone: tzinfo) -> list[str]:
    """Return who answered, when, what and why. An open lead says so if its customer asked again since."""
    answer = find_answer(lead)
    if answer is None:
        return []
    if answer.by == BY_REPLAY:
        return ["Its row was lost and made again. Whether it was answered is not known, so it counts as Contacted."]
    is_no_customer = is_spam(lead) or answer.choice == Choice.SPAM
    said = describe_status(answer.status, is_spam=is_no_customer)
    is_explained = answer.status is Status.DISQUALIFIED and not is_no_customer
    reason = show_line(lead.cells.disqualified_reason, _MAX_REASON_CHARACTERS) if is_explained else ""
    end = "" if reason.endswith((".", "!", "?", "…")) else "."
    return [
        f"{name_decider(answer)} answered on {_day(answer.at, zone)}: {said}.",
        f"Reason: {reason}{end}" if reason else "",
    ]


def _tell_news(lead: Lead, zone: tzinfo) -> str:
    answer = find_answer(lead)
    later = [each for each in lead.history.actions if each.is_own and answer and each.first_at > answer.at]
    if not later:
        return ""
    did = describe_action(later[-1].code, later[-1].source)
    return f"Since then, on {_day(later[-1].first_at, zone)}, the customer {did}."


def _tell_open(lead: Lead, plan: Plan | None, now: datetime, zone: tzinfo) -> list[str]:
    is_planned = plan is not None and is_awaiting_attempt(lead)
    put_off = lead.next_reminder_at if _find_plan(lead, now) and not is_planned else None
    waits = f"Waiting for {describe_wait(now - lead.waiting_since)}." if lead.waiting_since else ""
    last, answers = lead.decisions[-1] if lead.decisions else None, _tell_answer(lead, zone)
    passed = last is not None and last.choice == Choice.PASS
    unread = "" if lead.cells.status == lead.status else show_line(lead.cells.status, _MAX_NAME_CHARACTERS)
    return [
        waits,
        f"The word “{unread}” in its Status cell has no meaning here, so it counts as unanswered." if unread else "",
        describe_attempts(plan.made if plan else count_attempts(lead)),
        tell_plan(plan, now=now, zone=zone),
        *answers,
        "Since then, the customer has asked again." if answers else "",
        _tell_passing(lead, last, zone) if last and passed else "",
        f"It was put off. The next reminder comes on {describe_moment(put_off.astimezone(zone))}." if put_off else "",
        *_tell_end_of_reminders(lead),
    ]


def _tell_passing(lead: Lead, passing: Decision, zone: tzinfo) -> str:
    day = _day(passing.at, zone)
    if passing.by == BY_GRID:  # It may be an owner who gets no mails.
        return f"{name_decider(passing)} wrote another owner on {day}. {_show_name(find_owner(lead))} has the lead."
    return f"{name_decider(passing)} passed it to {_show_name(lead.cells.owner)} on {day}."


def _show_name(owner: str) -> str:
    return show_line(owner, _MAX_NAME_CHARACTERS)


def _tell_end_of_reminders(lead: Lead) -> list[str]:
    """Return why no reminder follows, and who was told instead."""
    if lead.is_test or lead.is_internal or _is_reminded(lead):
        return []
    if not lead.is_reachable:
        return [
            "It came without an e-mail address and a phone, so no reminder follows.",
            "Partner Center's Referrals page may know more.",
        ]
    told = _show_name(lead.handover.escalated_to)
    if is_escalating(lead):
        return ["The reminders have ended. A person whom your company chose is told next."]
    return ["The reminders have ended.", f"{told} was told that nobody has answered." if told else ""]


def _is_reminded(lead: Lead) -> bool:
    """Whether a reminder is to come. A customer who left no way to reach them is told of once, or when put off to."""
    is_due = lead.next_reminder_at is not None and not is_escalating(lead)
    return is_due and (lead.is_reachable or lead.snoozed_until is not None)


def _find_plan(lead: Lead, now: datetime) -> datetime | None:
    """Return when a lead that was put off or planned is told again. None if that is over."""
    is_ahead = lead.snoozed_until is not None and lead.snoozed_until > now and lead.next_reminder_at is not None
    return lead.snoozed_until if is_ahead else None


def _find_due_plan(lead: Lead, now: datetime) -> datetime | None:
    """Return for when a follow-up was planned, if that has come and nobody has said what came of it."""
    if lead.snoozed_until and lead.next_reminder_at:
        return lead.snoozed_until if lead.snoozed_until <= now else None
    return lead.due_plan_at


def _day(moment: datetime, zone: tzinfo) -> str:
    return describe_day(moment.astimezone(zone).date())
