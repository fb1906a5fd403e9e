"""A year of leads, from the hourly round to what people read: page, file and mail say what a plain model computes.

The round is cut into runs. A plain model knows nothing of tables, tallies, steps and views: see `tests.year`.
"""

import asyncio
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.adapters.tables.table import Entity
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.report import Period, Report, Speed
from lead_core.lead.tally import Dimension, Milestone
from lead_core.lead.waits import Apart
from lead_core.lead.weekly import SummaryTimes
from lead_core.steps.reconciling import CHECKING_LASTS
from lead_core.steps.reporting import Reporting
from lead_core.steps.sending import MailPolicy
from lead_core.steps.summarising import MAX_LONGEST, Summarising
from lead_core.steps.telling import Telling
from lead_core.views.moments import format_length
from lead_core.views.report import render_report
from tests.examples import BOSS
from tests.outbox import Outbox
from tests.reader import Tables
from tests.steps import SIGNER, TABLES, Steps
from tests.year import BERLIN, END, POLICY, expected, simulate

LEADS = simulate(seed=6, leads=200)
SHOWN_AT = END + timedelta(minutes=20)
TOKEN = SIGNER.sign_report(BOSS, now=END).rpartition("/")[2]
PERIODS = (Period.MONTH, Period.QUARTER, Period.YEAR)
LAST_WEEK = "16 to 22 Nov 2026"
SPEED_NAMES = ("within 1 hour", "within 24 hours", "within 3 days", "later", "still waiting")
LIMIT_NAMES = ("5 minutes", "1 hour", "24 hours", "3 days")
A_DAY = LIMIT_NAMES.index("24 hours")
GROUPS = {
    Dimension.OWNER: "By owner",
    Dimension.OFFER: "By offer",
    Dimension.SOURCE: "By source",
    Dimension.ACTION: "By what they did",
}
ACTIONS = {
    "INS": "Pressed Get it now or Free trial",
    "PLT": "Pressed Contact me",
    "StartTestDrive": "Started a test drive",
    "Create": "Pressed Create in the Azure portal",
    "unknown": "Unknown",
}
APART = {
    Apart.TEST: "Test leads",
    Apart.INTERNAL: "Leads of your own people",
    Apart.DO_NOT_CONTACT: "Customers who are not to be contacted",
    Apart.SPAM: "Spam",
    Apart.PAST: "Answered before they came here, or restored: nobody measured how fast",
}


@dataclass
class Office:
    """All leads of the year in tables in memory, and the steps on them."""

    policy: FollowUpPolicy
    tables: dict[str, MemoryTable] = field(default_factory=lambda: {name: MemoryTable(lambda: END) for name in TABLES})
    outbox: Outbox = field(default_factory=Outbox)

    @property
    def steps(self) -> Steps:
        return Steps(self.tables, mailer=self.outbox, policy=self.policy, escalate_to="")

    async def fill(self) -> "Office":
        for lead in LEADS:
            await self.steps.repository.leads.insert(lead)
        return self

    async def count(self) -> int:
        """Do a round of the hourly check, in runs that have time for some people each, and return how many."""
        for runs in itertools.count(1):
            looks = (number * CHECKING_LASTS.total_seconds() / 4 for number in itertools.count())
            check = replace(self.steps.reconciling, clock=partial(next, looks), at_a_time=20)
            if not (await check.check(now=END + timedelta(hours=runs - 1)))["unfinished"]:
                return runs
        raise AssertionError

    @property
    def rows(self) -> list[Entity]:
        return self.tables["reports"].rows

    def expect(self, period: Period) -> Report:
        return expected(LEADS, period, END, self.policy)

    @property
    def reporting(self) -> Reporting:
        return Reporting(self.steps.reports, self.steps.repository, SIGNER)

    async def show(self, period: Period) -> str:
        return render_report(await self.reporting.show(TOKEN, period, now=SHOWN_AT))

    async def summarise(self) -> None:
        steps = self.steps
        summarising = Summarising(
            repository=steps.repository,
            reports=steps.reports,
            rejects=TableRejectStore(self.tables["rejects"]),
            telling=Telling(steps.claims, self.outbox),
            links=SIGNER,
            mails=MailPolicy("leads@contoso.example", is_brief=False, zone=BERLIN),
            to=BOSS,
            silence_after=timedelta(days=900),
            times=SummaryTimes(BERLIN),
            clock=self.outbox.clock,
        )
        assert await summarising.tick(now=SHOWN_AT, new_id=lambda: "1" * 32) == {"summary-sent": 1}


@pytest.fixture(scope="module", params=[True, False], ids=["working hours", "all hours"])
async def office(request: pytest.FixtureRequest) -> Office:
    """Return an office whose leads were counted in several runs."""
    hours = POLICY.working_hours if request.param else None
    office = await Office(replace(POLICY, working_hours=hours)).fill()
    assert await office.count() > 3
    return office


def percent(within: int, judged: int) -> str:
    """Return a share as people read it. All is 100%, none is 0%, and nothing else is."""
    if not judged:
        return "—"
    return (
        f"{100 * within // judged}%" if within in {0, judged} else f"{min(max(round(100 * within / judged), 1), 99)}%"
    )


def length(of: timedelta | None) -> str:
    return "—" if of is None else format_length(of)


def values(report: Report) -> list[str]:
    speed = report.speed
    return [
        percent(speed.within[A_DAY], speed.judged[A_DAY]),
        length(speed.median),
        str(report.waiting),
        str(report.leads),
    ]


def befores(report: Report) -> list[str]:
    """Return what the figures were before, as their changes quote it."""
    speed = report.speed_before
    return [
        percent(speed.within[A_DAY], speed.judged[A_DAY]),
        length(speed.median),
        str(report.waiting_before),
        str(report.leads_before),
    ]


def tells_before(change: str, value: str, before: str) -> bool:
    """Whether the words of a change say what was before."""
    if before == "—":
        return change == "nothing to compare with"
    return change == "as before" if value == before else f"{before} before" in change


def list_rows(report: Report, dimension: Dimension) -> list[list[str]]:
    names = ACTIONS if dimension is Dimension.ACTION else {"unknown": "Unknown"}
    return [
        [
            names.get(group.name, group.name),
            str(group.leads),
            percent(group.speed.within[A_DAY], group.speed.judged[A_DAY]),
            length(group.speed.median),
            str(group.speed.waits - group.speed.answered),
        ]
        for group in report.groups[dimension]
    ]


def find_answered(report: Report, after: timedelta) -> float:
    return max((share for step, share in report.curve if step <= after), default=0)


@pytest.mark.parametrize("period", PERIODS)
async def test_the_page_shows_the_figures_of_a_plain_model(office: Office, period: Period) -> None:
    html, report = await office.show(period), office.expect(period)
    found = re.findall(r'class="value">(.*?)</dd>', html)
    changes = re.findall(r'class="trend \w+">(?:<span.*?</span> )?(.*?)</dd>', html)
    assert found == values(report)
    assert all(map(tells_before, changes, found, befores(report)))
    tables = {title: rows[1:] for title, rows in Tables(html).found.items()}
    assert [list(map(int, row[1:])) for row in tables["Waits by week"]] == [
        [week.leads, *week.by_speed] for week in report.weeks
    ]
    judged = zip(LIMIT_NAMES, report.speed.within, report.speed.judged, strict=True)
    assert tables["Answered in time"] == [
        [name, percent(within, known), f"{within:,} of {known:,}"] for name, within, known in judged
    ]
    assert [row[1:] for row in tables["How far leads came"]] == [
        [str(reached), percent(reached, report.leads)] for reached in report.funnel.values()
    ]
    for dimension, title in GROUPS.items():
        assert tables.get(title, []) == list_rows(report, dimension)
    apart = dict(re.findall(r"<li>([^<]*): (\d+)</li>", html))
    assert apart == {APART[Apart(reason)]: str(number) for reason, number in report.apart.items()}


@pytest.mark.parametrize("period", PERIODS)
async def test_the_page_says_how_long_customers_wait_and_who_does(office: Office, period: Period) -> None:
    html, report = await office.show(period), office.expect(period)
    shown = {row[0]: row[1] for row in Tables(html).found["Response times"]}
    for words, after in {"1 h": timedelta(hours=1), "24 h": timedelta(days=1), "7 d": timedelta(days=7)}.items():
        assert shown[words] == percent(round(find_answered(report, after) * 10**9), 10**9)
    for speed, counted in ((report.speed, ""), (report.speed_in_hours, " of working time")):
        if speed and speed.median:
            assert f"within {length(speed.median)}{counted}" in html
        if speed and speed.ninth_decile:
            assert f"{counted}, nine of ten within {length(speed.ninth_decile)}." in html
    assert ("working time" in html) is bool(report.speed_in_hours and report.speed_in_hours.median)
    waits = report.current.by_speed
    said = f"{report.current.leads} lead{'s' * (report.current.leads != 1)}."
    assert f"{said} Of {sum(waits)} who began to wait, {sum(waits[:-1])} are answered." in html
    linked = [SIGNER.read(token, now=SHOWN_AT).lead for token in re.findall(r"/api/follow-up/([\w.-]+)", html)]
    assert linked == [wait.lead for wait in report.longest]


@pytest.mark.parametrize("period", PERIODS)
async def test_what_is_drawn_is_as_long_as_the_numbers_of_a_plain_model(office: Office, period: Period) -> None:
    html, report = await office.show(period), office.expect(period)
    weeks, curve, funnel = re.findall(r'<svg class="chart".*?</svg>', html, re.DOTALL)
    heights = [float(height) for height in re.findall(r'<rect .*?height="([\d.]+)"', weeks)]
    numbers = [number for week in report.weeks for number in week.by_speed if number]
    unit = sum(heights) / sum(numbers)
    assert heights == pytest.approx([number * unit for number in numbers], abs=0.02)
    widths = [float(width) for width in re.findall(r'<rect class="hour".*?width="([\d.]+)"', funnel)]
    assert widths == pytest.approx([340 * reached / report.leads for reached in report.funnel.values()], abs=0.02)
    drawn = [1 - (float(height) - 10) / 140 for height in re.findall(r"V([\d.]+)", curve.partition('class="curve"')[2])]
    assert drawn == pytest.approx([share for step, share in report.curve if step <= timedelta(days=14)], abs=0.001)


@pytest.mark.parametrize("period", PERIODS)
async def test_the_file_has_the_figures_of_a_plain_model_and_no_others(office: Office, period: Period) -> None:
    text = await office.reporting.export(TOKEN, period, now=SHOWN_AT)
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    cells = list(list_cells(office.expect(period)))
    assert sorted(rows) == sorted(
        [section, name, weeks, figure, "" if value is None else str(value)]
        for section, name, weeks, figure, value in cells
    )


def list_cells(report: Report) -> Iterator[tuple[str, str, str, str, int | None]]:
    """Yield what the file must say, by its documentation."""
    weeks = f"{report.first}/{report.last}"
    before = f"{report.first.plus(-report.period)}/{report.first.plus(-1)}"
    yield "all", "", weeks, "leads", report.leads
    yield "all", "", weeks, "waiting now", report.waiting
    yield "all", "", before, "leads", report.leads_before
    yield "all", "", before, "waiting at the end", report.waiting_before
    yield from list_speed("all", "", weeks, report.speed)
    yield from list_speed("all", "", before, report.speed_before)
    if report.speed_in_hours:
        yield from list_lengths("all in working hours", "", weeks, report.speed_in_hours)
    for bar in (*report.weeks, report.current):
        yield "week", "", str(bar.week), "leads", bar.leads
        for name, number in zip(SPEED_NAMES, bar.by_speed, strict=True):
            yield "week", "", str(bar.week), f"waits, {name}", number
    for milestone in Milestone:
        yield "funnel", "", weeks, milestone, report.funnel[milestone]
    for dimension, groups in report.groups.items():
        for group in groups:
            yield dimension, group.name, weeks, "leads", group.leads
            yield from list_speed(dimension, group.name, weeks, group.speed)
    for reason, number in report.apart.items():
        yield "not counted", reason, weeks, "leads", number


def list_speed(section: str, name: str, weeks: str, speed: Speed) -> Iterator[tuple[str, str, str, str, int | None]]:
    yield section, name, weeks, "waits", speed.waits
    yield section, name, weeks, "waits, answered", speed.answered
    for limit, judged, within in zip(LIMIT_NAMES, speed.judged, speed.within, strict=True):
        yield section, name, weeks, f"waits that can be judged for {limit}", judged
        yield section, name, weeks, f"of them, answered within {limit}", within
    yield from list_lengths(section, name, weeks, speed)


def list_lengths(section: str, name: str, weeks: str, speed: Speed) -> Iterator[tuple[str, str, str, str, int | None]]:
    for words, of in (("half", speed.median), ("nine of ten", speed.ninth_decile)):
        yield (
            section,
            name,
            weeks,
            f"minutes until {words} were answered",
            None if of is None else of // timedelta(minutes=1),
        )


async def test_the_summary_tells_the_last_week_as_a_plain_model_does(office: Office) -> None:
    await office.summarise()
    (mail,), report = office.outbox.mails, office.expect(Period.WEEK)
    told, found = " ".join(mail.text.split()), values(report)
    assert LAST_WEEK.upper() in told.upper()
    assert f"{report.leads} leads, {found[0]} answered within 24 h, {report.waiting} still wait" in mail.subject
    assert re.findall(r'font-weight:600">([^<]*)</p>', mail.html) == found
    names = ("Answered within 24 hours", "Half are answered within", "Waiting now", "Leads in")
    for name, value, before in zip(names, found, befores(report), strict=True):
        (change,) = re.findall(rf"{name}: {value}, .*?, (.*?)(?= (?:{'|'.join(names)}):| HOW FAST|$)", told)
        assert tells_before(change, value, before)
    bars = re.findall(r"([\w ]+): (\d+) \((\d+)%\)", told.partition("OF THE WEEK WERE ANSWERED")[2])
    waits = report.weeks[0].by_speed
    assert [(name.strip().lower(), int(number), f"{share}%") for name, number, share in bars] == [
        (name, number, percent(number, sum(waits))) for name, number in zip(SPEED_NAMES, waits, strict=True)
    ]
    in_hours = report.speed_in_hours and report.speed_in_hours.median
    assert ("In working hours" in told) is bool(in_hours)
    assert not in_hours or f"In working hours, half were answered within {length(in_hours)}." in told
    for name, leads, *speed, _ in list_rows(report, Dimension.OWNER):
        assert all(f">{cell}<" in mail.html for cell in (name, leads, *speed))
        assert f"{name}: {leads}, {speed[0]} within 24 hours" in told
    linked = [SIGNER.read(token, now=SHOWN_AT).lead for token in re.findall(r"/api/follow-up/([\w.-]+)", told)]
    assert linked == [wait.lead for wait in report.longest[:MAX_LONGEST]]
    assert f"{report.waiting - MAX_LONGEST} more customers wait." in told


async def test_the_year_counted_at_once_again_or_twice_at_once_has_the_same_rows(office: Office) -> None:
    cut = office.rows
    other = await Office(office.policy).fill()
    await other.steps.reconciling.check(now=END)
    assert other.rows == cut
    checks = (other.steps.reconciling.check(now=END) for _ in range(2))
    await asyncio.gather(*checks)
    assert other.rows == cut
