"""Rows that a person made: leads, rejects under any key, entries and claims that nobody asked for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.desk import Desk
from tests.examples import ANNA, JOHN, NOON, SALES, at, body, person
from tests.to_do_list import entries_asked_for

TYPED: dict[str, Any] = {
    "FirstName": "P7",
    "LastName": "Smith",
    "Email": "p7@northwind.example",
    "Company": "Northwind",
}


async def type_lead(desk: Desk, partition: str = "typed", row: str = "1", **cells: object) -> None:
    await desk.memory.leads.upsert({"PartitionKey": partition, "RowKey": row, **TYPED, **cells})


@pytest.mark.parametrize(
    ("partition", "row"), [("typed", "1"), ("", ""), ("", "contoso.erp"), ("a|b", "c|d"), ("x" * 500, "y" * 500)]
)
async def test_a_lead_typed_by_hand_becomes_a_lead_like_any_other(desk: Desk, partition: str, row: str) -> None:
    await desk.post(body(person(1)))
    await type_lead(desk, partition, row)
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(5)
    typed = next(each for each in desk.memory.leads.rows if each["FirstName"] == "P7")
    assert (typed["PartitionKey"], typed["RowKey"], typed["Status"], typed["WaitingSince"]) == (
        partition,
        row,
        "New",
        NOON,
    )
    assert [desk.outbox.leads_of(mail) for mail in desk.outbox.mails] in (
        [{"P1 Smith", "P7 Smith"}],
        [{"P1 Smith"}, {"P7 Smith"}],
        [{"P7 Smith"}, {"P1 Smith"}],
    )
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(10)
    assert {each["RemindersSent"] for each in desk.memory.leads.rows} == {1}
    assert len(desk.memory.follow_ups.rows) == len(entries_asked_for(desk.memory.leads.rows)) == 2


async def test_an_owner_typed_into_a_lead_is_told_and_stays(desk: Desk) -> None:
    await type_lead(desk, Owner=ANNA)
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(5)
    assert [mail.to for mail in desk.outbox.mails] == [ANNA]
    assert desk.row["Owner"] == ANNA


async def test_a_lead_typed_as_answered_is_kept_as_answered(desk: Desk) -> None:
    await type_lead(desk, Status="contacted", Note="met at the fair")
    for _ in range(2):
        await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["Status"], desk.row["Note"], desk.row["Owner"]) == ("Contacted", "met at the fair", SALES)
    assert desk.memory.follow_ups.rows == []
    assert desk.memory.rejects.rows == []


async def test_a_lead_typed_as_tried_has_an_attempt(desk: Desk) -> None:
    await type_lead(desk, Status="Tried")
    for _ in range(2):
        await desk.steps.reconciling.check(now=NOON)
        assert (desk.row["Status"], desk.row["Attempts"]) == ("New", 1)
    await desk.tick(5)
    assert "Tried once" in desk.outbox.mails[0].text


async def test_nobody_else_knows_more_about_a_lead_that_a_person_typed(desk: Desk) -> None:
    await type_lead(desk, Email="", Company="Typed Ltd")
    await desk.steps.reconciling.check(now=NOON)
    await desk.post(body(replace(JOHN, email="", phone="")))
    await desk.tick(5)
    (mail,) = desk.outbox.mails
    assert mail.text.count("so no reminder follows") == 2
    assert mail.text.count("Partner Center") == 1


async def test_an_offer_that_nobody_named_is_said_to_have_no_name(desk: Desk) -> None:
    await desk.post(body())
    await type_lead(desk, desk.row["PartitionKey"], "2")
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(5)
    assert "Also: an offer without a name: got in touch" in " ".join(desk.outbox.mails[0].text.split())


async def test_rows_typed_under_one_partition_key_are_strangers(desk: Desk) -> None:
    for number in (1, 2, 3):
        await type_lead(desk, "fair", str(number), FirstName=f"P{number}", Offer=f"Offer {number}")
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(5)
    (mail,) = desk.outbox.mails
    assert "Also:" not in mail.text
    row = await desk.memory.leads.get("fair", "1")
    assert row
    await desk.memory.leads.upsert(row.columns | {"Status": "DNC"})
    await desk.steps.reconciling.check(now=NOON)
    assert [each["Status"] for each in desk.memory.leads.rows] == ["DoNotContact", "New", "New"]


async def test_a_row_typed_under_a_persons_own_key_is_another_lead_of_theirs(desk: Desk) -> None:
    await desk.post(body())
    await type_lead(desk, desk.row["PartitionKey"], "typed", Offer="Contoso ERP", Status="DNC")
    await desk.steps.reconciling.check(now=NOON)
    assert {each["Status"] for each in desk.memory.leads.rows} == {"DoNotContact"}


async def test_a_lead_typed_by_hand_is_written_once(desk: Desk) -> None:
    await type_lead(desk, Status="Qualified")
    await desk.steps.reconciling.check(now=NOON)
    written = await desk.memory.leads.get("typed", "1")
    await desk.steps.reconciling.check(now=NOON)
    assert await desk.memory.leads.get("typed", "1") == written


@pytest.mark.parametrize("partition", ["1", "", " ", "x", "22.11.2026", "2026-11-22", "zzz"])
async def test_a_reject_made_by_hand_under_any_key_goes_through_at_a_tick(desk: Desk, partition: str) -> None:
    made = {"PartitionKey": partition, "RowKey": "1", "Body": body().decode(), "Retry": "yes"}
    await desk.memory.rejects.upsert(made)
    assert [await desk.steps.retrying.tick(now=at(5)) for _ in range(2)] == [1, 0]
    (queued,) = desk.memory.queue.messages
    await desk.memory.processing.process(queued, message_id="m", queued_at=NOON)
    assert (desk.row["Email"], desk.row["WaitingSince"]) == (JOHN.email, NOON)


@pytest.mark.parametrize("received_at", [datetime(2016, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC), "soon", 7])
async def test_a_reject_with_an_impossible_time_was_received_when_it_was_written(
    desk: Desk, received_at: object
) -> None:
    for number, day in enumerate(["2026-11-21", "2026-11-22"]):
        made = {"PartitionKey": day, "RowKey": "1", "Body": body(person(number)).decode(), "Retry": True}
        await desk.memory.rejects.upsert(made | ({"ReceivedAt": received_at} if number == 0 else {}))
    assert [await desk.steps.retrying.tick(now=at(5)) for _ in range(2)] == [2, 0]
    for queued in desk.memory.queue.messages:
        await desk.memory.processing.process(queued, message_id="m", queued_at=NOON)
    assert {row["FirstSeenAt"] for row in desk.memory.leads.rows} == {NOON}
    assert {row["ReceivedAt"] for row in desk.memory.rejects.rows} == {NOON}


async def test_a_retry_that_fails_again_says_so_in_its_own_row_and_is_told_again(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    await desk.post(body(person(1)))
    await desk.tick(5)
    assert "1 message could not be read" in desk.outbox.mails[0].text
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Retry": True, "Body": "{}"})
    await desk.steps.retrying.tick(now=at(10))
    (again,) = desk.memory.rejects.rows
    assert (again["From"], again["Reason"], again["Retry"], again["Retries"]) == ("queue", "no-lead", False, 1)
    assert desk.memory.queue.messages == []
    await desk.post(body(person(2)), event=2)
    await desk.tick(15)
    assert "1 message: nothing in it says which person or offer it is about." in desk.outbox.mails[1].text


async def test_a_mail_names_who_a_rejected_lead_seems_to_be_from_unless_the_provider_refuses_that(desk: Desk) -> None:
    await desk.post(b"{'userDetails': {'firstName': 'Ada', 'lastName': 'Lovelace'}, 'offerTitle': 'CRM',}", event=7)
    await desk.post(b"no JSON", event=8)
    desk.outbox.spam = "Lovelace"
    await desk.tick(25 * 60)
    assert "- It seems to be: Name: Ada Lovelace; Offer: CRM" in desk.outbox.refused[0].text
    (mail,) = desk.outbox.mails
    assert "2 messages could not be read" in mail.text
    assert "Lovelace" not in mail.text


async def test_a_test_lead_claim_of_no_day_is_left_alone(desk: Desk) -> None:
    await desk.memory.digests.upsert({"PartitionKey": "test-leads", "RowKey": "x", "Offer": "y"})
    await desk.post(body())
    assert await desk.tick(0) == {"sent": 1}


async def test_a_claim_under_a_key_that_no_owner_has_silences_no_lead(desk: Desk) -> None:
    await desk.post(body())
    lead = desk.row["PartitionKey"], desk.row["RowKey"]
    claim = {"PartitionKey": "owners", "RowKey": "x", "Leads": f'[["{lead[0]}","{lead[1]}",0,0]]', "Until": at(60)}
    await desk.memory.digests.upsert(claim)
    assert await desk.tick(0) == {"sent": 1}


@pytest.mark.parametrize("leads", ['[["","",0,0]]', '[["a/b","c",0,0]]', '[["a","b",1e999,0]]', "[" * 9_000, "7"])
async def test_a_claim_on_leads_that_cannot_be_is_a_claim_on_the_others(desk: Desk, leads: str) -> None:
    await desk.post(body())
    await desk.tick(0)
    (claim,) = desk.memory.digests.rows
    await desk.memory.digests.upsert(claim | {"Leads": leads, "Until": "soon"})
    await desk.post(body(person(1)), event=2)
    for minutes in (5, 10):
        await desk.tick(minutes)
    assert desk.outbox.leads_of(desk.outbox.mails[-1]) == {"P1 Smith"}


async def test_an_entry_of_another_century_stops_no_tick(desk: Desk) -> None:
    await desk.memory.follow_ups.upsert({"PartitionKey": "0", "RowKey": "0001-01-01T00:00+23:00|a|b"})
    await desk.memory.follow_ups.upsert({"PartitionKey": "0", "RowKey": "2026-01-01|a"})
    await desk.post(body())
    assert await desk.tick(0) == {"sent": 1}
