"""The person who operates the app: `leads` on an account of its own, with leads that came before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lead_core.lead.person import Contact
from lead_core.lead.received import Envelope
from lead_core.marketplace.envelope import encode_envelope
from lead_core.settings import find_settings
from lead_core.wiring import Services
from tests.cli import Ran, run_leads
from tests.examples import ANNA, BOSS, JOHN, SALES, body
from tests.good_settings import GOOD_SETTINGS
from tests.storage import Storage


@dataclass
class Operator:
    """What an operator has: an account, settings, and the command."""

    environment: dict[str, str]
    services: Services
    storage: Storage
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _count: int = 0

    async def post(
        self,
        contact: Contact = JOHN,
        *,
        ago: timedelta = timedelta(hours=1),
        code: str = "PLT",
        offer: str = "contoso.contoso-crm",
        description: str = "",
    ) -> None:
        """Store a lead that came some time *ago*."""
        self._count += 1
        content = body(contact, code=code, offer=offer, description=description)
        message = encode_envelope(Envelope(f"{self._count:032x}", self.now - ago, "", content))
        await self.services.rest.processing.process(message, message_id=str(self._count), queued_at=self.now)

    async def run(self, *arguments: str, typed: str = "", columns: int = 100) -> Ran:
        """Run `leads`."""
        return await run_leads(*arguments, environment=self.environment, typed=typed, columns=columns)

    async def read(self, *arguments: str) -> Any:
        """Run `leads` and return its JSON document."""
        return (await self.run(*arguments, "--json")).document

    def edit(self, name: str, **cells: object) -> None:
        """Write into the rows of the person of that *name*, as people do in Storage Explorer."""
        for row in self.storage.rows("Leads", Name=name):
            self.storage.edit("Leads", row, **cells)


@asynccontextmanager
async def open_operator(connection_string: str) -> AsyncIterator[Operator]:
    """Yield an operator of an account that nobody else uses."""
    owners = {"OWNERS": f"contoso.contoso-erp: {ANNA}; {SALES}", "ESCALATE_TO": BOSS}
    environment = GOOD_SETTINGS | {"LEADS_STORAGE": connection_string} | owners
    services = Services(find_settings(environment))
    yield Operator(environment, services, Storage(connection_string))
    await services.close()
