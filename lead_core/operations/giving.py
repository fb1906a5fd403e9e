"""Leads get another owner, from the person who operates the app. The new owner is told at the next tick."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lead_core.at_once import do_few_at_once
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.changes import StoredLead, edited, given
from lead_core.lead.follow_up import is_owner
from lead_core.lead.lead import Lead
from lead_core.lead.to_do import find_follow_up
from lead_core.steps.repository import LeadRepository


class Given(StrEnum):
    """What became of a lead that was to be given."""

    GIVEN = "given"
    GONE = "gone"
    """It was erased meanwhile."""
    MOVED = "moved"
    """Someone gave it to another colleague meanwhile."""
    BUSY = "busy"
    """Others kept changing it. Try again."""


@dataclass(frozen=True, slots=True)
class Giving:
    """Gives leads to another owner."""

    repository: LeadRepository

    async def find_of(self, owner: str, *, on_read: Callable[[int], None]) -> list[Lead]:
        """Return the leads of *owner* that are on the to-do list: those that wait, and planned follow-ups.

        Every lead is read. *on_read* is called with the number of leads that were read since the last call.
        """
        policy, found = self.repository.policy, []
        async for person in self.repository.scan_people():
            on_read(len(person))
            current = (edited(stored, policy) for stored in person)
            found += [
                lead for lead in current if policy.owners.belongs_to(lead, owner) and find_follow_up(lead, policy)
            ]
        return found

    async def give(
        self, leads: Iterable[Lead], to: str, *, is_confirmed: bool, now: datetime, advance: Callable[[], None]
    ) -> Counter[Given]:
        """Give each of *leads* to the address *to*, and count what became of them. *advance* is called after each.

        A lead whose owner is another than in *leads* stays with that owner. *is_confirmed* if *to* is an address
        outside the team that a person confirmed.
        """
        outcomes: Counter[Given] = Counter()
        policy = self.repository.policy

        async def give(lead: Lead) -> None:
            def change(stored: StoredLead) -> Lead:
                current = edited(stored, policy)
                is_moved = current.cells.owner != lead.cells.owner
                return current if is_moved else given(stored, to, at=now, is_confirmed=is_confirmed, policy=policy)

            try:
                after = await self.repository.settle(lead.key, change)
            except SomeoneWasFirstError:
                outcomes[Given.BUSY] += 1
            else:
                is_given = after is not None and is_owner(after, to, policy.owners)
                outcomes[Given.GIVEN if is_given else Given.MOVED if after else Given.GONE] += 1
            advance()

        await do_few_at_once(give, leads)
        return outcomes
