"""``leads give``."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import click
from rich.table import Table

from lead_core.lead.follow_up import find_owner, is_owner
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.search import has_words
from lead_core.lead.to_do import find_open_wait, find_wait
from lead_core.lead.values import Status
from lead_core.operations.giving import Given
from lead_core.views.colleagues import Colleague, refuse_colleague
from lead_core.views.moments import format_wait
from lead_core.views.safe_text import show_line
from lead_core.views.words import count
from leads.colleagues import choose_owner, shorten_owner
from leads.command import Desk, Exit, changes, command
from leads.documents import describe_lead
from leads.printing import make_table
from leads.who import choose_person
from leads.wording import name_customer, name_offer, name_status

_MAX_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class _Receiver:
    """Who gets the leads."""

    address: str
    caution: str
    """What a person must know before a customer's data goes there. ``""`` if they get leads already."""

    @classmethod
    def read(cls, text: str, owners: Owners) -> Self:
        """Return whom ``--to`` means, by the rules of the page. Raises: click.UsageError."""
        if not owners.rules:
            raise click.UsageError("OWNERS is not set here, so nobody may get leads. Set it as the app has it.")
        meaning = owners.interpret(text)
        if meaning.address and not meaning.problem:
            return cls(meaning.address, "")
        if meaning.to_confirm:
            alike = f", and resembles {' or '.join(meaning.alike)}" if meaning.alike else ""
            return cls(meaning.to_confirm, f"{meaning.to_confirm} gets no leads so far{alike}.")
        raise click.UsageError(f"--to {text!r}: {refuse_colleague(meaning, Colleague.list_of(owners.team, owner=''))}")


@command("give", example="leads give --from bob@contoso.com --to anna@contoso.com")
@changes
@click.argument("who", nargs=-1)
@click.option("--to", required=True, metavar="COLLEAGUE", help="Who gets them: an address, or a name in OWNERS.")
@click.option("--from", "giver", metavar="COLLEAGUE", help="All leads of this colleague that wait or are planned.")
@click.option("--offer", default="", metavar="WORDS", help="Only leads on this offer: words of its title or its key.")
async def give(desk: Desk, who: tuple[str, ...], to: str, giver: str | None, offer: str) -> Exit:
    """Give leads to a colleague: those of the persons WHO, or all open ones of another colleague.

    The colleague is told at the next tick. An answered lead stays answered. Put a name with blanks in quotes.
    """
    if bool(who) == bool(giver):
        raise click.UsageError("Name persons, or a colleague with --from.")
    owners = desk.steps.owners
    receiver = _Receiver.read(to, owners)
    giver = await choose_owner(desk, giver, "--from") if giver else ""
    found = await _find_of(desk, giver) if giver else await _find_persons(desk, who)
    found = [lead for lead in found if has_words(f"{lead.shown.offer_title} {lead.key.row}", offer)]
    leads = sorted((lead for lead in found if not is_owner(lead, receiver.address, owners)), key=_order)
    if not leads:
        why = f"{receiver.address} has them already." if found else "No lead is found."
        desk.show(_describe(receiver, leads, Counter()), f"Nothing to give: {why}")
        return Exit.DONE
    if receiver.caution:
        desk.say(receiver.caution)
    question = f"Give {count(len(leads), 'lead')} to {receiver.address}?"
    if not desk.may(question, _make_table(leads, desk), _describe(receiver, leads, Counter())):
        return Exit.DONE
    is_confirmed = bool(receiver.caution)
    with desk.progress("Giving leads", len(leads)) as bar:
        outcomes = await desk.steps.giving.give(
            leads, receiver.address, is_confirmed=is_confirmed, now=desk.now, advance=bar.advance
        )
    desk.show(_describe(receiver, leads, outcomes), _tell(receiver, leads, outcomes, desk))
    if giver in owners.people:
        desk.say(f"New leads still go to {giver}: OWNERS says so.")
    return Exit.FOUND if outcomes[Given.BUSY] else Exit.DONE


async def _find_persons(desk: Desk, who: tuple[str, ...]) -> list[Lead]:
    persons = [await choose_person(desk, each) for each in who]
    return list({lead.key: lead for person in persons for lead in person.current}.values())


async def _find_of(desk: Desk, giver: str) -> list[Lead]:
    with desk.progress("Reading leads") as bar:
        return await desk.steps.giving.find_of(giver, on_read=bar.advance)


def _make_table(leads: list[Lead], desk: Desk) -> Table:
    owners = desk.steps.owners
    return make_table(
        ("customer", "offer", "status", "waits", "owner now"),
        (
            (
                name_customer(lead),
                show_line(name_offer(lead), _MAX_CHARACTERS),
                name_status(lead),
                format_wait(desk.now - since if (since := find_open_wait(lead)) else None),
                shorten_owner(show_line(find_owner(lead), _MAX_CHARACTERS), owners),
            )
            for lead in leads
        ),
    )


def _order(lead: Lead) -> tuple[bool, datetime]:
    """Return what sorts leads as `leads list` does: who waits comes first, the longest waiting at the top."""
    return lead.status is not Status.NEW, find_wait(lead)


def _tell(receiver: _Receiver, leads: list[Lead], outcomes: Counter[Given], desk: Desk) -> str:
    hours = ", in working hours" if desk.settings.working_hours else ""
    waiting = sum(lead.is_unanswered for lead in leads) if outcomes[Given.GIVEN] else 0
    told = f" They are told of {count(waiting, 'lead')} at the next tick{hours}." if waiting else ""
    gone, moved, busy = (outcomes[each] for each in (Given.GONE, Given.MOVED, Given.BUSY))
    sentences = [
        f"{count(outcomes[Given.GIVEN], 'lead')} given to {receiver.address}.{told}",
        f"{count(gone, 'lead')} erased meanwhile." if gone else "",
        f"{count(moved, 'lead')} not given: someone gave it to another colleague meanwhile." if moved else "",
        f"Others kept changing {count(busy, 'lead')}: give the same command again." if busy else "",
    ]
    return "\n".join(filter(None, sentences))


def _describe(receiver: _Receiver, leads: list[Lead], outcomes: Counter[Given]) -> dict[str, object]:
    return {
        "to": receiver.address,
        "leads": [*map(describe_lead, leads)],
        **{each.value: outcomes[each] for each in Given},
    }
