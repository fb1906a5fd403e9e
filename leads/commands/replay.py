"""``leads replay``."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import islice

import click
from rich.console import Group, RenderableType

from lead_core.lead.lead import Lead
from lead_core.lead.replay import MAY_BE_ON_ITS_WAY, ReplayChoices
from lead_core.operations.replaying import ReplayPlan
from lead_core.views.moments import format_moment
from lead_core.views.replayed import name_cell, name_lead, name_offer, tell_consequences, tell_difference
from lead_core.views.safe_text import show_line
from lead_core.views.words import count
from leads.command import Desk, Exit, changes, command
from leads.documents import describe_lead
from leads.kinds import DAY
from leads.printing import make_table, tell_rest
from leads.wording import NO_OWNERS

_MAX_SHOWN = 100
_MAX_CHARACTERS = 60
_DONE = ("written", "removed")


@command("replay", example="leads replay --dry-run")
@changes
@click.option(
    "--as",
    "arriving",
    type=click.Choice(["answered", "new"]),
    default="answered",
    help="What leads without a row come back as. Those of the last 24 hours are always new. Default: answered.",
)
@click.option("--new-since", type=DAY, metavar="DAY", help="Leads received on this day or later come back as new.")
@click.option("--undo-edits", is_flag=True, help="Write what was received over cells that people changed, too.")
async def replay(desk: Desk, arriving: str, new_since: date | None, *, undo_edits: bool) -> Exit | None:
    """Make Leads and FollowUps again from MarketplaceLeads: what was deleted or damaged, or was never stored.

    It first shows what differs. What people decided is kept as long as the lead has its row. Whether a lead without a
    row was answered is not known: it comes back as answered, and nobody is mailed about it.

    The exit code is 1 if something differs and was not put right.
    """
    choices = ReplayChoices(_find_start(desk, arriving, new_since), undo_edits)
    if not desk.settings.owners.rules:
        desk.say(NO_OWNERS)
    steps = desk.steps.replaying
    with desk.progress("Reading notifications and leads") as bar:
        found = await steps.compare(choices, advance=bar.advance)
    document, read = _describe(found, desk), _tell_read(found)
    total = len(found.differences) + len(found.stale)
    if not total:
        desk.show(document, Group(*_make_kept(found), f"Nothing differs. {read}"))
        return None
    differing = _tell_differing(found)
    if not desk.may("Do it?", Group(*_make_view(found, choices, desk), read, differing), document):
        return Exit.FOUND
    with desk.progress("Writing leads", total) as bar:
        outcomes = await steps.write(found, choices, advance=bar.advance)
    desk.show(document | {"outcomes": outcomes}, _tell_outcomes(outcomes))
    return Exit.FOUND if outcomes.keys() - _DONE else None


def _find_start(desk: Desk, arriving: str, new_since: date | None) -> datetime:
    """Return before when a lead without a row counts as answered."""
    if arriving == "new":
        if new_since:
            raise click.UsageError("--as new brings all leads back as new. Leave --new-since out.")
        return datetime.min.replace(tzinfo=UTC)
    latest = desk.now - MAY_BE_ON_ITS_WAY
    return min(latest, desk.find_start(new_since)) if new_since else latest


def _make_view(found: ReplayPlan, choices: ReplayChoices, desk: Desk) -> list[RenderableType]:
    latest = sorted(found.differences, key=lambda each: each.after.history.last_at, reverse=True)
    rows = (
        (*_name(each.after), format_moment(each.after.history.last_at, desk.zone), tell_difference(each, desk.zone))
        for each in latest
    )
    table = make_table(("person", "offer", "received", "what differs"), islice(rows, _MAX_SHOWN))
    return [
        *([table] if latest else []),
        *tell_rest(latest, _MAX_SHOWN),
        *_make_kept(found),
        "",
        *tell_consequences(latest, choices, desk.zone),
    ]


def _make_kept(found: ReplayPlan) -> list[RenderableType]:
    """Make the table of the cells that people changed, and that stay."""
    if not found.edited:
        return []
    rows = (
        (
            *_name(lead),
            name_cell(each),
            show_line(each.here, _MAX_CHARACTERS),
            show_line(each.received, _MAX_CHARACTERS),
        )
        for lead, cells in found.edited
        for each in cells
    )
    title = "Cells that differ from what was received. They stay, unless you add --undo-edits."
    table = make_table(("person", "offer", "cell", "says", "received"), islice(rows, _MAX_SHOWN), title=title)
    return ["", table]


def _name(lead: Lead) -> tuple[str, str]:
    return name_lead(lead), name_offer(lead)


def _tell_read(found: ReplayPlan) -> str:
    counts = found.counts
    others = {
        "of them can't be read": counts["unreadable"],
        "of them of erased persons, who stay erased": counts["erased"],
    }
    beside = "".join(f", {number} {words}" for words, number in others.items() if number)
    kept = counts["without-notification"]
    left = f" {count(kept, 'lead')} without any notification: kept as they are." if kept else ""
    return f"Read {count(counts['notifications'], 'notification')}{beside}, and {count(counts['leads'], 'lead')}.{left}"


def _tell_differing(found: ReplayPlan) -> str:
    leads, stale = len(found.differences), len(found.stale)
    parts = [count(leads, "lead")] if leads else []
    parts += [f"{stale} {'entry' if stale == 1 else 'entries'} of FollowUps that no lead asks for"] if stale else []
    return f"To be put right: {', and '.join(parts)}."


def _tell_outcomes(outcomes: Counter[str]) -> str:
    done = f"{count(outcomes['written'], 'lead')} written."
    failed = ", ".join(f"{number} {code}" for code, number in outcomes.items() if code not in _DONE)
    return f"{done} Not written: {failed}. Run it again." if failed else done


def _describe(found: ReplayPlan, desk: Desk) -> dict[str, object]:
    counts = found.counts
    return {
        "notifications": counts["notifications"],
        "unreadable": counts["unreadable"],
        "erased": counts["erased"],
        "leads": counts["leads"],
        "withoutNotification": counts["without-notification"],
        "differences": [
            describe_lead(each.after)
            | {
                "lack": each.lack,
                "what": tell_difference(each, desk.zone),
                "statusBefore": each.before.status if each.before else None,
            }
            for each in found.differences
        ],
        "changedCells": [
            describe_lead(lead) | {"cell": name_cell(each), "here": each.here, "received": each.received}
            for lead, cells in found.edited
            for each in cells
        ],
        "staleEntries": len(found.stale),
    }
