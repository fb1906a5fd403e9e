"""The report behind a link: the figures as they were counted last, and who waits longest now. It changes nothing."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from lead_core.adapters.tables.formulas import defuse
from lead_core.lead.lead import Lead
from lead_core.lead.report import Period, Report, make_report
from lead_core.lead.tally import MOST_LONGEST
from lead_core.lead.to_do import find_wait
from lead_core.lead.values import clean_line
from lead_core.links import Holder, LinkSigner
from lead_core.ports.reports import ReportStore
from lead_core.steps.longest import read_longest
from lead_core.steps.repository import LeadRepository
from lead_core.views.facts import collect_facts
from lead_core.views.report import ReportPage
from lead_core.views.report_csv import TITLES, list_figure_rows
from lead_core.views.unanswered import UnansweredLead

_MARK = "\ufeff"
"""By which Excel knows UTF-8."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """Shows the report to those who have a link to it: in one read, and one for each of those who wait longest."""

    reports: ReportStore
    repository: LeadRepository
    links: LinkSigner

    async def show(self, token: str, period: Period, *, now: datetime) -> ReportPage:
        """Return the report behind a link. Raises: ForgedLinkError, IncompleteLinkError, ExpiredListLinkError."""
        holder, zone = self.links.read_report(token, now=now), self.repository.policy.zone
        report = await self._make(period)
        leads = await read_longest(self.repository, report.longest if report else (), limit=MOST_LONGEST)
        waiting = tuple(self._name(lead, holder, now) for lead in leads)
        return ReportPage(period=period, now=now.astimezone(zone), report=report, waiting=waiting)

    async def export(self, token: str, period: Period, *, now: datetime) -> str:
        """Return the figures of the report as CSV, and no person. No cell is a formula. Raises: what `show` raises.

        https://www.rfc-editor.org/rfc/rfc4180
        """
        self.links.read_report(token, now=now)
        report = await self._make(period)
        file = io.StringIO()
        file.write(_MARK)
        writer = csv.writer(file)
        writer.writerow(TITLES)
        for row in list_figure_rows(report) if report else ():
            writer.writerow(defuse(clean_line(cell)) if isinstance(cell, str) else cell for cell in row)
        return file.getvalue()

    async def _make(self, period: Period) -> Report | None:
        counted = await self.reports.read()
        if counted is None:
            return None
        return make_report(counted.weeks, period, self.repository.policy, counted_at=counted.counted_at)

    def _name(self, lead: Lead, holder: Holder, now: datetime) -> UnansweredLead:
        """Return a lead with a link that says who reads the report, so that its page knows who answers."""
        zone = self.repository.policy.zone
        return UnansweredLead(
            facts=collect_facts(lead, (), now=now, zone=zone),
            since=find_wait(lead).astimezone(zone),
            link=self.links.sign_lead_for(holder, lead.key),
        )
