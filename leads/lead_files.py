"""What the commands that take a file share: the options that say what a file does not say, and what was read in it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click
from rich.console import Group, RenderableType

from lead_core.adapters.files.layout import Reading
from lead_core.adapters.files.moments import DayOrder
from lead_core.lead.comparison import Comparison
from lead_core.lead.lead_file import LeadFile, UnreadRow
from lead_core.lead.status_words import Word
from lead_core.marketplace.envelope import parse_url_offer
from lead_core.views.words import count
from leads.command import Desk
from leads.kinds import DAY
from leads.printing import make_table, tell_rest
from leads.wording import NO_OWNERS

MAX_SHOWN: Final = 50
"""How many rows of a kind are shown. With ``--json``, all are."""

_ORDERS: Final = [order.value for order in DayOrder]
_LATELY: Final = timedelta(days=7)
_A_DAY: Final = timedelta(days=1)
"""As far as a day of another time zone may be ahead."""
EXPECTED: Final = {"imported", "erased"}
"""What becomes of rows if all is well."""

Command = TypeVar("Command", bound=Callable[..., Any])


class _Zone(click.ParamType[ZoneInfo]):
    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        try:
            return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
        except (ValueError, OSError, LookupError):
            self.fail(f"{value!r} is no time zone: write it as Europe/Berlin.", param, ctx)


class _OfferId(click.ParamType[str]):
    name = "offer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        offer = parse_url_offer(str(value))
        return offer or self.fail(f"{value!r} is no offer's id: write it as contoso.contoso-crm.", param, ctx)


def takes_file(run: Command) -> Command:
    """Add the argument FILE, and the options that say what a file does not say itself."""
    for add in (
        click.option(
            "--charset", metavar="NAME", default="", help="The character set of the file, such as windows-1252."
        ),
        click.option("--received", type=DAY, metavar="DAY", help="When leads were received whose row says no time."),
        click.option("--time-zone", type=_Zone(), metavar="ZONE", help="Where times were written that name no zone."),
        click.option("--dates", type=click.Choice(_ORDERS), help="Whether 03/04/2026 is in April or in March."),
        click.option("--offer", type=_OfferId(), metavar="ID", help="The offer of all rows that name none."),
        click.option(
            "--as",
            "arrive_as",
            type=click.Choice(["answered", "new"]),
            default="answered",
            show_default=True,
            help="new: their owners are told, but not of those that the file says were answered.",
        ),
        click.argument("file", metavar="FILE", type=click.Path(path_type=Path)),
    ):
        add(run)
    return run


async def read_file(  # noqa: PLR0913 -- each is an option
    desk: Desk,
    file: Path,
    *,
    offer: str | None,
    dates: str | None,
    time_zone: ZoneInfo | None,
    received: date | None,
    charset: str,
) -> LeadFile:
    """Return what stands in a file, and say how it was read. Raises: UnreadableFileError."""
    order = DayOrder(dates) if dates else None
    received_at = datetime.combine(received, time(), time_zone or UTC).astimezone(UTC) if received else None
    if received_at and received_at > desk.now + _A_DAY:
        raise click.UsageError(f"--received {received} has not come yet.")
    reading = Reading(desk.now, offer or "", charset, order, time_zone, received_at)
    with desk.progress("Reading the file") as bar:  # In a thread, so that the bar moves.
        found = await asyncio.to_thread(desk.steps.read_file, file, reading, bar.advance)
    for line in _tell_reading(file, found):
        desk.say(line)
    return found


def _tell_reading(file: Path, found: LeadFile) -> Sequence[str]:
    taken = ", ".join(name if name == field else f"{name} as {field}" for name, field in found.taken.items())
    lines = [f"{file.name}: {found.form}. Columns: {taken}."]
    if found.ignored:
        lines.append(f"Not read: {', '.join(found.ignored)}.")
    return [*lines, *found.remarks]


async def compare_file(desk: Desk, found: LeadFile) -> Comparison:
    """Return how a file and the tables differ. Reads all leads."""
    with desk.progress("Reading leads") as bar:
        return await desk.steps.comparing.compare(found, bar.advance)


def tell_comparison(compared: Comparison) -> str:
    """Return how many leads of a file are stored, and how many are not."""
    found = compared.lead_file
    numbers = {
        "Here already": len(compared.matches),
        "Missing here": len(compared.missing),
        "Of persons who were erased, and stay away": len(compared.erased),
        "Rows that can't be read": len(found.unread),
    }
    said = [f"{what}: {number:,}." for what, number in numbers.items() if number]
    return " ".join([f"The file has {count(len(found.leads), 'lead')}.", *said])


def tell_arrival(desk: Desk, compared: Comparison, arrive_as: str) -> str:
    """Return what happens to the leads that are missing, before a person agrees."""
    arriving = compared.list_arriving(as_new=arrive_as == "new")
    words = Counter(lead.past or Word.NEW for lead in arriving)
    arrive = ", ".join(f"{word} ({number:,})" for word, number in words.most_common())
    told = "The owners of the new ones are told." if words[Word.NEW] else "Nobody is mailed."
    lately = sum(lead.past is Word.CONTACTED and desk.now - lead.received_at < _LATELY for lead in arriving)
    doubt = (
        f" {count(lately, 'lead')} of the last 7 days: if these customers still wait, say --as new." if lately else ""
    )
    unowned = "" if desk.settings.owners.rules else f" {NO_OWNERS}"
    return f"They arrive as {arrive}. {told}{doubt}{unowned}"


async def import_missing(desk: Desk, compared: Comparison, arrive_as: str) -> Counter[str]:
    """Store the rows that are not here, and return what became of them."""
    with desk.progress("Importing", len(compared.missing)) as bar:
        return await desk.steps.importing.store(compared, as_new=arrive_as == "new", now=desk.now, advance=bar.advance)


def tell_outcomes(outcomes: Mapping[str, int]) -> str:
    """Return what became of the rows that were to be imported."""
    said = [f"{count(outcomes.get('imported', 0), 'lead')} imported."]
    said += [f"{each} left out, because they were erased meanwhile." for each in [outcomes.get("erased", 0)] if each]
    failed = {code: number for code, number in outcomes.items() if code not in EXPECTED}
    said += [f"{number} not stored ({code}). Run the command again." for code, number in failed.items()]
    return " ".join(said)


def describe_file(found: LeadFile) -> dict[str, Any]:
    """Return how a file was read, for ``--json``."""
    return {
        "form": found.form,
        "columns": found.taken,
        "notRead": found.ignored,
        "remarks": found.remarks,
        "unreadable": [{"place": row.place, "why": row.reason} for row in found.unread],
    }


def show_unread(unread: Sequence[UnreadRow]) -> list[RenderableType]:
    """Return a table of the rows that can't be read, if there are any."""
    if not unread:
        return []
    rows = [(row.place, row.reason) for row in unread[:MAX_SHOWN]]
    return [Group("", make_table(("row", "why it can't be read"), rows)), *tell_rest(unread, MAX_SHOWN)]
