"""Find persons among the leads, by whatever is known of them. Searching changes nothing."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from lead_core.lead.changes import StoredLead, edited
from lead_core.lead.lead import Lead
from lead_core.lead.search import Search, name_person
from lead_core.lead.values import LeadKey
from lead_core.links import read_unproven
from lead_core.steps.repository import LeadRepository, gather

FOUND_BY: Final = ("key", "email", "phone", "name", "company")
"""By what a person can be found, the surest first."""
_LINK = re.compile(r"/follow-up/([^/?#\s<>\"]+)")


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person, with all their leads."""

    key: str
    """The partition of their leads."""
    leads: tuple[StoredLead, ...]
    """Each beside the others."""
    found_by: str
    """One of `FOUND_BY`."""
    current: tuple[Lead, ...]
    """The same leads with what people edited in them. Their rows may not say so yet."""

    @property
    def who(self) -> str:
        """What finds this person and no other, short enough to be typed."""
        return name_person(self.leads[0].lead.key)


def ignore(_: int) -> None:
    """Say nothing about progress."""


@dataclass(frozen=True, slots=True)
class Searching:
    """Finds persons."""

    repository: LeadRepository

    async def find_people(self, who: str, *, on_read: Callable[[int], None] = ignore) -> list[FoundPerson]:
        """Return the persons whom *who* names, those first who were found by what is surest.

        *who* is anything that `Search.of` reads, a follow-up link however old, or the token of one. Unless it is a
        whole key, every lead is read. *on_read* is called with the number of leads that were read since the last call.
        """
        search = read_who(who)
        found = []
        async for person in self._read_people(search):
            on_read(len(person))
            kinds = [kind for stored in person if (kind := search.finds(stored.lead))]
            if kinds:
                current = tuple(edited(stored, self.repository.policy) for stored in person)
                key = person[0].lead.key.partition
                found.append(FoundPerson(key, person, min(kinds, key=FOUND_BY.index), current))
        return sorted(found, key=lambda each: (FOUND_BY.index(each.found_by), each.leads[0].lead.shown.name.casefold()))

    async def _read_people(self, search: Search) -> AsyncIterator[tuple[StoredLead, ...]]:
        """Read persons, each with all their leads. A key is one request."""
        key = LeadKey(*search.key.partition("/")[::2])
        if key.names_person:
            yield gather(await self.repository.leads.list_person(key))
            return
        async for person in self.repository.scan_people():
            yield person


def read_who(who: str) -> Search:
    """Return what *who* says of a person."""
    link = _LINK.search(who)
    key = read_unproven(link[1] if link else who.strip())
    return Search.of_key(key) if key else Search.of(who)
