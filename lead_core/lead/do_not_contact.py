"""*Do not contact* is a fact about a person. It holds for all their leads, and so does lifting it.

Each lead finds it in the person's other leads, whenever it is written. So a process that ends between two leads of a
person leaves nothing wrong for good.
"""

from collections.abc import Iterable
from dataclasses import replace

from lead_core.lead.answers import count_before_closing, find_closing, find_status_before_closing, is_closed
from lead_core.lead.choices import Choice
from lead_core.lead.decisions import decide
from lead_core.lead.lead import BY_GRID, Decision, Lead, write_status
from lead_core.lead.values import Status


def apply_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Lead:
    """Return *lead* with what a person said on another offer of the same customer: *do not contact*, or its end."""
    others = list(others)
    if not is_closed(lead):
        covering = find_do_not_contact(lead, others)
        return _close(lead, covering) if covering else lead
    lifting, before = find_lifting(lead, others), find_status_before_closing(lead)
    if lifting is None:
        return lead
    if before is Status.DO_NOT_CONTACT:
        return _leave_to_notice(lead, lifting)
    return decide(lead, replace(lifting, status=before, click=""))


def find_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Decision | None:
    """Find the *do not contact* that a person set on another offer of the same customer and that covers *lead*.

    Only a later *lift* on any offer has lifted it. Another answer may come from a person who did not know of it.
    """
    others = [other for other in others if other.key != lead.key]
    latest = max(filter(None, map(find_closing, others)), key=lambda decision: decision.at, default=None)
    lifts = [taken for each in (lead, *others) for taken in each.decisions if taken.choice == Choice.LIFT]
    lifts += [taken for taken in lead.decisions if _is_lift_of_before(taken)]
    return None if latest is None or any(decision.at >= latest.at for decision in lifts) else latest


def find_lifting(lead: Lead, others: Iterable[Lead]) -> Decision | None:
    """Find the decision that lifted, on another offer, the *do not contact* that closed *lead*."""
    closing = find_closing(lead)
    lifts = (taken for other in others for taken in other.decisions if taken.choice == Choice.LIFT)
    latest = max(lifts, key=lambda decision: decision.at, default=None)
    return latest if closing and latest and latest.at >= closing.at else None


def _close(lead: Lead, covering: Decision) -> Lead:
    return decide(lead, replace(covering, status=Status.DO_NOT_CONTACT, choice="", click="", reason=""))


def _leave_to_notice(lead: Lead, lifting: Decision) -> Lead:
    """Return *lead* as if no person had closed it. A notice still holds until the customer acts, as they may have."""
    notice = write_status(replace(lead, decisions=lead.decisions[: count_before_closing(lead)]))
    if notice.status is not Status.NEW:
        return notice
    return replace(notice, waiting_since=notice.history.waiting_since or lifting.at)


def _is_lift_of_before(taken: Decision) -> bool:
    """Whether a person typed another status in the version before, which knew no *lift*, and wrote no status before."""
    is_typed = taken.by == BY_GRID and not (taken.choice or taken.was)
    return is_typed and taken.status is not Status.DO_NOT_CONTACT
