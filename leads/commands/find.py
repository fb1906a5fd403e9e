"""``leads find``."""

from collections.abc import Sequence

import click
from rich.console import Group, RenderableType

from lead_core.lead.search import Search, name_person
from lead_core.lead.values import LeadKey
from lead_core.operations.finding import FoundPerson, read_who
from lead_core.operations.mentions import Mention
from lead_core.views.safe_text import show_line
from lead_core.views.words import count
from leads.command import Desk, command
from leads.printing import make_table, make_text
from leads.who import describe_person, find_people, make_people_table

NOT_SEARCHED = (
    "mailboxes and sent mails",
    "what the mail provider keeps",
    "logs and Application Insights",
    "backups and exported files",
    "the queues: a lead that came within the last minute",
)
"""Where nobody was looked for."""
_MAX_CHARACTERS = 60
_KEY_CHARACTERS = 12
_MAX_LISTED = 50


@command("find", example="leads find ada@contoso.com")
@click.argument("who", nargs=-1, required=True)
async def find(desk: Desk, who: tuple[str, ...]) -> None:
    """Find persons, and where else they are named: in notes about others, and in bodies that came.

    WHO is an e-mail address, a phone, a name, a company, a lead's key, or a link of a mail. Letter case, accents and
    the order of the words do not matter.
    """
    text = " ".join(who)
    people = await find_people(desk, text)
    leads = [lead for person in people for lead in person.current]
    searches = [read_who(text), Search.of_person(leads)]
    with desk.progress("Reading all texts") as bar:
        mentions = await desk.steps.mentions.find(searches, but={lead.key for lead in leads}, on_read=bar.advance)
    document = {
        "people": [describe_person(person) for person in people],
        "mentions": [_describe(mention) for mention in mentions],
        "notSearched": NOT_SEARCHED,
    }
    desk.show(document, _make_view(text, people, mentions))
    desk.say(f"Not searched: {'; '.join(NOT_SEARCHED)}.")


def _make_view(text: str, people: list[FoundPerson], mentions: list[Mention]) -> RenderableType:
    who = show_line(text, _MAX_CHARACTERS)
    if not people and not mentions:
        return f"Nobody is found by {who!r}, and no text names them."
    found = make_people_table(people[:_MAX_LISTED]) if people else make_text(f"Nobody is found by {who!r}.")
    if not mentions:
        return Group(found, *_tell_more(people), "", "No other text names them.")
    named = make_table(
        ("table", "in", "of", "row"),
        map(_make_row, mentions[:_MAX_LISTED]),
        title=f"Named in {count(len(mentions), 'other row')}",
    )
    return Group(found, *_tell_more(people), "", named, *_tell_more(mentions))


def _tell_more(found: Sequence[object]) -> list[str]:
    more = len(found) - _MAX_LISTED
    return [f"and {more} more: --json has all of them"] if more > 0 else []


def _make_row(mention: Mention) -> tuple[str, str, str, str]:
    row = mention.row
    partition, key = row.keys
    # The keys of other tables than Leads are long, and begin with what is enough to find them.
    name = name_person(LeadKey(partition, key)) if row.lead == row.keys else f"{partition} {key[:_KEY_CHARACTERS]}"
    return row.table, ", ".join(mention.columns), show_line(row.about, _MAX_CHARACTERS), name


def _describe(mention: Mention) -> dict[str, object]:
    partition, row = mention.row.keys
    named = {"table": mention.row.table, "partitionKey": partition, "rowKey": row}
    return named | {"about": mention.row.about, "cells": mention.columns}
