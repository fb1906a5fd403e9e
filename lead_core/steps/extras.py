"""What stands below the leads of a mail: what could not be read, and who was never answered."""

from dataclasses import dataclass, field

from lead_core.ports.rejects import StoredReject
from lead_core.views.rejects import Reject
from lead_core.views.unanswered import UnansweredList


@dataclass(frozen=True, slots=True)
class Extras:
    """What stands below the leads of a mail."""

    rejects: tuple[StoredReject, ...] = ()
    """For the default owner alone."""
    unanswered: UnansweredList = field(default_factory=UnansweredList)

    @property
    def names_people(self) -> bool:
        """Whether a customer's words may stand in it."""
        named = self.unanswered.leads or self.unanswered.unreachable
        return bool(named) or any(each.seems for each in self.list_unread(names_people=True))

    def list_unread(self, *, names_people: bool) -> tuple[Reject, ...]:
        """Return what could not be read. The rest of the rejects are rows that were damaged."""
        unread = (Reject(each.reason, each.would_read) for each in self.rejects if each.lead is None)
        return tuple(each if names_people else each.without_name for each in unread)
