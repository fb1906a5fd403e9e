"""The one place where the parts are put together, each when it is first needed: intake starts fast."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from functools import cache, cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lead_core.adapters.azure.account import StorageAccount, open_queues, open_tables
from lead_core.adapters.azure.queue import AzureLeadQueue
from lead_core.errors import SettingsError
from lead_core.settings import MAIL_SETTINGS, Settings, load_settings
from lead_core.steps.intake import Intake

if TYPE_CHECKING:
    from collections.abc import Collection

    from azure.data.tables.aio import TableServiceClient

    from lead_core.adapters.azure.table import AzureTable
    from lead_core.links import LinkSigner
    from lead_core.marketplace.rejected import RejectedLead
    from lead_core.ports import ClaimStore, Probe, RejectStore
    from lead_core.steps.answering import Answering
    from lead_core.steps.checking import Checking, Retries
    from lead_core.steps.keeping import LeadKeeper
    from lead_core.steps.processing import Processing
    from lead_core.steps.reminding import Reminders

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
        from lead_core.adapters.stores import TableInbox  # noqa: PLC0415
        from lead_core.steps.processing import Processing  # noqa: PLC0415 -- and phone numbers, and countries

        keeper, names = self._keeper, self.settings
        return Processing(
            inbox=TableInbox(self._table(names.marketplace_leads_table)),
            leads=keeper.leads,
            follow_ups=keeper.follow_ups,
            rejects=self._rejects,
            claims=self._claims,
            queue=self._queue,
            policy=keeper.policy,
        )

    @cached_property
    def reminders(self) -> Reminders:
        """The third step. Raises: SettingsError where a setting of the mails is wrong."""
        from lead_core.adapters.mail import open_mailer  # noqa: PLC0415
        from lead_core.steps.reminding import MailPolicy, Reminders  # noqa: PLC0415

        settings = self._demand(MAIL_SETTINGS)
        assert settings.mail_url  # One that is missing is a mistake.
        return Reminders(
            keeper=self._keeper,
            claims=self._claims,
            rejects=self._rejects,
            mailer=open_mailer(settings.mail_url, self._open),
            links=self._links,
            mails=MailPolicy(settings.mail_from, settings.escalate_to, is_brief=settings.mail_detail == "brief"),
        )

    @cached_property
    def retries(self) -> Retries:
        """What gives rejected leads another try."""
        from lead_core.steps.checking import Retries  # noqa: PLC0415

        return Retries(self._rejects, self._queue)

    @cached_property
    def checking(self) -> Checking:
        """What reads every lead once in a while."""
        from lead_core.steps.checking import Checking  # noqa: PLC0415

        return Checking(self._keeper, self._claims)

    @cached_property
    def answering(self) -> Answering:
        """The fourth step. Raises: SettingsError where no link can be read."""
        from lead_core.steps.answering import Answering  # noqa: PLC0415

        settings = self._demand({"LINK_KEY"})
        return Answering(self._keeper, self._links, settings.escalate_to)

    async def keep(self, rejected: RejectedLead) -> None:
        """See `RejectStore.keep`: for intake, which seldom needs a table and then loads what it takes."""
        await self._rejects.keep(rejected)

    def list_probes(self) -> list[Probe]:
        """Give what has to answer; nothing where storage isn't set, which is a mistake of its own."""
        if self.settings.storage_mistakes:
            return []
        return [self._queue, *map(self._table, self.settings.table_names)]

    async def close(self) -> None:
        """Close all connections."""
        await self._open.aclose()

    @cached_property
    def _keeper(self) -> LeadKeeper:
        from lead_core.adapters.stores import TableFollowUpStore, TableLeadStore  # noqa: PLC0415
        from lead_core.lead.follow_up import TOLD_AT_ONCE, FollowUpPolicy, WorkingHours  # noqa: PLC0415
        from lead_core.steps.keeping import LeadKeeper  # noqa: PLC0415

        settings = self.settings
        notice = (TOLD_AT_ONCE,) if settings.new_lead_notice == "on" else ()
        hours, zone = settings.working_hours, ZoneInfo(settings.time_zone)
        policy = FollowUpPolicy(
            waits=(*notice, *settings.reminder_waits),
            internal_domains=frozenset(settings.internal_domains),
            owners=settings.owners,
            working_hours=WorkingHours(hours.days, hours.start, hours.end, zone) if hours else None,
            zone=zone,
        )
        leads = TableLeadStore(self._table(settings.leads_table))
        return LeadKeeper(leads, TableFollowUpStore(self._table(settings.follow_ups_table)), policy)

    @cached_property
    def _rejects(self) -> RejectStore:
        from lead_core.adapters.stores import TableRejectStore  # noqa: PLC0415

        return TableRejectStore(self._table(self.settings.rejected_leads_table))

    @cached_property
    def _claims(self) -> ClaimStore:
        from lead_core.adapters.stores import TableClaimStore  # noqa: PLC0415

        return TableClaimStore(self._table(self.settings.digests_table))

    @cached_property
    def _links(self) -> LinkSigner:
        from lead_core.links import LinkSigner  # noqa: PLC0415

        return LinkSigner(self.settings.link_keys, self.settings.links_url)

    @cached_property
    def _queue(self) -> AzureLeadQueue:
        return AzureLeadQueue(open_queues(self._account, self._open).get_queue_client(QUEUE_NAME))

    @cached_property
    def _tables(self) -> TableServiceClient:
        return open_tables(self._account, self._open)

    def _table(self, name: str) -> AzureTable:
        from lead_core.adapters.azure.table import AzureTable  # noqa: PLC0415

        return AzureTable(self._tables.get_table_client(name))

    def _demand(self, names: Collection[str]) -> Settings:
        """Give the settings if those of *names* are right. Raises: SettingsError."""
        faults = [fault for fault in self.settings.mistakes if fault.name in names]
        if faults:
            raise SettingsError(" ".join(f"{fault.name}: {fault.advice}." for fault in faults))
        return self.settings

    @property
    def _account(self) -> StorageAccount:
        settings = self._demand({fault.name for fault in self.settings.storage_mistakes})
        return StorageAccount(
            settings.connection_string, settings.table_uri, settings.queue_uri, settings.leads_storage_client_id
        )


@cache
def services() -> Services:
    """Give the worker's services, made from the environment at first use."""
    # The SDKs log each request with its address, which holds keys of leads. ("azure" itself is the worker's, too.)
    # Said of each by its name, so that it holds wherever somebody has the worker log everything.
    for sdk in ("azure.core", "azure.data", "azure.identity", "azure.storage", "msal"):
        logging.getLogger(sdk).setLevel(logging.WARNING)
    return Services(load_settings())
