"""The steps that send mail, in memory, with a clock for them."""

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

from lead_core.adapters.memory import MemoryTable
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.steps.repository import LeadRepository
from tests.conftest import Memory
from tests.examples import ANNA, NOON, SALES, at, message
from tests.outbox import Outbox
from tests.steps import Steps

OWNERS = Owners.parse(f"contoso.erp: {ANNA}; {SALES}")


class Desk:
    """The third step in memory, and a clock for it."""

    def __init__(self, owners: Owners = OWNERS) -> None:
        self.memory = Memory()
        self.outbox = Outbox()
        self.policy = FollowUpPolicy(owners=owners)
        self.ids = (f"{number:032x}" for number in itertools.count(1))
        self.steps = self.make_steps(lambda table: table)
        self.memory.processing = self.steps.processing

    def make_steps(self, wrap: Callable[[MemoryTable], Any]) -> Steps:
        """Give steps on the same rows, with each table in something."""
        tables = {name: wrap(table) for name, table in self.memory.tables.items()}
        return Steps(tables, self.memory.queue, self.outbox, self.policy, clock=self.outbox.clock)

    @property
    def repository(self) -> LeadRepository:
        return self.steps.repository

    async def post(self, content: bytes, *, event: int = 1, minutes: float = 0) -> None:
        await self.memory.processing.process(
            message(content, event=event, minutes=minutes), message_id="m", queued_at=NOON
        )

    async def tick(self, minutes: float) -> Counter[str]:
        return await self.steps.tick(at(minutes), self.ids)

    async def edit(self, **cells: object) -> None:
        (row,) = self.memory.leads.rows
        await self.memory.leads.upsert(row | cells)

    @property
    def row(self) -> dict[str, Any]:
        (row,) = self.memory.leads.rows
        return row
