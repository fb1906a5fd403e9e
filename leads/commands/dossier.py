"""``leads dossier``."""

from pathlib import Path

import click

from lead_core.operations.collecting import collect
from lead_core.views.dossier import describe_dossier, render_dossier
from lead_core.views.words import count
from leads.command import Desk, command
from leads.kept import NOT_REACHED, find_kept, make_kept_table, refuse_nothing
from leads.mentions import describe_mention, list_mentions
from leads.printing import format_document
from leads.writing import make_private_folder, write_private

_NAMED = "They are also named in these rows about others. The files do not have them: see what of it they may know."
_READ_FIRST = "Read the page before you hand it out: a text in it may name others as well, such as colleagues."


@command("dossier", example="leads dossier ada@contoso.com --to Documents")
@click.option(
    "--to",
    "folder",
    default=".",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the two files. It is made if it is not there.",
)
@click.argument("who", nargs=-1, required=True)
async def dossier(desk: Desk, who: tuple[str, ...], folder: Path) -> None:
    """Write all that is kept on a person into a page to read and a JSON file, for who asks what you know of them.

    WHO is an e-mail address, a phone, a name, a lead's key, or a link of a mail. Give several if you know several. Only
    you can read the files.
    """
    kept = await find_kept(desk, who)
    if not kept.rows and not kept.mentions:
        raise refuse_nothing(who)
    now = desk.now.astimezone(desk.zone)
    made = collect(
        kept.person, kept.rows, name=kept.name, account=desk.opened.account, now=now, not_reached=NOT_REACHED
    )
    name = f"dossier-{now:%Y-%m-%d-%H%M%S}"
    texts = {f"{name}.html": render_dossier(made), f"{name}.json": format_document(describe_dossier(made))}
    make_private_folder(folder)
    for file, text in texts.items():
        write_private(folder / file, text.encode())
    files = [str(folder / file) for file in texts]
    document = {"files": files, "rows": kept.counts, "mentions": [*map(describe_mention, kept.mentions)]}
    desk.show(document, make_kept_table(kept))
    if kept.mentions and not desk.is_json:
        desk.say(_NAMED)
        desk.show(document, list_mentions(kept.mentions))
    desk.say(f"Wrote {' and '.join(files)}: {count(sum(kept.counts.values()), 'row')}. {_READ_FIRST}")
