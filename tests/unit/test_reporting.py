"""The report behind a link: its figures, those who wait longest, and how little is read for it."""

import csv
import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.follow_ups import TableFollowUpStore
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.errors import ExpiredListLinkError, ForgedLinkError, IncompleteLinkError
from lead_core.lead.changes import StoredLead
from lead_core.lead.counting import count
from lead_core.lead.lead import Lead
from lead_core.lead.report import Period, make_report
from lead_core.lead.tally import MOST_LONGEST, WeekTallies, WeekTally, bounded
from lead_core.lead.values import LeadKey
from lead_core.links import LINKS_LAST, LinkSigner
from lead_core.ports.reports import Counted, ReportStore
from lead_core.steps.reporting import Reporting
from lead_core.steps.repository import LeadRepository
from lead_core.views.report import ReportPage
from lead_core.views.report_csv import TITLES, list_figure_rows
from tests.examples import BOSS
from tests.year import END, POLICY, expected, simulate

SIGNER = LinkSigner(("k" * 32,), "https://leads.example")
TOKEN = SIGNER.sign_report(BOSS, now=END).rpartition("/")[2]
LEADS = simulate(seed=1, leads=150)


@dataclass
class KeptReports:
    """The part of a `ReportStore` that the report needs, with one value."""

    counted: Counted | None
    reads: int = 0

    async def read(self) -> Counted | None:
        self.reads += 1
        return self.counted


@dataclass
class CountedLeads(TableLeadStore):
    """A store of leads whose reads are counted."""

    table: MemoryTable = field(default_factory=MemoryTable)
    reads: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.table)

    async def list_person(self, key: LeadKey) -> list[StoredLead]:
        self.reads += 1
        return await super().list_person(key)


def count_all(leads: list[Lead]) -> Counted:
    """Return what a round over *leads* adds up."""
    tallies: WeekTallies = {}
    for lead in leads:
        count(tallies, lead, now=END, policy=POLICY)
    return Counted(END, tuple(bounded(tally) for tally in tallies.values()))


def make(counted: Counted | None, leads: CountedLeads | None = None) -> Reporting:
    repository = LeadRepository(leads or CountedLeads(), TableFollowUpStore(MemoryTable()), POLICY)
    return Reporting(cast("ReportStore", KeptReports(counted)), repository, SIGNER)


@pytest.fixture
async def stored() -> CountedLeads:
    leads = CountedLeads()
    for lead in LEADS:
        await leads.insert(lead)
    return leads


async def show(reporting: Reporting, period: Period = Period.MONTH) -> ReportPage:
    return await reporting.show(TOKEN, period, now=END + timedelta(minutes=20))


@pytest.mark.parametrize("period", [Period.MONTH, Period.QUARTER, Period.YEAR])
async def test_a_page_shows_what_a_plain_model_computes(period: Period) -> None:
    page = await show(make(count_all(LEADS)), period)
    assert page.report == expected(LEADS, period, END, POLICY)
    assert (page.period, page.now.tzinfo) == (period, POLICY.zone)


async def test_those_who_wait_longest_are_named_the_longest_first(stored: CountedLeads) -> None:
    page = await show(make(count_all(LEADS), stored))
    assert page.report is not None
    since = [lead.since for lead in page.waiting]
    assert since == [wait.since for wait in page.report.longest]
    assert len(since) == MOST_LONGEST


async def test_each_of_them_has_the_link_that_the_reader_s_own_mail_would_have_had(stored: CountedLeads) -> None:
    """So its page knows who answers, and it ends with the link to the report."""
    page = await show(make(count_all(LEADS), stored))
    assert page.report is not None
    keys = [wait.lead for wait in page.report.longest]
    assert [lead.link for lead in page.waiting] == [SIGNER.sign(key, BOSS, now=END) for key in keys]


async def test_who_was_answered_since_or_is_gone_is_left_out(stored: CountedLeads) -> None:
    counted = count_all(LEADS)
    first = (await show(make(counted, stored))).waiting[0]
    lead = min((lead for lead in LEADS if lead.is_unanswered), key=lambda lead: lead.waiting_since or END)
    await stored.table.delete(lead.key.partition, lead.key.row)
    page = await show(make(counted, stored))
    assert first not in page.waiting
    assert len(page.waiting) == MOST_LONGEST - 1


async def test_a_lead_that_two_weeks_name_stands_there_once(stored: CountedLeads) -> None:
    """A process ended while it wrote the weeks, so some are of the round before."""
    counted = count_all(LEADS)
    longest = min(wait for week in counted.weeks for wait in week.longest)
    before = WeekTally(None, longest=[longest])
    page = await show(make(Counted(END, (*counted.weeks, before)), stored))
    links = [lead.link for lead in page.waiting]
    assert links[0] == SIGNER.sign(longest.lead, BOSS, now=END)
    assert len(set(links)) == len(links) == MOST_LONGEST - 1


async def test_a_page_reads_the_figures_once_and_ten_leads_at_most(stored: CountedLeads) -> None:
    """Figures are rows of weeks, so it costs the same at a million leads."""
    reporting = make(count_all(LEADS), stored)
    for _ in range(3):
        await show(reporting, Period.YEAR)
    assert isinstance(reporting.reports, KeptReports)
    assert (reporting.reports.reads, stored.reads) == (3, 3 * MOST_LONGEST)


async def test_a_file_holds_the_figures_opens_in_excel_and_reads_no_lead(stored: CountedLeads) -> None:
    counted = count_all(LEADS)
    text = await make(counted, stored).export(TOKEN, Period.QUARTER, now=END)
    assert text.startswith("\ufeffSection,Name,Week,Figure,Value\r\n")
    titles, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    report = make_report(counted.weeks, Period.QUARTER, POLICY, counted_at=END)
    assert titles == list(TITLES)
    assert rows == [["" if cell is None else str(cell) for cell in row] for row in list_figure_rows(report)]
    assert stored.reads == 0


@pytest.mark.parametrize("formula", ["=1+1", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "-cmd"])
async def test_no_cell_of_a_file_is_a_formula(formula: str) -> None:
    counted = count_all(LEADS)
    for week in counted.weeks:
        week.qualified[formula] = 1
    text = await make(counted).export(TOKEN, Period.MONTH, now=END)
    names = {row[1] for row in csv.reader(io.StringIO(text))}
    assert f"'{formula}" in names
    assert formula not in names


async def test_before_the_first_round_there_is_a_page_and_a_file_with_titles_alone() -> None:
    reporting = make(None)
    assert (await show(reporting)).report is None
    assert await reporting.export(TOKEN, Period.MONTH, now=END) == f"\ufeff{','.join(TITLES)}\r\n"


async def test_a_link_that_is_old_changed_or_for_something_else_opens_nothing() -> None:
    reporting = make(None)
    late = END + LINKS_LAST + timedelta(seconds=1)
    lead = SIGNER.sign(LEADS[0].key, BOSS, now=END).rpartition("/")[2]
    mine = SIGNER.sign_my_leads(BOSS, now=END).rpartition("/")[2]
    for read in (reporting.show, reporting.export):
        with pytest.raises(ExpiredListLinkError):
            await read(TOKEN, Period.MONTH, now=late)
        with pytest.raises(IncompleteLinkError):
            await read(TOKEN[:-2], Period.MONTH, now=END)
        for other in (lead, mine, TOKEN.swapcase()):
            with pytest.raises(ForgedLinkError):
                await read(other, Period.MONTH, now=END)
