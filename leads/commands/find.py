"""``leads find``."""

import click
from rich.console import Group, RenderableType

from lead_core.lead.search import Search
from lead_core.operations.mentions import Mention
from lead_core.operations.searching import FoundPerson, read_who
from lead_core.views.safe_text import show_line
from lead_core.views.words import count
from leads.command import Desk, command
from leads.kept import NOT_REACHED
from leads.mentions import describe_mention, list_mentions
from leads.printing import make_text, tell_rest
from leads.who import describe_person, find_people, make_people_table

NOT_SEARCHED = (*NOT_REACHED, "the queues: a lead that came within the last minute")
"""Where nobody was looked for."""
_MAX_CHARACTERS = 60
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
        "people": [*map(describe_person, people)],
        "mentions": [*map(describe_mention, mentions)],
        "notSearched": NOT_SEARCHED,
    }
    desk.show(document, _make_view(text, people, mentions))
    desk.say(f"Not searched: {'; '.join(NOT_SEARCHED)}.")


def _make_view(text: str, people: list[FoundPerson], mentions: list[Mention]) -> RenderableType:
    who = show_line(text, _MAX_CHARACTERS)
    if not people and not mentions:
        return f"Nobody is found by {who!r}, and no text names them."
    found = make_people_table(people[:_MAX_LISTED]) if people else make_text(f"Nobody is found by {who!r}.")
    title = f"Named in {count(len(mentions), 'other row')}"
    named = list_mentions(mentions, title=title) if mentions else "No other text names them."
    return Group(found, *tell_rest(people, _MAX_LISTED), "", named)
