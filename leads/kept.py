"""All that is kept on the person whom the user of `leads forget` or `leads dossier` names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from lead_core.lead.lead import Lead
from lead_core.lead.search import Search
from lead_core.operations.belonging import Sought
from lead_core.operations.mentions import Mention
from lead_core.operations.searching import FoundPerson, read_who
from lead_core.ports.archive import KeptRow, Kind
from lead_core.views.safe_text import show_line
from leads.command import Desk, Refused
from leads.printing import make_table
from leads.who import choose_person, find_people
from leads.wording import name_offer, name_status

_MAX_CHARACTERS = 60
_MAX_LISTED = 30
_NO_NAME = re.compile(r"[\d\s@/:]")
"""What no single word of a name has: *O'Brien* and *J.* are words, and a quoted *Ada Lovelace* is whole."""
_NAME_KEYS = "Name the one you mean by their key, or all keys of one human."
NOT_REACHED = (
    "mails in mailboxes and at the mail provider",
    "Application Insights, which has the links that were opened",
    "backups, and files that someone exported",
)
"""Where an app can't look."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A person, and all that is kept on them."""

    person: Sought
    rows: Mapping[str, Sequence[KeptRow]]
    """By table or queue."""
    mentions: Sequence[Mention]
    """Where they are named in what is kept about others."""

    @property
    def name(self) -> str:
        """How a person reads whom it is about."""
        shown = next((lead.shown for lead in self.person.leads), None)
        return show_line((shown.name or shown.email or shown.company) if shown else "this person", _MAX_CHARACTERS)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows or messages there are, by table or queue."""
        return {place: len(rows) for place, rows in self.rows.items()}


async def find_kept(desk: Desk, who: tuple[str, ...]) -> Kept:
    """Return all that is kept on the person whom *who* names, in several ways perhaps. It may be nothing.

    Raises: Refused if it may be several persons.
    """
    found, texts = await _choose(desk, who)
    searches = [read_who(text) for text in texts]
    if not found and not any(map(_is_sure, searches)):
        shown = show_line(" ".join(who), _MAX_CHARACTERS)
        raise Refused(f"Nobody is found by {shown!r}. Give an address, a phone or a full name.")
    person = await desk.steps.belonging.seek((stored for each in found for stored in each.leads), searches)
    with desk.progress("Reading all tables and queues") as bar:
        rows = await desk.steps.belonging.find(person, bar.advance)
    with desk.progress("Reading the texts about others") as bar:
        leads = {lead.key for lead in person.leads}
        mentions = await desk.steps.mentions.find(person.searches, but=leads, on_read=bar.advance)
    theirs = {row.keys for place in rows.values() for row in place}
    others = [mention for mention in mentions if mention.row.keys not in theirs]
    return Kept(person, rows, others)


def _is_sure(search: Search) -> bool:
    """Whether a text that it finds is about the person. A single word may be anything."""
    return not search.names or any(len(name) > 1 for name in search.names)


def refuse_nothing(who: tuple[str, ...], advice: str = "") -> Refused:
    """Return what says that nothing is kept on whom *who* names."""
    return Refused(f"Nothing is kept on {show_line(' '.join(who), _MAX_CHARACTERS)!r}.{advice}")


async def _choose(desk: Desk, who: tuple[str, ...]) -> tuple[list[FoundPerson], list[str]]:
    """Return whom *who* names, and the texts that name them: *Ada Lovelace* is one text, and each address is one."""
    words = [text for text in who if not _NO_NAME.search(text)]
    texts = [*([" ".join(words)] if words else []), *(text for text in who if text not in words)]
    return [person for text in texts for person in await _find_one(desk, text)], texts


async def _find_one(desk: Desk, text: str) -> list[FoundPerson]:
    """Return the one person whom *text* names, who may be several to the app. Empty if they stand in no lead."""
    found = await find_people(desk, text)
    if len(found) < 2:  # noqa: PLR2004 -- several
        return found
    for each in found:
        person = await desk.steps.belonging.seek(each.leads, [])
        if all(person.owns(stored.lead.key) for other in found for stored in other.leads):
            return found
    return [await choose_person(desk, text, advice=_NAME_KEYS)]


def make_kept_table(kept: Kept) -> Table:
    """Return what is kept as a table: where, how much, and what."""
    rows = [(place, len(rows), "\n".join(_describe(kept, rows))) for place, rows in kept.rows.items()]
    return make_table(("where", "rows", "what"), rows, title=kept.name, right=("rows",))


def _describe(kept: Kept, rows: Sequence[KeptRow]) -> list[str]:
    """Return a line for each lead and each rejected body: whoever erases them must see that they are the right ones."""
    match rows[0].kind:
        case Kind.LEADS:
            return [
                f"{_name(lead)}: {show_line(name_offer(lead), _MAX_CHARACTERS)}, {name_status(lead)}"
                for lead in kept.person.leads
            ]
        case Kind.REJECTS | Kind.MESSAGES:
            return [show_line(row.text, _MAX_CHARACTERS) for row in rows[:_MAX_LISTED]]
    return []


def _name(lead: Lead) -> str:
    shown = lead.shown
    return show_line(", ".join(filter(None, (shown.name, shown.email or shown.phone))), _MAX_CHARACTERS)
