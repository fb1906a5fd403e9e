"""Which leads someone wants to see: by status, owner, offer, action, and how long their customers wait."""

from dataclasses import dataclass
from datetime import datetime

from lead_core.lead.actions import ActionCode
from lead_core.lead.follow_up import TOLD_AT_ONCE, FollowUpPolicy, is_escalating
from lead_core.lead.lead import Lead
from lead_core.lead.search import has_words
from lead_core.lead.spam import is_spam
from lead_core.lead.status_words import Word
from lead_core.lead.to_do import find_wait
from lead_core.lead.values import Status
from lead_core.lead.wishes import find_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Leads that have all of this. What is not given, does not matter. Without a status, they are open."""

    statuses: frozenset[Word] = frozenset()
    """Any of these."""
    has_any_status: bool = False
    owner: str = ""
    """The address."""
    offer: str = ""
    """Words of the title, or of the offer's key."""
    action: str = ""
    """An action code, or words of its name."""
    is_overdue: bool = False
    """Whether someone should have done something by now: answered the customer, or said what came of a plan."""
    is_resting: bool = False
    """Whether nobody answered until the last reminder."""
    since: datetime | None = None
    """Since when the customer did something."""
    is_test: bool | None = False
    """Whether they are test leads and those of our own people. False if they are neither, None if all are taken."""

    def takes(self, lead: Lead, *, now: datetime, policy: FollowUpPolicy) -> bool:
        """Whether *lead* is one of them."""
        return (
            self.is_test in {None, lead.is_test or lead.is_internal}
            and self._has_status(lead)
            and (not self.is_overdue or is_overdue(lead, now=now, policy=policy))
            and (not self.is_resting or is_resting(lead))
            and (not self.owner or policy.owners.belongs_to(lead, self.owner))
            and has_words(f"{lead.shown.offer_title} {lead.key.row}", self.offer)
            and has_words(_name_action(lead), self.action)
            and (self.since is None or lead.history.last_at >= self.since)
        )

    def _has_status(self, lead: Lead) -> bool:
        if self.statuses:
            return any(_is(lead, word) for word in self.statuses)
        return self.has_any_status or self.is_overdue or self.is_test is True or lead.status is Status.NEW


def is_overdue(lead: Lead, *, now: datetime, policy: FollowUpPolicy) -> bool:
    """Whether someone should have acted by now: the first reminder was due, or a planned day has come."""
    put_off_to = lead.snoozed_until
    if lead.status is not Status.NEW:
        return lead.due_plan_at is not None or (put_off_to is not None and put_off_to <= now)
    first_reminder = next((wait for wait in policy.waits if wait > TOLD_AT_ONCE), TOLD_AT_ONCE)
    return find_wait(lead) + first_reminder <= now and (put_off_to is None or put_off_to <= now)


def is_resting(lead: Lead) -> bool:
    """Whether nobody answered *lead* until its last reminder."""
    return lead.status is Status.NEW and (lead.next_reminder_at is None or is_escalating(lead))


def _is(lead: Lead, word: Word) -> bool:
    if word is Word.TRIED:
        return lead.status is Status.NEW and lead.attempts > 0
    return is_spam(lead) if word is Word.SPAM else lead.status is word.status


def _name_action(lead: Lead) -> str:
    """Return the code of the wish that leads, with its name: ``PLT CONTACT_ME``."""
    code = find_code(lead)
    return f"{code} {ActionCode(code).name}" if code in set(ActionCode) else code
