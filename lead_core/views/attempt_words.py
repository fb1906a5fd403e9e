"""What people read about the plan of attempts: which one comes next, when, and what Microsoft advises."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from lead_core.lead.attempts import Plan
from lead_core.views.moments import describe_date


def tell_plan(plan: Plan | None, *, now: datetime, zone: tzinfo) -> str:
    """Return what comes next: ``Next: attempt 2 of 4, on Mon 30 November.`` *zone* is the readers'. ``""`` for None."""
    if plan is None:
        return ""
    day = _describe_day(plan.at, now, zone)
    if plan.has_run:
        made = f"All {plan.total} attempts are made." if plan.total > 1 else "The only attempt is made."
        return made if plan.at <= now else f"{made} On {day}, you are asked whether to close it."
    number = f"ttempt {plan.number} of {plan.total}"
    return f"A{number} is due." if plan.at <= now else f"Next: a{number}, on {day}."


def explain_tap(plan: Plan, *, now: datetime, zone: tzinfo) -> str:
    """Return what *Tried, no answer* does now. *plan* is what comes after it."""
    counts = f"Counts as attempt {plan.made} of {plan.total}." if plan.made <= plan.total else "Counts as an attempt."
    day = _describe_day(plan.at, now, zone)
    return f"{counts} You are {'asked whether to close it' if plan.has_run else 'reminded of the next'} on {day}."


def advise(touches: Sequence[timedelta]) -> str:
    """Return when a lead may be closed because its customer does not answer.

    https://learn.microsoft.com/partner-center/marketplace-offers/commercial-marketplace-get-customer-leads
    """
    total = len(touches)
    after = f"attempt {total} of {total}"
    return (
        "No answer? Microsoft advises to write at least a few times, without bombarding, before you close a lead. "
        f"After {after}, “No answer after all attempts” is offered here."
    )


def refuse_no_answer(plan: Plan | None, *, now: datetime, zone: tzinfo) -> str:
    """Return why a lead can't be closed yet because its customer does not answer."""
    next_step = tell_plan(plan, now=now, zone=zone) or "Say what came of the first one with “Tried, no answer”."
    return f"Not all attempts are made yet. {next_step}"


def _describe_day(moment: datetime, now: datetime, zone: tzinfo) -> str:
    day, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    return f"{day:%a} {describe_date(day, today)}"
