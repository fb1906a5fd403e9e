"""`leads retry`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Final

import click
from rich.console import Group

from lead_core.errors import RejectCode, SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.marketplace.leads import split
from lead_core.operations.following import Awaited, Fate, Followed
from lead_core.operations.listing_rejects import ReadReject
from lead_core.views.words import count
from leads.command import Desk, Exit, changes, command
from leads.editing import edit_body
from leads.printing import make_text, print_view
from leads.rejects import choose_reject, describe_fate, list_chosen, list_fates

WAITS: Final = timedelta(minutes=1)


@command("retry", example="leads retry 5b1a0f3c --edit")
@changes
@click.argument("which", metavar="[ID]", required=False)
@click.option("--reason", metavar="CODE", default="", help="All rejected leads with this reason, such as gave-up.")
@click.option("--all", "is_all", is_flag=True, help="All rejected leads, and what stands in the queue leads-poison.")
@click.option("--edit", "edits", is_flag=True, help="Correct each body in your editor first (EDITOR).")
@click.option("--wait", "waits", is_flag=True, help="Wait up to a minute, and say what became of each.")
async def retry(  # noqa: PLR0913 -- each is an option
    desk: Desk, which: str | None, reason: str, *, is_all: bool, edits: bool, waits: bool
) -> Exit:
    """Send rejected leads on their way again: one by its ID, all of a reason, or all.

    The row stays in RejectedLeads, with the reason "retried". Doing it twice changes nothing. What still cannot be
    read is left alone: correct it with --edit.
    """
    if bool(which) + bool(reason) + is_all != 1:
        raise click.UsageError("Say which: an ID (leads rejected lists them), --reason CODE, or --all.")
    chosen = await _choose(desk, which, reason)
    poisoned = await desk.steps.returning.count() if is_all or reason == RejectCode.GAVE_UP else 0
    ready = [each for each in chosen if edits or each.fault is None]
    left = {each.id: "cannot be read yet, correct it with --edit" for each in chosen if each not in ready}
    table = list_chosen(chosen, desk.zone) if chosen else ""
    if not ready and not poisoned:
        if left:
            print_view(table, desk.messages)
        return _report(desk, [], left, [])
    if not desk.may(_ask(len(ready), poisoned, edits=edits), table, _describe([], left, [])):
        return Exit.DONE
    queued = await _retry_each(desk, ready, left, edits=edits)
    if poisoned:
        queued += await desk.steps.returning.return_all()
    return _report(desk, queued, left, await _follow(desk, queued) if waits else [])


def _report(desk: Desk, queued: Sequence[Envelope], left: Mapping[str, str], followed: Sequence[Followed]) -> Exit:
    """Show what was done. *left* has why nothing came of the others, by id."""
    said = [f"{count(len(queued), 'lead')} put into the queue again." if queued else "Nothing was retried."]
    said += [f"{number} left alone: {why}." for why, number in Counter(left.values()).items()]
    desk.show(
        _describe(queued, left, followed),
        Group(make_text("\n".join(said)), *([list_fates(followed)] if followed else [])),
    )
    return Exit.FOUND if left or any(each.fate is not Fate.STORED for each in followed) else Exit.DONE


def _describe(queued: Sequence[Envelope], left: Mapping[str, str], followed: Sequence[Followed]) -> dict[str, object]:
    return {
        "queued": [each.event_id for each in queued],
        "left": left,
        "became": [describe_fate(each) for each in followed],
    }


async def _choose(desk: Desk, which: str | None, reason: str) -> list[ReadReject]:
    if not which:
        with desk.progress("Reading what was rejected"):
            found = await desk.steps.listing_rejects.find(reason=reason)
        return [each for each in found.rejects if each.stored.is_open]
    chosen = await choose_reject(desk, which)
    if not chosen.stored.is_open:
        desk.say(f"{chosen.id[:8]} went on its way before. What became of it: leads find, with its e-mail or name.")
    return [chosen] if chosen.stored.is_open else []


def _ask(rejects: int, poisoned: int, *, edits: bool) -> str:
    edit = "Edit and retry" if edits else "Retry"
    parts = [
        f"{edit} {count(rejects, 'rejected lead')}" if rejects else "",
        f"return {count(poisoned, 'message')} from the queue leads-poison" if poisoned else "",
    ]
    question = " and ".join(filter(None, parts))
    return f"{question[0].upper()}{question[1:]}?"


async def _retry_each(desk: Desk, ready: Sequence[ReadReject], left: dict[str, str], *, edits: bool) -> list[Envelope]:
    """Return what was put into the queue. Why nothing came of the others goes into *left*."""
    queued = []
    # A bar would write into the editor.
    with nullcontext() if edits else desk.progress("Retrying", total=len(ready)) as bar:
        for each in ready:
            seen = each.envelope.body
            body = edit_body(desk, each) if edits else seen
            try:
                if body is None:
                    left[each.id] = "not corrected"
                else:
                    queued.append(await desk.steps.retrying.retry(each.stored, seen=seen, body=body))
            except SomeoneWasFirstError:
                left[each.id] = "somebody changed the row meanwhile, look at it again"
            except UnreadableLeadError as error:
                left[each.id] = error.explanation
            if bar:
                bar.advance()
    return queued


async def _follow(desk: Desk, envelopes: Iterable[Envelope]) -> list[Followed]:
    """Follow each lead in what was queued. A body may hold several."""
    parts = [part for each in envelopes for part in _split(each)]
    sought = [Awaited(part.event_id, part.received_at, part.received_at) for part in parts]
    with desk.progress("Waiting until they are stored", total=len(sought)) as bar:
        return await desk.steps.following.follow(sought, lasts=WAITS, report=lambda _: bar.advance())


def _split(envelope: Envelope) -> list[Envelope]:
    try:
        return split(envelope)
    except UnreadableLeadError:  # A text that a person put into the queue. It will be rejected.
        return [envelope]
