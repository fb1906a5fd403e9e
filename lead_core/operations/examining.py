"""Examine the whole app without a change: everything that can be wrong, each with what to do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from lead_core.errors import MailNotSentError, ProviderRefusesError, StorageRefusedError, StorageUnavailableError
from lead_core.lead.findings import Finding, Section, Verdict
from lead_core.lead.misspelt import find_misspelt
from lead_core.operations.census import Census, take_census
from lead_core.operations.judging import (
    judge_app_clock,
    judge_canary,
    judge_clock,
    judge_erasures,
    judge_queue,
    judge_runs,
    judge_tables,
)
from lead_core.operations.judging_leads import judge_leads, judge_mails, judge_offers, judge_rejects, judge_silence
from lead_core.operations.judging_settings import judge_settings
from lead_core.steps.silence import list_silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime, tzinfo

    from lead_core.lead_url import LeadUrl
    from lead_core.operations.knocking import Knocking
    from lead_core.ports.canaries import CanaryStore
    from lead_core.ports.examining import AccountGauge, MailLogin, QueueGauge
    from lead_core.ports.rejects import RejectStore
    from lead_core.ports.reports import Counted
    from lead_core.ports.runs import RunStore, Timer
    from lead_core.ports.storage import ErasureStore
    from lead_core.ports.troubles import TroubleStore
    from lead_core.settings import Settings
    from lead_core.steps.repository import LeadRepository

REJECTS_ARE_COUNTED_FOR: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, and which offers leads came for."""

    findings: list[Finding]
    offers: list[str] = field(default_factory=list)
    """Those with most leads first, without those that look misspelt."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What is examined in the storage account."""

    account: AccountGauge
    queue: QueueGauge
    poison: QueueGauge
    inbox: str
    """The name of the table of notifications."""
    tables: tuple[str, ...]
    """The names of the tables that can be made again from it."""
    repository: LeadRepository
    rejects: RejectStore
    runs: RunStore
    troubles: TroubleStore
    erasures: ErasureStore
    canaries: CanaryStore
    read_offers: Callable[[], Awaitable[Counted | None]]
    """See `ReportStore.read_offers`."""


@dataclass(frozen=True, slots=True)
class MailServerSeen:
    """The mail server, and what it is asked."""

    login: MailLogin
    host: str
    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examining:
    """Examines the app."""

    settings: Settings
    stores: Stores | None
    """None if it is not set where they are."""
    mail: MailServerSeen | None
    """None if it is not set what it is."""
    knocking: Knocking
    own_schedules: frozenset[Timer]
    """The timers that run by a schedule of their own."""
    start_app: str
    """How the app is started, in words."""
    zone: tzinfo
    clock: Callable[[], datetime]
    """This machine's clock, to compare with storage's."""

    async def examine(
        self,
        url: LeadUrl | None,
        *,
        are_the_apps: bool,
        now: datetime,
        advance: Callable[[], None],
        explain: Callable[[StorageUnavailableError], str],
    ) -> Examination:
        """Return all that was found. With *url*, the app itself is asked.

        *are_the_apps* if the settings are the app's own, and not only this machine's. *advance* is called once a lead.
        *explain* says what to do if storage refuses.
        """
        census = Census()
        stored, mails, app = await asyncio.gather(
            _collect(self._examine_storage(census, now, advance, explain)),
            _collect(self._try_login()),
            _collect(self._knock(url)),
        )
        found = [*judge_settings(self.settings, are_the_apps=are_the_apps), *stored, *app, *mails]
        order = list(Section)
        misspelt = {each.offer for each in find_misspelt(census.offers)}
        offers = [offer for offer, _ in census.offers.most_common() if offer not in misspelt]
        return Examination(sorted(found, key=lambda each: order.index(each.section)), offers)

    async def _examine_storage(
        self,
        census: Census,
        now: datetime,
        advance: Callable[[], None],
        explain: Callable[[StorageUnavailableError], str],
    ) -> AsyncIterator[Finding]:
        stores = self.stores
        if stores is None:
            return
        parts = (
            (Section.STORAGE, "storage", self._look_at_account(stores)),
            (Section.QUEUES, "queue", self._look_at_queues(stores, now)),
            (Section.APP, "last-tick", self._look_at_runs(stores, now)),
            (Section.LEADS, "leads", self._look_at_leads(stores, census, now, advance)),
        )
        for section, code, part in parts:
            try:
                async for finding in part:
                    yield finding
            except StorageUnavailableError as error:
                yield Finding(section, code, Verdict.WRONG, _describe_refusal(error, section), explain(error))
                if code == "storage":
                    return

    async def _look_at_account(self, stores: Stores) -> AsyncIterator[Finding]:
        seen = await stores.account.look()
        yield Finding(Section.STORAGE, "storage", Verdict.OK, "the storage account answers")
        if seen.clock:
            ours = self.clock()
            yield judge_clock(Section.STORAGE, "clock", "this machine's clock", theirs=seen.clock, ours=ours)
        yield judge_tables(seen, stores.inbox, stores.tables)
        if lost := judge_erasures(await stores.erasures.list()):
            yield lost

    async def _look_at_queues(self, stores: Stores, now: datetime) -> AsyncIterator[Finding]:
        for gauge in (stores.queue, stores.poison):
            depth = await gauge.measure()
            yield judge_queue(gauge.name, depth, is_poison=gauge is stores.poison, now=now, start=self.start_app)

    async def _look_at_runs(self, stores: Stores, now: datetime) -> AsyncIterator[Finding]:
        runs = await stores.runs.list_runs()
        for finding in judge_runs(runs, self.own_schedules, now=now, zone=self.zone, start=self.start_app):
            yield finding
        if clock := judge_app_clock(runs):
            yield clock
        for finding in judge_canary(await stores.canaries.list(), now=now, zone=self.zone):
            yield finding

    async def _look_at_leads(
        self, stores: Stores, census: Census, now: datetime, advance: Callable[[], None]
    ) -> AsyncIterator[Finding]:
        await take_census(stores.repository, census, advance)
        troubles = await stores.troubles.list_troubles()
        rejects = await stores.rejects.list_since(now - REJECTS_ARE_COUNTED_FOR)
        silent = list_silent(await stores.read_offers(), self.settings.silence_after, now=now)
        for finding in (
            *judge_mails(census, troubles, now=now),
            *judge_leads(census, now=now, zone=self.zone),
            judge_rejects(rejects, REJECTS_ARE_COUNTED_FOR.days),
            *judge_offers(census),
            *judge_silence(silent, self.zone),
        ):
            yield finding

    async def _knock(self, url: LeadUrl | None) -> AsyncIterator[Finding]:
        if url:
            async for finding in self.knocking.knock(url):
                yield finding

    async def _try_login(self) -> AsyncIterator[Finding]:
        mail = self.mail
        if mail is None:
            return
        try:
            refused = await mail.login.find_refused(mail.sender, mail.recipients)
        except ProviderRefusesError as error:
            what = f"{mail.host} refuses the login or the sender ({error.detail})"
            advice = "Check the user and the password in MAIL_URL, and that the provider lets you send as MAIL_FROM."
            yield Finding(Section.MAILS, "mail-login", Verdict.WRONG, what, advice)
            return
        except MailNotSentError as error:
            what = f"{mail.host} does not answer as a mail server does ({error.detail})"
            advice = "Check the host and the port in MAIL_URL. The network of this machine may block the port."
            yield Finding(Section.MAILS, "mail-login", Verdict.WRONG, what, advice)
            return
        what = f"{mail.host} takes the login and the sender; no mail was sent"
        yield Finding(Section.MAILS, "mail-login", Verdict.OK, what)
        for address in refused:
            advice = "Correct it in OWNERS or ESCALATE_TO, or have the mailbox made."
            what = f"{mail.host} refuses the address {address}"
            yield Finding(Section.MAILS, "address-refused", Verdict.WRONG, what, advice, address)


def _describe_refusal(error: StorageUnavailableError, section: Section) -> str:
    does = "refuses" if isinstance(error, StorageRefusedError) else "does not answer"
    unknown = "" if section is Section.STORAGE else f", so nothing is known of {section}"
    return f"the storage account {does}{unknown}"


async def _collect(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]
