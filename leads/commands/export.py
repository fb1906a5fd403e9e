"""``leads export``."""

import sys
from datetime import date
from pathlib import Path
from typing import TypedDict, Unpack

import click

from lead_core.lead.status_words import parse_status
from lead_core.lead.values import Status
from lead_core.operations.exporting import Export, Wanted
from lead_core.views.exports import Format
from lead_core.views.words import count
from leads.colleagues import choose_owner
from leads.command import Desk, command
from leads.kinds import ANY_STATUS, DAY
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
    multiple=True,
    metavar="WORD",
    help="Only leads of this status: New for those that wait, or any.",
)
@click.option("--since", type=DAY, metavar="DAY", help="Only customers who did something since that day (2026-11-27).")
@click.option("--offer", default="", metavar="WORDS", help="Only leads on this offer, by its id or its title.")
@click.option("--owner", default="", metavar="WHO", help="Only leads of this colleague. anna@ is enough.")
@click.option("--test", "with_tests", is_flag=True, help="Also test leads and leads of your own people.")
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
    wanted = _read_wanted(desk, given)
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


def _read_wanted(desk: Desk, given: _Given) -> Wanted:
    since = given["since"]
    return Wanted(
        statuses=_read_statuses(given["statuses"]),
        since=desk.find_start(since) if since else None,
        offer=given["offer"],
        owner=given["owner"],
        with_tests=given["with_tests"],
        with_objections=given["with_objections"],
    )


def _read_statuses(words: tuple[str, ...]) -> frozenset[Status]:
    """Return the statuses that are wanted. None means all, as `leads list` says with *any*."""
    return frozenset() if ANY_STATUS in map(str.lower, words) else frozenset(map(_read_status, words))


def _read_status(word: str) -> Status:
    status = parse_status(word)
    if status is None:
        raise click.UsageError(f"{word!r} is no status. Write {', '.join(Status)} or {ANY_STATUS}.")
    return status


def _summarise(found: Export, to: Path | None) -> str:
    rows = count(len(found.rows), "contact" if found.format.is_of_people else "lead")
    said = [f"{rows} exported{f' to {to}' if to else ''}."]
    if found.tests_left_out:
        tests = count(found.tests_left_out, "lead")
        said.append(f"Left out: {tests} that are tests or of your own people (--test adds them).")
    if found.objections_left_out:
        objections = count(found.objections_left_out, "lead")
        said.append(f"Left out: {objections} of people who are not to be contacted.")
    return " ".join(said)
