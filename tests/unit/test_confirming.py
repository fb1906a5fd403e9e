"""Which test leads are confirmed."""

import asyncio
import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from lead_core.errors import MailNotSentError, MailUncertainError
from lead_core.steps.sending import MAX_TRIES
from tests.desk import Desk
from tests.examples import BOSS, JOHN, NOON, SALES, body

DAY = 24 * 60


async def test_the_first_test_lead_of_an_offer_and_day_is_confirmed(desk: Desk) -> None:
    for number in range(3):
        tester = replace(JOHN, first_name=f"MSFT_TEST_{number}", email=f"MSFT_TEST_{number}@test.com")
        await desk.post(body(tester), event=number, minutes=number)
    for minutes in (5, 10):
        await desk.tick(minutes)
    (mail,) = desk.outbox.mails
    assert mail.to == SALES
    assert SALES in mail.text
    assert BOSS in mail.text
    await desk.post(body(replace(JOHN, title="MSFT_TEST_9")), event=9, minutes=24 * 60)
    await desk.tick(24 * 60 + 5)
    assert len(desk.outbox.mails) == 2


async def test_a_confirmation_says_when_in_the_readers_zone(desk: Desk) -> None:
    desk.policy = replace(desk.policy, zone=ZoneInfo("Europe/Berlin"))
    desk.steps = replace(desk.steps, policy=desk.policy)
    await desk.post(body(replace(JOHN, title="MSFT_TEST_1")))
    await desk.tick(0)
    assert "Received: 22 November 2026, 13:00 CET" in desk.outbox.mails[0].text


async def test_a_confirmation_that_was_not_sent_is_sent_later(desk: Desk) -> None:
    await desk.post(body(replace(JOHN, title="MSFT_TEST_1")))
    desk.outbox.fails_with = [MailNotSentError("test"), MailUncertainError("test")]
    for minutes in (0, 1, 5, 15, 16):
        await desk.tick(minutes)
    first, second = desk.outbox.mails
    assert first.id == second.id
    assert first.subject.startswith("A test lead arrived")


async def test_the_same_test_lead_on_another_day_is_confirmed_again(desk: Desk) -> None:
    tester = replace(JOHN, title="MSFT_TEST_1")
    await desk.post(body(tester), event=1)
    await desk.tick(0)
    await desk.post(body(tester), event=2, minutes=24 * 60)
    await desk.tick(24 * 60)
    assert len(desk.outbox.mails) == 2


async def test_many_titles_are_one_mail(desk: Desk) -> None:
    for number in range(200):
        await desk.post(titled(f"Offer {number}"), event=number)
    for minutes in range(0, 3 * DAY, 60):
        await desk.tick(minutes)
    (mail,) = desk.outbox.mails
    assert mail.subject == "More than 100 test leads arrived"
    assert "and 90 more" in mail.text


async def test_a_day_has_four_mails_at_most_and_the_last_tells_the_rest(desk: Desk) -> None:
    for number in range(20):
        await desk.post(titled(f"Offer {number:02}"), event=number, minutes=number * 10)
        await desk.tick(number * 10 + 5)
    assert len(desk.outbox.mails) == 3
    for minutes in range(DAY // 2, 3 * DAY, 60):
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == 4
    assert desk.outbox.mails[-1].subject == "17 test leads arrived"


async def test_real_leads_come_before_test_leads(desk: Desk) -> None:
    await desk.post(titled("Offer 1"), event=1)
    await desk.post(body(), event=2)
    await desk.tick(0)
    real, test = desk.outbox.mails
    assert "John Smith" in real.text
    assert test.subject == "A test lead arrived: Offer 1"


async def test_a_title_that_the_provider_refuses_is_left_out(desk: Desk) -> None:
    await desk.post(titled("Spam"), event=1)
    desk.outbox.spam = "Spam"
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert mail.subject == "A test lead arrived"
    assert "refused a mail that names them" in mail.text


async def test_test_leads_that_may_have_been_told_are_told_a_few_times_under_one_id(desk: Desk) -> None:
    await desk.post(titled("Offer 1"), event=1)
    for minutes in range(0, DAY, 5):
        desk.outbox.fails_with = [MailUncertainError("t")]
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == MAX_TRIES
    assert len({mail.id for mail in desk.outbox.mails}) == 1


async def test_a_test_lead_of_yesterday_is_told_after_an_outage(desk: Desk) -> None:
    await desk.post(titled("Offer 1"), event=1)
    desk.outbox.fails_with = [MailNotSentError("down")] * 20
    for minutes in range(0, DAY, 120):
        await desk.tick(minutes)
    desk.outbox.fails_with = []
    await desk.tick(DAY + 60)
    assert len(desk.outbox.mails) == 1


async def test_test_leads_whose_rows_were_deleted_are_not_told_again(desk: Desk) -> None:
    await desk.post(titled("Offer 1"), event=1)
    desk.outbox.fails_with = [MailUncertainError("t")]
    await desk.tick(0)
    (test_lead,) = (row for row in desk.memory.digests.rows if row.get("Offer"))
    await desk.memory.digests.delete(test_lead["PartitionKey"], test_lead["RowKey"])
    assert await desk.tick(15) == {"test-leads-confirmed": 1}
    assert len(desk.outbox.mails) == 1


async def test_two_timers_at_once_send_one_mail_about_test_leads(desk: Desk) -> None:
    await desk.post(titled("Offer 1"), event=1)
    ticks = [desk.steps.confirming.tick(now=NOON, new_id=lambda: next(desk.ids)) for _ in range(2)]
    assert await asyncio.gather(*ticks) == [{"test-leads-confirmed": 1}, {}]
    assert len(desk.outbox.mails) == 1


async def test_what_the_version_before_confirmed_is_not_told_again(desk: Desk) -> None:
    await desk.post(titled("Offer 1"), event=1)
    (row,) = desk.memory.digests.rows
    await desk.memory.digests.upsert(row | {"IsSent": True, "DigestId": "1" * 32})
    await desk.tick(0)
    assert desk.outbox.mails == []


@pytest.mark.parametrize("column", ["Told", "Telling"])
@pytest.mark.parametrize("typed", ["[" * 5_000, "oops", "7", "{}", "[[]]"])
async def test_what_people_type_into_the_row_of_a_day_stops_no_confirmation(
    desk: Desk, column: str, typed: str
) -> None:
    await desk.post(titled("Offer 1"), event=1)
    await desk.tick(0)
    (row,) = (row for row in desk.memory.digests.rows if "Told" in row)
    await desk.memory.digests.upsert(row | {column: typed})
    await desk.post(titled("Offer 2"), event=2, minutes=5)
    await desk.tick(5)
    assert "Offer 2" in desk.outbox.mails[-1].text


def titled(title: str) -> bytes:
    """Return the post of a test lead for an offer of that title alone."""
    lead = json.loads(body(replace(JOHN, first_name="MSFT_TEST", email="MSFT_TEST@test.com")))
    return json.dumps(lead | {"offerTitle": title, "leadSource": f"AppSource-INS|{title}"}).encode()
