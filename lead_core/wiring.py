"""The one place where the parts are put together, each when it is first needed: intake starts fast."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from functools import cache, cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lead_core.adapters.queues import AzureLeadQueue
from lead_core.adapters.storage import StorageAccount, open_queues, open_tables
from lead_core.errors import SettingsError
from lead_core.intake import Intake
from lead_core.settings import Settings, load_settings

if TYPE_CHECKING:
    from azure.data.tables.aio import TableServiceClient

    from lead_core.adapters.tables import AzureTable
    from lead_core.marketplace.rejected import RejectedLead
    from lead_core.ports import Probe
    from lead_core.processing import Processing

QUEUE_NAME = "leads"
"""Part of the triggers, and so of the code: the host puts what it gives up on into ``leads-poison``."""


class Services:
    """The steps, with what they need. One per worker: the clients in it keep their connections."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open = AsyncExitStack()

    @cached_property
    def intake(self) -> Intake:
        """The first step."""
        return Intake(self._queue, self)

    @cached_property
    def processing(self) -> Processing:
        """The second step."""
        from lead_core.adapters.stores import (  # noqa: PLC0415 -- and phone numbers, and countries
            TableClaimStore,
            TableFollowUpStore,
            TableInbox,
            TableLeadStore,
            TableRejectStore,
        )
        from lead_core.lead.follow_up import TOLD_AT_ONCE, FollowUpPolicy, WorkingHours  # noqa: PLC0415
        from lead_core.processing import Processing  # noqa: PLC0415

        settings = self.settings
        notice = (TOLD_AT_ONCE,) if settings.new_lead_notice == "on" else ()
        hours = settings.working_hours
        policy = FollowUpPolicy(
            waits=(*notice, *settings.reminder_waits),
            internal_domains=frozenset(settings.internal_domains),
            owners=settings.owners,
            working_hours=WorkingHours(hours.days, hours.start, hours.end, ZoneInfo(settings.time_zone))
            if hours
            else None,
        )
        return Processing(
            inbox=TableInbox(self._table(settings.marketplace_leads_table)),
            leads=TableLeadStore(self._table(settings.leads_table)),
            follow_ups=TableFollowUpStore(self._table(settings.follow_ups_table)),
            rejects=TableRejectStore(self._table(settings.rejected_leads_table)),
            claims=TableClaimStore(self._table(settings.digests_table)),
            queue=self._queue,
            policy=policy,
        )

    async def keep(self, rejected: RejectedLead) -> None:
        """See `RejectStore.keep`: for intake, which seldom needs a table and then loads what it takes."""
        await self.processing.rejects.keep(rejected)

    def list_probes(self) -> list[Probe]:
        """Give what has to answer; nothing where storage isn't set, which is a mistake of its own."""
        if self.settings.storage_mistakes:
            return []
        return [self._queue, *map(self._table, self.settings.table_names)]

    async def close(self) -> None:
        """Close all connections."""
        await self._open.aclose()

    @cached_property
    def _queue(self) -> AzureLeadQueue:
        return AzureLeadQueue(open_queues(self._account, self._open).get_queue_client(QUEUE_NAME))

    @cached_property
    def _tables(self) -> TableServiceClient:
        return open_tables(self._account, self._open)

    def _table(self, name: str) -> AzureTable:
        from lead_core.adapters.tables import AzureTable  # noqa: PLC0415

        return AzureTable(self._tables.get_table_client(name))

    @property
    def _account(self) -> StorageAccount:
        settings = self.settings
        if settings.storage_mistakes:
            raise SettingsError(" ".join(f"{fault.name}: {fault.advice}." for fault in settings.storage_mistakes))
        return StorageAccount(
            settings.connection_string, settings.table_uri, settings.queue_uri, settings.leads_storage_client_id
        )


@cache
def services() -> Services:
    """Give the worker's services, made from the environment at first use."""
    # The SDKs log each request with its address, which holds keys of leads. ("azure" itself is the worker's, too.)
    for sdk in ("azure.core", "azure.data", "azure.identity", "azure.storage"):
        logging.getLogger(sdk).setLevel(logging.WARNING)
    return Services(load_settings())
