"""``leads show``."""

from collections.abc import Iterator

import click
from rich.console import Group, RenderableType
from rich.table import Table

from lead_core.lead.qualification import list_qualified
from lead_core.lead.search import name_person
from lead_core.lead.values import Status
from lead_core.operations.searching import FoundPerson
from lead_core.operations.showing import ShownLead
from lead_core.views.moments import format_moment
from lead_core.views.safe_text import show_line, show_text
from lead_core.views.words import count, name_country
from leads.command import Desk, command
from leads.documents import describe_lead
from leads.printing import make_text
from leads.who import choose_person
from leads.wording import name_customer, name_offer, name_status, tell_next

_MAX_LINE_CHARACTERS = 200
_MAX_TEXT_CHARACTERS = 2_000


@command("show", example="leads show ada@contoso.com")
@click.argument("who", nargs=-1, required=True)
async def show(desk: Desk, who: tuple[str, ...]) -> None:
    """Show all on one person: their leads, what happened, and what comes next.

    WHO is an e-mail address, a phone, a name, a company, a lead's key, or a link of a mail. If it finds several
    persons, they are listed, each with a key that finds them alone.
    """
    person = await choose_person(desk, " ".join(who))
    leads = await desk.steps.showing.show(person.leads, now=desk.now)
    document = {"key": person.key, "foundBy": person.found_by, "leads": [_describe(each) for each in leads]}
    desk.show(document, Group(_make_head(person), *(_make_view(each, desk) for each in leads)))


def _make_head(person: FoundPerson) -> RenderableType:
    """Return who it is. The leads of a person may differ in that."""
    lines: dict[str, str] = {}
    for lead in person.current:
        shown = lead.shown
        lines.setdefault(", ".join(filter(None, (name_customer(lead), show_line(shown.title, 60)))), "bold")
        lines.setdefault(", ".join(filter(None, (shown.email, shown.phone, name_country(shown.country)))), "")
    recognised = person.current[0].identified_by or "nobody: the row was typed"
    lines[f"key {name_person(person.current[0].key)}, recognised by {recognised}"] = ""
    return Group(*(make_text(show_line(line, _MAX_LINE_CHARACTERS), style) for line, style in lines.items() if line))


def _make_view(shown: ShownLead, desk: Desk) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in _tell(shown, desk):
        if text:
            table.add_row(label, make_text(text))
    happened = Table.grid(padding=(0, 2))
    happened.add_column(no_wrap=True)
    happened.add_column(overflow="fold")
    for line in shown.facts.history:
        happened.add_row(format_moment(line.at, desk.zone), make_text(show_line(line.sentence, _MAX_LINE_CHARACTERS)))
    title = f"{name_offer(shown.lead)} ({shown.lead.key.row})"
    return Group("", make_text(show_line(title, _MAX_LINE_CHARACTERS), "bold"), table, "", happened)


def _tell(shown: ShownLead, desk: Desk) -> Iterator[tuple[str, str]]:
    """Return what is known of a lead, each with its label. ``""`` is not known."""
    lead = shown.lead
    yield "status", f"{name_status(lead)}. {' '.join(shown.told.sentences)}"
    yield "what is true", show_line("; ".join(list_qualified(lead)), _MAX_LINE_CHARACTERS)
    yield "owner", show_line(shown.facts.owner, _MAX_LINE_CHARACTERS)
    yield "next", _tell_next(shown, desk)
    yield "mails", _tell_mails(shown, desk)
    yield "problem", show_line(lead.problem, _MAX_TEXT_CHARACTERS)
    yield "they wrote", "\n".join(show_text(lead.shown.description, _MAX_TEXT_CHARACTERS))
    yield "note", "\n".join(show_text(lead.cells.note, _MAX_TEXT_CHARACTERS))


def _tell_next(shown: ShownLead, desk: Desk) -> str:
    entry = shown.entry
    if entry is None:
        return "nothing is due"
    missing = "" if shown.is_listed else " (not on the to-do list yet: the hourly check writes it there)"
    return f"{tell_next(entry, now=desk.now, zone=desk.zone)}{missing}"


def _tell_mails(shown: ShownLead, desk: Desk) -> str:
    """Return which mails about a lead went out, since its customer waits."""
    lead = shown.lead
    if lead.last_reminder_at is None:
        return ""
    sent = f"{count(lead.reminders_sent, 'mail')} since, " if lead.status is Status.NEW else ""
    to = f" to {lead.handover.told}" if lead.handover.told else ""
    told = f"; {lead.handover.escalated_to} was told that nobody answered" if lead.handover.escalated_to else ""
    return f"{sent}the last on {format_moment(lead.last_reminder_at, desk.zone)}{to}{told}"


def _describe(shown: ShownLead) -> dict[str, object]:
    lead, facts, entry = shown.lead, shown.facts, shown.entry
    return {
        **describe_lead(lead),
        "identifiedBy": lead.identified_by,
        "title": lead.shown.title,
        "description": lead.shown.description,
        "standing": shown.told.sentences,
        "note": lead.cells.note,
        "disqualifiedReason": lead.cells.disqualified_reason,
        "qualification": list_qualified(lead),
        "attempts": lead.attempts,
        "isInternal": lead.is_internal,
        "next": entry.state if entry else "",
        "dueAt": entry.place.at if entry and not entry.place.rests else None,
        "isListed": shown.is_listed,
        "mails": {
            "sent": lead.reminders_sent,
            "lastAt": lead.last_reminder_at,
            "told": lead.handover.told,
            "escalatedTo": lead.handover.escalated_to,
        },
        "problem": lead.problem,
        "actions": [
            {"code": each.code, "source": each.source, "firstAt": each.first_at, "lastAt": each.last_at}
            for each in lead.history.actions
        ],
        "decisions": [
            {
                "at": each.at,
                "by": each.who,
                "status": each.status,
                "choice": each.choice,
                "to": each.to,
                "reason": each.reason,
            }
            for each in lead.decisions
        ],
        "happened": [{"at": line.at, "what": line.sentence} for line in facts.history],
    }
