"""*Do not contact* is a fact about a person. It holds for all their leads, and so does lifting it.

Each lead finds it in the person's other leads, whenever it is written. So a process that ends between two leads of a
person leaves nothing wrong for good.
"""

from collections.abc import Iterable
from dataclasses import replace

from lead_core.lead.answers import LIFT_NOTHING, find_closing, find_status_before_closing, is_answer, is_closed
from lead_core.lead.choices import Choice
from lead_core.lead.decisions import decide
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.values import Status


def apply_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Lead:
    """Return *lead* with what a person said on another offer of the same customer: *do not contact*, or its end."""
    others = list(others)
    if not is_closed(lead):
        covering = find_do_not_contact(lead, others)
        return _close(lead, covering) if covering and lead.status is not Status.DO_NOT_CONTACT else lead
    lifting, before = find_lifting(lead, others), find_status_before_closing(lead)
    if lifting is None or before is Status.DO_NOT_CONTACT:  # The customer never asked for anything on this offer.
        return lead
    return decide(lead, replace(lifting, status=before, click=""))


def find_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Decision | None:
    """Find the *do not contact* that a person set on another offer of the same customer and that covers *lead*.

    A later decision on *lead* itself has lifted it. So has a later *lift* on any offer. An attempt or a delay lifts
    nothing.
    """
    others = [other for other in others if other.key != lead.key]
    latest = max(filter(None, map(find_closing, others)), key=lambda decision: decision.at, default=None)
    own = [taken for taken in lead.decisions if not (taken.choice in LIFT_NOTHING or _is_beside_closing(taken))]
    lifts = [taken for other in others for taken in other.decisions if taken.choice == Choice.LIFT]
    return None if latest is None or any(decision.at >= latest.at for decision in (*own, *lifts)) else latest


def find_lifting(lead: Lead, others: Iterable[Lead]) -> Decision | None:
    """Find the decision that lifted, on another offer, the *do not contact* that closed *lead*."""
    closing = find_closing(lead)
    lifts = (taken for other in others for taken in other.decisions if taken.choice == Choice.LIFT)
    latest = max(lifts, key=lambda decision: decision.at, default=None)
    return latest if closing and latest and latest.at >= closing.at else None


def _close(lead: Lead, covering: Decision) -> Lead:
    return decide(lead, replace(covering, status=Status.DO_NOT_CONTACT, choice="", click="", reason=""))


def _is_beside_closing(taken: Decision) -> bool:
    return taken.status is Status.DO_NOT_CONTACT and not is_answer(taken)
