"""``leads list``."""

from datetime import date

import click
from rich.table import Table

from lead_core.lead.follow_up import find_owner
from lead_core.lead.search import name_person
from lead_core.lead.selection import Selection
from lead_core.lead.status_words import Word
from lead_core.lead.to_do import find_open_wait
from lead_core.lead.values import Status
from lead_core.lead.wishes import find_code
from lead_core.operations.listing import ListedLead
from lead_core.views.moments import format_wait
from lead_core.views.safe_text import show_line
from lead_core.views.words import count
from leads.colleagues import choose_owner, shorten_owner
from leads.command import Desk, command
from leads.documents import describe_lead
from leads.kinds import ANY_STATUS, DAY, STATUS
from leads.printing import make_table
from leads.wording import name_customer, name_offer, name_status, tell_next_briefly

_MAX_CHARACTERS = 60


@command("list", example="leads list --owner anna@ --overdue")
@click.option("--status", "statuses", type=STATUS, multiple=True, help="New, contacted, qualified, … or any.")
@click.option("--owner", metavar="WHO", help="Only leads of this colleague.")
@click.option("--offer", default="", metavar="WORDS", help="Only this offer: words of its title or its key.")
@click.option("--action", default="", metavar="WORDS", help="Only this wish, such as PLT or “contact me”.")
@click.option("--overdue", is_flag=True, help="Only leads that should have been answered, or followed up, by now.")
@click.option("--resting", is_flag=True, help="Only leads that nobody answered until the last reminder.")
@click.option("--since", type=DAY, metavar="DAY", help="Only customers who did something since that day (2026-11-27).")
@click.option("--test", is_flag=True, help="Only test leads, and leads of your own people.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many to show.")
async def list_leads(  # noqa: PLR0913 -- an option each
    desk: Desk,
    statuses: tuple[str, ...],
    owner: str | None,
    since: date | None,
    limit: int,
    *,
    offer: str,
    action: str,
    overdue: bool,
    resting: bool,
    test: bool,
) -> None:
    """List the leads that wait for an answer, the longest waiting first.

    With --status, leads of that status instead, whether or not they wait. Several options narrow the list down.
    """
    selection = Selection(
        statuses=frozenset(map(Word, set(statuses) - {ANY_STATUS})),
        has_any_status=ANY_STATUS in statuses,
        owner=await choose_owner(desk, owner, "--owner") if owner else "",
        offer=offer,
        action=action,
        is_overdue=overdue,
        is_resting=resting,
        since=desk.find_start(since) if since else None,
        is_test=test,
    )
    with desk.progress("Reading leads") as bar:
        found = await desk.steps.listing.find(selection, now=desk.now, on_read=bar.advance)
    shown = found[:limit]
    document = {"leads": [_describe(each) for each in shown], "found": len(found)}
    desk.show(document, _make_table(shown, desk) if found else "No lead is found.")
    if len(shown) < len(found):
        desk.say(f"{count(len(found) - len(shown), 'more lead')} not shown: --limit {len(found)} shows all.")


def _make_table(found: list[ListedLead], desk: Desk) -> Table:
    table = make_table(
        ("waits", "customer", "offer", "stands", "owner", "key"), (_make_row(each, desk) for each in found)
    )
    for column in (0, -1):
        table.columns[column].no_wrap = True
    return table


def _make_row(listed: ListedLead, desk: Desk) -> tuple[str, ...]:
    lead, since = listed.lead, find_open_wait(listed.lead)
    return (
        format_wait(desk.now - since if since else None),
        name_customer(lead),
        show_line(name_offer(lead), _MAX_CHARACTERS),
        _tell_standing(listed, desk),
        shorten_owner(show_line(find_owner(lead), _MAX_CHARACTERS), desk.steps.owners),
        name_person(lead.key),
    )


def _tell_standing(listed: ListedLead, desk: Desk) -> str:
    """Return the status, and what comes next. An open lead says with that alone where it stands."""
    lead, entry = listed.lead, listed.entry
    if entry is None:
        return name_status(lead)
    status = "" if lead.status is Status.NEW else f"{name_status(lead)}, "
    return f"{status}{tell_next_briefly(entry, now=desk.now)}"


def _describe(listed: ListedLead) -> dict[str, object]:
    lead, entry = listed.lead, listed.entry
    return {
        **describe_lead(lead),
        "action": find_code(lead),
        "next": entry.state if entry else "",
        "dueAt": entry.place.at if entry and not entry.place.rests else None,
        "attempts": lead.attempts,
        "note": lead.cells.note,
        "problem": lead.problem,
    }
