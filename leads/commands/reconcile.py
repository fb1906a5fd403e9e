"""``leads reconcile``."""

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType

from lead_core.lead.comparison import Comparison
from lead_core.lead.delivery import Shown
from lead_core.views.moments import format_moment
from lead_core.views.safe_text import show_line
from lead_core.views.words import count
from leads.command import Desk, Exit, changes, command
from leads.documents import describe_customer, describe_key, describe_lead
from leads.lead_files import (
    EXPECTED,
    MAX_SHOWN,
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
from leads.printing import make_table, tell_rest

_MAX_CHARACTERS = 40


@command("reconcile", example="leads reconcile partner-center.csv --dry-run")
@changes
@takes_file
async def reconcile(desk: Desk, file: Path, *, arrive_as: str, **reading: Any) -> Exit | None:
    """Compare Partner Center's CSV of leads with the tables: missing here, missing there, said otherwise.

    A row and a stored action are the same if person, offer and time agree. Test leads, and what is older or newer than
    the file, are not looked for in it.

    What is missing here can be imported. It arrives as answered, and nobody is mailed: look at the list first, and say
    --as new if the customers still wait.

    The exit code is 1 if something differs and was not put right.
    """
    found = await read_file(desk, file, **reading)
    compared = await compare_file(desk, found)
    document = describe_file(found) | _describe(compared)
    rest = Exit.FOUND if found.unread or compared.unfiled or compared.differing else None
    view = Group(tell_comparison(compared), *_show(compared, desk.zone), *show_unread(found.unread))
    if not compared.missing:
        desk.show(document, view)
        return rest
    leads = count(len(compared.missing), "missing lead")
    if not desk.may(f"Import {leads}?", Group(view, "", tell_arrival(desk, compared, arrive_as))):
        desk.show(document, f"{leads} would be imported.")
        return Exit.FOUND
    outcomes = await import_missing(desk, compared, arrive_as)
    desk.show(document | {"imported": outcomes["imported"], "outcomes": outcomes}, tell_outcomes(outcomes))
    return Exit.FOUND if outcomes.keys() - EXPECTED else rest


def _show(compared: Comparison, zone: tzinfo) -> list[RenderableType]:
    missing = [
        (
            filed.place,
            format_moment(filed.notification.delivery.received_at, zone),
            *_name(filed.notification.delivery.shown),
            filed.notification.delivery.shown.action_code,
        )
        for filed in compared.missing
    ]
    unfiled = [
        (format_moment(action.first_at, zone), *_name(lead.shown), action.code, lead.status.value)
        for lead, action in compared.unfiled
    ]
    differing = [
        (each.filed.place, _name(each.lead.shown)[0], each.what, each.there, each.here) for each in compared.differing
    ]
    return [
        *_make_table("Missing here", ("row", "received", "person", "offer", "action"), missing),
        *_make_table("Missing in the file", ("received", "person", "offer", "action", "status"), unfiled),
        *_make_table("Said otherwise", ("row", "person", "what", "in the file", "here"), differing),
    ]


def _make_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[RenderableType]:
    if not rows:
        return []
    shown = [[show_line(cell, _MAX_CHARACTERS) for cell in row] for row in rows[:MAX_SHOWN]]
    return ["", make_table(columns, shown, title=f"{title}: {len(rows):,}"), *tell_rest(rows, MAX_SHOWN)]


def _name(shown: Shown) -> tuple[str, str]:
    """Return whom and what a lead is about."""
    return shown.name or shown.email or shown.company or "nobody", shown.offer_title or shown.offer_id or "no offer"


def _describe(compared: Comparison) -> dict[str, Any]:
    """Return what differs, for ``--json``."""
    return {
        "leads": len(compared.lead_file.leads),
        "same": len(compared.matches),
        "ofErasedPersons": len(compared.erased),
        "missingHere": [
            {
                "place": filed.place,
                **describe_key(delivery.key),
                **describe_customer(delivery.shown),
                "offer": _name(delivery.shown)[1],
                "receivedAt": delivery.received_at,
                "action": delivery.shown.action_code,
            }
            for filed in compared.missing
            for delivery in [filed.notification.delivery]
        ],
        "missingThere": [
            describe_lead(lead) | {"receivedAt": action.first_at, "action": action.code}
            for lead, action in compared.unfiled
        ],
        "saidOtherwise": [
            describe_lead(each.lead)
            | {"place": each.filed.place, "what": each.what, "there": each.there, "here": each.here}
            for each in compared.differing
        ],
        "imported": 0,
    }
