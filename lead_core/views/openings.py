"""Why a lead is told for the first time although it is not new: it has another owner, or it was reopened."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import NamedTuple

from lead_core.lead.answers import find_last_answer
from lead_core.lead.follow_up import find_owner, find_passing_on
from lead_core.lead.lead import BY_GRID, Decision, Lead
from lead_core.lead.values import Status
from lead_core.views.moments import describe_date

_BECAME: Mapping[Status, str] = {
    Status.CONTACTED: "contacted",
    Status.QUALIFIED: "qualified",
    Status.DISQUALIFIED: "closed as not a fit",
    Status.DO_NOT_CONTACT: "marked as do not contact",
}


class Passing(NamedTuple):
    """How a lead came to an owner who has had no mail about it yet."""

    sentence: str = ""
    """``Passed to you by sales@``, without a full stop. ``""`` if the lead did not come from another owner."""
    has_senders_note: bool = False
    """Whether the note is the one that the sender saw when they passed it on."""


class Reopening(NamedTuple):
    """How a lead is open again that was answered before, or that was asked about and then rested."""

    sentence: str = ""
    """``Reopened: contacted on 26 November by anna@.`` ``""`` if the lead was not reopened."""
    is_customers: bool = False
    """Whether the customer asked again. If not, a person set the lead back to *New*."""


def find_passing(lead: Lead) -> Passing:
    """Find how *lead* came to an owner who has yet to be told."""
    owner, told = find_owner(lead), lead.handover.told
    passing = find_passing_on(lead) if lead.status is Status.NEW else None
    if passing and passing.by == BY_GRID:
        return Passing("Passed to you in the table")
    if passing and passing.by != owner:
        return Passing(f"Passed to you by {name_author(passing, beside=owner)}", has_senders_note=True)
    if lead.status is Status.NEW and told and told != lead.handover.owner:
        return Passing(f"Now yours. {name_colleague(told, beside=owner)} had it before")
    return Passing()


def find_reopening(lead: Lead, *, now: datetime, zone: tzinfo) -> Reopening:
    """Find why *lead* is open again."""
    since, today = lead.waiting_since, now.astimezone(zone).date()
    if lead.status is not Status.NEW or since is None:
        return Reopening()
    is_customers = since not in {taken.at for taken in lead.decisions}
    if answer := find_last_answer(lead):
        day = describe_date(answer.at.astimezone(zone).date(), today)
        how = "in the table" if answer.by == BY_GRID else f"by {name_author(answer, beside=find_owner(lead))}"
        return Reopening(f"Reopened: {_BECAME[answer.status]} on {day} {how}.", is_customers)
    told_at, first_at = lead.last_reminder_at, lead.history.first_at if lead.history.count else since
    if told_at and first_at < told_at < since:
        day = describe_date(first_at.astimezone(zone).date(), today)
        return Reopening(f"Reopened: asked first on {day}, and never answered.", is_customers)
    return Reopening()


def name_author(decision: Decision, *, beside: str) -> str:
    """Return who decided, for a reader whose address is *beside*."""
    known = name_colleague(decision.by, beside=beside) if "@" in decision.by else "a colleague"
    return decision.name or known


def name_colleague(address: str, *, beside: str) -> str:
    """Return an address as colleagues say it: ``anna@`` if it has the domain of *beside*, otherwise the whole."""
    local, at, domain = address.rpartition("@")
    return f"{local}@" if at and domain.casefold() == beside.rpartition("@")[2].casefold() else address
