"""``leads forget``."""

import uuid
from datetime import tzinfo

import click
from rich.console import Group, RenderableType

from lead_core.lead.erasure import Receipt
from lead_core.views.moments import format_moment
from leads.command import Desk, Exit, changes, command
from leads.kept import NOT_REACHED, Kept, find_kept, make_kept_table, refuse_nothing
from leads.mentions import describe_mention, list_mentions
from leads.printing import make_table

_NAMED = "They are also named in these rows about others. Those stay: edit them by hand if they must go."
_BY_ADDRESS = " Give their e-mail address: by it, the app knows them when they come."
_KEPT = "They asked not to be contacted. The app keeps that alone, under a name that nobody can read back."


@command("forget", example='leads forget ada@contoso.com --reason "letter of 22 November"')
@changes
@click.option("--reason", default="", metavar="TEXT", help="Why, for the receipt. Write no name into it.")
@click.option("--objects", is_flag=True, help="They are not to be contacted again, even if no lead says so.")
@click.argument("who", nargs=-1, required=True)
async def forget(desk: Desk, reason: str, who: tuple[str, ...], *, objects: bool) -> Exit | None:
    """Erase a person from every table and queue, and print the receipt.

    WHO is an e-mail address, a phone, a name, a lead's key, or a link of a mail. Give several if you know several.
    Nothing that came before brings them back. What they do later is a new lead, and a closed one if they asked not to
    be contacted. With --objects, that is kept of someone of whom nothing else is.
    """
    kept = await find_kept(desk, who)
    if kept.person.is_named_in(reason):
        raise click.UsageError("--reason names the person, and the receipt stays for good. Say it without them.")
    objects = objects or kept.person.objects
    document = {"rows": kept.counts, "objects": objects, "mentions": [*map(describe_mention, kept.mentions)]}
    if not kept.rows and not (objects and kept.person.partitions):
        if not kept.mentions:
            raise refuse_nothing(who, _BY_ADDRESS if objects else "")
        desk.show(document | {"receipt": None}, Group(_NAMED, "", list_mentions(kept.mentions)))
        return Exit.FOUND
    question = f"Erase {kept.name} for good?" if kept.rows else "Nothing is kept on them. Keep that they object?"
    if not desk.may(question, _preview(kept, objects=objects), document | {"receipt": None}):
        return None
    with desk.progress("Erasing") as bar:
        receipt = await desk.steps.erasing.erase(
            kept.person,
            reason=reason,
            objects=objects,
            now=desk.now,
            new_id=lambda: uuid.uuid4().hex,
            on_read=bar.advance,
        )
    desk.show(document | {"receipt": _describe(receipt)}, _make_receipt(receipt, desk.zone))
    desk.say(f"Not reached: {'; '.join(NOT_REACHED)}.")
    if not receipt.is_done:
        desk.say("Others go on writing about this person, so something may be left. Give the same command again.")
        return Exit.FOUND
    return None


def _preview(kept: Kept, *, objects: bool) -> RenderableType:
    parts: list[RenderableType] = [make_kept_table(kept), ""] if kept.rows else []
    if objects:
        parts += [_KEPT, ""]
    if kept.mentions:
        parts += [_NAMED, "", list_mentions(kept.mentions), ""]
    return Group(*parts)


def _make_receipt(receipt: Receipt, zone: tzinfo) -> RenderableType:
    rows = [
        ("receipt", receipt.id),
        ("erased at", format_moment(receipt.at, zone)),
        ("reason", receipt.reason or "none given"),
        ("asked for no contact", "yes, and that is kept" if receipt.objects else "no"),
        *((place, str(count)) for place, count in receipt.counts.items()),
        ("complete", "yes" if receipt.is_done else "no"),
    ]
    table = make_table(("what", "rows or answer"), rows, title="A person was erased")
    return Group(table, "", "It stands in the table Erasures too, without data of the person.")


def _describe(receipt: Receipt) -> dict[str, object]:
    return {
        "id": receipt.id,
        "at": receipt.at,
        "reason": receipt.reason,
        "objects": receipt.objects,
        "erased": receipt.counts,
        "isDone": receipt.is_done,
    }
