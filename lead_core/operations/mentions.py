"""Where a person is named in what is kept about others. Nothing else finds that: a note has no key of theirs."""

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lead_core.lead.search import Search
from lead_core.lead.values import LeadKey
from lead_core.ports.texts import FreeTexts, TextReader


@dataclass(frozen=True, slots=True)
class Mention:
    """A row about someone else, or about nobody known, that names a person."""

    row: FreeTexts
    columns: tuple[str, ...]
    """The cells in which they are named."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Looks through the texts of all tables."""

    texts: TextReader

    async def find(
        self, searches: Collection[Search], *, but: AbstractSet[LeadKey], on_read: Callable[[int], None]
    ) -> list[Mention]:
        """Return the rows that one of *searches* finds named, except those about the leads *but* or their persons.

        Every row with a text is read. *on_read* is called with the number of rows read since the last call.
        """
        persons = {lead.partition for lead in but if lead.names_person}
        found = []
        async for row in self.texts.scan():
            on_read(1)
            if row.lead and (row.lead in but or row.lead.partition in persons):
                continue
            if columns := _find_columns(row, searches):
                found.append(Mention(row, columns))
        return found


def _find_columns(row: FreeTexts, searches: Collection[Search]) -> tuple[str, ...]:
    in_body = [each.beside(row.about) for each in searches] if row.lead else searches
    columns = [column for column, text in row.cells.items() if any(each.mentions(text) for each in searches)]
    return (*columns, *(["Body"] if any(each.mentions(row.body) for each in in_body) else []))
