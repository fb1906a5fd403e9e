"""Read every lead once and count, without a change: what waits, what rests, and what is not on the to-do list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from lead_core.lead.canary import is_canary
from lead_core.lead.to_do import Place, find_follow_up, find_wait
from lead_core.lead.values import LeadKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from lead_core.lead.lead import Lead
    from lead_core.steps.repository import LeadRepository

_FOREVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
MAX_READ_AGAIN: Final = 50
"""How many leads whose entry seems to be missing are read once more. Another worker may have written it meanwhile."""


@dataclass(slots=True)
class Census:
    """What stands in ``Leads``, and what of it is missing in ``FollowUps``."""

    leads: int = 0
    """Without test leads."""
    test_leads: int = 0
    last_at: datetime | None = None
    """When the last notification of a customer came."""
    last_test_at: datetime | None = None
    resting: int = 0
    """How many were never answered, and no mail about them is due any more."""
    resting_since: datetime | None = None
    """Since when the first of them waits."""
    with_problems: int = 0
    """Rows with something in ``Problem``."""
    refused_owners: Counter[str] = field(default_factory=Counter)
    """Addresses that the mail provider refused, with the number of leads."""
    damaged: int = 0
    """Rows whose history was lost."""
    offers: Counter[str] = field(default_factory=Counter)
    """Leads by offer, test leads among them. Without those that name no id of an offer."""
    without_offer: int = 0
    due_at: list[datetime] = field(default_factory=list)
    """When the mails are due that are still to be sent."""
    missing: list[LeadKey] = field(default_factory=list)
    """Leads that ask for an entry of the to-do list, and have none."""

    def count(self, lead: Lead) -> None:
        """Take one more lead in."""
        last_at = lead.history.last_at if lead.history.count else None
        if lead.is_test:
            self.test_leads += 1
            self.last_test_at = _later(self.last_test_at, last_at)
        else:
            self.leads += 1
            self.last_at = _later(self.last_at, last_at)
        self.with_problems += bool(lead.problem)
        self.damaged += lead.history.is_lost
        if lead.refused_owner:
            self.refused_owners[lead.refused_owner] += 1
        if lead.shown.offer_id:
            self.offers[".".join(filter(None, (lead.shown.publisher_id, lead.shown.offer_id)))] += 1
        elif not lead.is_test:
            self.without_offer += 1

    def count_resting(self, lead: Lead) -> None:
        """Take in that a lead was never answered."""
        since = find_wait(lead)
        self.resting += 1
        self.resting_since = min(self.resting_since or since, since)


async def take_census(repository: LeadRepository, census: Census, advance: Callable[[], None]) -> None:
    """Read all leads into *census*, then the to-do list. *advance* is called once a lead. Many rows are one request."""
    asked_for = dict[LeadKey, Place]()
    async for stored in repository.leads.scan():
        lead = stored.lead
        advance()
        if is_canary(lead):
            continue
        census.count(lead)
        if lead.needs_writing and not lead.identified_by:
            continue  # A person typed it within the hour. The hourly check makes a lead of it.
        if entry := find_follow_up(lead, repository.policy):
            asked_for[lead.key] = entry.place
            if entry.place.rests:
                census.count_resting(lead)
    listed = set[tuple[LeadKey, Place]]()
    async for entry_there in repository.follow_ups.list_due(_FOREVER):
        listed.add((entry_there.lead, entry_there.place))
        census.due_at.append(entry_there.place.at)
    for without_mail in (repository.follow_ups.list_resting(), repository.follow_ups.list_follow_ups()):
        listed |= {(entry_there.lead, entry_there.place) async for entry_there in without_mail}
    missing = [key for key, place in asked_for.items() if (key, place) not in listed]
    census.missing = [key for key in missing[:MAX_READ_AGAIN] if await _is_missing(repository, key)]
    census.missing += missing[MAX_READ_AGAIN:]


async def _is_missing(repository: LeadRepository, key: LeadKey) -> bool:
    stored = await repository.leads.get(key)
    entry = find_follow_up(stored.lead, repository.policy) if stored else None
    return entry is not None and await repository.follow_ups.get(entry) is None


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)
