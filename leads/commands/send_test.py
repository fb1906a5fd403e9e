"""`leads send-test`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
from rich.table import Table

from lead_core.operations.following import Awaited, Fate, Followed
from lead_core.views.moments import format_wait
from lead_core.views.words import count
from leads.command import Desk, Exit, changes, command
from leads.kinds import DURATION
from leads.posting import Answer, Door
from leads.printing import make_table
from leads.rejects import describe_fate, say_fate
from leads.shapes import SHAPES, Shape

_CLOCKS_DIFFER: Final = timedelta(minutes=10)


@dataclass
class Sent:
    """One shape that was posted, and what became of it."""

    shape: Shape
    answer: Answer
    at: float
    """When it was posted, in seconds of this machine's clock that only grows."""
    answered_seconds: float
    followed: Followed | None = None
    stored_seconds: float | None = None

    @property
    def is_stored(self) -> bool:
        """Whether it came to the table."""
        return self.followed is not None and self.followed.fate is Fate.STORED


@command("send-test", example='leads send-test "https://contoso-leads.azurewebsites.net/api/leads?code=…"')
@changes
@click.argument("url", required=False)
@click.option(
    "--shape",
    "names",
    multiple=True,
    type=click.Choice([*SHAPES]),
    metavar="NAME",
    help="Only this shape, one of those that --dry-run lists. May be repeated.",
)
@click.option(
    "--wait", type=DURATION, default="60s", show_default=True, help="How long to wait until the leads are stored."
)
async def send_test(desk: Desk, url: str | None, names: Sequence[str], wait: timedelta) -> Exit:
    """Post a test lead in every documented shape, and follow each until it stands in the table.

    URL is the one that Partner Center posts to, with its code, in quotes. Without it, the leads go to the app at
    PUBLIC_URL. They are marked as tests: nobody is reminded of them, and the default owner gets one mail a day that
    confirms them.
    """
    if not (place := url or desk.settings.links_url):
        raise click.UsageError("Give the URL to which leads are posted, or set PUBLIC_URL.")
    door, shapes = Door.parse(place), [SHAPES[name] for name in names or SHAPES]
    view = make_table(("shape", "sent by"), ((shape.name, shape.what) for shape in shapes))
    if not desk.may(f"Post {count(len(shapes), 'test lead')} to {door}?", view, _describe_all(door, [])):
        return Exit.DONE
    sent = await _post_each(desk, door, shapes)
    await _follow(desk, sent, wait)
    desk.show(_describe_all(door, sent), _list(sent))
    stored = sum(each.is_stored for each in sent)
    desk.say(f"{stored} of {count(len(sent), 'test lead')} {'stands' if stored == 1 else 'stand'} in Leads.")
    if stored == len(sent):
        return Exit.DONE
    desk.say(_explain(desk, sent, wait))
    return Exit.FOUND


async def _post_each(desk: Desk, door: Door, shapes: Sequence[Shape]) -> list[Sent]:
    sent = []
    with desk.progress("Posting", total=len(shapes)) as bar:
        for shape in shapes:
            at = time.monotonic()
            answer = await door.post(shape.body)
            sent.append(Sent(shape, answer, at, time.monotonic() - at))
            bar.advance()
    return sent


async def _follow(desk: Desk, sent: Sequence[Sent], wait: timedelta) -> None:
    """Wait until it is known what became of each."""
    taken = {each.answer.event_id: each for each in sent if each.answer.event_id}
    around = desk.now - _CLOCKS_DIFFER, datetime.now(UTC) + _CLOCKS_DIFFER
    with desk.progress("Waiting until they are stored", total=len(taken)) as bar:

        def note(followed: Followed) -> None:
            each = taken[followed.event_id]
            each.followed, each.stored_seconds = followed, time.monotonic() - each.at
            bar.advance()

        await desk.steps.following.follow([Awaited(event_id, *around) for event_id in taken], lasts=wait, report=note)


def _list(sent: Sequence[Sent]) -> Table:
    rows = (
        (
            each.shape.name,
            f"{each.answered_seconds:.1f} s",
            "" if each.stored_seconds is None else f"{each.stored_seconds:.1f} s",
            _say(each),
            each.followed.lead.cells.owner if each.followed and each.followed.lead else "",
        )
        for each in sent
    )
    return make_table(
        ("shape", "answered in", "stored after", "became", "owner"), rows, right=("answered in", "stored after")
    )


def _say(sent: Sent) -> str:
    if not sent.answer.event_id:
        return f"refused, {sent.answer.refusal}"
    if sent.is_stored:
        return "in Leads"
    return say_fate(sent.followed) if sent.followed else "taken, but not seen here"


def _describe_all(door: Door, sent: Sequence[Sent]) -> dict[str, Any]:
    return {"url": str(door), "sent": [_describe(each) for each in sent]}


def _describe(sent: Sent) -> dict[str, Any]:
    became = describe_fate(sent.followed) if sent.followed else {"id": sent.answer.event_id, "became": "not seen"}
    return {
        "shape": sent.shape.name,
        **became,
        "refusal": sent.answer.refusal,
        "answeredSeconds": round(sent.answered_seconds, 3),
        "storedSeconds": None if sent.stored_seconds is None else round(sent.stored_seconds, 3),
    }


def _explain(desk: Desk, sent: Sequence[Sent], wait: timedelta) -> str:
    unseen = [each for each in sent if each.answer.event_id and not each.followed]
    if not unseen:
        return "Not every shape became a lead. What was rejected is explained by: leads rejected"
    taken = f"{count(len(unseen), 'test lead')} {'was' if len(unseen) == 1 else 'were'} taken, but did not arrive"
    return (
        f"{taken} in the account {desk.opened.account} within {format_wait(wait)}. Either the app stores in another "
        "account: compare its setting LEADS_STORAGE. Or nothing works on its queue: look at process_lead in the log of "
        "the function app."
    )
