"""Mail the weekly summary: once for each week, to the one who leads the sales team.

The timer looks each hour, and this step decides. The row of the week in ``Digests`` is the claim on its mail, and stays
for some weeks, so that no week is told twice.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lead_core.lead.lead import Lead
from lead_core.lead.report import Report
from lead_core.lead.silence import Silence, find_silent_lately
from lead_core.lead.to_do import find_wait
from lead_core.lead.weekly import SummaryTimes, SummaryVerdict, report_week
from lead_core.lead.weeks import Week
from lead_core.links import LinkSigner
from lead_core.messages import Mail
from lead_core.ports.outgoing import Claim, Occasion
from lead_core.ports.rejects import RejectStore
from lead_core.ports.reports import Counted, ReportStore
from lead_core.steps.budget import Budget
from lead_core.steps.longest import read_longest
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sending import MailPolicy, SendingRun, send_each
from lead_core.steps.telling import Telling
from lead_core.steps.troubles import Findings
from lead_core.views.card import Detail
from lead_core.views.facts import collect_facts
from lead_core.views.rejects import Reject
from lead_core.views.summary import Summary, compose_summary
from lead_core.views.unanswered import UnansweredLead

SUMMARISING_LASTS: Final = timedelta(seconds=30)
MAX_LONGEST: Final = 5
WEEKS_ARE_KEPT: Final = 8
"""How many rows of told weeks stay. One would do. The others say when earlier ones were told."""
_KIND: Final = "summary-"
_FORMS: Final = 2
"""With the names of those who wait longest and of offers that are silent, and without."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the summary of a week is made of."""

    report: Report
    longest: tuple[Lead, ...]
    rejected: tuple[Reject, ...]
    silent: tuple[Silence, ...]


@dataclass(frozen=True, slots=True)
class Summarising:
    """Sends the weekly summary."""

    repository: LeadRepository
    reports: ReportStore
    rejects: RejectStore
    telling: Telling
    links: LinkSigner
    mails: MailPolicy
    to: str
    """Who gets it. ``""`` if nobody does."""
    silence_after: timedelta | None
    """``SILENCE_AFTER``."""
    times: SummaryTimes
    clock: Callable[[], float] = time.monotonic

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Send the summary of the last week if it is due, and count what became of it."""
        budget, owner = Budget.of(SUMMARISING_LASTS, self.clock), self.repository.policy.owners.default
        run, due = SendingRun(now, new_id, budget, owner, Findings()), await self._list_due(now)
        return await send_each(due, lambda each: self._send(*each, run), run, self.telling.claims)

    async def _list_due(self, now: datetime) -> list[tuple[Week, Counted]]:
        """Return the week whose summary is due, with its figures. At most one is."""
        week = self.times.find_week(now) if self.to else None
        if week is None or await self.telling.is_told(_name(week)):
            return []
        counted = await self.reports.read()
        if counted is None:
            return []
        verdict = self.times.decide(week, counted.weeks, counted_at=counted.counted_at, now=now)
        return [(week, counted)] if verdict is SummaryVerdict.SEND else []

    async def _send(self, week: Week, counted: Counted, run: SendingRun) -> str:
        """Send the summary of *week*, and return what became of it, ``""`` if another worker is sending it."""
        gathered = await self._gather(week, counted, run.now)
        is_sent = await self.telling.tell(
            _name(week), lambda claim: self._compose(claim, gathered, run), run, forms=_FORMS
        )
        await self.telling.forget_all_but(WEEKS_ARE_KEPT, _KIND)
        return "summary-sent" if is_sent else ""

    async def _gather(self, week: Week, counted: Counted, now: datetime) -> Gathered:
        report = report_week(week, counted.weeks, self.repository.policy, counted_at=counted.counted_at)
        longest = await read_longest(self.repository, report.longest, limit=MAX_LONGEST)
        silent = find_silent_lately(counted.offers, self.silence_after, counted_at=counted.counted_at, now=now)
        return Gathered(report, tuple(longest), await self._list_rejected(week), silent)

    async def _list_rejected(self, week: Week) -> tuple[Reject, ...]:
        """Return what came in *week* and can't be read to this day."""
        start, end = week.start(self.times.zone), week.end(self.times.zone)
        stored = await self.rejects.list_since(start)
        return tuple(Reject(each.reason) for each in stored if each.is_open and start <= each.received_at < end)

    def _compose(self, claim: Claim[Occasion], gathered: Gathered, run: SendingRun) -> Mail:
        is_redirected = claim.about.is_refused
        to = run.default_owner if is_redirected else self.to
        detail = Detail.BARE if self.mails.is_brief or claim.refusals else Detail.FULL
        return compose_summary(
            Summary(
                id=claim.mail_id,
                sender=self.mails.sender,
                to=to,
                report=gathered.report,
                zone=self.times.zone,
                longest=tuple(self._show(lead, to, detail, run.now) for lead in gathered.longest),
                rejected=gathered.rejected,
                silent=() if claim.refusals else gathered.silent,
                report_link=self.links.sign_report(to, now=run.now),
                my_leads=self.links.sign_my_leads(to, now=run.now),
                is_redirected=is_redirected,
            )
        )

    def _show(self, lead: Lead, to: str, detail: Detail, now: datetime) -> UnansweredLead:
        zone = self.times.zone
        return UnansweredLead(
            facts=collect_facts(lead, (), now=now, zone=zone),
            since=find_wait(lead).astimezone(zone),
            link=self.links.sign(lead.key, to, now=now),
            detail=detail,
        )


def _name(week: Week) -> str:
    """Return the key of the occasion: ``summary-2026-W47``."""
    return f"{_KIND}{week}"
