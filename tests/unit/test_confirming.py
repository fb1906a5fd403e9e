"""Which test leads are confirmed."""

from dataclasses import replace

from lead_core.errors import MailNotSentError, MailUncertainError
from tests.desk import Desk
from tests.examples import BOSS, JOHN, SALES, body


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


async def test_a_confirmation_that_was_not_sent_is_sent_later(desk: Desk) -> None:
    await desk.post(body(replace(JOHN, title="MSFT_TEST_1")))
    desk.outbox.fails_with = [MailNotSentError("test"), MailUncertainError("test")]
    for minutes in (0, 1, 5, 15, 16):
        await desk.tick(minutes)
    first, second = desk.outbox.mails
    assert first.id == second.id


async def test_the_same_test_lead_on_another_day_is_confirmed_again(desk: Desk) -> None:
    tester = replace(JOHN, title="MSFT_TEST_1")
    await desk.post(body(tester), event=1)
    await desk.tick(0)
    await desk.post(body(tester), event=2, minutes=24 * 60)
    await desk.tick(24 * 60)
    assert len(desk.outbox.mails) == 2
