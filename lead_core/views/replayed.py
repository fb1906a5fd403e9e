"""What a replay finds and does, in plain words."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import tzinfo

from lead_core.lead.lead import Lead
from lead_core.lead.past import BY_REPLAY
from lead_core.lead.replay import Difference, Lack, OtherValue, ReplayChoices
from lead_core.lead.values import Status
from lead_core.views.moments import format_moment
from lead_core.views.safe_text import show_line
from lead_core.views.words import NOBODY, count, describe_status

_MAX_CHARACTERS = 60
_SAYS = {
    Lack.DAMAGED: "Cells that only the app writes were changed or damaged. They are made again.",
    Lack.INCOMPLETE: "Its row lacks what was received.",
    Lack.NOT_LISTED: "Its entry in FollowUps is missing, or was changed by hand.",
}
LOST = "status, owner, note, answers, mails sent, who is not to be contacted, and edited cells"


def name_lead(lead: Lead) -> str:
    """Return the best name that is known for the customer."""
    shown = lead.shown
    return show_line(shown.name or shown.email or shown.phone or shown.company, _MAX_CHARACTERS) or NOBODY


def name_offer(lead: Lead) -> str:
    """Return what the customer looked at."""
    return show_line(lead.shown.offer_title or lead.key.row, _MAX_CHARACTERS)


def name_cell(value: OtherValue) -> str:
    """Return the name of a cell: ``first name``."""
    return value.name.replace("_", " ")


def tell_difference(difference: Difference, zone: tzinfo) -> str:
    """Return what is wrong with a lead, and what becomes of it."""
    before, after = difference.before, difference.after
    if before is None:
        return f"It has no row in Leads. {_tell_return(after, zone)}"
    changes = ", ".join(_tell_changes(before, after, zone))
    return f"{_SAYS[difference.lack]} {changes[:1].upper()}{changes[1:]}{'.' if changes else ''}".strip()


def _tell_return(lead: Lead, zone: tzinfo) -> str:
    if lead.is_test:
        return "It comes back as a test lead."
    status = describe_status(lead.status)
    if lead.status is Status.NEW and lead.waiting_since:
        return f"It comes back as {status}, waiting since {format_moment(lead.waiting_since, zone)}."
    return f"It comes back as {status}{': it is taken as answered' if _is_assumed(lead) else ''}."


def _tell_changes(before: Lead, after: Lead, zone: tzinfo) -> Iterator[str]:
    """Tell what changes in the cells that people read."""
    facts = [
        ("status", describe_status(before.status), describe_status(after.status)),
        ("actions", str(before.history.count), str(after.history.count)),
        ("waiting since", format_moment(before.waiting_since, zone), format_moment(after.waiting_since, zone)),
    ]
    names = (part.name for part in fields(after.shown))
    facts += [(name.replace("_", " "), getattr(before.shown, name), getattr(after.shown, name)) for name in names]
    for name, was, becomes in facts:
        if was != becomes:
            yield f"{name} “{show_line(was, _MAX_CHARACTERS)}” becomes “{show_line(becomes, _MAX_CHARACTERS)}”"


def tell_consequences(differences: Sequence[Difference], choices: ReplayChoices, zone: tzinfo) -> Iterator[str]:
    """Return what cannot come back and who is mailed, to be read before anybody agrees to it."""
    made_anew = [each.after for each in differences if each.before is None]
    assumed = sum(map(_is_assumed, made_anew))
    if made_anew:
        yield f"{count(len(made_anew), 'lead')} without a row. What only the row knew is lost: {LOST}."
    if assumed:
        before = format_moment(choices.answered_before, zone)
        yield (
            f"{count(assumed, 'lead')} received before {before}: taken as answered, nobody is mailed. "
            "To have their owners told, use --as new or --new-since DAY."
        )
    if told := sum(map(_is_told, differences)):
        yield f"{count(told, 'lead')} to be told: their owners get a mail when it is due, most likely within minutes."


def _is_assumed(lead: Lead) -> bool:
    return bool(lead.decisions) and lead.decisions[-1].by == BY_REPLAY


def _is_told(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    return after.next_reminder_at is not None and (before is None or before.next_reminder_at is None)
