"""A new owner of an unanswered lead is told at the next tick, however they became it."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

import pytest

from lead_core.errors import MailUncertainError
from lead_core.lead.choices import Choice
from lead_core.lead.owners import Owners
from lead_core.messages import Mail
from lead_core.views.form import parse_answer
from lead_core.views.page import FollowUpPage, render_follow_up
from tests.desk import Desk
from tests.examples import ANNA, BOSS, NOON, SALES, at, body
from tests.outbox import Outbox
from tests.steps import Steps

BOB = "bob@contoso.example"
BY_ACTION = Owners.parse(f"PLT: {ANNA}; {SALES}")
DAY = 24 * 60


def with_owners(desk: Desk, text: str) -> None:
    """Let the app run with another `OWNERS`."""
    desk.policy = replace(desk.policy, owners=Owners.parse(text))
    desk.steps = replace(desk.steps, policy=desk.policy)
    desk.memory.processing = desk.steps.processing


async def by_rule(desk: Desk) -> None:
    await desk.post(body(code="PLT"), event=2, minutes=30)


async def by_setting(desk: Desk) -> None:
    with_owners(desk, f"PLT: {BOB}; {ANNA}")
    await desk.steps.reconciling.check(now=NOON)


async def by_hand(desk: Desk) -> None:
    await desk.edit(Owner=ANNA)
    await desk.steps.reconciling.check(now=NOON)


async def by_passing_on(desk: Desk) -> None:
    (mail,) = desk.outbox.mails
    await answer(desk.steps, mail.text, Choice.PASS, colleague=ANNA)


async def answer(steps: Steps, text: str, choice: Choice, **said: str) -> None:
    token = text.partition("/api/follow-up/")[2].split()[0]
    form = {"choice": choice, "click": "c1", **said}
    await steps.answering.record(token, parse_answer(form, today=NOON.date()), now=at(30))


EACH_WAY = pytest.mark.parametrize("become", [by_rule, by_setting, by_hand, by_passing_on])


@EACH_WAY
async def test_a_new_owner_is_told_at_the_next_tick(become: Callable[[Desk], Awaitable[None]]) -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    await become(desk)
    for minutes in (35, 40, 45):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]
    assert "1 lead still waits" not in desk.outbox.mails[1].subject
    assert desk.row["RemindersSent"] == 1
    await desk.tick(DAY + 36)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA, ANNA]


@pytest.mark.parametrize(
    ("become", "says"),
    [
        (by_rule, "Now yours. sales@ had it before."),
        (by_setting, "Now yours. sales@ had it before."),
        (by_passing_on, "Passed to you by sales@."),
    ],
)
async def test_a_new_owner_reads_who_had_the_lead(become: Callable[[Desk], Awaitable[None]], says: str) -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    await become(desk)
    await desk.tick(35)
    mail = desk.outbox.mails[-1]
    assert mail.subject == "Passed to you: Northwind"
    assert mail.text.startswith(says)
    assert "Sun 22 Nov, 12:00 UTC." in mail.text
    await desk.tick(DAY + 36)
    assert desk.outbox.mails[-1].subject == "Waiting 24 hours: Northwind"


async def test_a_colleagues_note_comes_with_the_lead() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    await answer(desk.steps, desk.outbox.mails[0].text, Choice.PASS, colleague=ANNA, note="Speaks French.")
    await desk.tick(35)
    assert "Their note: Speaks French." in desk.outbox.mails[-1].text


async def test_a_customer_who_asks_again_is_told_as_reopened(desk: Desk) -> None:
    await desk.post(body())
    await desk.tick(0)
    await answer(desk.steps, desk.outbox.mails[0].text, Choice.CONTACTED)
    await desk.post(body(code="PLT"), event=2, minutes=DAY)
    await desk.tick(DAY)
    mail = desk.outbox.mails[-1]
    assert mail.subject == "Reopened: Northwind"
    assert "Reopened: contacted on 22 November by sales@." in mail.text
    assert "Thank you for getting in touch again about Contoso CRM." in " ".join(mail.text.split())


async def test_each_owner_of_one_person_reads_who_has_their_other_offer(desk: Desk) -> None:
    await desk.post(body(), event=1)
    await desk.post(body(offer="contoso.erp"), event=2)
    await desk.tick(0)
    to_sales, to_anna = sorted(desk.outbox.mails, key=lambda mail: mail.to, reverse=True)
    assert "Also: Contoso CRM (anna@ has it, not answered yet): pressed Get it now" in to_sales.text
    await answer(desk.steps, to_sales.text, Choice.CONTACTED)
    token = to_anna.text.partition("/api/follow-up/")[2].split()[0]
    opened = await desk.steps.answering.show(token, now=at(35))
    shown = FollowUpPage.of(opened.lead, opened.others, token=token, click="c2", now=at(35), zone=UTC)
    assert "Contoso CRM (sales@ has it, answered on 22 November): pressed" in render_follow_up(shown)


@EACH_WAY
async def test_a_mail_on_its_way_to_the_owner_before_does_not_count(
    become: Callable[[Desk], Awaitable[None]],
) -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(0)
    await become(desk)
    await desk.tick(35)
    await desk.tick(40)
    assert desk.outbox.mails[-1].to == ANNA
    assert desk.outbox.leads_of(desk.outbox.mails[-1]) == {"John Smith"}
    assert desk.row["RemindersSent"] == 1


@dataclass
class ChangingOutbox(Outbox):
    """Takes the first mail, and lets something happen before its sender goes on."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def send(self, mail: Mail) -> None:
        await super().send(mail)
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            await happens()


@EACH_WAY
async def test_a_mail_that_arrives_while_its_lead_gets_another_owner_does_not_count(
    become: Callable[[Desk], Awaitable[None]],
) -> None:
    desk = Desk(BY_ACTION)
    desk.outbox = ChangingOutbox(meanwhile=lambda: become(desk))
    desk.steps = replace(desk.steps, mailer=desk.outbox)
    await desk.post(body())
    await desk.tick(0)
    for minutes in (35, 40):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]
    assert desk.row["RemindersSent"] == 1


async def test_an_uncertain_mail_to_the_default_owner_comes_again_to_them_and_not_to_the_refused_address() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body(code="PLT"))
    desk.outbox.refuses = {ANNA}
    await desk.tick(0)
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(5)
    desk.outbox.refuses = set()
    await desk.tick(DAY + 5)  # The app was down until now.
    await desk.tick(DAY + 10)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, SALES]
    assert len({mail.id for mail in desk.outbox.mails}) == 1


async def test_a_lead_that_turns_out_to_be_of_our_own_people_is_not_sent_again(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(0)
    desk.policy = replace(desk.policy, internal_domains=frozenset({"northwind.example"}))
    desk.steps = replace(desk.steps, policy=desk.policy)
    await desk.tick(15)
    assert len(desk.outbox.mails) == 1


async def test_an_owner_whom_the_rules_give_back_a_lead_that_nobody_else_was_told_of_is_not_told_again() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    await by_setting(desk)
    with_owners(desk, f"PLT: {ANNA}; {SALES}")
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(35)
    assert [mail.to for mail in desk.outbox.mails] == [SALES]


async def test_the_new_owner_of_a_resting_lead_is_told_once() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    for day in (0, 1, 3, 7, 8):
        await desk.tick(day * DAY + 1)
    assert [mail.to for mail in desk.outbox.mails] == [SALES] * 4 + [BOSS]
    await by_setting(desk)
    for day in range(9, 30):
        await desk.tick(day * DAY)
    assert [mail.to for mail in desk.outbox.mails[5:]] == [ANNA]
    assert desk.row["RemindersSent"] == 4


async def test_the_default_owner_is_told_at_once_of_what_another_address_refused_later() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body(code="PLT"))
    await desk.tick(0)
    desk.outbox.refuses = {ANNA}
    await desk.tick(DAY)
    await desk.tick(DAY + 5)
    assert [mail.to for mail in desk.outbox.mails] == [ANNA, SALES]


async def test_a_lead_of_the_version_before_keeps_its_owner_and_its_mails() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    decisions = desk.row["zAppDecisions"]
    before = {name: part for name, part in json.loads(decisions).items() if name != "mails"}
    await desk.edit(zAppDecisions=json.dumps(before))
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(5)
    assert len(desk.outbox.mails) == 1
    assert desk.row["zAppDecisions"] == decisions
    await by_rule(desk)
    await desk.tick(35)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]


async def test_an_answered_lead_with_another_owner_is_told_to_nobody() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Status="Contacted")
    await by_setting(desk)
    await desk.tick(35)
    assert len(desk.outbox.mails) == 1


async def test_a_lead_that_is_put_off_before_its_new_owner_was_told_is_put_off_for_them_too() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Owner=ANNA)
    await answer(desk.steps, desk.outbox.mails[0].text, Choice.LATER_3D)
    await desk.tick(35)
    assert len(desk.outbox.mails) == 1
    await desk.tick(3 * DAY + 31)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]


async def test_the_new_owner_of_a_lead_that_was_put_off_is_told_and_then_it_is_put_off_again() -> None:
    desk = Desk(BY_ACTION)
    await desk.post(body())
    await desk.tick(0)
    await answer(desk.steps, desk.outbox.mails[0].text, Choice.LATER_3D)
    snoozed_until = desk.row["SnoozedUntil"]
    await by_setting(desk)
    await desk.tick(35)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA]
    assert desk.row["NextReminderAt"] == snoozed_until
    assert snoozed_until - desk.row["LastReminderAt"] > timedelta(days=2)
