"""What is due, by recipient: enough for one mail to each, and how much more there is.

The to-do list is read by key ranges, many rows a request. Only the most urgent entries of each owner are looked up, so
neither one owner with thousands of leads nor one person with thousands of offers keeps the others waiting.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from lead_core.at_once import do_few_at_once
from lead_core.errors import RowRefusedError, SomeoneWasFirstError
from lead_core.lead.actions import ActionCode, rank_wish
from lead_core.lead.changes import StoredLead
from lead_core.lead.follow_up import find_turn
from lead_core.lead.lead import Lead
from lead_core.lead.recipients import Recipient, RecipientKey, find_recipient
from lead_core.lead.to_do import TO_BE_ESCALATED
from lead_core.lead.values import LeadKey, format_digest, format_time
from lead_core.lead.verdict import Verdict, decide_reminder
from lead_core.ports.outgoing import Claim, ClaimedLead, OwnersDigest
from lead_core.ports.storage import LeadStore, StoredFollowUp
from lead_core.steps.budget import Budget
from lead_core.steps.repository import LeadRepository

MAX_LEADS_PER_MAIL: Final = 25
MAX_LOOKED_UP: Final = 200
"""How many entries of an owner are looked up to fill a mail. Stale ones are corrected on the way."""
FRESH_FOR: Final = timedelta(minutes=30)
"""So long, a customer who asks to be contacted is looked up even behind a full mail of older leads."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Due:
    """What is due for one recipient."""

    leads: list[Lead] = field(default_factory=list)
    """The most urgent, enough for one mail."""
    unread: int = 0
    """How many more the to-do list has. Some of them may be stale."""

    @property
    def number(self) -> int:
        """How many leads are due."""
        return len(self.leads) + self.unread


@dataclass(slots=True)
class Listed:
    """The entries of one owner, as they are listed."""

    number: int = 0
    first: list[StoredFollowUp] = field(default_factory=list)

    def add(self, entry: StoredFollowUp) -> None:
        """Count *entry*, and keep it if it is among the most urgent."""
        self.number += 1
        self.first.append(entry)
        if len(self.first) >= 2 * MAX_LOOKED_UP:
            self.first = self.most_urgent()

    def most_urgent(self) -> list[StoredFollowUp]:
        """Return the entries to look up: the strongest wish first, then what has been due longest."""
        return sorted(self.first, key=lambda entry: (rank_wish(entry.action_code), entry.place))[:MAX_LOOKED_UP]


@dataclass(slots=True)
class PersonReader:
    """Reads each person once, however many of their leads are asked for. Use it for one moment only."""

    leads: LeadStore
    _people: dict[str, dict[LeadKey, StoredLead]] = field(default_factory=dict)

    async def get(self, key: LeadKey) -> StoredLead | None:
        """Read a lead beside the same person's leads on other offers. None if it is gone."""
        if key not in self._people.get(key.partition, {}):  # Not read yet, or gone.
            self._people[key.partition] = {stored.lead.key: stored for stored in await self.leads.list_person(key)}
        person = self._people[key.partition]
        return person[key].beside(person.values()) if key in person else None

    def forget(self, key: LeadKey) -> None:
        """Read the person of a lead again when they are next asked for."""
        self._people.pop(key.partition, None)


Claims: TypeAlias = Mapping[RecipientKey, Claim[OwnersDigest]]
"""The claims by whose they are."""


def order_of(claims: Claims, recipient: Recipient, now: datetime) -> tuple[datetime, str]:
    """Return what recipients are served by: the longest without a try first, then another order at each tick."""
    claim = claims.get(recipient.key)
    written_at = claim.written_at if claim else None
    return written_at or _NEVER, format_digest(recipient.address, format_time(now))


async def collect_due(
    repository: LeadRepository,
    claims: Claims,
    *,
    now: datetime,
    budget: Budget,
    outcomes: Counter[str],
) -> dict[Recipient, Due]:
    """Return what is due, by recipient. A lead in the claimed mail of another owner is left to that mail.

    It takes at most half of the budget, so that there is time for mails.
    """
    policy, half = repository.policy, _halve(budget)
    claimed = {lead: key for key, claim in claims.items() if claim.until for lead in claim.about.leads}
    due: defaultdict[Recipient, Due] = defaultdict(Due)
    reader = PersonReader(repository.leads)

    async def look_up(listed: Listed) -> None:
        found, seen = 0, 0
        recipient: Recipient | None = None
        for entry in listed.most_urgent():
            if half.is_spent:
                break
            if found >= MAX_LEADS_PER_MAIL and not _is_fresh_wish(entry, now):
                continue
            seen += 1
            try:
                lead = await _resolve(entry, repository, reader)
            except (SomeoneWasFirstError, RowRefusedError) as error:  # It stays due.
                outcomes[error.code] += 1
                continue
            if lead is None or decide_reminder(lead, now=now, policy=policy) is not Verdict.SEND:
                continue
            recipient = find_recipient(lead, policy.owners, now=now)
            if claimed.get(ClaimedLead(lead.key, find_turn(lead)), recipient.key) == recipient.key:
                due[recipient].leads.append(lead)
                found += 1
        if recipient:
            due[recipient].unread += listed.number - seen

    listed = await _list(repository, now, _halve(half))
    in_order = sorted(listed, key=lambda recipient: order_of(claims, recipient, now))
    await do_few_at_once(look_up, [listed[recipient] for recipient in in_order])
    return {recipient: each for recipient, each in due.items() if each.leads}


async def _resolve(entry: StoredFollowUp, repository: LeadRepository, reader: PersonReader) -> Lead | None:
    """Do as `LeadRepository.resolve`, and read the person anew if their lead changed since."""
    try:
        return await repository.resolve_with(entry, await reader.get(entry.lead))
    except SomeoneWasFirstError:  # Perhaps this tick itself, for another entry of the same lead.
        reader.forget(entry.lead)
        return await repository.resolve_with(entry, await reader.get(entry.lead))


async def _list(repository: LeadRepository, now: datetime, budget: Budget) -> dict[Recipient, Listed]:
    """Read the to-do list as far as it is due, by the owners as they are listed. What is escalated stands apart."""
    listed: defaultdict[Recipient, Listed] = defaultdict(Listed)
    async for entry in repository.follow_ups.list_due(now):
        listed[Recipient(entry.owner, is_escalation=entry.state == TO_BE_ESCALATED)].add(entry)
        if budget.is_spent:
            break
    return listed


def _is_fresh_wish(entry: StoredFollowUp, now: datetime) -> bool:
    return entry.action_code == ActionCode.CONTACT_ME and now - entry.place.at < FRESH_FOR


def _halve(budget: Budget) -> Budget:
    return Budget(budget.clock, (budget.clock() + budget.ends_at) / 2)
