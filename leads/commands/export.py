"""``leads export``."""

import sys
from datetime import date
from pathlib import Path
from typing import TypedDict, Unpack

import click

from lead_core.lead.selection import Selection
from lead_core.lead.status_words import Word
from lead_core.operations.exporting import Export, Wanted
from lead_core.views.exports import Format
from lead_core.views.words import count
from leads.colleagues import choose_owner
from leads.command import Desk, command
from leads.kinds import ANY_STATUS, DAY, STATUS
from leads.printing import format_document
from leads.writing import write_private

_OPT_OUT_IS_A_LIST = (
    "HubSpot takes people who opted out as a list of its own, not as contacts. "
    "For their addresses: leads export --status DoNotContact"
)


class _Given(TypedDict):
    """The options that choose leads."""

    statuses: tuple[str, ...]
    since: date | None
    offer: str
    owner: str
    with_tests: bool
    with_objections: bool


@command("export", example="leads export --format salesforce --since 2026-11-01 --to leads.csv")
@click.option(
    "--format",
    "target",
    type=click.Choice(Format, case_sensitive=False),
    default=Format.CSV,
    show_default="csv",
    help="For whom: a spreadsheet, a program, or the import of a CRM.",
)
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="Write a file that only you can read.")
@click.option("--overwrite", is_flag=True, help="Write over the file if it is there.")
@click.option("--excel", is_flag=True, help="Begin with the mark by which Excel knows UTF-8.")
@click.option(
    "--status",
    "statuses",
    type=STATUS,
    multiple=True,
    help="Only leads of this status: New for those that wait, or any.",
)
@click.option("--since", type=DAY, metavar="DAY", help="Only customers who did something since that day (2026-11-27).")
@click.option("--offer", default="", metavar="WORDS", help="Only this offer: words of its title or its key.")
@click.option("--owner", default="", metavar="WHO", help="Only leads of this colleague. anna@ is enough.")
@click.option("--with-tests", is_flag=True, help="Also test leads and leads of your own people.")
@click.option(
    "--do-not-contact",
    "with_objections",
    is_flag=True,
    help="For a CRM: also people who are not to be contacted, marked so.",
)
async def export(
    desk: Desk, target: Format, to: Path | None, *, overwrite: bool, excel: bool, **given: Unpack[_Given]
) -> None:
    """Export leads for a spreadsheet, for a program, or for a CRM.

    csv and json have the columns of the table Leads. dynamics, salesforce and hubspot are CSV with the columns that
    their import maps by itself. hubspot has a row for each person, the others one for each person and offer.

    A CRM gets nobody who is not to be contacted. No cell is a formula that a spreadsheet would run.
    """
    if given["with_objections"] and not target.can_object:
        raise click.UsageError(_OPT_OUT_IS_A_LIST)
    if given["owner"]:
        given["owner"] = await choose_owner(desk, given["owner"], "--owner")
    wanted = Wanted(
        selection=_select(desk, given), with_tests=given["with_tests"], with_objections=given["with_objections"]
    )
    with desk.progress("Reading leads") as bar:
        found = await desk.steps.exporting.export(target, wanted, now=desk.now, on_read=bar.advance)
    is_document = desk.is_json or target is Format.JSON
    text = format_document(found.rows) if is_document else found.format_csv(desk.zone)
    content = text.encode("utf-8-sig" if excel and not is_document else "utf-8")
    if to is None:
        sys.stdout.buffer.write(content)  # As bytes, because a line of a CSV ends in its own way.
        sys.stdout.buffer.flush()
    else:
        write_private(to, content, over=overwrite, advice="Choose another name, or add --overwrite.")
    desk.say(_summarise(found, to))


def _select(desk: Desk, given: _Given) -> Selection:
    """Return which leads are wanted. Without a status, all are."""
    statuses, since = set(given["statuses"]), given["since"]
    return Selection(
        statuses=frozenset(map(Word, statuses - {ANY_STATUS})),
        has_any_status=not statuses or ANY_STATUS in statuses,
        owner=given["owner"],
        offer=given["offer"],
        since=desk.find_start(since) if since else None,
    )


def _summarise(found: Export, to: Path | None) -> str:
    rows = count(len(found.rows), "contact" if found.format.is_of_people else "lead")
    said = [f"{rows} exported{f' to {to}' if to else ''}."]
    if found.tests_left_out:
        said.append(f"Left out as tests or own people: {found.tests_left_out} (--with-tests adds them).")
    if found.objections_left_out:
        said.append(f"Left out as not to be contacted: {found.objections_left_out}.")
    return " ".join(said)
