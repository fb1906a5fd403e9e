"""Several attempts, no bombarding: what becomes of a customer who does not answer, on the page and in the mails."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lead_core.errors import AnswerError
from lead_core.lead.choices import Choice
from lead_core.lead.follow_up import TOLD_AT_ONCE
from lead_core.lead.lead import Lead
from lead_core.lead.person import Contact
from lead_core.lead.values import LeadKey
from lead_core.views.form import parse_answer
from lead_core.views.page import FollowUpPage, render_follow_up
from tests.desk import Desk
from tests.examples import ANNA, BOSS, JOHN, NOON, SALES, at, body
from tests.reader import Reader
from tests.steps import SIGNER

DAY = 24 * 60
HALF_AN_HOUR = 30


@pytest.fixture
async def desk() -> Desk:
    """A desk with a lead whose owner has had the notice."""
    return await start(Desk())


async def start(desk: Desk, contact: Contact = JOHN, **policy: Any) -> Desk:
    desk.policy = replace(desk.policy, **policy)
    desk.steps = replace(desk.make_steps(lambda table: table), escalate_to=BOSS)
    desk.memory.processing = desk.steps.processing
    await desk.post(body(contact))
    await desk.tick(0)
    return desk


def token_of(desk: Desk) -> str:
    key = LeadKey(desk.row["PartitionKey"], desk.row["RowKey"])
    return SIGNER.sign(key, SALES, now=NOON).rpartition("/")[2]


async def say(desk: Desk, minutes: float, choice: str = Choice.TRIED, **form: str) -> Lead:
    said = parse_answer({"choice": choice, "click": f"c{minutes:.0f}", **form}, today=at(minutes).date())
    return await desk.steps.answering.record(token_of(desk), said, now=at(minutes))


async def look(desk: Desk, minutes: float) -> FollowUpPage:
    token, policy = token_of(desk), desk.policy
    opened = await desk.steps.answering.show(token, now=at(minutes))
    return FollowUpPage.of(
        opened.lead, (), token=token, click="c", now=at(minutes), zone=policy.zone, touches=policy.touches
    )


async def mail_until(desk: Desk, minutes: float, *, since: float = 0) -> list[tuple[float, str]]:
    """Let the timer tick whenever a mail is due. Return the day of each mail, and how its text begins."""
    mails, now = list[tuple[float, str]](), at(since)
    while now <= at(minutes):
        desk.outbox.mails.clear()
        await desk.steps.tick(now, desk.ids)
        day = round((now - at(HALF_AN_HOUR)) / timedelta(days=1), 1)
        mails += [(day, mail.text.splitlines()[0]) for mail in desk.outbox.mails]
        next_at = desk.row.get("NextReminderAt") or at(minutes)
        now = max(next_at, now + timedelta(minutes=5))
    return mails


def state(desk: Desk) -> str:
    """Return the words of the lead's entry. Another one is stale."""
    due = desk.row.get("NextReminderAt")
    return next(str(row["State"]) for row in desk.memory.follow_ups.rows if row.get("DueAt") == due)


def buttons(page: FollowUpPage) -> set[str]:
    return set(re.findall(r'name="choice" value="([\w-]+)"', render_follow_up(page)))


async def test_the_mail_about_the_next_attempt_comes_at_its_time_and_then_the_ladder_begins(desk: Desk) -> None:
    await say(desk, HALF_AN_HOUR)
    assert (desk.row["NextReminderAt"], desk.row["SnoozedUntil"]) == (at(3 * DAY + 30), at(3 * DAY + 30))
    assert (desk.row["WaitingSince"], state(desk)) == (NOON, "attempt 2 of 4")
    mails = await mail_until(desk, 30 * DAY)
    waits, last = "1 lead still waits.", "1 lead still waits."
    assert mails[:4] == [(3, "1 attempt is due today."), (4, waits), (6, waits), (10, last)]
    assert len(mails) == 5, "at last it is escalated, and rests"
    assert state(desk) == "never answered"


async def test_the_mail_says_which_attempt_is_due(desk: Desk) -> None:
    await say(desk, HALF_AN_HOUR)
    desk.outbox.mails.clear()
    await desk.tick(3 * DAY + HALF_AN_HOUR)
    (mail,) = desk.outbox.mails
    assert mail.subject == "Try again: Northwind"
    for part in ("TRY AGAIN TODAY", "Tried once, no answer yet. Attempt 2 of 4 is due.", "Record what came of it"):
        assert part in " ".join(mail.text.split())
    assert "Attempt 2 of 4 is due." in mail.html
    assert "Attempt 2 of 4 is due." in (await look(desk, 4 * DAY)).told.sentences


async def run_the_plan(desk: Desk, days: Sequence[float] = (0, 3, 7, 14)) -> float:
    """Try at each of these days, each time after the mail. Return the minutes of the last attempt."""
    minutes = 0.0
    for day in days:
        minutes = day * DAY + HALF_AN_HOUR
        await desk.tick(minutes)
        await say(desk, minutes)
    return minutes


async def test_after_the_last_attempt_the_owner_is_asked_to_close_the_lead_or_to_go_on(desk: Desk) -> None:
    with pytest.raises(AnswerError, match="wrong-form"):
        await say(desk, 10, Choice.NO_ANSWER)
    last = await run_the_plan(desk)
    assert state(desk) == "all 4 attempts made"
    page = await look(desk, last)
    assert page.told.sentences[-1] == (
        "All 4 attempts are made. On Sun 13 December, you are asked whether to close it."
    )
    mails = await mail_until(desk, 21 * DAY + HALF_AN_HOUR, since=last + HALF_AN_HOUR)
    assert mails == [(21, "1 lead to close, or to go on with.")]
    await say(desk, 21 * DAY + 60, Choice.NO_ANSWER)
    row = desk.row
    assert (row["Status"], row["DisqualifiedReason"], row["Attempts"]) == (
        "Disqualified",
        "no answer after 4 attempts",
        4,
    )
    assert desk.memory.follow_ups.rows == []
    assert await mail_until(desk, 90 * DAY, since=22 * DAY) == []


async def test_no_answer_is_offered_only_after_the_plan_has_run(desk: Desk) -> None:
    for day in (0, 3, 7, 14):
        page = await look(desk, day * DAY + HALF_AN_HOUR)
        assert Choice.NO_ANSWER not in buttons(page)
        assert "Microsoft advises" in " ".join(Reader(render_follow_up(page)).text("p").split())
        with pytest.raises(AnswerError):
            await say(desk, day * DAY + 29, Choice.NO_ANSWER)
        await say(desk, day * DAY + HALF_AN_HOUR)
    page = await look(desk, 15 * DAY)
    assert Choice.NO_ANSWER in buttons(page)
    assert "Microsoft advises" not in render_follow_up(page)
    await say(desk, 15 * DAY, Choice.NO_ANSWER)
    await say(desk, 15 * DAY, Choice.NO_ANSWER)  # The same click again changes nothing.
    assert Choice.NO_ANSWER not in buttons(await look(desk, 16 * DAY))
    assert "Reason: no answer after 4 attempts." in (await look(desk, 16 * DAY)).told.sentences


async def test_whoever_goes_on_after_the_plan_is_asked_again_a_gap_later(desk: Desk) -> None:
    last = await run_the_plan(desk, (0, 3, 7, 14, 21))
    assert await mail_until(desk, last + 7 * DAY, since=last + HALF_AN_HOUR) == [
        (28, "1 lead to close, or to go on with.")
    ]


async def test_a_customer_who_asks_again_during_the_plan_is_told_of_at_once_and_the_plan_begins_anew(
    desk: Desk,
) -> None:
    await run_the_plan(desk, (0, 3))
    await desk.post(body(code="PLT"), event=2, minutes=4 * DAY)
    assert (desk.row["NextReminderAt"], state(desk)) == (at(4 * DAY), "new")
    desk.outbox.mails.clear()
    await desk.tick(4 * DAY)
    assert len(desk.outbox.mails) == 1
    await say(desk, 4 * DAY + 30)
    assert (desk.row["NextReminderAt"], state(desk)) == (at(7 * DAY + 30), "attempt 2 of 4")


async def test_an_attempt_before_a_customer_asked_again_is_no_attempt_after_it(desk: Desk) -> None:
    """The page was open while they asked. The tap does not put their new wish off."""
    seen = (await look(desk, 10)).told.seen
    await desk.post(body(code="PLT"), event=2, minutes=20)
    with pytest.raises(AnswerError, match="wrong-form"):
        await say(desk, HALF_AN_HOUR, seen=seen)
    assert desk.row["Attempts"] == 0


async def test_a_new_owner_is_told_at_once_and_the_plan_goes_on(desk: Desk) -> None:
    await say(desk, HALF_AN_HOUR)
    await say(desk, DAY, Choice.PASS, colleague=ANNA)
    desk.outbox.mails.clear()
    await desk.tick(DAY)
    (mail,) = desk.outbox.mails
    assert (mail.to, mail.subject) == (ANNA, "Passed to you: Northwind")
    assert "Tried once, no answer yet. Next: attempt 2 of 4, on Wed 25 November." in " ".join(mail.text.split())
    assert await mail_until(desk, 3 * DAY + HALF_AN_HOUR, since=DAY + 30) == [(3, "1 attempt is due today.")]


async def test_an_owner_by_other_rules_is_told_at_once_and_the_plan_goes_on(desk: Desk) -> None:
    await say(desk, HALF_AN_HOUR)
    await desk.edit(Owner=ANNA)
    await desk.steps.reconciling.check(now=NOON)
    desk.outbox.mails.clear()
    await desk.tick(DAY)
    assert [mail.to for mail in desk.outbox.mails] == [ANNA]
    assert state(desk) == "attempt 2 of 4"


async def test_two_taps_about_one_call_are_one_attempt_of_the_plan(desk: Desk) -> None:
    await say(desk, 30)
    await say(desk, 30)  # The same click
    await say(desk, 35)  # A colleague about the same call
    assert (desk.row["Attempts"], state(desk)) == (2, "attempt 2 of 4")
    assert desk.row["NextReminderAt"] == at(3 * DAY + 35)
    assert "Tried once, no answer yet." in (await look(desk, 60)).told.sentences
    await say(desk, 60)
    assert (desk.row["Attempts"], state(desk)) == (3, "attempt 3 of 4")
    assert desk.row["NextReminderAt"] == at(7 * DAY + 35)


async def test_a_mail_that_was_on_its_way_before_the_attempt_does_not_count_as_the_next_one(desk: Desk) -> None:
    """The reminder goes out, and the process ends before it is confirmed. Then they say that they tried."""
    await desk.tick(DAY - 1)
    desk.outbox.mails.clear()
    desk.outbox.fails_with = [TimeoutError()]
    with pytest.raises(TimeoutError):
        await desk.tick(DAY)
    await say(desk, DAY + 1)
    assert await mail_until(desk, 4 * DAY + 30, since=DAY + 30) == [(4.0, "1 attempt is due today.")]


async def test_an_attempt_on_a_lead_that_rests_brings_it_back_by_the_plan(desk: Desk) -> None:
    await mail_until(desk, 20 * DAY)
    assert (state(desk), "NextReminderAt" in desk.row) == ("never answered", False)
    await say(desk, 20 * DAY + HALF_AN_HOUR)
    mails = await mail_until(desk, 60 * DAY, since=20 * DAY + 60)
    assert [round(day, 1) for day, _ in mails] == [20 + day for day in (3, 4, 6, 10, 10)]
    assert mails[0][1] == "1 attempt is due today."


async def test_a_customer_whom_nobody_can_reach_is_told_of_again_once() -> None:
    desk = await start(Desk(), Contact("John", "Smith", "", "", "US", "Northwind"))
    await say(desk, HALF_AN_HOUR)
    mails = await mail_until(desk, 30 * DAY)
    assert mails == [(3, "1 attempt is due today.")]


async def test_without_a_notice_the_plan_is_the_same() -> None:
    desk = await start(Desk(), waits=(timedelta(hours=24), timedelta(days=3), timedelta(days=7)))
    await say(desk, HALF_AN_HOUR)
    mails = await mail_until(desk, 30 * DAY)
    assert [round(day, 1) for day, _ in mails] == [3, 5, 9, 9]
    assert mails[0][1] == "1 attempt is due today."


async def test_a_ladder_without_reminders_escalates_after_the_attempt_is_due() -> None:
    desk = await start(Desk(), waits=(TOLD_AT_ONCE,))
    await desk.tick(5)
    await say(desk, HALF_AN_HOUR)
    desk.outbox.mails.clear()
    for minutes in (2 * DAY, 3 * DAY + 30, 3 * DAY + 35, 9 * DAY):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, BOSS]


async def test_a_slow_ladder_does_not_put_off_the_attempt() -> None:
    desk = await start(Desk(), waits=(TOLD_AT_ONCE, timedelta(days=20)))
    await say(desk, HALF_AN_HOUR)
    assert desk.row["NextReminderAt"] == at(3 * DAY + 30)


async def test_a_plan_of_one_attempt_asks_to_close_the_lead_after_a_week() -> None:
    desk = await start(Desk(), touches=(timedelta(0),))
    await say(desk, HALF_AN_HOUR)
    assert (state(desk), desk.row["NextReminderAt"]) == ("the only attempt made", at(7 * DAY + 30))
    await say(desk, HALF_AN_HOUR + 1, Choice.NO_ANSWER)
    assert desk.row["DisqualifiedReason"] == "no answer after 1 attempt"


async def test_without_a_plan_an_attempt_changes_nothing_but_its_count() -> None:
    desk = await start(Desk(), touches=())
    before, seen = desk.row["NextReminderAt"], (await look(desk, 10)).told.seen
    await desk.post(body(code="PLT"), event=2, minutes=20)
    await say(desk, HALF_AN_HOUR, seen=seen)
    assert (desk.row["NextReminderAt"], desk.row["Attempts"], "SnoozedUntil" in desk.row) == (before, 1, False)
    page = await look(desk, 60)
    assert (page.told.plan, page.told.advice, page.told.if_tried) == (None, "", "")
    with pytest.raises(AnswerError):
        await say(desk, 60, Choice.NO_ANSWER)


async def test_a_plan_that_was_changed_or_ended_meanwhile_keeps_the_mail_that_was_promised(desk: Desk) -> None:
    await say(desk, HALF_AN_HOUR)
    for touches in ((), (timedelta(0), timedelta(days=30)), (timedelta(0),)):
        desk.policy = replace(desk.policy, touches=touches)
        desk.steps = desk.make_steps(lambda table: table)
        await desk.steps.reconciling.check(now=NOON)
        assert desk.row["NextReminderAt"] == at(3 * DAY + 30)


@pytest.mark.parametrize("word", ["Tried", "No answer", "nicht erreicht"])
async def test_a_word_for_an_attempt_in_the_table_counts_for_the_plan(desk: Desk, word: str) -> None:
    tried_at = NOON + timedelta(hours=1)
    await desk.edit(Status=word)
    await desk.steps.reconciling.check(now=NOON)
    await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["Status"], desk.row["Attempts"], state(desk)) == ("New", 1, "attempt 2 of 4")
    assert desk.row["NextReminderAt"] > tried_at


async def test_an_attempt_typed_over_an_answer_opens_the_lead_and_begins_the_plan(desk: Desk) -> None:
    await say(desk, 30, "contacted")
    await desk.edit(Status="No answer")
    await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["Status"], state(desk)) == ("New", "attempt 2 of 4")


@pytest.mark.parametrize("choice", [Choice.CONTACTED, Choice.QUALIFIED, Choice.SPAM, Choice.DO_NOT_CONTACT])
async def test_no_attempt_is_asked_for_after_an_answer(desk: Desk, choice: Choice) -> None:
    await say(desk, HALF_AN_HOUR)
    await say(desk, DAY, choice)
    assert await mail_until(desk, 30 * DAY, since=DAY) == []


async def test_remind_me_later_goes_before_the_plan(desk: Desk) -> None:
    await say(desk, HALF_AN_HOUR)
    await say(desk, DAY, Choice.LATER_7D)
    assert (desk.row["NextReminderAt"], state(desk)) == (at(8 * DAY), "reminder 1 of 3, after 8 days")


async def test_no_page_promises_a_question_after_the_plan_that_no_mail_asks(desk: Desk) -> None:
    last = await run_the_plan(desk)
    await say(desk, last + DAY, Choice.LATER_1D)
    sentences = (await look(desk, last + DAY)).told.sentences
    assert "All 4 attempts are made." in sentences
    assert sentences[-1].startswith("It was put off. The next reminder comes on")
