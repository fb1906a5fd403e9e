"""One bad lead, address, row or provider holds up nobody. And still no lead is in two mails of the same turn."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.errors import (
    AddressRefusedError,
    ContentRefusedError,
    LeadError,
    MailNotSentError,
    MailTroubleError,
    MailUncertainError,
    ProviderRefusesError,
    RowRefusedError,
)
from lead_core.lead.owners import Owners
from lead_core.ports.outgoing import MANY_MAILS
from lead_core.ports.troubles import Trouble
from lead_core.steps.due import MAX_LEADS_PER_MAIL
from lead_core.steps.pacing import FULL_MAILS_APART
from lead_core.steps.reminding import REMINDING_LASTS
from lead_core.steps.sending import MAX_TRIES
from lead_core.steps.troubles import Findings, MailProbe, TroubleCode
from tests.desk import Desk
from tests.examples import ANNA, BOSS, JOHN, NOON, SALES, at, body, person

SPAM = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
DAY, WEEK = 24 * 60, 7 * 24 * 60


async def health_of(desk: Desk, minutes: float) -> str:
    """Return what `health` says about the mails."""
    try:
        await MailProbe(desk.steps.claims, clock=lambda: at(minutes)).check()
    except MailTroubleError as trouble:
        return trouble.explanation
    return ""


def ids_by_lead(desk: Desk) -> dict[str, set[str]]:
    """Return the ids of the mails that each lead was in."""
    ids: dict[str, set[str]] = {}
    for mail in desk.outbox.mails:
        for name in desk.outbox.leads_of(mail):
            ids.setdefault(name, set()).add(mail.id)
    return ids


async def post_people(desk: Desk, number: int, *, spam_of: int = -1) -> None:
    for each in range(number):
        await desk.post(body(person(each), description=SPAM if each == spam_of else f"words {each}"), event=each)


# What a mail says


async def test_each_refused_form_is_logged_by_its_code_alone(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await post_people(desk, 1, spam_of=0)
    desk.outbox.spam = SPAM
    await desk.tick(0)
    assert len(desk.outbox.refused) == caplog.text.count("content-refused") > 0
    assert SPAM not in caplog.text


@pytest.mark.parametrize("number", [1, 2, 6, 25, 40])
async def test_words_that_the_provider_refuses_for_good_keep_nobody_waiting(desk: Desk, number: int) -> None:
    await post_people(desk, number, spam_of=number // 2)
    desk.outbox.spam = SPAM
    for minutes in (0, 5):
        await desk.tick(minutes)
    assert desk.outbox.told() == {f"P{each} Smith" for each in range(number)}
    assert {len(ids) for ids in ids_by_lead(desk).values()} == {1}
    assert all(SPAM not in mail.text for mail in desk.outbox.mails)
    assert {row["RemindersSent"] for row in desk.memory.leads.rows} == {1}


async def test_only_the_lead_with_the_refused_words_is_told_briefly(desk: Desk) -> None:
    await post_people(desk, 6, spam_of=3)
    desk.outbox.spam = SPAM
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert [f"words {each}" in mail.text for each in range(6)] == [True, True, True, False, True, True]
    assert mail.text.count("The mail provider refused a mail with more about this lead in it.") == 1


async def test_a_refused_name_is_left_out_and_the_lead_is_told(desk: Desk) -> None:
    await desk.post(body(replace(JOHN, first_name="P1", company=SPAM)), event=1)
    await desk.post(body(person(2)), event=2)
    desk.outbox.spam = SPAM
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert desk.outbox.leads_of(mail) == {"P2 Smith"}
    assert mail.text.count("/api/follow-up/") == 2


async def test_refused_words_of_many_customers_are_told_in_one_mail(desk: Desk) -> None:
    for number in range(10):
        await desk.post(body(person(number), description=SPAM), event=number)
    desk.outbox.spam = SPAM
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert len(desk.outbox.leads_of(mail)) == 10


async def test_each_form_of_a_mail_has_an_id_of_its_own(desk: Desk) -> None:
    """A provider that remembers operations answers the same for the same id."""
    await post_people(desk, 3, spam_of=2)
    desk.outbox.spam = SPAM
    await desk.tick(0)
    ids = [mail.id for mail in (*desk.outbox.refused, *desk.outbox.mails)]
    assert len(ids) == len(set(ids)) > 1


async def test_a_brief_mail_may_be_refused_as_well(desk: Desk) -> None:
    desk.steps = replace(desk.steps, is_brief=True)
    await desk.post(body(replace(JOHN, company=SPAM)))
    desk.outbox.spam = SPAM
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert "A lead" in mail.text


async def test_a_process_that_died_in_the_middle_of_the_forms_goes_on_with_the_next(desk: Desk) -> None:
    await post_people(desk, 3, spam_of=0)
    desk.outbox.fails_with = [ContentRefusedError("554"), ContentRefusedError("554"), MailUncertainError("t")]
    await desk.tick(0)
    await desk.tick(15)
    first, again = desk.outbox.mails
    assert again.id == first.id
    assert ["words" in mail.text for mail in (first, again)] == [True, True]
    assert [f"words {each}" in again.text for each in range(3)] == [f"words {each}" in first.text for each in range(3)]


async def test_a_tick_that_runs_out_of_time_goes_on_with_the_next_form(desk: Desk) -> None:
    await post_people(desk, 8, spam_of=7)
    desk.outbox.spam, desk.outbox.takes = SPAM, timedelta(seconds=30)
    for minutes in range(0, 30, 5):
        await desk.tick(minutes)
    assert len(desk.outbox.told()) == 8
    assert {len(ids) for ids in ids_by_lead(desk).values()} == {1}


async def test_a_provider_that_refuses_every_form_is_said_and_tried_once_a_tick(desk: Desk) -> None:
    await post_people(desk, 3)
    desk.outbox.spam = "lead"
    await desk.tick(0)
    before = len(desk.outbox.refused)
    assert (await desk.tick(5))["provider-refuses"] == 1
    assert len(desk.outbox.refused) == before + 1
    assert "refuses this app's mails" in await health_of(desk, 6)
    assert "refused every form of a mail" in await health_of(desk, 6)
    desk.outbox.spam = ""
    await desk.tick(10)
    assert len(desk.outbox.mails) == 1
    assert {row["RemindersSent"] for row in desk.memory.leads.rows} == {1}
    assert "refuses this app's mails" not in await health_of(desk, 11)
    assert await health_of(desk, 2 * DAY) == ""


async def test_a_mail_that_is_put_off_for_a_day_is_sent_with_less_in_it(desk: Desk) -> None:
    await desk.post(body(description=SPAM))
    for minutes in range(0, DAY + 30, 30):
        desk.outbox.fails_with = [MailNotSentError("451", was_read=True)]
        await desk.tick(minutes)
    (mail,) = desk.outbox.mails
    assert "John Smith" in mail.text
    assert SPAM not in mail.text


async def test_a_provider_that_is_down_for_days_gets_the_mail_in_full(desk: Desk) -> None:
    await desk.post(body(description="hello"))
    desk.outbox.fails_with = [MailNotSentError("down")] * 600
    for minutes in range(0, 3 * DAY, 60):
        await desk.tick(minutes)
    desk.outbox.fails_with = []
    await desk.tick(3 * DAY)
    assert "hello" in desk.outbox.mails[0].text


# The escalation


async def tick_hourly(desk: Desk, minutes: int) -> None:
    for each in range(0, minutes, 60):
        await desk.tick(each)


async def test_an_escalation_that_is_refused_stops_nothing_and_health_says_it(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.refuses = {BOSS}
    await tick_hourly(desk, 12 * DAY)
    assert [mail.to for mail in desk.outbox.mails] == [SALES] * 4
    assert "ESCALATE_TO" in await health_of(desk, 7 * DAY + 65)
    assert "ESCALATE_TO" not in await health_of(desk, 9 * DAY)
    assert [row["State"] for row in desk.memory.follow_ups.rows] == ["never answered"]
    assert (await desk.tick(12 * DAY)) == {}


async def test_an_escalation_is_sent_again_while_the_provider_is_down(desk: Desk) -> None:
    await desk.post(body())
    await tick_hourly(desk, 7 * DAY + 1)
    desk.outbox.fails_with = [MailNotSentError("450 to RCPT")] * 3
    for minutes in (5, 10, 15, 20, 25):
        await desk.tick(7 * DAY + minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES] * 4 + [BOSS]
    assert [row["State"] for row in desk.memory.follow_ups.rows] == ["never answered"]


async def test_an_uncertain_escalation_is_sent_again_under_its_id(desk: Desk) -> None:
    await desk.post(body())
    await tick_hourly(desk, 7 * DAY + 1)
    desk.outbox.fails_with = [MailUncertainError("lost")]
    for minutes in (5, 10, 20, 30):
        await desk.tick(7 * DAY + minutes)
    first, second = desk.outbox.mails[4:]
    assert (first.to, first.id) == (second.to, second.id) == (BOSS, first.id)
    assert first.id not in {mail.id for mail in desk.outbox.mails[:4]}


async def test_a_name_that_the_provider_refuses_is_left_out_of_an_escalation(desk: Desk) -> None:
    for number in (1, 2):
        await desk.post(body(replace(person(number), company=f"Company {number}")), event=number)
    await tick_hourly(desk, 7 * DAY + 1)
    desk.outbox.spam = "Company 2"
    for minutes in (5, 10):
        await desk.tick(7 * DAY + minutes)
    escalation = desk.outbox.mails[-1]
    assert (escalation.to, desk.outbox.leads_of(escalation)) == (BOSS, {"P1 Smith"})
    assert escalation.text.count("#colleague") == 2


async def test_a_name_below_the_leads_that_the_provider_refuses_keeps_no_lead_from_being_told_in_full(
    desk: Desk,
) -> None:
    await desk.post(body())
    await tick_hourly(desk, 8 * DAY)
    await desk.post(body(person(1), description="words 1"), event=1, minutes=8 * DAY)
    desk.outbox.spam = "John"
    await desk.tick(8 * DAY)
    assert len(desk.outbox.refused) == 1
    assert "words 1" in desk.outbox.mails[-1].text
    assert "1 lead never got an answer. See the table FollowUps." in desk.outbox.mails[-1].text


async def test_an_owner_who_is_also_the_one_to_escalate_to_has_two_claims(desk: Desk) -> None:
    desk.policy = replace(desk.policy, owners=Owners.parse(f"contoso.erp: {BOSS}; {SALES}"))
    desk.steps = desk.make_steps(lambda table: table)
    desk.memory.processing = desk.steps.processing
    await desk.post(body())
    await tick_hourly(desk, 7 * DAY + 1)
    await desk.post(body(person(1), offer="contoso.erp"), event=1, minutes=7 * DAY + 2)
    desk.outbox.fails_with = [MailUncertainError("lost"), MailUncertainError("lost")]
    for minutes in (5, 20, 25):
        await desk.tick(7 * DAY + minutes)
    told = {(mail.id, mail.to, *desk.outbox.leads_of(mail)) for mail in desk.outbox.mails[4:]}
    assert {each[1:] for each in told} == {(BOSS, "John Smith"), (BOSS, "P1 Smith")}
    assert len(told) == 2


# What is uncertain


async def test_a_relay_that_drops_its_answers_gets_each_mail_a_few_times(desk: Desk) -> None:
    await post_people(desk, 8)
    for minutes in range(0, DAY, 5):
        desk.outbox.fails_with = [MailUncertainError("dropped")]
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == MAX_TRIES
    assert len({mail.id for mail in desk.outbox.mails}) == 1
    assert {row["RemindersSent"] for row in desk.memory.leads.rows} == {1}
    assert "never said whether it took a mail" in await health_of(desk, DAY)


async def test_a_worker_that_dies_at_each_try_sends_no_more_than_a_few(desk: Desk) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.memory.leads.upsert(desk.row | {"RemindersSent": 0})
    (claim,) = (row for row in desk.memory.digests.rows if row["PartitionKey"] == "owners")
    lead = desk.row
    frozen = json.dumps([[lead["PartitionKey"], lead["RowKey"], 0, 0]])
    await desk.memory.digests.upsert(claim | {"Leads": frozen, "Until": at(10), "Tries": MAX_TRIES})
    await desk.tick(2 * DAY)
    assert len(desk.outbox.mails) == 1


REFUSALS = [
    ContentRefusedError("554"),
    AddressRefusedError(frozenset({ANNA})),
    ProviderRefusesError("550"),
    MailNotSentError("451"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: str(error.code))
async def test_a_mail_that_was_uncertain_and_is_then_refused_keeps_nobody_waiting(
    desk: Desk, refusal: LeadError
) -> None:
    for number in range(8):
        await desk.post(body(person(number), offer="contoso.erp"), event=number)
    desk.outbox.fails_with = [MailUncertainError("dropped"), refusal]
    for minutes in range(0, 40, 5):
        await desk.tick(minutes)
    assert {row["RemindersSent"] for row in desk.memory.leads.rows} == {1}
    assert desk.outbox.told() == {f"P{number} Smith" for number in range(8)}


async def test_a_provider_that_remembers_a_failed_operation_gets_the_mail_under_another_id(desk: Desk) -> None:
    """The answer to the first try is lost, and the operation fails. Each later try under its id says so."""
    await desk.post(body())
    desk.outbox.operations = {}
    desk.outbox.fails_with = [MailUncertainError("lost")]
    await desk.tick(0)
    (first,) = desk.outbox.mails
    desk.outbox.operations[first.id] = MailNotSentError("Failed Quota", is_final=True)
    for minutes in (10, 15):
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == 2
    assert desk.row["RemindersSent"] == 1


@pytest.mark.parametrize("number", [1, 9])
async def test_a_provider_that_remembers_operations_gets_every_mail(desk: Desk, number: int) -> None:
    desk.outbox.operations, desk.outbox.refuses = {}, {BOSS}
    await post_people(desk, number, spam_of=0)
    desk.outbox.spam = "lead"
    for minutes in (0, 5, 10):
        await desk.tick(minutes)
    desk.outbox.spam = SPAM
    for minutes in range(15, 12 * DAY, 60):
        await desk.tick(minutes)
    assert len(desk.outbox.told() if number > 1 else desk.outbox.mails) >= number - 1
    assert {row["State"] for row in desk.memory.follow_ups.rows} == {"never answered"}
    assert {row["RemindersSent"] for row in desk.memory.leads.rows} == {4}


async def test_a_claim_dated_a_year_ahead_has_run_out(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("dropped")]
    await desk.tick(0)
    (claim,) = desk.memory.digests.rows
    await desk.memory.digests.upsert(claim | {"Until": at(365 * DAY)})
    await desk.tick(5)
    assert len({mail.id for mail in desk.outbox.mails}) == 1
    assert len(desk.outbox.mails) == 2
    assert desk.row["RemindersSent"] == 1


async def test_after_a_change_of_owners_a_mail_is_not_sent_to_the_old_one_again(desk: Desk) -> None:
    for number in (1, 2):
        await desk.post(body(person(number), offer="contoso.erp"), event=number)
    desk.outbox.fails_with = [MailUncertainError("dropped")]
    await desk.tick(0)
    desk.policy = replace(desk.policy, owners=Owners.parse(f"contoso.erp: {BOSS}; {SALES}"))
    desk.steps = desk.make_steps(lambda table: table)
    for minutes in (15, 20, 25):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [ANNA, BOSS]
    assert desk.outbox.leads_of(desk.outbox.mails[-1]) == {"P1 Smith", "P2 Smith"}


async def test_a_row_of_the_version_before_is_sent_again_under_its_id(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("dropped")]
    await desk.tick(0)
    (claim,) = desk.memory.digests.rows
    old = {name: claim[name] for name in ("PartitionKey", "RowKey", "Owner", "Leads", "DigestId", "Until")}
    await desk.memory.digests.upsert(old)
    await desk.tick(10)
    first, second = desk.outbox.mails
    assert first.id == second.id


# What `health` says


async def test_a_provider_that_refuses_for_good_is_said_until_a_mail_goes_out(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [ProviderRefusesError("550 to MAIL")] * 2
    for minutes in (0, 5):
        await desk.tick(minutes)
    said = await health_of(desk, 6)
    assert "550 to MAIL" in said
    assert "since 2026-11-22 12:00" in said
    await desk.tick(10)
    assert await health_of(desk, 11) == ""


async def test_a_mail_that_goes_out_ends_no_trouble_of_another_mail(desk: Desk) -> None:
    await desk.steps.claims.write_trouble(Trouble(TroubleCode.GIVEN_UP, "5b1a, contoso.crm", NOON, NOON))
    await desk.post(body())
    await desk.tick(5)
    assert "it counts as sent" in await health_of(desk, 6)


async def test_a_mail_that_was_given_up_is_said_for_a_day(desk: Desk) -> None:
    await desk.steps.claims.write_trouble(Trouble(TroubleCode.GIVEN_UP, "", NOON, NOON))
    assert await health_of(desk, DAY - 1) != ""
    assert await health_of(desk, DAY) == ""


async def test_a_trouble_is_written_again_at_once_if_its_detail_changes_and_else_once_an_hour(desk: Desk) -> None:
    async def find(detail: str, minutes: float) -> Trouble:
        await Findings({TroubleCode.NOT_SENT: detail}).save(desk.steps.claims, now=at(minutes))
        (trouble,) = await desk.steps.claims.list_troubles()
        return trouble

    first = await find("421", 0)
    assert await find("421", 59) == first
    assert await find("450", 59) == replace(first, detail="450", seen_at=at(59))
    assert await find("450", 119) == replace(first, detail="450", seen_at=at(119))


async def test_a_short_outage_is_not_said_and_a_long_one_is(desk: Desk) -> None:
    await desk.post(body())
    for minutes in range(0, 65, 5):
        desk.outbox.fails_with = [MailNotSentError("421")]
        await desk.tick(minutes)
    assert await health_of(desk, 59) == ""
    assert "421" in await health_of(desk, 61)


async def test_a_refused_default_owner_is_said_until_it_works(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.refuses = {SALES}
    await desk.tick(0)
    assert "default owner" in await health_of(desk, 1)
    desk.outbox.refuses = set()
    await desk.tick(5)
    assert await health_of(desk, 6) == ""


async def test_nothing_that_is_said_names_a_person(desk: Desk) -> None:
    await desk.post(body(description="secret"))
    desk.outbox.refuses = {SALES}
    await desk.tick(0)
    desk.outbox.refuses = set()
    for minutes in range(5, DAY, 5):
        desk.outbox.fails_with = [MailUncertainError("t")]
        await desk.tick(minutes)
    said = await health_of(desk, DAY)
    assert "RowKey mails-mail-given-up" in said
    assert not any(word in said for word in ("John", "Smith", "northwind", "sales@", "secret", "contoso-crm"))
    details = {row["RowKey"]: row["Detail"] for row in desk.memory.digests.rows if row["PartitionKey"] == "checks"}
    assert details["mails-mail-given-up"] == f"{desk.row['PartitionKey']}, contoso.contoso-crm"


async def test_rejects_whose_mail_is_uncertain_are_told_a_few_times(desk: Desk) -> None:
    await desk.post(b"no JSON")
    for minutes in range(0, 4 * DAY, 5):
        desk.outbox.fails_with = [MailUncertainError("dropped")]
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == MAX_TRIES
    assert [row["Told"] for row in desk.memory.rejects.rows] == [True]


async def test_leads_do_not_wait_for_an_uncertain_mail_of_rejects(desk: Desk) -> None:
    await desk.post(b"no JSON")
    desk.outbox.fails_with = [MailUncertainError("dropped")] * 4
    for minutes in range(DAY, DAY + 100, 5):
        await desk.tick(minutes)
    await desk.post(body(), event=2, minutes=DAY + 100)
    await desk.tick(DAY + 100)
    assert desk.outbox.leads_of(desk.outbox.mails[-1]) == {"John Smith"}
    assert desk.row["RemindersSent"] == 1


@pytest.mark.parametrize("column", ["LastFullAt", "PutOffSince"])
async def test_a_time_a_year_ahead_puts_off_no_mail(desk: Desk, column: str) -> None:
    await post_people(desk, 80)
    await desk.tick(0)
    (claim,) = (row for row in desk.memory.digests.rows if row["PartitionKey"] == "owners")
    await desk.memory.digests.upsert(claim | {column: at(365 * DAY)})
    for minutes in range(360, 3 * DAY, 60):
        desk.outbox.fails_with = [MailNotSentError("451", was_read=True)] if column == "PutOffSince" else []
        await desk.tick(minutes)
    assert len(desk.outbox.mails) >= 3


# Rows that storage refuses


class Full:
    """A table in which the rows of some people can hold no more."""

    def __init__(self, table: MemoryTable, full: set[str]) -> None:
        self._table, self._full = table, full

    def __getattr__(self, verb: str) -> object:
        return getattr(self._table, verb)

    async def replace(self, row: dict[str, object], etag: str) -> str | None:
        if row.get("FirstName") in self._full:
            raise RowRefusedError("400 EntityTooLarge")
        return await self._table.replace(row, etag)


@pytest.mark.parametrize("full", range(4))
async def test_a_full_row_keeps_no_lead_of_a_refused_owner_waiting(desk: Desk, full: int) -> None:
    for number in range(4):
        await desk.post(body(person(number), offer="contoso.erp"), event=number)
    desk.steps = desk.make_steps(lambda table: Full(table, {f"P{full}"}))
    desk.outbox.refuses = {ANNA}
    for minutes in (0, 5):
        await desk.tick(minutes)
    assert desk.outbox.told() >= {f"P{number} Smith" for number in range(4) if number != full}


async def test_a_row_that_became_full_under_a_claim_keeps_no_other_waiting(desk: Desk) -> None:
    await post_people(desk, 4)
    desk.outbox.fails_with = [MailUncertainError("dropped")]
    await desk.tick(0)
    (row,) = (row for row in desk.memory.leads.rows if row["FirstName"] == "P0")
    await desk.memory.leads.upsert(row | {"Status": "Contacted"})
    desk.steps = desk.make_steps(lambda table: Full(table, {"P0"}))
    await desk.tick(10)
    assert {row["RemindersSent"] for row in desk.memory.leads.rows if row["FirstName"] != "P0"} == {1}


# Time


def desk_with_owners(number: int) -> Desk:
    rules = [f"contoso.o{each}: o{each}@x.example" for each in range(number)]
    desk = Desk(owners=Owners.parse("; ".join([*rules, SALES])))
    clock = iter(range(10**9))
    desk.memory.tables["digests"] = desk.memory.digests = MemoryTable(lambda: NOON + timedelta(seconds=next(clock)))
    desk.steps = desk.make_steps(lambda table: table)
    desk.memory.processing = desk.steps.processing
    return desk


async def test_a_slow_provider_ends_a_tick_in_time_and_the_rest_is_first_at_the_next() -> None:
    desk = desk_with_owners(50)
    for number in range(50):
        await desk.post(body(person(number), offer=f"contoso.o{number}"), event=number)
    desk.outbox.takes = timedelta(seconds=10)
    ticks = 0
    while len(desk.outbox.told()) < 50:
        started, before = desk.outbox.clock.seconds, len(desk.outbox.mails)
        await desk.tick(5 * ticks)
        ticks += 1
        assert desk.outbox.clock.seconds - started <= REMINDING_LASTS.total_seconds() + 30
        assert len(desk.outbox.mails) > before
    assert ticks <= 6
    assert len(desk.outbox.mails) == 50


async def test_owners_whose_mails_always_fail_do_not_keep_the_others_waiting() -> None:
    desk = desk_with_owners(9)
    for number in range(9):
        await desk.post(body(person(number), offer=f"contoso.o{number}"), event=number)
    for minutes in (0, 5, 10):
        desk.outbox.fails_with = [MailNotSentError("450 to RCPT")] * 3
        await desk.tick(minutes)
    tried = {row["Owner"] for row in desk.memory.digests.rows if row["PartitionKey"] == "owners"}
    assert len(tried) == 9


async def test_an_error_that_nobody_expects_keeps_no_other_owner_waiting() -> None:
    desk = desk_with_owners(5)
    for number in range(5):
        await desk.post(body(person(number), offer=f"contoso.o{number}"), event=number)
    desk.outbox.fails_with = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await desk.tick(0)
    assert len(desk.outbox.told()) == 5


# Many leads


async def test_an_owner_with_thousands_of_due_leads_keeps_no_other_owner_waiting(desk: Desk) -> None:
    for number in range(6_000):
        await desk.memory.follow_ups.upsert(entry_of(number, SALES, at(-60)))
    await desk.post(body(person(1), offer="contoso.erp"), event=1)
    await desk.tick(1)
    assert "P1 Smith" in desk.outbox.told()


def entry_of(number: int, owner: str, due_at: datetime) -> dict[str, object]:
    """Return an entry whose lead is gone."""
    time = due_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    key = f"{time}|{number:032x}|contoso.crm"
    return {"PartitionKey": time[:13], "RowKey": key, "Owner": owner, "ActionCode": "INS"}


async def test_a_flood_is_a_few_mails_a_day_that_say_how_many_there_are(desk: Desk) -> None:
    for number in range(160):
        await desk.post(body(person(number)), event=number)
    await desk.tick(0)
    assert "160 leads are due for one owner" in await health_of(desk, 1)
    for minutes in range(30, DAY, 30):
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == 4
    said = " ".join(desk.outbox.mails[0].text.split())
    assert "135 more leads are due." in said
    assert "unusually many" in said


async def test_as_many_leads_as_a_days_full_mails_hold_are_not_unusual(desk: Desk) -> None:
    await post_people(desk, 4 * MAX_LEADS_PER_MAIL)
    await desk.tick(0)
    assert await health_of(desk, 1) == ""
    assert "unusually many" not in " ".join(desk.outbox.mails[0].text.split())


async def test_who_asks_to_be_contacted_amid_a_flood_is_told_at_once(desk: Desk) -> None:
    for number in range(200):
        await desk.post(body(person(number)), event=number)
    await desk.tick(0)
    await desk.post(body(person(999), code="PLT"), event=999, minutes=2)
    assert (await desk.tick(5))["sent"] == 1
    assert desk.outbox.leads_of(desk.outbox.mails[-1]) == {"P999 Smith"}
    assert (await desk.tick(10))["throttled"] == 1


async def test_who_asks_to_be_contacted_is_told_at_once_behind_many_reminders_of_that_wish(desk: Desk) -> None:
    for number in range(60):
        await desk.post(body(person(number), code="PLT"), event=number)
    for minutes in range(0, DAY, 60):
        await desk.tick(minutes)
    await desk.tick(3 * DAY)
    await desk.post(body(person(999), code="PLT"), event=999, minutes=3 * DAY + 1)
    for minutes in (5, 10):
        await desk.tick(3 * DAY + minutes)
    assert desk.outbox.leads_of(desk.outbox.mails[-1]) == {"P999 Smith"}


async def test_a_flood_of_the_strongest_wish_is_a_few_mails_as_well(desk: Desk) -> None:
    for number in range(160):
        await desk.post(body(person(number), code="PLT"), event=number)
    for minutes in range(0, DAY, 30):
        await desk.tick(minutes)
    assert len(desk.outbox.mails) == 4


async def test_leads_that_come_one_after_another_are_gathered_after_many_mails(desk: Desk) -> None:
    for number in range(240):
        await desk.post(body(person(number)), event=number, minutes=6 * number)
        await desk.tick(6 * number)
    assert MANY_MAILS < len(desk.outbox.mails) <= MANY_MAILS + 4
    assert "unusually many" not in desk.outbox.mails[MANY_MAILS - 2].text
    assert "unusually many" in desk.outbox.mails[MANY_MAILS - 1].text
    assert f"got {MANY_MAILS} mails within a day" in await health_of(desk, DAY - 1)
    assert "within a day" not in await health_of(desk, DAY + 240)


async def test_who_asks_to_be_contacted_after_many_mails_is_told_at_once(desk: Desk) -> None:
    for number in range(80):
        await desk.post(body(person(number), code="PLT" if number % 2 else "INS"), event=number, minutes=6 * number)
        assert (await desk.tick(6 * number))["sent"] or not number % 2
    assert {f"P{number} Smith" for number in range(1, 80, 2)} <= desk.outbox.told()
    for minutes in range(480, 900, 60):  # Their mails do not put off the others.
        await desk.tick(minutes)
    assert len(desk.outbox.told()) == 80


async def test_leads_that_fit_into_a_mail_are_told_at_once(desk: Desk) -> None:
    for number in range(MAX_LEADS_PER_MAIL):
        await desk.post(body(person(number)), event=number)
    await desk.tick(0)
    await desk.post(body(person(99)), event=99, minutes=5)
    await desk.tick(5)
    assert len(desk.outbox.told()) == MAX_LEADS_PER_MAIL + 1


async def test_a_full_mail_that_was_not_sent_is_sent_at_the_next_tick(desk: Desk) -> None:
    for number in range(100):
        await desk.post(body(person(number)), event=number)
    desk.outbox.fails_with = [MailNotSentError("421")]
    await desk.tick(0)
    await desk.tick(5)
    assert len(desk.outbox.told()) == MAX_LEADS_PER_MAIL


class Counting:
    """A table whose queries are counted."""

    def __init__(self, table: MemoryTable, queries: list[object]) -> None:
        self._table, self._queries = table, queries

    def __getattr__(self, verb: str) -> object:
        if verb == "query":
            self._queries.append(self._table)
        return getattr(self._table, verb)


async def test_a_person_on_many_offers_is_read_a_few_times_a_tick(desk: Desk) -> None:
    for number in range(300):
        await desk.post(body(offer=f"contoso.offer-{number}"), event=number)
    queries: list[object] = []
    await desk.make_steps(lambda table: Counting(table, queries)).tick(at(1), desk.ids)
    assert queries.count(desk.memory.leads) == 2
    assert "and 22 more" not in desk.outbox.mails[0].text
    assert desk.outbox.mails[0].text.count("/api/follow-up/") == MAX_LEADS_PER_MAIL


async def test_the_mails_of_a_week_under_a_dead_relay_are_bounded(desk: Desk) -> None:
    await desk.post(body())
    for minutes in range(0, WEEK, 10):
        desk.outbox.fails_with = [MailUncertainError("dropped")]
        await desk.tick(minutes)
    assert len(desk.outbox.mails) <= 3 * MAX_TRIES


@pytest.mark.parametrize("page", ["docs/reliability.md", "docs/adr/0011-nothing-stops-the-mails.md"])
def test_the_docs_say_how_many_mails_are_many(page: str) -> None:
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    assert f"After {MANY_MAILS} mails" in text
    assert f"every {FULL_MAILS_APART // timedelta(hours=1)} hours" in text


async def test_a_lead_that_was_edited_and_is_listed_twice_is_told_at_once(desk: Desk) -> None:
    await desk.post(body())
    (entry,) = desk.memory.follow_ups.rows
    stale = entry["RowKey"].replace("T12:00:", "T11:59:")
    await desk.memory.follow_ups.upsert({**entry, "PartitionKey": "2026-11-22T11", "RowKey": stale})
    await desk.edit(Note="call her in the morning", IsTest="FALSE")
    assert await desk.tick(5) == {"sent": 1}
    assert [entry["RowKey"] for entry in desk.memory.follow_ups.rows if entry["RowKey"] == stale] == []
