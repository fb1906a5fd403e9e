"""Some weeks of made-up leads, so that the report has something to show on the first day.

They go the way of real ones: bodies are read, leads are folded, and mails and answers are recorded as of their time. No
mail goes out about the past.
"""

import asyncio
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from lead_core.at_once import do_few_at_once
from lead_core.lead.changes import StoredLead, answered, delivered, mailed
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy, find_owner, find_turn
from lead_core.lead.lead import Lead
from lead_core.lead.received import Envelope, Notification
from lead_core.lead.to_do import find_follow_up
from lead_core.marketplace.notification import read_notification
from lead_core.settings import find_settings
from lead_core.wiring import Services
from lead_core.wiring.rest import Rest

WEEKS: Final = 10
_SEED: Final = 7
"""With it, the last weeks go better than those before, so that the report has a change to show."""
_LEADS_A_DAY: Final = (1, 1, 2, 2, 1, 0, 0)
"""From Monday to Sunday."""
_OPENS_AT, _CLOSES_AT = 7, 17
_COMPANIES: Final = (
    ("Northwind", "US"), ("Fabrikam", "DE"), ("Adventure Works", "GB"), ("Tailspin", "FR"), ("Litware", "ES"),
    ("Proseware", "JP"), ("Wingtip", "BR"), ("Lamna", "IN"), ("Relecloud", "NL"), ("Woodgrove", "CA"),
)  # fmt: skip
_FIRST_NAMES: Final = (
    "Olivia", "Jonas", "Amelia", "Camille", "Lucia", "Haruto", "Rafael", "Priya", "Daan", "Nora",
)  # fmt: skip
_LAST_NAMES: Final = (
    "Reed", "Brandt", "Ward", "Laurent", "Navarro", "Mori", "Souza", "Nair", "Visser", "Tremblay",
)  # fmt: skip
_OFFERS: Final = (("contoso-crm", "Contoso CRM"), ("data-platform", "Contoso Data Platform"))
_ORIGINS: Final = (
    ("AppSource", "PLT"), ("AppSource", "INS"), ("AzureMarketplace", "Create"), ("AzureMarketplace", "StartTestDrive"),
)  # fmt: skip


class _Step(NamedTuple):
    """What a salesperson does, and how long after the customer."""

    after: timedelta
    choice: Choice


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FATES: Final[tuple[tuple[_Step, ...], ...]] = (
    (_Step(4 * _MINUTE, Choice.CONTACTED), _Step(2 * _DAY, Choice.QUALIFIED)),
    (_Step(35 * _MINUTE, Choice.CONTACTED),),
    (_Step(50 * _MINUTE, Choice.QUALIFIED),),
    (_Step(3 * _HOUR, Choice.CONTACTED), _Step(4 * _DAY, Choice.NOT_A_FIT)),
    (_Step(6 * _HOUR, Choice.CONTACTED),),
    (_Step(20 * _HOUR, Choice.CONTACTED), _Step(3 * _DAY, Choice.QUALIFIED)),
    (_Step(2 * _HOUR, Choice.TRIED), _Step(45 * _HOUR, Choice.CONTACTED)),
    (_Step(4 * _DAY, Choice.CONTACTED),),
    (_Step(9 * _HOUR, Choice.SPAM),),
    (_Step(26 * _HOUR, Choice.TRIED),),
    (),
)
"""What becomes of leads, in turn. Some are never answered."""


@dataclass(frozen=True, slots=True)
class Past:
    """One lead of the past, as it came and as it stands now."""

    notification: Notification
    lead: Lead


def imagine(*, now: datetime, policy: FollowUpPolicy) -> Iterator[Past]:
    """Yield the leads of the last weeks. The same *now* gives the same leads."""
    chance = random.Random(_SEED)  # noqa: S311 -- made-up leads, no secrets
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - number * _DAY for number in range(7 * WEEKS, 0, -1)]
    receipts = [
        day + chance.uniform(_OPENS_AT, _CLOSES_AT) * _HOUR for day in days for _ in range(_LEADS_A_DAY[day.weekday()])
    ]
    for number, received_at in enumerate(receipts):
        notification = read_notification(_write(number, received_at, chance))
        fate = chance.choice(_FATES)
        yield Past(notification, _live(delivered(None, notification.delivery, policy), fate, now, policy))


def _write(number: int, received_at: datetime, chance: random.Random) -> Envelope:
    company, country = _COMPANIES[number % len(_COMPANIES)]
    offer, title = chance.choice(_OFFERS)
    source, action = chance.choice(_ORIGINS)
    first_name, last_name = _name(number)
    domain = company.lower().replace(" ", "-")
    body = {
        "userDetails": {
            "firstName": first_name,
            "lastName": last_name,
            "email": f"{first_name}.{last_name}@{domain}.example".lower(),
            "company": company,
            "country": country,
        },
        "leadSource": f"{source}-{action}|contoso.{offer}",
        "actionCode": action,
        "offerTitle": title,
    }
    return Envelope(f"{chance.getrandbits(128):032x}", received_at, offer="", body=json.dumps(body).encode())


def _name(number: int) -> tuple[str, str]:
    """Return a name that no other customer has: two of one name would look like one person stored twice."""
    turn, place = divmod(number, len(_FIRST_NAMES))
    return _FIRST_NAMES[place], _LAST_NAMES[(place + turn) % len(_LAST_NAMES)]


def _live(lead: Lead, fate: tuple[_Step, ...], now: datetime, policy: FollowUpPolicy) -> Lead:
    """Return *lead* after all mails about it that were due, and all answers, each at its time."""
    received_at = lead.history.first_at
    for number, step in enumerate(fate):
        answered_at = received_at + step.after
        if answered_at >= now:
            break
        lead = _mail(lead, answered_at, policy)
        answer = Answer(choice=step.choice, click=f"made-up-{number}", reason="No budget this year")
        lead = answered(_read(lead, answered_at), answer, by=find_owner(lead), at=answered_at, policy=policy)
    return _mail(lead, now - _MINUTE, policy)


def _mail(lead: Lead, until: datetime, policy: FollowUpPolicy) -> Lead:
    """Return *lead* after the mails that were due *until* then. What is due later, the app sends."""
    while (due_at := lead.next_reminder_at) and due_at < until:
        lead = mailed(_read(lead, due_at), find_turn(lead), to=find_owner(lead), at=due_at, policy=policy)
    return lead


def _read(lead: Lead, at: datetime) -> StoredLead:
    return StoredLead(lead, version=None, changed_at=at)


def store_history(environment: Mapping[str, str], *, now: datetime) -> int:
    """Store the made-up leads and count them up for the report. Return how many there are."""
    return asyncio.run(_store_history(environment, now))


async def _store_history(environment: Mapping[str, str], now: datetime) -> int:
    services = Services(find_settings(environment))
    try:
        past = [*imagine(now=now, policy=services.rest.policy)]
        await _store(past, services.rest)
        await services.rest.reconciling.check(now=now)
    finally:
        await services.close()
    return len(past)


async def _store(past: list[Past], rest: Rest) -> None:
    """Store the leads, and what came last: only then is the inbox not empty, and the history is not made again."""

    async def store_one(each: Past) -> None:
        await rest.repository.leads.insert(each.lead)
        if entry := find_follow_up(each.lead, rest.policy):
            await rest.repository.follow_ups.upsert(entry)

    await do_few_at_once(store_one, past)
    await rest.inbox.insert_all([each.notification for each in past])
