"""Everything but intake. All of it loads when the first part is needed."""

from contextlib import AsyncExitStack
from dataclasses import replace
from functools import cached_property
from zoneinfo import ZoneInfo

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.door import WebDoor
from lead_core.adapters.drafts import OwnDrafts, read_own_drafts
from lead_core.adapters.mail import open_mailer
from lead_core.adapters.tables.canaries import TableCanaryStore
from lead_core.adapters.tables.checks import TableCheckStore, TablePurgeStore
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.adapters.tables.erasures import TableErasureStore
from lead_core.adapters.tables.follow_ups import TableFollowUpStore
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.adapters.tables.marketplace_leads import TableInbox
from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.adapters.tables.reports import TableReportStore
from lead_core.adapters.tables.runs import TableRunStore
from lead_core.lead.follow_up import TOLD_AT_ONCE, FollowUpPolicy
from lead_core.lead.weekly import SummaryTimes
from lead_core.lead.working_hours import WorkingHours
from lead_core.lead_url import LeadUrl
from lead_core.links import LinkSigner
from lead_core.ports.outgoing import Mailer
from lead_core.ports.storage import LeadQueue
from lead_core.settings import MAIL_SETTINGS, Settings, is_by_default
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
from lead_core.steps.reporting import Reporting
from lead_core.steps.repository import LeadRepository
from lead_core.steps.retrying import Retrying
from lead_core.steps.sending import MailPolicy
from lead_core.steps.silence import SilenceAlarm, SilenceProbe
from lead_core.steps.summarising import Summarising
from lead_core.steps.sweeping import Sweeping
from lead_core.steps.telling import Telling
from lead_core.steps.troubles import MailProbe
from lead_core.views.drafts import Drafts
from lead_core.wiring.demand import demand


class Rest:
    """All steps but the first. One per worker."""

    def __init__(self, settings: Settings, account: StorageAccount, queue: LeadQueue, stack: AsyncExitStack) -> None:
        self._settings, self._queue, self._stack = settings, queue, stack
        self._tables = open_tables(account, stack)

    @cached_property
    def processing(self) -> Processing:
        """What stores leads."""
        return Processing(
            inbox=self.inbox,
            leads=self.repository.leads,
            follow_ups=self.repository.follow_ups,
            rejects=self.rejects,
            claims=self.claims,
            queue=self._queue,
            policy=self.policy,
            erasures=self.erasures,
        )

    @cached_property
    def confirming(self) -> Confirming:
        """What confirms test leads. Raises: SettingsError if a setting of the mails is wrong."""
        return Confirming(self.claims, self.mailer, self.policy.owners, self.links, self.mails)

    @cached_property
    def reminding(self) -> Reminding:
        """What tells owners about their leads. Raises: SettingsError if a setting of the mails is wrong."""
        return Reminding(
            repository=self.repository,
            claims=self.claims,
            rejects=self.rejects,
            mailer=self.mailer,
            links=self.links,
            mails=self.mails,
        )

    @cached_property
    def renewing(self) -> Renewing:
        """What mails new links. Raises: SettingsError if a setting of the mails is wrong."""
        return Renewing(self.repository, self.claims, self.mailer, self.links, self.mails)

    @cached_property
    def summarising(self) -> Summarising:
        """What mails the weekly summary. Raises: SettingsError if a setting of the mails is wrong."""
        settings = demand(self._settings, {"SUMMARY_TO"})
        return Summarising(
            repository=self.repository,
            reports=self.reports,
            rejects=self.rejects,
            telling=Telling(self.claims, self.mailer),
            links=self.links,
            mails=self.mails,
            to=settings.summary_address,
            silence_after=settings.silence_after,
            times=SummaryTimes(self.policy.zone, looks_hourly=is_by_default(settings, "SUMMARY_SCHEDULE")),
        )

    @cached_property
    def asking(self) -> Asking:
        """What notes who asks for a new link. Raises: SettingsError if no link can be read."""
        demand(self._settings, {"LINK_KEY"})
        return Asking(self.claims, self.links, self.erasures, self.repository.leads, self.policy.zone)

    @cached_property
    def retrying(self) -> Retrying:
        """What gives rejected leads another try."""
        return Retrying(self.rejects, self._queue)

    @cached_property
    def reconciling(self) -> Reconciling:
        """What reads and corrects every lead."""
        rebuilding = Rebuilding(self.repository, self.inbox, self.rejects)
        sweeping = Sweeping(self.repository, self.inbox)
        counting = Counting(self.reports, self.policy, self._settings.retention)
        return Reconciling(self.repository, self.checks, rebuilding, sweeping, self.erasures, counting)

    @cached_property
    def checks(self) -> TableCheckStore:
        """Where it is noted how far the check of all leads came."""
        return TableCheckStore(self.table(self._settings.digests_table))

    @cached_property
    def purging(self) -> Purging:
        """What removes leads that were kept long enough."""
        progress = TablePurgeStore(self.table(self._settings.digests_table))
        return Purging(
            self.repository, self.inbox, self.rejects, self.claims, self.erasures, progress, self._settings.retention
        )

    @cached_property
    def answering(self) -> Answering:
        """What records answers about a lead. Raises: SettingsError if no link can be read."""
        demand(self._settings, {"LINK_KEY"})
        return Answering(self.repository, self.links, self.erasures, self._settings.qualification)

    @cached_property
    def my_leads(self) -> ShowingMyLeads:
        """What lists the open leads of an owner. Raises: SettingsError if no link can be read."""
        demand(self._settings, {"LINK_KEY"})
        return ShowingMyLeads(self.repository, self.links, self._settings.summary_address)

    @cached_property
    def reporting(self) -> Reporting:
        """What shows the report. Raises: SettingsError if no link can be read."""
        demand(self._settings, {"LINK_KEY"})
        return Reporting(self.reports, self.repository, self.links)

    @cached_property
    def canarying(self) -> Canarying:
        """What posts canaries and looks for them. It needs no setting of the mails."""
        pasted = self._settings.canary_url.get_secret_value()
        url = LeadUrl.parse(pasted) if pasted else None
        return Canarying(self.canaries, self.repository, self.inbox, self.rejects, WebDoor(), url)

    @cached_property
    def canary_alarm(self) -> CanaryAlarm:
        """What tells that a canary was lost. Raises: SettingsError if a setting of the mails is wrong."""
        return CanaryAlarm(self.claims, self.mailer, self.policy.owners, self.links, self.mails)

    @property
    def canary_probe(self) -> CanaryProbe:
        """What says whether the last canary arrived."""
        return CanaryProbe(self.canaries, self.mails.zone)

    @cached_property
    def canaries(self) -> TableCanaryStore:
        """Where canaries are noted."""
        return TableCanaryStore(self.table(self._settings.digests_table))

    @cached_property
    def silence_alarm(self) -> SilenceAlarm:
        """What tells that no leads come any more. Raises: SettingsError if a setting of the mails is wrong."""
        url = LeadUrl(self._settings.links_url).without_key
        return SilenceAlarm(
            read_offers=self.reports.read_offers,
            silence_after=self._settings.silence_after,
            claims=self.claims,
            mailer=self.mailer,
            owners=self.policy.owners,
            links=self.links,
            mails=self.mails,
            lead_url=url,
        )

    @property
    def silence_probe(self) -> SilenceProbe:
        """What says whether leads come as they did."""
        return SilenceProbe(self.reports.read_offers, self._settings.silence_after)

    @cached_property
    def rejects(self) -> TableRejectStore:
        """Where rejected leads are kept."""
        return TableRejectStore(self.table(self._settings.rejected_leads_table))

    @cached_property
    def runs(self) -> TableRunStore:
        """When the timers last did their work."""
        return TableRunStore(self.table(self._settings.digests_table))

    @cached_property
    def mail_probe(self) -> MailProbe:
        """What says whether mails go out."""
        return MailProbe(self.claims)

    @property
    def links(self) -> LinkSigner:
        """What signs the links in mails."""
        return LinkSigner(self._settings.link_keys, self._settings.links_url)

    @property
    def tables(self) -> list[AzureTable]:
        """All tables."""
        return [self.table(name) for name in self._settings.table_names]

    def table(self, name: str) -> AzureTable:
        """Return the table of that name."""
        return AzureTable(self._tables.get_table_client(name))

    @cached_property
    def repository(self) -> LeadRepository:
        """Where leads are kept, with their entries on the to-do list."""
        leads = TableLeadStore(self.table(self._settings.leads_table))
        return LeadRepository(leads, TableFollowUpStore(self.table(self._settings.follow_ups_table)), self.policy)

    @cached_property
    def erasures(self) -> TableErasureStore:
        """Where it is noted that persons were erased."""
        return TableErasureStore(self.table(self._settings.erasures_table))

    @cached_property
    def reports(self) -> TableReportStore:
        """The figures, a row a week."""
        return TableReportStore(self.table(self._settings.reports_table))

    @cached_property
    def inbox(self) -> TableInbox:
        """Where every notification is kept."""
        return TableInbox(self.table(self._settings.marketplace_leads_table))

    @cached_property
    def mailer(self) -> Mailer:
        """The way out for mail. Raises: SettingsError if a setting of the mails is wrong."""
        mail_url = demand(self._settings, MAIL_SETTINGS).mail_url
        assert mail_url  # `demand` refuses a missing one.
        return open_mailer(mail_url, self._stack)

    @property
    def mails(self) -> MailPolicy:
        """How mails are written."""
        settings = self._settings
        is_brief, zone = settings.mail_detail == "brief", ZoneInfo(settings.time_zone)
        return MailPolicy(settings.mail_from, is_brief=is_brief, zone=zone, drafts=self.drafts)

    @cached_property
    def drafts(self) -> Drafts:
        """The drafts of answers."""
        return Drafts(self.own_drafts.texts, self._settings.booking_link, len(self._settings.touches))

    @cached_property
    def own_drafts(self) -> OwnDrafts:
        """The publisher's own drafts, which are read once, and what is wrong with them."""
        return read_own_drafts(self._settings.drafts)

    @cached_property
    def claims(self) -> TableClaimStore:
        """Where the mails are noted that are being sent."""
        return TableClaimStore(self.table(self._settings.digests_table))

    @cached_property
    def policy(self) -> FollowUpPolicy:
        """Who is told, and when."""
        settings = self._settings
        notice = (TOLD_AT_ONCE,) if settings.new_lead_notice == "on" else ()
        hours, zone = settings.working_hours, ZoneInfo(settings.time_zone)
        return FollowUpPolicy(
            waits=(*notice, *settings.reminder_waits),
            touches=settings.touches,
            internal_domains=frozenset(settings.internal_domains),
            owners=replace(settings.owners, escalate_to=settings.escalate_to),
            working_hours=WorkingHours(hours.days, hours.start, hours.end, zone) if hours else None,
            zone=zone,
        )
