"""The third step: each owner is told once about each lead, even after failures."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.errors import MailNotSentError, MailUncertainError
from lead_core.lead.owners import Owners
from lead_core.lead.person import Contact
from lead_core.lead.values import LeadKey
from lead_core.steps.due import MAX_LEADS_PER_MAIL
from lead_core.views.page import FollowUpPage, render_follow_up
from tests.desk import Desk
from tests.examples import ANNA, BOSS, JOHN, NOON, SALES, at, body, message, person
from tests.weather import CrashError, Exposed


async def test_a_new_lead_is_told_to_its_owner_once(desk: Desk) -> None:
    await desk.post(body())
    for minutes in (0, 0, 5, 10):
        await desk.tick(minutes)
    (mail,) = desk.outbox.mails
    assert (mail.to, mail.sender) == (SALES, "leads@contoso.example")
    assert "John Smith" in mail.text
    assert "John" not in mail.subject
    assert "https://leads.example/api/follow-up/" in mail.text
    assert (desk.row["RemindersSent"], desk.row["LastReminderAt"]) == (1, at(0))


async def test_the_ladder_goes_up_to_the_boss_and_then_the_lead_stays_on_the_list(desk: Desk) -> None:
    await desk.post(body())
    for minutes in range(0, 12 * 24 * 60, 60):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES] * 4 + [BOSS]
    (entry,) = desk.memory.follow_ups.rows
    assert (entry["PartitionKey"], entry["State"]) == ("0-never-answered", "never answered")
    assert desk.row["Status"] == "New"


async def test_each_owner_gets_their_own_mail(desk: Desk) -> None:
    await desk.post(body(person(1)), event=1)
    await desk.post(body(person(2), offer="contoso.erp"), event=2)
    await desk.tick(0)
    assert {mail.to: desk.outbox.leads_of(mail) for mail in desk.outbox.mails} == {
        SALES: {"P1 Smith"},
        ANNA: {"P2 Smith"},
    }


async def test_one_customer_who_asks_about_two_offers_has_one_owner() -> None:
    bob = "bob@contoso.example"
    desk = Desk(Owners.parse(f"contoso.*: {ANNA}, {bob}; {SALES}"))
    for number in range(20):
        await desk.post(body(person(number % 10), offer=f"contoso.offer-{number // 10}"), event=number)
    await desk.tick(0)
    told = {mail.to: desk.outbox.leads_of(mail) for mail in desk.outbox.mails}
    assert told.keys() == {ANNA, bob}
    assert not told[ANNA] & told[bob]


@pytest.mark.parametrize("address", ["none@none.com", "no-reply@northwind.example", "ventas@northwind.example"])
async def test_two_people_behind_one_made_up_address_or_desk_are_both_told(desk: Desk, address: str) -> None:
    await desk.post(body(Contact("Ana", "Silva", address)), event=1)
    await desk.tick(0)
    await desk.post(body(Contact("Bruno", "Silva", address)), event=2)
    await desk.tick(5)
    first, second = desk.outbox.mails
    assert "Ana Silva" in first.text
    assert "Bruno Silva" in second.text


async def test_a_customer_with_two_addresses_gets_a_link_and_a_draft_to_the_first(desk: Desk) -> None:
    await desk.post(body(replace(JOHN, email="ada@x.example; bob@x.example")))
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert "ada@x.example; bob@x.example" in mail.text
    assert 'href="mailto:ada@x.example"' in mail.html
    assert 'href="mailto:ada@x.example?subject=' in mail.html


async def test_a_mail_has_at_most_25_leads_and_says_how_many_more(desk: Desk) -> None:
    for number in range(MAX_LEADS_PER_MAIL + 3):
        await desk.post(body(person(number)), event=number)
    await desk.tick(1)
    await desk.tick(2)
    first, second = desk.outbox.mails
    assert (len(desk.outbox.leads_of(first)), len(desk.outbox.leads_of(second))) == (MAX_LEADS_PER_MAIL, 3)
    assert "3 more" in first.text
    assert not desk.outbox.leads_of(first) & desk.outbox.leads_of(second)


@pytest.mark.parametrize("status", ["Contacted", "qualifed", "Disqualified", "do not contact"])
async def test_a_lead_answered_in_the_grid_is_not_reminded_of(desk: Desk, status: str) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Status=status)
    await desk.tick(2 * 24 * 60)
    assert len(desk.outbox.mails) == 1
    assert desk.memory.follow_ups.rows == []


@pytest.mark.parametrize(
    ("cell", "because"),
    [
        ("bób@fabrikam.example", "is no address for mail: the part before the @ has a"),
        ("anna@gmail.com", "is at a domain that neither OWNERS nor ESCALATE_TO names"),
        ("anna@contso.example", "is at a domain that neither OWNERS nor ESCALATE_TO names and resembles"),
        ("somebody else", "names nobody in OWNERS or ESCALATE_TO"),
    ],
)
async def test_an_owner_cell_that_mails_must_not_go_to_is_told_to_the_default_owner(
    desk: Desk, cell: str, because: str
) -> None:
    await desk.post(body())
    await desk.edit(Owner=cell)
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert mail.to == SALES
    assert f"The Owner cell says “{cell}”, which {because}" in " ".join(mail.text.split())


async def test_an_owner_cell_as_a_mail_program_pastes_it_is_understood(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Owner=f'"Schmidt, Anna" <{ANNA.upper()}>;')
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert (mail.to, "Owner cell" in mail.text) == (ANNA, False)


async def test_an_owner_cell_that_can_be_guessed_needs_no_word(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Owner="anna@contoso..example")
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert mail.to == ANNA
    assert "Owner cell" not in mail.text


async def test_an_unreadable_word_is_quoted(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Status="asdf")
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert "asdf" in mail.text


async def test_an_owner_typed_into_the_grid_gets_the_mail(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Owner="anna")
    await desk.tick(0)
    assert [mail.to for mail in desk.outbox.mails] == [ANNA]


@pytest.mark.parametrize(
    "content",
    [body(code="DNC"), body(replace(JOHN, email="a@contoso.com"))],
    ids=["notice", "internal"],
)
async def test_what_is_no_work_is_in_no_mail(desk: Desk, content: bytes) -> None:
    policy = replace(desk.policy, internal_domains=frozenset({"contoso.com"}))
    desk.memory.processing = replace(desk.memory.processing, policy=policy)
    await desk.post(content)
    await desk.tick(60)
    assert desk.outbox.mails == []


async def test_contact_me_after_a_notice_is_told_and_a_notice_after_it_takes_nothing_away(desk: Desk) -> None:
    await desk.post(body(code="DNC"), event=1)
    await desk.post(body(code="PLT"), event=2, minutes=20)
    await desk.post(body(code="DNC", description="again"), event=3, minutes=40)
    await desk.tick(60)
    (mail,) = desk.outbox.mails
    assert "pressed Contact me" in mail.text


async def test_do_not_contact_set_by_a_person_silences_all_offers(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Status="DoNotContact")
    await desk.tick(0)
    await desk.post(body(offer="contoso.erp"), event=2, minutes=60)
    await desk.tick(61)
    assert desk.outbox.mails == []
    assert {row["Status"] for row in desk.memory.leads.rows} == {"DoNotContact"}


async def test_a_mail_tells_what_the_same_person_did_elsewhere(desk: Desk) -> None:
    await desk.post(body(code="StartTestDrive", offer="contoso.erp"), event=1)
    await desk.post(body(), event=2)
    await desk.tick(0)
    assert all("started a test drive" in mail.text for mail in desk.outbox.mails)


async def test_a_provider_that_is_down_leaves_everything_due(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailNotSentError("test")] * 3
    for minutes in (0, 5, 10):
        assert (await desk.tick(minutes))["mail-not-sent"] == 1
    assert desk.row["RemindersSent"] == 0
    assert (await desk.tick(15))["sent"] == 1
    await desk.tick(20)
    assert len(desk.outbox.mails) == 1


async def test_an_uncertain_mail_is_sent_again_under_its_id(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("test")]
    assert (await desk.tick(0))["mail-uncertain"] == 1
    assert (await desk.tick(5))["claimed"] == 1
    await desk.tick(15)
    first, second = desk.outbox.mails
    assert first.id == second.id
    assert desk.row["RemindersSent"] == 1


async def test_a_mail_that_is_sent_again_may_lose_leads_and_gains_none(desk: Desk) -> None:
    await desk.post(body(person(1)), event=1)
    await desk.post(body(person(2)), event=2)
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(0)
    row = next(row for row in desk.memory.leads.rows if row["FirstName"] == "P1")
    await desk.memory.leads.upsert(row | {"Status": "Contacted"})
    await desk.post(body(person(3)), event=3, minutes=5)
    await desk.tick(15)
    first, second = desk.outbox.mails
    assert first.id == second.id
    assert desk.outbox.leads_of(second) == {"P2 Smith"}
    await desk.tick(16)
    assert desk.outbox.leads_of(desk.outbox.mails[-1]) == {"P3 Smith"}


async def test_a_refused_address_hands_its_leads_to_the_default_owner(desk: Desk) -> None:
    await desk.post(body(person(1), offer="contoso.erp"), event=1)
    await desk.post(body(person(2)), event=2)
    desk.outbox.refuses = {ANNA}
    for minutes in (0, 5):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, SALES]
    assert {name for mail in desk.outbox.mails for name in desk.outbox.leads_of(mail)} == {"P1 Smith", "P2 Smith"}
    assert {row["OwnerRefused"] for row in desk.memory.leads.rows} == {"", ANNA}


DAY = 24 * 60


async def told_by(desk: Desk, *minutes: float) -> list[str]:
    """Return whom the mails of these ticks went to."""
    desk.outbox.mails.clear()
    for each in minutes:
        await desk.tick(each)
    return [mail.to for mail in desk.outbox.mails]


@pytest.fixture
async def refused(desk: Desk) -> Desk:
    """A lead of Anna's, whose address was refused at noon. The default owner was told."""
    await desk.post(body(offer="contoso.erp"))
    desk.outbox.refuses = {ANNA}
    assert await told_by(desk, 0, 5) == [SALES]
    assert "The mail provider refused the address in the Owner cell" in desk.outbox.mails[0].text
    return desk


async def test_an_address_that_works_again_gets_the_next_mail(refused: Desk) -> None:
    refused.outbox.refuses = set()
    assert await told_by(refused, DAY + 5) == [ANNA]
    assert (refused.row["OwnerRefused"], "OwnerRefusedAt" in refused.row) == ("", False)


async def test_an_address_that_is_still_refused_is_tried_once_with_each_mail(refused: Desk) -> None:
    assert await told_by(refused, DAY + 5, DAY + 10, DAY + 15) == [SALES]
    assert refused.row["OwnerRefusedAt"] == at(DAY + 5)


async def test_an_owner_cell_that_is_emptied_gives_a_refused_address_another_try(refused: Desk) -> None:
    refused.outbox.refuses = set()
    await refused.edit(Owner="")
    await refused.steps.reconciling.check(now=NOON)
    assert (refused.row["Owner"], refused.row["OwnerRefused"]) == (ANNA, "")


async def test_a_refusal_of_the_version_before_has_no_time_and_is_over(refused: Desk) -> None:
    refused.outbox.refuses = set()
    (row,) = refused.memory.leads.rows
    await refused.memory.leads.upsert({name: value for name, value in row.items() if name != "OwnerRefusedAt"})
    assert await told_by(refused, DAY + 5) == [ANNA]


async def test_rejects_are_counted_in_the_default_owners_mail_once(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    await desk.post(b"{}", event=8)
    await desk.tick(0)
    assert desk.outbox.mails == []  # They wait for a mail,
    await desk.post(body())
    await desk.tick(5)
    (mail,) = desk.outbox.mails
    assert "2" in mail.text
    await desk.tick(3 * 24 * 60)
    assert len(desk.outbox.mails) == 2
    assert "RejectedLeads" not in desk.outbox.mails[1].text


async def test_rejects_that_wait_too_long_get_a_mail_of_their_own(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    await desk.tick(24 * 60)
    await desk.tick(24 * 60 + 5)
    (mail,) = desk.outbox.mails
    assert mail.to == SALES


async def test_a_damaged_row_stops_no_mail_not_even_its_own(desk: Desk) -> None:
    await desk.post(body(person(1)), event=1)
    await desk.post(body(person(2)), event=2)
    row = next(row for row in desk.memory.leads.rows if row["FirstName"] == "P1")
    await desk.memory.leads.upsert(row | {"zAppDecisions": "oops"})
    assert await desk.tick(0) == {"sent": 1}
    assert desk.outbox.leads_of(desk.outbox.mails[0]) == {"P1 Smith", "P2 Smith"}
    await desk.tick(5)
    assert len(desk.outbox.mails) == 1


def first_of(desk: Desk, name: str) -> dict[str, Any]:
    return next(row for row in desk.memory.leads.rows if row["FirstName"] == name)


async def test_what_people_type_into_rejected_leads_stops_nothing(desk: Desk) -> None:
    """A corrected body that was no text, a row that a person added, and keys that the app does not know."""
    await desk.post(b"\xff\xfe", event=7)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Retry": True, "Body": body().decode()})
    own = {"PartitionKey": "my note", "RowKey": "Ada", "Retry": "yes", "Body": body(person(2)).decode()}
    await desk.memory.rejects.upsert(own)
    await desk.memory.rejects.upsert({"PartitionKey": "remember", "RowKey": "milk"})
    await desk.post(body(person(1)))
    assert (await desk.tick(5))["sent"] == 1
    assert await desk.steps.retrying.check() == 2
    for queued in desk.memory.queue.messages:
        await desk.memory.processing.process(queued, message_id="m", queued_at=NOON)
    assert {row["FirstName"] for row in desk.memory.leads.rows} == {"John", "P1", "P2"}


async def test_a_row_damaged_while_its_mail_was_on_its_way_stays_in_it(desk: Desk) -> None:
    for number in (1, 2):
        await desk.post(body(person(number)), event=number)
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(0)
    await desk.memory.leads.upsert(first_of(desk, "P1") | {"zAppDecisions": "oops"})
    await desk.tick(15)
    first, second = desk.outbox.mails
    assert (second.id, desk.outbox.leads_of(second)) == (first.id, {"P1 Smith", "P2 Smith"})
    assert all("Until" not in row for row in desk.memory.digests.rows)


@pytest.mark.parametrize("damage", [{"Leads": ""}, {"Leads": "[[1]]"}, {"Owner": ""}])
async def test_a_claim_damaged_by_hand_stops_nobody(desk: Desk, damage: dict[str, str]) -> None:
    await desk.post(body(person(1)), event=1)
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(0)
    (claim,) = desk.memory.digests.rows
    await desk.memory.digests.upsert(claim | damage)
    await desk.post(body(person(2), offer="contoso.erp"), event=2)
    for minutes in (15, 30, 45):
        await desk.tick(minutes)
    assert {row["RemindersSent"] for row in desk.memory.leads.rows} == {1}


async def test_a_history_of_wrong_types_is_made_again(desk: Desk) -> None:
    await desk.post(body(person(1)), event=1)
    row = desk.row
    await desk.memory.leads.upsert(
        row | {"zAppActionHistory": row["zAppActionHistory"].replace('"round":0', '"round":"x"')}
    )
    assert await desk.tick(0) == {"sent": 1}
    assert '"lost":true' in desk.row["zAppActionHistory"]
    assert (await desk.steps.reconciling.check(now=NOON))["rebuilt"] == 1
    assert desk.row["zAppActionHistory"] == row["zAppActionHistory"]


async def test_a_damaged_row_stops_no_mail_about_the_same_persons_other_offers(desk: Desk) -> None:
    await desk.post(body(), event=1)
    await desk.post(body(offer="contoso.erp"), event=2)
    damaged = next(row for row in desk.memory.leads.rows if row["RowKey"] == "contoso.erp")
    await desk.memory.leads.upsert(damaged | {"zAppActionHistory": "oops"})
    await desk.tick(0)
    assert {mail.to for mail in desk.outbox.mails} == {SALES, ANNA}


async def test_an_owner_whose_mails_fail_delays_no_other_owner(desk: Desk) -> None:
    for number in range(80):
        await desk.post(body(person(number), offer="contoso.erp"), event=number, minutes=-60)
    await desk.post(body(person(99)), event=99)
    desk.outbox.refuses = {ANNA, BOSS}
    await desk.tick(0)
    assert desk.outbox.leads_of(next(mail for mail in desk.outbox.mails if mail.to == SALES)) >= {"P99 Smith"}


async def test_a_refused_default_owner_is_tried_again_and_nobody_else(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.refuses = {SALES}
    assert [(await desk.tick(minutes))["address-refused"] for minutes in (0, 5)] == [1, 1]
    desk.outbox.refuses = set()
    await desk.tick(10)
    assert [mail.to for mail in desk.outbox.mails] == [SALES]


async def test_after_three_failures_a_tick_leaves_the_provider_alone() -> None:
    desk = Desk(owners=Owners.parse("; ".join([*(f"contoso.o{n}: o{n}@x.example" for n in range(6)), SALES])))
    for number in range(6):
        await desk.post(body(person(number), offer=f"contoso.o{number}"), event=number)
    desk.outbox.fails_with = [MailNotSentError("429")] * 6
    assert (await desk.tick(0))["mail-not-sent"] == 3
    assert len(desk.outbox.fails_with) == 3


async def test_a_mail_that_may_have_gone_out_keeps_its_id_however_its_next_try_fails(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("test"), MailNotSentError("test")]
    for minutes in (0, 15, 16):
        await desk.tick(minutes)
    first, second = desk.outbox.mails
    assert first.id == second.id


@pytest.mark.parametrize("typed", ["yesterday", "", None])
async def test_a_lead_with_an_unreadable_waiting_since_still_waits(desk: Desk, typed: str | None) -> None:
    await desk.post(body())
    await desk.edit(WaitingSince=typed)
    await desk.tick(1)
    assert len(desk.outbox.mails) == 1


async def test_a_mail_of_rejects_alone_is_claimed_as_well(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    desk.outbox.fails_with = [MailUncertainError("test")] * 3
    for minutes in range(24 * 60, 24 * 60 + 10, 2):
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == 1


async def test_rejects_do_not_join_a_mail_that_is_sent_again(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(0)
    await desk.post(b"no JSON", event=7)
    await desk.tick(15)
    assert [row["Told"] for row in desk.memory.rejects.rows] == [False]


async def test_a_poisoned_lead_that_went_through_is_no_news_and_one_that_did_not_is(desk: Desk) -> None:
    retries = desk.steps.retrying
    await desk.memory.processing.park(message(body()), message_id="m", queued_at=NOON)
    await retries.tick(now=at(5))
    await desk.tick(24 * 60)
    assert desk.outbox.mails == []
    await desk.memory.processing.park(message(body()), message_id="m", queued_at=NOON)
    await desk.tick(24 * 60 + 5)
    assert len(desk.outbox.mails) == 1


async def test_do_not_contact_typed_on_one_offer_is_noticed_before_a_mail_about_another(desk: Desk) -> None:
    await desk.post(body(), event=1)
    await desk.tick(0)
    await desk.memory.leads.upsert(desk.row | {"Status": "DoNotContact"})
    await desk.post(body(offer="contoso.erp"), event=2, minutes=60)
    await desk.tick(61)
    assert len(desk.outbox.mails) == 1


class Turns:
    """Takes some turns of the event loop, and may end the process there."""

    def __init__(self, dice: random.Random, crash_after: int) -> None:
        self._dice, self._crash_after = dice, crash_after

    async def pause(self) -> None:
        for _ in range(self._dice.randrange(4)):
            await asyncio.sleep(0)
        if self._crash_after == 1:  # From then on, nothing of the process goes on.
            raise CrashError
        self._crash_after -= 1

    def wrap(self, table: MemoryTable) -> Exposed:
        return Exposed(table, self.pause, self.pause)


@pytest.mark.parametrize("seed", range(60))
async def test_any_interleaving_and_any_crash_put_each_lead_into_one_mail(seed: int) -> None:
    """A small model: some timers run at once, and one may crash at any request. Ticks follow until all is quiet."""
    dice = random.Random(seed)
    desk = Desk(owners=Owners.parse(f"contoso.erp: {ANNA}; {SALES}"))
    offers = ("contoso.crm", "contoso.erp")
    count = dice.randrange(1, 40)
    for number in range(count):
        await desk.post(body(person(number), offer=offers[number % 2]), event=number)
    desk.outbox.fails_with = [
        dice.choice([None, None, MailNotSentError("t"), MailUncertainError("t")]) for _ in range(dice.randrange(4))
    ]

    async def run(timer: Awaitable[object]) -> None:
        with contextlib.suppress(CrashError):
            await timer

    for round_number in range(3):
        timers = []
        for _ in range(4):
            turns = Turns(dice, dice.choice([0, dice.randrange(1, 120)]))
            timers.append(desk.make_steps(turns.wrap).tick(at(round_number * 11), desk.ids))
        await asyncio.gather(*map(run, timers))
    for minutes in range(60, 200, 11):
        await desk.tick(minutes)
    mails_of: dict[str, set[str]] = {}
    for mail in desk.outbox.mails:
        for lead in desk.outbox.leads_of(mail):
            mails_of.setdefault(lead, set()).add(mail.id)
    assert {lead: len(ids) for lead, ids in mails_of.items()} == {f"P{number} Smith": 1 for number in range(count)}
    assert {row["RemindersSent"] for row in desk.memory.leads.rows} == {1}
    assert len(desk.memory.follow_ups.rows) == count


async def test_a_tick_that_is_doubled_missed_or_late_loses_nothing(desk: Desk) -> None:
    await desk.post(body())
    for minutes in (0, 0, 24 * 60 - 1, 24 * 60, 24 * 60, 40 * 24 * 60, 40 * 24 * 60):
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == 3


async def test_a_later_click_hides_no_wish_to_be_contacted(desk: Desk) -> None:
    await desk.post(body(code="PLT", description="Please call me back."), event=1)
    await desk.post(body(code="INS"), event=2, minutes=2)
    await desk.tick(3)
    (mail,) = desk.outbox.mails
    assert (mail.subject, desk.row["ActionCode"]) == ("Northwind asks to be contacted: Contoso CRM", "INS")
    said = " ".join(mail.text.split())
    assert "pressed Contact me on AppSource on Sun 22 Nov, 12:00 UTC. Later they pressed Get it now" in said
    assert "on Sun 22 Nov, 12:02 UTC." in said
    assert "When would a short call suit you, today or tomorrow?" in said
    assert "proof of a purchase" not in said
    stored = await desk.repository.get(LeadKey(desk.row["PartitionKey"], desk.row["RowKey"]))
    assert stored
    page = FollowUpPage.of(stored.lead, (), token="t", click="c", now=at(5), zone=UTC)
    assert "Pressed Contact me on AppSource on Sun 22 Nov, 12:00 UTC." in render_follow_up(page)


async def test_who_wants_to_be_contacted_comes_first_even_after_a_later_click(desk: Desk) -> None:
    await desk.post(body(person(1), code="StartTestDrive"), event=1)
    await desk.post(body(person(2), code="PLT"), event=2, minutes=1)
    await desk.post(body(person(2), code="INS"), event=3, minutes=2)
    await desk.tick(3)
    (mail,) = desk.outbox.mails
    assert mail.text.index("P2 Smith") < mail.text.index("P1 Smith")
