"""``leads import``."""

from pathlib import Path
from typing import Any

from rich.console import Group

from lead_core.views.words import count
from leads.command import Desk, Exit, changes, command
from leads.lead_files import (
    EXPECTED,
    compare_file,
    describe_file,
    import_missing,
    read_file,
    show_unread,
    takes_file,
    tell_arrival,
    tell_comparison,
    tell_outcomes,
)


@command("import", example="leads import leads.csv --dry-run")
@changes
@takes_file
async def import_(desk: Desk, file: Path, *, arrive_as: str, **reading: Any) -> Exit | None:
    """Bring past leads in from a file, once: the same file again changes nothing.

    FILE is a table of Microsoft's own Azure Table destination (CSV or JSON, as Storage Explorer exports it), Partner
    Center's CSV of leads, or any CSV with a line that names its columns. What each column was taken for is said first.

    Past leads arrive as answered: with the status that the file says, else as Contacted. Nobody is mailed about them.
    Leads that are here already stay as they are, and erased persons stay erased.

    The exit code is 1 if rows can't be read.
    """
    found = await read_file(desk, file, **reading)
    compared = await compare_file(desk, found)
    document = describe_file(found) | {
        "leads": len(found.leads),
        "hereAlready": len(compared.matches),
        "ofErasedPersons": len(compared.erased),
        "missing": len(compared.missing),
        "imported": 0,
    }
    exit_code = Exit.FOUND if found.unread else None
    view = Group(tell_comparison(compared), *show_unread(found.unread))
    if not compared.missing:
        desk.show(document, view)
        return exit_code
    question = f"Import {count(len(compared.missing), 'lead')}?"
    if not desk.may(question, Group(view, "", tell_arrival(desk, compared, arrive_as)), document):
        return exit_code
    outcomes = await import_missing(desk, compared, arrive_as)
    desk.show(document | {"imported": outcomes["imported"], "outcomes": outcomes}, tell_outcomes(outcomes))
    return Exit.FOUND if outcomes.keys() - EXPECTED else exit_code
