"""What a page says right after an answer. It is read from the lead itself, so no link can make a page say more."""

from datetime import datetime, timedelta, tzinfo

from lead_core.lead.answers import find_meanwhile, is_answer, is_closed
from lead_core.lead.attempts import Plan, is_awaiting_attempt
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import is_escalating
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.values import Status, clean_text, format_digest
from lead_core.views.attempt_words import tell_plan
from lead_core.views.safe_text import show_line
from lead_core.views.standing import name_decider
from lead_core.views.words import describe_choice, describe_day, describe_moment, describe_status

ASKED_MEANWHILE = (
    "While this page was open, the customer got in touch again. Look at what they did. If you press again, it is "
    "recorded as the answer to that, too."
)
"""Why an answer was not recorded, which would have ended the reminders of something that nobody saw."""
_NOTE = "note-"
_SOON = timedelta(minutes=10)
_MAX_NAME_CHARACTERS = 200


def name_recorded(lead: Lead, answer: Answer) -> str:
    """Return what names *answer* in the address of the page that follows it."""
    return _name_note(lead) if answer.choice is Choice.NOTE else answer.click


def find_recorded(lead: Lead, said: str) -> Decision | None:
    """Find the decision that *said* names. None if it names none of this lead."""
    return next((taken for taken in reversed(lead.decisions) if said and taken.click == said), None)


def tell_recorded(  # noqa: PLR0913 -- what was seen, and what comes next
    lead: Lead, said: str, seen: str | None, *, now: datetime, zone: tzinfo, plan: Plan | None = None
) -> str:
    """Return what was recorded, what stands, and when the next mail comes. ``""`` if *said* names nothing.

    *seen* is `mark_seen` of the lead as the page showed it before the answer. *plan* is what comes after it.
    """
    if said == _name_note(lead):
        return "The note is saved. Nothing else has changed."
    taken = find_recorded(lead, said)
    if taken is None:
        return ""
    recorded = f"Recorded: {describe_choice(taken.choice)}."
    is_planned = taken.choice == Choice.TRIED and is_awaiting_attempt(lead)
    planned = tell_plan(plan, now=now, zone=zone) if is_planned else ""
    comes = planned or _tell_next(lead, taken, now, zone)
    return " ".join(filter(None, (recorded, *_tell_status(lead, taken, seen), comes)))


def say_contradicted(standing: Decision) -> str:
    """Return why an answer was not recorded: *standing* was said while its page was open."""
    return (
        f"While this page was open, {_name(standing)} said {_answer(standing)}, and that stands. "
        "Look at what they said. If you press again, yours replaces it."
    )


def _tell_status(lead: Lead, taken: Decision, seen: str | None) -> list[str]:
    """Return what a colleague said meanwhile, else what the status was."""
    place = lead.decisions.index(taken)
    answers = [each for each in find_meanwhile(lead, seen=seen, click=taken.click) if each in lead.decisions[:place]]
    answers = [each for each in answers if is_answer(each)]
    if answers:
        said = f"While this page was open, {_name(answers[-1])} said {_answer(answers[-1])}"
        return [f"{said}; that stands." if answers[-1].status is taken.status else f"{said} before."]
    was = describe_status(taken.was, is_spam=_was_spam(lead, place))
    is_other = taken.was not in {"", Status.NEW} and was != _describe(taken) and taken.choice != Choice.LIFT
    return [f"It was “{was}” before."] if is_other else []


def _was_spam(lead: Lead, place: int) -> bool:
    """Whether a lead was called spam before the decision at that place."""
    was = lead.decisions[place].was
    before = next((each for each in lead.decisions[:place][::-1] if is_answer(each) and each.status == was), None)
    return before is not None and before.choice == Choice.SPAM


def _tell_next(lead: Lead, taken: Decision, now: datetime, zone: tzinfo) -> str:
    if is_closed(lead):
        if taken.choice == Choice.DO_NOT_CONTACT:
            return "Nobody is reminded of this customer any more, on any offer."
        return "This customer is not to be contacted, on any offer, so nobody is reminded."
    lifted = "It holds for all of this customer's offers. " if taken.choice == Choice.LIFT else ""
    if lead.next_reminder_at is None:
        return f"{lifted}There are no more reminders, unless the customer asks to be contacted again."
    next_at = lead.next_reminder_at.astimezone(zone)
    when = "within minutes" if lead.next_reminder_at <= now + _SOON else f"on {describe_moment(next_at)}"
    match taken.choice:
        case Choice.PASS:
            return f"{show_line(lead.cells.owner, _MAX_NAME_CHARACTERS)} is told {when}."
        case Choice.CONTACTED_FOLLOW_UP:
            return f"You are reminded on {describe_day(next_at.date())}."
    ended = "The reminders have ended. A person whom your company chose is told next."
    return f"{lifted}{ended if is_escalating(lead) else f'The next reminder comes {when}.'}"


def _name(decision: Decision) -> str:
    name = name_decider(decision)
    return name[:1].lower() + name[1:] if name.startswith("Someone") else name


def _answer(decision: Decision) -> str:
    return f"“{_describe(decision)}”"


def _describe(decision: Decision) -> str:
    return describe_status(decision.status, is_spam=decision.choice == Choice.SPAM)


def _name_note(lead: Lead) -> str:
    return f"{_NOTE}{format_digest('note', clean_text(lead.cells.note))[:12]}"
