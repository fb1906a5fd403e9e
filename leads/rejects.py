"""How a rejected lead is shown: why, when, from which door, and where in its body."""

import base64
from collections.abc import Iterable
from datetime import tzinfo
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lead_core.marketplace.spot import Spot
from lead_core.operations.following import Fate, Followed
from lead_core.operations.listing_rejects import ReadReject
from lead_core.views.moments import format_moment
from lead_core.views.words import count
from leads.command import Desk, Refused
from leads.documents import describe_lead
from leads.printing import make_table, make_text

_DOORS: Final = {
    "http": "refused when it was posted",
    "queue": "accepted, and refused when it was processed",
    "poison": "given up after five tries",
    "leads": "a damaged row of Leads",
    "": "typed by hand",
}
_SHORT: Final = 8
"""So many characters of an id are enough to name it."""


def shorten_id(reject: ReadReject) -> str:
    """Return how the id of *reject* begins, which names it."""
    return reject.id[:_SHORT]


async def choose_reject(desk: Desk, which: str) -> ReadReject:
    """Return the one rejected lead whose id begins with *which*. Raises: Refused if there is none, or several."""
    found = await desk.steps.listing_rejects.find_by_id(which)
    if not found:
        raise Refused(f"No rejected lead has an id that begins with {which}. See: leads rejected")
    if len(found) > 1:
        ids = make_table(["id"], [[each.id] for each in found])
        raise Refused(f"Several ids begin with {which}: give more of it.", ids)
    return found[0]


def show_reject(reject: ReadReject, zone: tzinfo) -> Group:
    """Return some lines about one rejected lead."""
    stored = reject.stored
    retries = f"retried {count(stored.retries, 'time')}" if stored.retries else ""
    door = _DOORS.get(stored.rejected_from, stored.rejected_from)
    facts = [format_moment(stored.received_at, zone), stored.reason or "no reason yet", door, retries]
    head = Text.assemble(make_text(shorten_id(reject), "bold"), "  ", make_text(", ".join(filter(None, facts))))
    what_next = _say_what_next(reject)
    return Group(head, show_fault(reject), *([_indent(what_next)] if what_next else []), "")


def show_fault(reject: ReadReject) -> Group:
    """Return why a body can't be read, where, and what it seems to hold."""
    lines: list[RenderableType] = [_indent(find_explanation(reject))]
    if reject.spot:
        lines += _show_spot(reject.spot)
    if reject.would_read:
        lines.append(_indent(f"It seems to hold: {reject.would_read}"))
    return Group(*lines)


def _show_spot(spot: Spot) -> list[Text]:
    """Return the lines around a fault, with a caret below it."""
    caret = Text(" " * cell_len(spot.lines[-1][: spot.caret]) + "^", "bold red")
    # A line that were folded would move the caret away from its place.
    return [
        Text.assemble("    ", line, no_wrap=True, overflow="ignore") for line in (*map(make_text, spot.lines), caret)
    ]


def show_body(reject: ReadReject) -> str:
    """Return the whole body of one rejected lead."""
    size = f"{len(reject.envelope.body):,} bytes"
    if reject.text is None:
        return f"The body, {size}, is no text. --json has it in base64."
    return f"The body, {size}:\n\n{make_text(reject.text).plain}"


def list_chosen(rejects: Iterable[ReadReject], zone: tzinfo) -> Table:
    """Return a table of rejected leads, with whether each can be read now."""
    return make_table(
        ("id", "received", "reason", "now"),
        (
            (shorten_id(each), format_moment(each.stored.received_at, zone), each.stored.reason, _say_whether(each))
            for each in rejects
        ),
    )


def say_poisoned(poisoned: int) -> str:
    """Return what to do about messages in the poison queue, ``""`` if there are none."""
    if not poisoned:
        return ""
    stands = f"{count(poisoned, 'message')} in the queue leads-poison"
    return f"Besides, {stands}: the app parks them here as soon as it runs. If it can't: leads retry --all"


def describe(reject: ReadReject, *, is_whole: bool = False) -> dict[str, Any]:
    """Return one rejected lead as JSON, with its body if it is *whole*."""
    stored, spot = reject.stored, reject.spot
    body: dict[str, Any] = {"body": reject.text}
    if reject.text is None:
        body = {"bodyInBase64": base64.b64encode(reject.envelope.body).decode()}
    return {
        "id": reject.id,
        "receivedAt": stored.received_at,
        "from": stored.rejected_from,
        "reason": stored.reason,
        "explanation": find_explanation(reject),
        "place": spot.place if spot else "",
        "excerpt": [*spot.lines] if spot else [],
        "caret": spot.caret if spot else None,
        "wouldRead": reject.would_read,
        "canBeRead": reject.fault is None,
        "retry": stored.wants_retry,
        "retries": stored.retries,
        "offer": reject.envelope.offer,
        **(body if is_whole else {}),
    }


def find_explanation(reject: ReadReject) -> str:
    """Return why the body can't be read as it now stands, or else what its row says."""
    if reject.fault and reject.stored.is_open:
        return reject.fault.explanation
    return reject.stored.explanation


def list_fates(followed: Iterable[Followed]) -> Table:
    """Return a table of what became of leads that were followed."""
    return make_table(("id", "what became of it"), ((each.event_id[:_SHORT], say_fate(each)) for each in followed))


def say_fate(followed: Followed) -> str:
    """Return what became of a lead in words."""
    if followed.lead:
        shown = followed.lead.shown
        return f"in Leads: {shown.name or shown.email or 'no name'}, {shown.offer_title or followed.lead.key.row}"
    if followed.fate is Fate.REJECTED:
        return f"rejected, {followed.reason}: {followed.explanation}"
    return "still on its way. Does the app run?"


def describe_fate(followed: Followed) -> dict[str, Any]:
    """Return what became of a lead as JSON."""
    lead = describe_lead(followed.lead) if followed.lead else None
    return {"id": followed.event_id, "became": followed.fate, "reason": followed.reason, "lead": lead}


def _say_what_next(reject: ReadReject) -> str:
    if not reject.stored.is_open:
        return ""
    if reject.stored.wants_retry:
        return "It is retried at the next tick."
    if reject.fault is None:
        return f"It can be read now. Put it on its way with: leads retry {shorten_id(reject)}"
    return f"Correct it with: leads retry {shorten_id(reject)} --edit" if reject.text is not None else ""


def _say_whether(reject: ReadReject) -> str:
    if reject.fault is None:
        return "can be read"
    return f"cannot be read: {reject.spot.place if reject.spot else reject.fault.code}"


def _indent(text: str) -> Padding:
    return Padding(make_text(text), (0, 0, 0, 2), expand=False)
