"""The steps that send mail, in memory, with a clock for them."""

import asyncio
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.adapters.tables.follow_ups import TableFollowUpStore
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.errors import AddressRefusedError, MailNotSentError
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.links import LinkSigner
from lead_core.messages import Mail
from lead_core.steps.confirming import Confirming
from lead_core.steps.reminding import Reminding
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sending import MailPolicy
from tests.conftest import Memory
from tests.examples import NOON, at, message

SALES, ANNA, BOSS = "sales@contoso.example", "anna@contoso.example", "boss@contoso.example"
OWNERS = Owners.parse(f"contoso.erp: {ANNA}; {SALES}")


@dataclass
class Outbox:
    """Our own `Mailer`: it keeps mails, and fails as the test says."""

    mails: list[Mail] = field(default_factory=list)
    fails_with: list[Exception | None] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    async def send(self, mail: Mail) -> None:
        await asyncio.sleep(0)
        failure = self.fails_with.pop(0) if self.fails_with else None
        if isinstance(failure, MailNotSentError):
            raise failure
        if refused := {mail.to, mail.cc} & self.refuses:
            raise AddressRefusedError(frozenset(refused))
        self.mails.append(mail)
        if failure:
            raise failure

    def leads_of(self, mail: Mail) -> set[str]:
        return set(re.findall(r"\bP\d+ Smith\b|John Smith", mail.text))


async def tick(reminding: Reminding, now: datetime, ids: Iterator[str]) -> Counter[str]:
    """Do the work of the timer: confirm test leads, then remind."""
    confirming = Confirming(
        reminding.claims, reminding.mailer, reminding.repository.policy.owners.default, reminding.mails
    )
    outcomes = await confirming.tick(now=now, new_id=lambda: next(ids))
    return outcomes + await reminding.tick(now=now, new_id=lambda: next(ids))


class Desk:
    """The third step in memory, and a clock for it."""

    def __init__(self, wrap: Callable[[MemoryTable], Any] = lambda table: table, owners: Owners = OWNERS) -> None:
        self.memory = Memory()
        self.outbox = Outbox()
        self.policy = FollowUpPolicy(owners=owners)
        self.ids = (f"{number:032x}" for number in itertools.count(1))
        self.reminding = self.make(wrap)
        self.memory.processing = replace(self.memory.processing, policy=self.policy)

    def make(self, wrap: Callable[[MemoryTable], Any]) -> Reminding:
        memory = self.memory
        self.repository = LeadRepository(
            TableLeadStore(wrap(memory.leads)), TableFollowUpStore(wrap(memory.follow_ups)), self.policy
        )
        return Reminding(
            repository=self.repository,
            claims=TableClaimStore(wrap(memory.digests)),
            rejects=TableRejectStore(wrap(memory.rejects)),
            mailer=self.outbox,
            links=LinkSigner(("k" * 32,), "https://leads.example"),
            mails=MailPolicy("leads@contoso.example", BOSS, is_brief=False),
        )

    async def post(self, content: bytes, *, event: int = 1, minutes: float = 0) -> None:
        await self.memory.processing.process(
            message(content, event=event, minutes=minutes), message_id="m", queued_at=NOON
        )

    async def tick(self, minutes: float) -> Counter[str]:
        return await tick(self.reminding, at(minutes), self.ids)

    async def edit(self, **cells: object) -> None:
        (row,) = self.memory.leads.rows
        await self.memory.leads.upsert(row | cells)

    @property
    def row(self) -> dict[str, Any]:
        (row,) = self.memory.leads.rows
        return row
