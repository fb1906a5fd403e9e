"""The steps on any seven tables: in memory, on Azurite, or on tables that are in bad weather."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from lead_core.adapters.memory import MemoryMessages, MemoryPoisonQueue, MemoryQueue
from lead_core.adapters.tables.archive import StoredArchive
from lead_core.adapters.tables.canaries import TableCanaryStore
from lead_core.adapters.tables.checks import TableCheckStore, TablePurgeStore
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.adapters.tables.erasures import TableErasureStore
from lead_core.adapters.tables.follow_ups import TableFollowUpStore
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.adapters.tables.marketplace_leads import TableInbox
from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.adapters.tables.reports import TableReportStore
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.retention import Retention
from lead_core.lead_url import LeadUrl
from lead_core.links import LinkSigner
from lead_core.operations.belonging import Belonging
from lead_core.operations.comparing import Comparing
from lead_core.operations.erasing import Erasing
from lead_core.operations.following import Following
from lead_core.operations.importing import Importing
from lead_core.operations.listing_rejects import ListingRejects
from lead_core.operations.replaying import Replaying
from lead_core.operations.returning import Returning
from lead_core.ports.archive import Kind
from lead_core.ports.canaries import LeadDoor
from lead_core.ports.outgoing import Mailer
from lead_core.ports.rejects import PoisonQueue
from lead_core.ports.reports import Counted
from lead_core.steps.answering import Answering
from lead_core.steps.canary import CanaryAlarm, Canarying, CanaryProbe
from lead_core.steps.confirming import Confirming
from lead_core.steps.counting import Counting
from lead_core.steps.my_leads import ShowingMyLeads
from lead_core.steps.processing import Processing
from lead_core.steps.purging import Purging
from lead_core.steps.rebuilding import Rebuilding
from lead_core.steps.reconciling import Reconciling
from lead_core.steps.reminding import Reminding
from lead_core.steps.renewing import Asking, Renewing
from lead_core.steps.repository import LeadRepository
from lead_core.steps.retrying import Retrying
from lead_core.steps.sending import MailPolicy
from lead_core.steps.silence import SilenceAlarm
from lead_core.steps.sweeping import Sweeping
from tests.examples import BOSS, NOON
from tests.outbox import Outbox

TABLES = ("inbox", "leads", "follow_ups", "digests", "rejects", "erasures", "reports")
"""What the seven tables are for, in the order of `Settings.table_names`."""
SIGNER = LinkSigner(("k" * 32,), "https://leads.example")


@dataclass(frozen=True)
class Steps:
    """Every step but intake, as `lead_core.wiring` puts them together."""

    tables: Mapping[str, Any]
    """One for each name in `TABLES`."""
    queue: Any = field(default_factory=MemoryQueue)
    mailer: Mailer = field(default_factory=Outbox)
    policy: FollowUpPolicy = field(default_factory=FollowUpPolicy)
    escalate_to: str = BOSS
    is_brief: bool = False
    retention: Retention | None = None
    clock: Callable[[], float] = time.monotonic
    """What the steps' time budgets go by."""
    poison: PoisonQueue = field(default_factory=MemoryPoisonQueue)
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    @property
    def _policy(self) -> FollowUpPolicy:
        return replace(self.policy, owners=replace(self.policy.owners, escalate_to=self.escalate_to))

    @property
    def repository(self) -> LeadRepository:
        leads, follow_ups = TableLeadStore(self.tables["leads"]), TableFollowUpStore(self.tables["follow_ups"])
        return LeadRepository(leads, follow_ups, self._policy)

    @property
    def processing(self) -> Processing:
        repository = self.repository
        return Processing(
            self._inbox,
            repository.leads,
            repository.follow_ups,
            self._rejects,
            self.claims,
            self.queue,
            self._policy,
            self.erasures,
        )

    @property
    def confirming(self) -> Confirming:
        return Confirming(self.claims, self.mailer, self._policy.owners, SIGNER, self._mails, self.clock)

    @property
    def reminding(self) -> Reminding:
        return Reminding(self.repository, self.claims, self._rejects, self.mailer, SIGNER, self._mails, self.clock)

    @property
    def renewing(self) -> Renewing:
        return Renewing(self.repository, self.claims, self.mailer, SIGNER, self._mails, self.clock)

    @property
    def asking(self) -> Asking:
        return Asking(self.claims, SIGNER, self.erasures, self.repository.leads, self.policy.zone)

    def canarying(self, door: LeadDoor, url: LeadUrl | None) -> Canarying:
        return Canarying(self._canaries, self.repository, self._inbox, self._rejects, door, url)

    @property
    def canary_alarm(self) -> CanaryAlarm:
        return CanaryAlarm(self.claims, self.mailer, self._policy.owners, SIGNER, self._mails)

    @property
    def canary_probe(self) -> CanaryProbe:
        return CanaryProbe(self._canaries, self.policy.zone)

    def silence_alarm(self, counted: Counted | None, silence_after: timedelta | None = None) -> SilenceAlarm:
        async def read_offers() -> Counted | None:
            return counted

        url = "https://leads.example/api/leads"
        return SilenceAlarm(
            read_offers, silence_after, self.claims, self.mailer, self._policy.owners, SIGNER, self._mails, url
        )

    @property
    def retrying(self) -> Retrying:
        return Retrying(self._rejects, self.queue, self.clock)

    @property
    def listing_rejects(self) -> ListingRejects:
        return ListingRejects(self._rejects, self.poison)

    @property
    def returning(self) -> Returning:
        return Returning(self.poison, self.queue)

    @property
    def following(self) -> Following:
        return Following(self._inbox, self.repository.leads, self._rejects, self.clock, sleep=self.sleep)

    @property
    def reconciling(self) -> Reconciling:
        rebuilding = Rebuilding(self.repository, self._inbox, self._rejects)
        checks = TableCheckStore(self.tables["digests"])
        sweeping = Sweeping(self.repository, self._inbox)
        counting = Counting(self.reports, self._policy, self.retention)
        return Reconciling(self.repository, checks, rebuilding, sweeping, self.erasures, counting, self.clock)

    @property
    def purging(self) -> Purging:
        progress = TablePurgeStore(self.tables["digests"])
        return Purging(
            self.repository,
            self._inbox,
            self._rejects,
            self.claims,
            self.erasures,
            progress,
            self.retention,
            self.clock,
        )

    @property
    def belonging(self) -> Belonging:
        kinds = (Kind.INBOX, Kind.LEADS, Kind.FOLLOW_UPS, Kind.DIGESTS, Kind.REJECTS, Kind.ERASURES, Kind.REPORTS)
        tables = {name: (kind, self.tables[name]) for name, kind in zip(TABLES, kinds, strict=True)}
        archive = StoredArchive(tables, {"queue leads": MemoryMessages(self.queue, lambda: NOON)})
        return Belonging(archive, self.repository, self._inbox)

    @property
    def erasing(self) -> Erasing:
        sweeping = Sweeping(self.repository, self._inbox)
        checks = TableCheckStore(self.tables["digests"])
        return Erasing(
            self.belonging,
            self.repository.leads,
            sweeping,
            self.claims,
            checks,
            self.erasures,
            self.reports,
            self.queue,
        )

    @property
    def replaying(self) -> Replaying:
        return Replaying(self.repository, self._inbox, TableErasureStore(self.tables["erasures"]))

    @property
    def comparing(self) -> Comparing:
        return Comparing(self.repository.leads, self.erasures)

    @property
    def importing(self) -> Importing:
        return Importing(self.repository, self._inbox, self.erasures)

    @property
    def answering(self) -> Answering:
        return Answering(self.repository, SIGNER, self.erasures)

    @property
    def my_leads(self) -> ShowingMyLeads:
        return ShowingMyLeads(self.repository, SIGNER, self.escalate_to)

    async def tick(self, now: datetime, ids: Iterator[str]) -> Counter[str]:
        """Do what the timer does about mail: remind, confirm test leads, renew links."""
        outcomes = await self.reminding.tick(now=now, new_id=lambda: next(ids))
        outcomes += await self.confirming.tick(now=now, new_id=lambda: next(ids))
        return outcomes + await self.renewing.tick(now=now, new_id=lambda: next(ids))

    @property
    def _inbox(self) -> TableInbox:
        return TableInbox(self.tables["inbox"])

    @property
    def claims(self) -> TableClaimStore:
        return TableClaimStore(self.tables["digests"])

    @property
    def erasures(self) -> TableErasureStore:
        return TableErasureStore(self.tables["erasures"])

    @property
    def reports(self) -> TableReportStore:
        return TableReportStore(self.tables["reports"])

    @property
    def _canaries(self) -> TableCanaryStore:
        return TableCanaryStore(self.tables["digests"])

    @property
    def _rejects(self) -> TableRejectStore:
        return TableRejectStore(self.tables["rejects"])

    @property
    def _mails(self) -> MailPolicy:
        return MailPolicy("leads@contoso.example", self.is_brief, self.policy.zone)
