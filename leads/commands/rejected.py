"""`leads rejected`."""

from datetime import date

import click
from rich.console import Group

from lead_core.marketplace.envelope import EARLIEST_RECEIPT
from lead_core.operations.listing_rejects import ListedRejects
from leads.command import Desk, command
from leads.kinds import DAY
from leads.rejects import choose_reject, describe, say_poisoned, show_body, show_reject


@command("rejected", example="leads rejected --reason not-json")
@click.argument("which", metavar="[ID]", required=False)
@click.option("--reason", metavar="CODE", default="", help="Only those with this reason, such as not-json or retried.")
@click.option("--since", type=DAY, metavar="DAY", help="Only what was received on this day (2026-11-27) or later.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
async def rejected(desk: Desk, which: str | None, reason: str, since: date | None, limit: int) -> None:
    """Show what could not be read as a lead: why, when, and where in its body.

    The newest comes first. With an ID, or how it begins, that one is shown whole. What went on its way after a retry
    is left out, unless you ask for --reason retried.
    """
    if which:
        reject = await choose_reject(desk, which)
        desk.show(describe(reject, is_whole=True), show_reject(reject, desk.zone))
        if not desk.is_json:
            click.echo(show_body(reject))  # Not folded, so that it can be copied.
        return
    start = desk.find_start(since) if since else EARLIEST_RECEIPT
    with desk.progress("Reading what was rejected"):
        found = await desk.steps.listing_rejects.find(reason=reason, since=start, limit=limit)
    document = {
        "rejected": [describe(each) for each in found.rejects],
        "count": found.count,
        "poisoned": found.poisoned,
    }
    desk.show(document, Group(*(show_reject(each, desk.zone) for each in found.rejects), _sum_up(found)))


def _sum_up(found: ListedRejects) -> str:
    shown = len(found.rejects)
    said = "Nothing is rejected." if not found.count else f"{found.count} rejected."
    if shown < found.count:
        said = f"{found.count} rejected, the newest {shown} are shown: --limit shows more."
    return f"{said} {say_poisoned(found.poisoned)}".rstrip()
