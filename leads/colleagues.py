"""Which colleague a command's user names."""

import click

from lead_core.lead.owners import Owners
from lead_core.views.openings import name_colleague


def read_owner(text: str, owners: Owners, option: str) -> str:
    """Return the address of an owner, who may have left the team. Raises: click.UsageError for a name of nobody."""
    meaning = owners.interpret(text)
    if meaning.address and not meaning.problem:
        return meaning.address
    if "@" in text.strip("@ "):
        return text.strip().lower()
    alike = f" It can mean {' or '.join(meaning.alike)}." if meaning.alike else ""
    raise click.UsageError(f"{option} {text!r} names nobody in OWNERS or ESCALATE_TO.{alike} Write a whole address.")


def shorten_owner(address: str, owners: Owners) -> str:
    """Return an address as colleagues say it: ``anna@`` if most of them are at its domain."""
    return name_colleague(address, beside=owners.default)
