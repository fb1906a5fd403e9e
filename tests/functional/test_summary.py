"""The weekly summary, by its trigger: on real tables, to a real mailbox."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from azure.functions.timer import TimerRequest

from lead_core import wiring
from lead_core.lead.tally import Milestone, Tally, WeekTally
from lead_core.lead.weeks import Week
from lead_core.ports.reports import Counted
from lead_core.ports.runs import Timer
from lead_core.settings import Settings
from tests.functional.triggers import SUMMARISE, rows
from tests.mailbox import Mailbox, text_of

BOSS = "boss@contoso.example"


@pytest.fixture
async def mailbox(environment: pytest.MonkeyPatch) -> AsyncIterator[Mailbox]:
    """Yield the mailbox of an app whose summary is due whenever its timer looks."""
    mailbox = Mailbox()
    environment.setenv("MAIL_URL", mailbox.url)
    environment.setenv("SUMMARY_TO", BOSS)
    environment.setenv("SUMMARY_SCHEDULE", "0 30 8 * * *")
    await asyncio.to_thread(mailbox.start)
    yield mailbox
    await asyncio.to_thread(mailbox.stop)


async def count_a_lead(week: Week) -> None:
    """Write what a round of the check leaves that found one lead, answered at once, in *week*."""
    total = Tally(Counter({Milestone.RECEIVED: 1}), Counter({0: 1}), judged=Counter({2: 1}), within=Counter({2: 1}))

    def make(_: Sequence[WeekTally]) -> Counted:
        return Counted(datetime.now(UTC), (WeekTally(week, total=total),))

    await wiring.services().rest.reports.update(make)


async def test_the_summary_of_the_last_week_is_mailed_once(on_azurite: Settings, mailbox: Mailbox) -> None:
    week = Week.of(datetime.now(UTC), UTC).plus(-1)
    await count_a_lead(week)
    for _ in range(2):
        await SUMMARISE(TimerRequest())
    (mail,) = mailbox.mails
    assert (mail["To"], mail["Subject"]) == (BOSS, f"Week {week.number}: 1 lead, 100% answered within 24 h")
    assert "https://leads.example/api/report/" in text_of(mail)
    services = wiring.services()
    (told,) = [row for row in await rows(services, on_azurite.digests_table) if row["PartitionKey"] == "occasions"]
    assert told["RowKey"] == f"summary-{week}"
    run = (await services.rest.runs.list_runs())[Timer.SUMMARY]
    assert (run.trouble, datetime.now(UTC) - run.finished_at < timedelta(minutes=1)) == ("", True)


async def test_a_wrong_address_stops_the_summary_and_the_run_says_so(
    on_azurite: Settings, mailbox: Mailbox, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("SUMMARY_TO", "the boss")
    await SUMMARISE(TimerRequest())
    assert (await wiring.services().rest.runs.list_runs())[Timer.SUMMARY].trouble.startswith("SUMMARY_TO:")
    assert mailbox.mails == []


async def test_off_sends_nothing_and_the_timer_still_runs(
    on_azurite: Settings, mailbox: Mailbox, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("SUMMARY_TO", "off")
    await count_a_lead(Week.of(datetime.now(UTC), UTC).plus(-1))
    await SUMMARISE(TimerRequest())
    assert mailbox.mails == []
    assert (await wiring.services().rest.runs.list_runs())[Timer.SUMMARY].trouble == ""
