"""Why a lead is told for the first time although it is not new: it has another owner, or it was reopened."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import NamedTuple

from lead_core.lead.answers import find_last_answer
from lead_core.lead.choices import Choice
from lead_core.lead.follow_up import find_owner, find_passing_on
from lead_core.lead.lead import BY_GRID, Decision, Lead
from lead_core.lead.values import Status
from lead_core.lead.wishes import find_lift, find_unanswered
from lead_core.views.moments import describe_date
from lead_core.views.safe_text import show_line
from lead_core.views.words import find_place

_BECAME: Mapping[Status, str] = {
    Status.CONTACTED: "contacted",
    Status.QUALIFIED: "qualified",
    Status.DISQUALIFIED: "closed as not a fit",
    Status.DO_NOT_CONTACT: "marked as do not contact",
}
_MAX_REASON_CHARACTERS = 100


class Passing(NamedTuple):
    """How a lead came to an owner who has had no mail about it yet."""

    sentence: str = ""
    """``Passed to you by sales@``, without a full stop. ``""`` if the lead did not come from another owner."""
    has_senders_note: bool = False
    """Whether the sender wrote the note when they passed it on."""


class Reopening(NamedTuple):
    """How a lead is open again that was answered before, or that was asked about and then rested."""

    sentence: str = ""
    """``Reopened: contacted on 26 November by anna@.`` ``""`` if the lead was not reopened."""
    is_customers: bool = False
    """Whether the customer asked again. If not, a person set the lead back to *New*."""
    is_first: bool = False
    """Whether nobody has answered the customer yet: the lead was only closed, and that was lifted."""
    reason: str = ""
    """What a colleague gave as the reason for closing the lead, or for lifting that."""

    @property
    def with_reason(self) -> str:
        """The sentence with the reason, which is too much for a preheader."""
        stop = "" if self.reason.endswith((".", "!", "?", "…")) else "."
        return f"{self.sentence.rstrip('.')}: “{self.reason}”{stop}" if self.reason else self.sentence


def find_passing(lead: Lead) -> Passing:
    """Find how *lead* came to an owner who has yet to be told."""
    owner, told = find_owner(lead), lead.handover.told
    passing = find_passing_on(lead) if lead.status is Status.NEW else None
    is_anothers = told != lead.handover.owner if told else lead.handover.number > 0
    if passing and passing.by == BY_GRID and is_anothers:
        return Passing("Passed to you in the table")
    if passing and passing.by not in {owner, BY_GRID}:
        by = name_author(passing, beside=owner)
        return Passing(f"Passed to you by {by}", has_senders_note=bool(passing.with_note))
    if lead.status is Status.NEW and told and told != lead.handover.owner:
        return Passing(f"Now yours. {name_colleague(told, beside=owner)} had it before")
    return Passing()


def find_reopening(lead: Lead, *, now: datetime, zone: tzinfo) -> Reopening:
    """Find why *lead* is open again."""
    since, today = lead.waiting_since, now.astimezone(zone).date()
    if lead.status is not Status.NEW or since is None:
        return Reopening()
    is_customers = since not in {taken.at for taken in lead.decisions}
    if lifting := find_lift(lead):
        is_first, reason = bool(find_unanswered(lead)), show_line(lifting.reason, _MAX_REASON_CHARACTERS)
        return Reopening(_tell_lift(lead, lifting), is_customers, is_first, reason)
    if answer := find_last_answer(lead):
        day = describe_date(answer.at.astimezone(zone).date(), today)
        how = find_place(answer) or f"by {name_author(answer, beside=find_owner(lead))}"
        reason = _find_reason(lead, answer)
        became = describe_became(answer.status, is_spam=answer.choice == Choice.SPAM)
        return Reopening(f"Reopened: {became} on {day} {how}.", is_customers, reason=reason)
    told_at, first_at = lead.last_reminder_at, lead.history.first_at if lead.history.count else since
    if told_at and first_at < told_at < since:
        day = describe_date(first_at.astimezone(zone).date(), today)
        return Reopening(f"Reopened: asked first on {day}, and never answered.", is_customers)
    return Reopening()


def describe_became(status: Status, *, is_spam: bool) -> str:
    """Return what an answer made of a lead, in the middle of a sentence."""
    return "closed as spam" if is_spam else _BECAME[status]


def _tell_lift(lead: Lead, lifting: Decision) -> str:
    """Return ``Do not contact (Sabine), lifted by anna@.``"""
    closing, owner = find_last_answer(lead), find_owner(lead)
    by = f" ({_name(closing, owner)})" if closing else ""
    how = find_place(lifting) or f"by {name_author(lifting, beside=owner)}"
    return f"Do not contact{by}, lifted {how}."


def _name(closing: Decision, owner: str) -> str:
    return find_place(closing) or name_author(closing, beside=owner)


def _find_reason(lead: Lead, answer: Decision) -> str:
    is_not_a_fit = answer.status is Status.DISQUALIFIED and answer.choice != Choice.SPAM
    return show_line(lead.cells.disqualified_reason, _MAX_REASON_CHARACTERS) if is_not_a_fit else ""


def name_author(decision: Decision, *, beside: str) -> str:
    """Return who decided, for a reader whose address is *beside*."""
    known = name_colleague(decision.by, beside=beside) if "@" in decision.by else "a colleague"
    return decision.name or known


def name_colleague(address: str, *, beside: str) -> str:
    """Return an address as colleagues say it: ``anna@`` if it has the domain of *beside*, otherwise the whole."""
    local, at, domain = address.rpartition("@")
    return f"{local}@" if at and domain.casefold() == beside.rpartition("@")[2].casefold() else address
