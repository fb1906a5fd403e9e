"""Intake, and the way to everything else. A cold start of intake loads only what intake needs."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.queue import AzureLeadQueue, open_queues
from lead_core.adapters.mail.server_name import MailServerProbe
from lead_core.steps.health import Health
from lead_core.steps.intake import Intake
from lead_core.wiring.demand import demand

if TYPE_CHECKING:
    from lead_core.lead.received import RejectedLead
    from lead_core.ports.storage import Probe
    from lead_core.settings import Settings
    from lead_core.wiring.rest import Rest

QUEUE_NAME = "leads"
"""Fixed in code, because the triggers name it."""
POISON_QUEUE_NAME = f"{QUEUE_NAME}-poison"
"""Where the host puts what it gives up on."""


class Services:
    """The steps, with what they need. One per worker: the clients in it keep their connections."""

    def __init__(self, settings: Settings, *, is_for_operator: bool = False) -> None:
        self.settings = settings
        self._is_for_operator = is_for_operator
        self.stack = AsyncExitStack()

    @cached_property
    def intake(self) -> Intake:
        """The first step. Raises: SettingsError if storage is not set."""
        return Intake(self.lead_queue, self)

    @cached_property
    def health(self) -> Health:
        """What finds out whether the app can work."""
        notes = [] if self.settings.storage_mistakes else [self.rest.silence_probe]
        return Health(self.settings.mistakes, self.list_probes(), notes=notes)

    @cached_property
    def rest(self) -> Rest:
        """All other steps. Raises: SettingsError if storage is not set."""
        from lead_core.wiring.rest import Rest  # noqa: PLC0415 -- the one late import: tables, phone numbers, mail

        return Rest(self.settings, self.account, self.lead_queue, self.stack)

    def list_probes(self) -> list[Probe]:
        """Return what must work. What is not set is left out: that is reported as a mistake in the settings."""
        server = self.settings.mail_url
        names: list[Probe] = [MailServerProbe(server.host)] if server else []
        if self.settings.storage_mistakes:
            return names
        canary: list[Probe] = [self.rest.canary_probe] if self.settings.canary_url.get_secret_value() else []
        return [self.lead_queue, *self.rest.tables, self.rest.mail_probe, self.rest.own_drafts, *canary, *names]

    async def upsert(self, rejected: RejectedLead) -> None:
        """See `RejectWriter.upsert`. Intake seldom needs a table, so it loads one only then."""
        await self.rest.rejects.upsert(rejected)

    async def close(self) -> None:
        """Close all connections."""
        await self.stack.aclose()

    @cached_property
    def lead_queue(self) -> AzureLeadQueue:
        """The queue between the first step and the second."""
        return AzureLeadQueue(open_queues(self.account, self.stack).get_queue_client(QUEUE_NAME))

    @property
    def account(self) -> StorageAccount:
        """The storage account. Raises: SettingsError if it is not set."""
        settings = demand(self.settings, {fault.name for fault in self.settings.storage_mistakes})
        return StorageAccount(
            settings.connection_string,
            settings.table_uri,
            settings.queue_uri,
            settings.leads_storage_client_id,
            is_for_operator=self._is_for_operator,
        )
