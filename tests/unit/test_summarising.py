"""The weekly summary goes out once a week, with what stands in the tables."""

import asyncio
import contextlib
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.errors import MailNotSentError, RejectCode
from lead_core.lead.received import RejectedFrom, RejectedLead
from lead_core.lead.weekly import SummaryTimes
from lead_core.links import name_recipient
from lead_core.steps.sending import MailPolicy
from lead_core.steps.summarising import MAX_LONGEST, Summarising
from lead_core.steps.telling import Telling
from tests.desk import Desk
from tests.examples import BOSS, JOHN, NOON, SALES, at, body, person
from tests.steps import SIGNER

HOUR, DAY = 60, 24 * 60
MONDAY = 20 * HOUR
"""Monday, 23 November 2026, 08:00:00 UTC: noon of the examples is on the Sunday before."""
WEEK = 7 * DAY
SENT = Counter({"summary-sent": 1})


@dataclass
class Office:
    """Leads, the check that counts them, and the step."""

    to: str = BOSS
    zone: str = "UTC"
    looks_hourly: bool = True
    is_brief: bool = False
    desk: Desk = field(default_factory=Desk)

    def __post_init__(self) -> None:
        policy = replace(self.desk.policy, zone=ZoneInfo(self.zone))
        self.desk.steps = replace(self.desk.steps, policy=policy)

    async def count(self, minutes: float) -> None:
        """Count all leads, as the hourly check does."""
        await self.desk.steps.reconciling.check(now=at(minutes))

    @property
    def step(self) -> Summarising:
        steps, zone = self.desk.steps, ZoneInfo(self.zone)
        return Summarising(
            repository=steps.repository,
            reports=steps.reports,
            rejects=TableRejectStore(self.desk.memory.rejects),
            telling=Telling(steps.claims, self.desk.outbox),
            links=SIGNER,
            mails=MailPolicy("leads@contoso.example", self.is_brief, zone),
            to=self.to,
            silence_after=timedelta(days=20),
            times=SummaryTimes(zone, looks_hourly=self.looks_hourly),
            clock=self.desk.outbox.clock,
        )

    async def tick(self, minutes: float) -> Counter[str]:
        return await self.step.tick(now=at(minutes), new_id=lambda: next(self.desk.ids))

    @property
    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.desk.outbox.mails]

    @property
    def text(self) -> str:
        """The last mail in plain text, on one line."""
        return " ".join(self.desk.outbox.mails[-1].text.split())


@pytest.fixture
async def office() -> Office:
    """Return an office to which one lead came on Sunday noon. It was counted on Monday at seven."""
    office = Office()
    await office.desk.post(body())
    await office.count(19 * HOUR)
    return office


async def test_the_summary_of_a_week_goes_out_once_on_monday_at_eight(office: Office) -> None:
    told = {hours: await office.tick(hours * HOUR) for hours in range(6 * 24)}
    assert [hours for hours, outcomes in told.items() if outcomes] == [20]
    assert told[20] == SENT
    (mail,) = office.desk.outbox.mails
    assert (mail.to, mail.subject) == (BOSS, "Week 47: 1 lead, 1 still waits")


async def test_each_week_has_its_own(office: Office) -> None:
    for week in range(3):
        await office.count(MONDAY - HOUR + week * WEEK)
        assert await office.tick(MONDAY + week * WEEK) == SENT
    assert office.subjects[1:] == ["Week 48: no leads, 1 still waits", "Week 49: no leads, 1 still waits"]


async def test_after_week_53_comes_week_1(office: Office) -> None:
    new_year = 43 * DAY  # Monday, 4 January 2027
    for minutes in (new_year - 8 * HOUR, new_year + 7 * DAY - 8 * HOUR):
        await office.count(minutes)
        assert await office.tick(minutes + 4 * HOUR) == SENT
    assert [subject.partition(":")[0] for subject in office.subjects] == ["Week 53", "Week 1"]
    assert "WEEK 1, 4 TO 10 JAN 2027" in office.text


@pytest.mark.parametrize(
    ("zone", "hours", "week"),
    [
        ("Pacific/Kiritimati", 6, "Week 47"),  # 14 hours before UTC
        ("Pacific/Honolulu", 30, "Week 47"),  # 10 hours after it
        ("Europe/Berlin", 19, "Week 47"),
    ],
)
async def test_monday_is_where_the_readers_are(zone: str, hours: int, week: str) -> None:
    office = Office(zone=zone)
    await office.desk.post(body(), minutes=-DAY)
    await office.count(hours * HOUR - 30)
    assert await office.tick(hours * HOUR - 1) == {}
    assert await office.tick(hours * HOUR) == SENT
    assert office.subjects[0].startswith(week)


async def test_off_means_nobody(office: Office) -> None:
    office.to = ""
    assert await office.tick(MONDAY) == {}


async def test_an_app_that_knows_no_lead_says_nothing() -> None:
    office = Office()
    assert await office.tick(MONDAY) == {}
    await office.count(MONDAY - HOUR)
    assert await office.tick(MONDAY) == {}


async def test_a_lead_of_this_week_is_no_reason_to_tell_about_the_last() -> None:
    office = Office()
    await office.desk.post(body(), minutes=MONDAY - 2 * HOUR)
    await office.count(MONDAY - HOUR)
    assert await office.tick(MONDAY) == {}
    await office.count(MONDAY - HOUR + WEEK)
    assert await office.tick(MONDAY + WEEK) == SENT


async def test_figures_that_stop_before_the_week_was_over_are_awaited_and_then_told_with_their_age(
    office: Office,
) -> None:
    await office.count(6 * HOUR)
    assert await office.tick(MONDAY) == {}
    assert await office.tick(12 * HOUR + DAY) == SENT
    assert office.subjects == ["Week 47: 1 lead, 1 still waits"]
    assert "Counted on 22 November 2026, 18:00 UTC. The week was not over then" in office.text


async def test_with_a_schedule_of_its_own_it_goes_out_whenever_the_timer_looks(office: Office) -> None:
    office.looks_hourly = False
    assert await office.tick(13 * HOUR) == SENT


async def test_those_who_wait_longest_are_named_with_links_of_the_reader(office: Office) -> None:
    for number in range(MAX_LONGEST + 2):
        await office.desk.post(body(person(number)), event=number + 2, minutes=-60 * number - 60)
    await office.count(19 * HOUR)
    await office.tick(MONDAY)
    names = [f"P{number} Smith" for number in reversed(range(2, MAX_LONGEST + 2))]
    assert re.findall(r"P\d Smith|John Smith", office.text) == names
    assert "3 more customers wait." in office.text
    tokens = re.findall(r"/api/follow-up/(\S+)", office.text)
    opened = {SIGNER.read(token, now=at(MONDAY)) for token in tokens}
    assert len(opened) == MAX_LONGEST
    assert {link.holder.recipient for link in opened} == {name_recipient(BOSS)}


async def test_who_was_answered_since_the_round_is_not_named(office: Office) -> None:
    await office.desk.edit(Status="Contacted")
    await office.tick(MONDAY)
    assert "John Smith" not in office.text


async def test_the_links_lead_to_the_readers_report_and_leads(office: Office) -> None:
    await office.tick(MONDAY)
    (report,), (mine,) = (re.findall(rf"/api/{page}/(\S+)", office.text) for page in ("report", "my-leads"))
    assert SIGNER.read_report(report, now=at(MONDAY)) == SIGNER.read_my_leads(mine, now=at(MONDAY))


@pytest.mark.parametrize(("is_brief", "spam"), [(True, ""), (False, "Northwind")])
async def test_a_brief_mail_and_one_that_was_refused_name_no_customer(
    office: Office, *, is_brief: bool, spam: str
) -> None:
    office.is_brief, office.desk.outbox.spam = is_brief, spam
    assert await office.tick(MONDAY) == SENT
    mail = office.desk.outbox.mails[-1]
    for told in (JOHN.last_name, JOHN.company, JOHN.email):
        assert told not in mail.subject + mail.text + mail.html
    assert "/api/follow-up/" in mail.text
    assert "- A lead" in mail.text


async def test_if_its_address_is_refused_the_default_owner_gets_it_and_learns_why(office: Office) -> None:
    office.desk.outbox.refuses = {BOSS}
    assert await office.tick(MONDAY) == SENT
    assert office.desk.outbox.mails[-1].to == SALES
    assert "refused the address" in office.text
    assert await office.tick(MONDAY + HOUR) == {}


async def test_a_provider_that_is_down_gets_it_at_the_next_hour(office: Office) -> None:
    office.desk.outbox.fails_with = [MailNotSentError("down")]
    assert await office.tick(MONDAY) == {"mail-not-sent": 1}
    assert await office.tick(MONDAY + HOUR) == SENT
    assert len(office.subjects) == 1


async def test_two_timers_at_once_send_one(office: Office) -> None:
    outcomes = await asyncio.gather(office.tick(MONDAY), office.tick(MONDAY))
    assert sum(outcomes, Counter()) == SENT


async def test_what_could_not_be_read_in_the_week_is_counted_by_its_reason(office: Office) -> None:
    rejects = TableRejectStore(office.desk.memory.rejects)
    for number, minutes in enumerate([-6 * DAY, -50, -8 * DAY, 13 * HOUR]):
        reason = RejectCode.EMPTY.value
        await rejects.upsert(RejectedLead(f"{number:032x}", at(minutes), RejectedFrom.HTTP, reason, "", "", b""))
    await office.tick(MONDAY)
    assert "2 messages: nothing was in it." in office.text


async def test_the_rows_of_weeks_long_told_go(office: Office) -> None:
    for week in range(12):
        await office.count(MONDAY - HOUR + week * WEEK)
        with contextlib.suppress(MailNotSentError):
            await office.tick(MONDAY + week * WEEK)
    kept = [row["RowKey"] for row in office.desk.memory.digests.rows if row["PartitionKey"] == "occasions"]
    assert kept == sorted(kept)
    assert (kept[0], kept[-1], len(kept)) == ("summary-2026-W51", "summary-2027-W05", 8)


def test_the_moments_of_these_tests_are_what_they_say() -> None:
    assert at(MONDAY).replace(microsecond=0) == datetime.fromisoformat("2026-11-23T08:00:00+00:00")
    assert NOON.isoweekday() == 7
    assert timedelta(minutes=MONDAY).total_seconds() == 72_000


async def test_an_offer_that_fell_silent_is_named(office: Office) -> None:
    for weeks in (1, 3):
        await office.count(MONDAY - HOUR + weeks * WEEK)
        await office.tick(MONDAY + weeks * WEEK)
    earlier, later = (" ".join(mail.text.split()) for mail in office.desk.outbox.mails)
    told = "The last lead came on 22 November 2026"
    assert (told in earlier, told in later) == (False, True)


async def test_of_old_figures_nobody_says_that_an_offer_is_silent(office: Office) -> None:
    """The check of all leads has stood still for three days. What came since then is not counted."""
    await office.count(MONDAY - 4 * DAY + 4 * WEEK)
    await office.tick(MONDAY + DAY + 4 * WEEK)
    assert "The week was not over then" in office.text
    assert "No leads come any more" not in office.text
