"""``leads purge``."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import click
from rich.console import Group, RenderableType

from lead_core.lead.age import Fate, PurgeRule
from lead_core.lead.retention import Retention
from lead_core.lead.values import Status
from lead_core.steps.purging import Page
from lead_core.views.words import count, describe_status
from leads.command import Desk, changes, command
from leads.kinds import AGE
from leads.printing import make_table

_KINDS = {
    "leads": "lead",
    "notifications": "notification",
    "rejected": "rejected lead",
    "test-leads": "note about test leads",
}
_WHY_IT_STAYS = {
    Fate.OPEN: "Nobody answered, or a follow-up is due. --open-too removes them as well.",
    Fate.DAMAGED: "Its history is damaged. The hourly check makes it again.",
}


@dataclass(slots=True)
class _Old:
    """What is old: how much of it goes, and how much stays."""

    goes: Counter[str] = field(default_factory=Counter)
    by_status: Counter[Status] = field(default_factory=Counter)
    by_fate: Counter[Fate] = field(default_factory=Counter)

    def add(self, page: Page) -> None:
        self.goes += page.going
        self.by_status += page.by_status
        self.by_fate += page.by_fate


@command("purge", example="leads purge --older-than 24m --dry-run")
@changes
@click.option(
    "--older-than",
    "age",
    type=AGE,
    metavar="AGE",
    help="24m or 24mo (months), 2y or 730d. By default what RETENTION says.",
)
@click.option("--open-too", is_flag=True, help="Remove leads that nobody answered as well.")
async def purge(desk: Desk, age: Retention | None, *, open_too: bool) -> None:
    """Remove leads that were kept long enough, with their notifications, and old rejected leads.

    A lead's age counts from its last activity: what its customer did, what a person decided, the last mail about it.
    Leads that nobody answered stay. Who asked not to be contacted goes, and that they asked for it stays.

    The setting RETENTION does the same once a day.
    """
    age = age or desk.settings.retention
    if age is None:
        raise click.UsageError("Say how long leads are kept, such as --older-than 24m, or set RETENTION.")
    rule = PurgeRule(age.find_start(desk.now, desk.zone), open_too=open_too)
    before = f"{rule.keeps_from.astimezone(desk.zone):%Y-%m-%d}"
    old = await _look(desk, rule)
    gone, view = Counter[str](), Group()
    question = f"Remove for good what is older than {age}, last active before {before}?"
    if not old.goes:
        nothing = f"Nothing to remove is older than {age}, last active before {before}."
        view = Group(nothing, *_say_what_stays(old))
    elif desk.may(question, _make_view(old, f"Older than {age}: last active before {before}")):
        gone = await _remove(desk, rule, old)
        view = Group(f"Removed: {_list(gone)}.")
    elif not desk.is_json:
        return
    desk.show(
        {
            "olderThan": str(age),
            "before": before,
            "found": _describe(old.goes),
            "objectionsKept": old.goes["objections"],
            "stays": {fate.value: old.by_fate[fate] for fate in _WHY_IT_STAYS},
            "removed": _describe(gone),
        },
        view,
    )


async def _look(desk: Desk, rule: PurgeRule) -> _Old:
    old = _Old()
    with desk.progress("Reading leads") as bar:
        async for page in desk.steps.purging.find(rule, now=desk.now):
            old.add(page)
            bar.advance(len(page.fates))
    return old


async def _remove(desk: Desk, rule: PurgeRule, old: _Old) -> Counter[str]:
    """Remove what is old now. It is read again, because others may work with it meanwhile."""
    gone = Counter[str]()
    with desk.progress("Removing", old.goes.total()) as bar:
        async for page in desk.steps.purging.find(rule, now=desk.now):
            removed = await desk.steps.purging.remove(page, new_id=lambda: uuid4().hex)
            bar.advance(removed.total())
            gone += removed
            if changed := len(page.leads) - removed["leads"]:
                desk.say(f"{count(changed, 'lead')} changed at the same moment and stayed.")
    return gone


def _make_view(old: _Old, title: str) -> RenderableType:
    rows = [(_name(kind, old.goes[kind]), old.goes[kind]) for kind in _KINDS if old.goes[kind]]
    if old.goes["leads"]:
        statuses = [(f"  {describe_status(status)}", number) for status, number in sorted(old.by_status.items())]
        rows[1:1] = statuses
    return Group(f"{title}\n", make_table(("what goes", "how many"), rows, right=("how many",)), *_say_what_stays(old))


def _say_what_stays(old: _Old) -> Iterator[RenderableType]:
    if people := old.goes["objections"]:
        yield f"\nNot to be contacted: {count(people, 'person')}. That they asked for it stays, without their data."
    rows = [(old.by_fate[fate], why) for fate, why in _WHY_IT_STAYS.items() if old.by_fate[fate]]
    if rows:
        yield ""
        yield make_table(("leads", "that are as old and stay"), rows, right=("leads",))


def _name(kind: str, number: int) -> str:
    return count(number, _KINDS[kind]).partition(" ")[2]


def _describe(counts: Counter[str]) -> dict[str, int]:
    """Return numbers for a JSON document, in which all keys are written alike."""
    return {"testLeads" if kind == "test-leads" else kind: counts[kind] for kind in _KINDS}


def _list(counts: Counter[str]) -> str:
    return ", ".join(count(counts[kind], thing) for kind, thing in _KINDS.items() if counts[kind]) or "nothing"
