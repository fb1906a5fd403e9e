"""Whom a command is about: the one person that its user names."""

from collections.abc import Iterable

import click
from rich.table import Table

from lead_core.operations.searching import FoundPerson
from lead_core.views.safe_text import show_line
from leads.command import Desk, Refused
from leads.documents import describe_lead
from leads.printing import make_table
from leads.wording import name_offer, name_status

_MAX_CHARACTERS = 60
_MAX_LISTED = 20


async def choose_person(desk: Desk, who: str, *, advice: str = "Name the one you mean by their key.") -> FoundPerson:
    """Return the one person whom *who* names. Raises: Refused if there is none, or more than one."""
    found = await find_people(desk, who)
    if not found:
        nobody = f"Nobody is found by {show_line(who, _MAX_CHARACTERS)!r}. One word of a name is enough."
        raise Refused(f"{nobody} In notes about others: leads find")
    if len(found) > 1:
        what = f"{len(found)} persons are found by {show_line(who, _MAX_CHARACTERS)!r}"
        more = f", of whom the first {_MAX_LISTED} are shown" if len(found) > _MAX_LISTED else ""
        raise Refused(f"{what}{more}. {advice}", make_people_table(found[:_MAX_LISTED]))
    return found[0]


async def find_people(desk: Desk, who: str) -> list[FoundPerson]:
    """Return all persons whom *who* names. Raises: click.UsageError if it names nothing."""
    if not any(character.isalnum() for character in who):
        raise click.UsageError("Say whom to look for: an e-mail address, a phone, a name, a company or a key.")
    with desk.progress("Reading leads") as bar:
        return await desk.steps.searching.find_people(who, on_read=bar.advance)


def make_people_table(found: Iterable[FoundPerson]) -> Table:
    """Return persons as a table: who they are, their leads, and a key that finds each of them again."""
    table = make_table(("person", "leads", "key"), map(_make_row, found))
    table.columns[-1].no_wrap = True
    return table


def describe_person(person: FoundPerson) -> dict[str, object]:
    """Return a person for a JSON document."""
    return {"key": person.key, "foundBy": person.found_by, "leads": [*map(describe_lead, person.current)]}


def _make_row(person: FoundPerson) -> tuple[str, str, str]:
    shown = [lead.shown for lead in person.current]
    texts = dict.fromkeys(text for each in shown for text in (each.name, each.company, each.email or each.phone))
    leads = [f"{show_line(name_offer(lead), _MAX_CHARACTERS)}: {name_status(lead)}" for lead in person.current]
    return "\n".join(show_line(text, _MAX_CHARACTERS) for text in texts if text), "\n".join(leads), person.who
