"""Which colleague a command's user names."""

import click

from lead_core.lead.follow_up import find_owner
from lead_core.lead.owners import Owners
from lead_core.lead.selection import Selection
from lead_core.views.openings import name_colleague
from leads.command import Desk


def read_owner(text: str, owners: Owners, option: str) -> str:
    """Return the address of an owner, who may have left the team. Raises: click.UsageError for a name of nobody."""
    meaning = owners.interpret(text)
    if meaning.address and not meaning.problem:
        return meaning.address
    if "@" in text.strip("@ "):
        return text.strip().lower()
    alike = f" It can mean {' or '.join(meaning.alike)}." if meaning.alike else ""
    raise click.UsageError(f"{option} {text!r} names nobody in OWNERS or ESCALATE_TO.{alike} Write a whole address.")


async def choose_owner(desk: Desk, text: str, option: str) -> str:
    """Return the address of an owner, by the settings or else by the leads: a list says ``bob@`` of any owner.

    Raises: click.UsageError for a name of nobody.
    """
    try:
        return read_owner(text, desk.steps.owners, option)
    except click.UsageError:
        name = text.strip("@ ").lower()
        with desk.progress("Reading leads") as bar:
            listed = await desk.steps.listing.find(Selection(has_any_status=True), now=desk.now, on_read=bar.advance)
        found = {find_owner(each.lead).lower() for each in listed}
        alike = [address for address in found if name and address.startswith(f"{name}@")]
        if len(alike) != 1:
            raise
        return alike[0]


def shorten_owner(address: str, owners: Owners) -> str:
    """Return an address as colleagues say it: ``anna@`` if most of them are at its domain."""
    return name_colleague(address, beside=owners.default)
