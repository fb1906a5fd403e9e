"""Who gets the next mail about a lead."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from lead_core.lead.follow_up import is_escalating
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.values import format_key

REFUSALS_LAST: Final = timedelta(days=1)
"""How long a refused address gets no mails about a lead. A full mailbox may be emptied by then."""


class RecipientKey(NamedTuple):
    """What tells recipients apart, in whatever letter case an address is written."""

    is_escalation: bool
    address: str


class Recipient(NamedTuple):
    """Who gets a mail about leads. The same address can be an owner and the one in `ESCALATE_TO`."""

    address: str
    is_escalation: bool = False
    """Whether the mail says that nobody answered."""

    @property
    def key(self) -> RecipientKey:
        """What tells it apart from other recipients."""
        return RecipientKey(self.is_escalation, format_key(self.address))


def find_recipient(lead: Lead, owners: Owners, *, now: datetime) -> Recipient:
    """Return who gets the next mail: its owner, or the one in `ESCALATE_TO` if nobody answered after the last one."""
    if is_escalating(lead):
        return Recipient(owners.escalation, is_escalation=True)
    return Recipient(find_owner_address(lead, owners, now=now))


def find_owner_address(lead: Lead, owners: Owners, *, now: datetime) -> str:
    """Return the address of the owner in the cell, or the default owner's if that can't be used."""
    owner = owners.read(lead.cells.owner, lead.confirmed_owner)
    return owner if owner and not _is_refused(lead, owner, now) else owners.default


def _is_refused(lead: Lead, owner: str, now: datetime) -> bool:
    """Whether the mail provider refused *owner* so lately that another try would be too early."""
    return owner == lead.refused_owner and lead.refused_at is not None and now < lead.refused_at + REFUSALS_LAST
