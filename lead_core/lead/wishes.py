"""Which of a customer's actions leads, wherever a lead is shown: the strongest wish that nobody answered."""

from collections.abc import Sequence

from lead_core.lead.actions import rank_wish
from lead_core.lead.answers import find_last_answer, is_answer
from lead_core.lead.choices import Choice
from lead_core.lead.history import Action
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.values import Status


def find_wish(lead: Lead) -> Action | None:
    """Find the action that leads: the strongest unanswered one, or else the latest. None if none is known.

    Of equally strong actions, the one counts since which the customer waits, or else the latest. The stored columns
    are always those of the latest action.
    """
    waiting = reversed(find_unanswered(lead)) if lead.status is Status.NEW else ()
    ranked = min(waiting, key=lambda each: (rank_wish(each.code), each.first_at != lead.waiting_since), default=None)
    return ranked or find_latest(lead)


def find_latest(lead: Lead) -> Action | None:
    """Find the customer's latest action, or the latest notice if they did nothing."""
    actions = lead.history.actions
    return next((action for action in reversed(actions) if action.is_own), actions[-1] if actions else None)


def find_code(lead: Lead) -> str:
    """Return the code of the wish that leads."""
    wish = find_wish(lead)
    return wish.code if wish and rank_wish(wish.code) < rank_wish(lead.shown.action_code) else lead.shown.action_code


def find_unanswered(lead: Lead) -> Sequence[Action]:
    """Return the customer's own actions since the last answer to them. *Do not contact* answers nothing."""
    last = find_last_answer(lead)
    taken_as = [*filter(is_answer, lead.decisions), *([last] if last else [])]
    answers = (taken.at for taken in taken_as if taken.status is not Status.DO_NOT_CONTACT)
    answered_at = max(answers, default=None)
    own = [action for action in lead.history.actions if action.is_own]
    return [action for action in own if answered_at is None or action.first_at > answered_at]


def find_lift(lead: Lead) -> Decision | None:
    """Find the decision that lifted *do not contact*, if nobody has answered *lead* since."""
    closing = find_last_answer(lead)
    if closing is None or closing.status is not Status.DO_NOT_CONTACT:
        return None
    lifts = (taken for taken in reversed(lead.decisions) if taken.choice == Choice.LIFT and taken.at >= closing.at)
    return next(lifts, None)
