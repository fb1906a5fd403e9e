"""Erase a person: what goes, what stays, and what comes after."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.table import Entity
from lead_core.errors import ExpiredLinkError, LeadErasedError, MailUncertainError, RowRefusedError
from lead_core.lead.changes import StoredLead
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.erasure import Receipt
from lead_core.lead.search import Search
from lead_core.lead.values import LeadKey
from lead_core.steps.processing import Outcome
from lead_core.views.facts import collect_facts
from lead_core.views.standing import tell_standing
from tests.desk import Desk
from tests.examples import JOHN, NOON, SALES, at, body, message, person
from tests.steps import SIGNER, Steps
from tests.weather import CrashError, Exposed

ADA = replace(JOHN, first_name="Ada", last_name="Kingsley", email="ada@fabrikam.example", phone="+16175550123")
KEY = 60


async def read_leads(desk: Desk, email: str = ADA.email) -> list[StoredLead]:
    return [stored async for stored in desk.repository.leads.scan() if email in stored.lead.shown.email]


async def erase(
    desk: Desk, *, steps: Steps | None = None, leads: Iterable[StoredLead] | None = None, objects: bool = False
) -> Receipt:
    """Erase Ada, at the time of storage's clock."""
    steps = steps or desk.steps
    leads = await read_leads(desk) if leads is None else leads
    sought = await steps.belonging.seek(leads, [Search.of(ADA.email), Search.of("Ada Kingsley")])
    ids = itertools.count(1)
    return await steps.erasing.erase(
        sought,
        reason="asked by letter",
        objects=objects,
        now=at(KEY),
        new_id=lambda: f"{next(ids):032x}",
        on_read=lambda _: None,
    )


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    for table in desk.memory.tables.values():
        table.clock = lambda: at(KEY)
    return desk


def rows(desk: Desk) -> dict[str, list[dict[str, object]]]:
    """Return all rows about persons, but for the figures and that persons were erased."""
    return {name: table.rows for name, table in desk.memory.tables.items() if name not in {"erasures", "reports"}}


async def process(desk: Desk, content: bytes, *, event: int = 1, minutes: float = 0) -> Outcome:
    sent = message(content, event=event, minutes=minutes)
    (processed,) = await desk.memory.processing.process(sent, message_id="m", queued_at=NOON)
    return processed.outcome


async def test_nothing_of_the_person_is_left_and_others_stay(desk: Desk) -> None:
    await desk.post(body(person(1)), event=9)
    before = rows(desk)
    await desk.post(body(ADA))
    await desk.post(body(ADA, offer="contoso.erp"), event=2)
    receipt = await erase(desk)
    assert rows(desk) == before
    assert receipt.is_done
    assert receipt.counts == {"inbox": 2, "leads": 2, "follow_ups": 2}


async def test_a_lead_without_their_address_goes_as_well(desk: Desk) -> None:
    await desk.post(body(ADA))
    await desk.post(body(replace(ADA, email="", company="")), event=2)
    assert len(desk.memory.leads.rows) == 2
    await erase(desk)
    assert rows(desk)["leads"] == rows(desk)["inbox"] == rows(desk)["follow_ups"] == []


@pytest.mark.parametrize(
    "content", [b"Ada Kingsley called", b'{"mail": "Ada@Fabrikam.example"', b'{"x": "ADA Kingsley"}']
)
async def test_rejects_and_messages_that_name_them_go(desk: Desk, content: bytes) -> None:
    await desk.post(body(ADA))
    await desk.post(content, event=5)
    await desk.post(b"no JSON", event=6)
    desk.memory.queue.messages += [content, message(body(ADA), event=7), message(body(JOHN), event=8), b"other"]
    await erase(desk)
    assert [row["Body"] for row in desk.memory.rejects.rows] == ["no JSON"]
    assert desk.memory.queue.messages == [message(body(JOHN), event=8), b"other"]


async def test_a_message_with_leads_of_others_stays_for_them_and_loses_theirs_on_arrival(desk: Desk) -> None:
    await desk.post(body(ADA))
    both = message(b"[" + body(ADA) + b"," + body(JOHN) + b"]", event=7)
    desk.memory.queue.messages.append(both)
    await erase(desk)
    assert desk.memory.queue.messages == [both]
    outcomes = await desk.memory.processing.process(both, message_id="m", queued_at=NOON)
    assert [each.outcome for each in outcomes] == [Outcome.ERASED, Outcome.NEW_LEAD]
    assert [row["FirstName"] for row in desk.memory.leads.rows] == ["John"]


async def test_of_what_was_rejected_together_the_leads_of_others_go_on_their_way(desk: Desk) -> None:
    await desk.post(body(ADA))
    both = message(b"[" + body(ADA) + b"," + body(JOHN) + b"]", event=7)
    await desk.memory.processing.park(both, message_id="m", queued_at=NOON)
    await erase(desk)
    assert desk.memory.rejects.rows == []
    (sent,) = desk.memory.queue.messages
    assert ADA.email.encode() not in sent
    await desk.memory.processing.process(sent, message_id="m", queued_at=NOON)
    outcomes = await desk.memory.processing.process(both, message_id="m", queued_at=NOON)
    assert [each.outcome for each in outcomes] == [Outcome.ERASED, Outcome.ALREADY_STORED]


async def test_what_went_on_its_way_before_is_not_sent_again(desk: Desk) -> None:
    await desk.post(body(ADA))
    both = message(b"[" + body(ADA) + b"," + body(JOHN) + b"]", event=7)
    await desk.memory.processing.park(both, message_id="m", queued_at=NOON)
    await desk.steps.retrying.tick(now=at(5))
    desk.memory.queue.messages.clear()
    await erase(desk)
    assert (desk.memory.rejects.rows, desk.memory.queue.messages) == ([], [])


@pytest.mark.parametrize(
    "content",
    [
        body(JOHN, description="I know Ada Kingsley, +1 617 555 0123"),
        body(replace(ADA, first_name="Bea", last_name="Other", email="bea@fabrikam.example")),
    ],
    ids=["names her", "has her phone"],
)
async def test_a_rejected_lead_of_someone_else_stays(desk: Desk, content: bytes) -> None:
    await desk.post(body(ADA))
    await desk.memory.processing.park(message(content, event=7), message_id="m", queued_at=NOON)
    before = desk.memory.rejects.rows
    await erase(desk)
    assert desk.memory.rejects.rows == before


async def test_what_an_app_whose_clock_is_ahead_received_before_goes_as_well(desk: Desk) -> None:
    for table in desk.memory.tables.values():
        table.clock = lambda: at(KEY - 1)
    await desk.post(body(ADA), minutes=KEY + 3)
    await desk.post(b"Ada Kingsley called", event=5, minutes=KEY + 3)
    for table in desk.memory.tables.values():
        table.clock = lambda: at(KEY)
    assert (await erase(desk)).is_done
    assert not any(rows(desk).values())


async def test_a_row_that_was_typed_by_hand_goes_and_its_neighbour_stays(desk: Desk) -> None:
    for key in ("1", "2"):
        await desk.memory.leads.upsert(
            {"PartitionKey": "typed", "RowKey": key, "Name": "Ada", "Email": f"{key}@x.example"}
        )
    typed = [each async for each in desk.repository.leads.scan() if each.lead.key.row == "1"]
    await erase(desk, leads=typed)
    assert [row["RowKey"] for row in desk.memory.leads.rows] == ["2"]


async def test_all_rows_go_that_were_typed_under_one_key(desk: Desk) -> None:
    for key in ("1", "2"):
        row = {"PartitionKey": "typed", "RowKey": key, "Name": "Ada", "Email": f"{key}@x.example"}
        await desk.memory.leads.upsert(row)
    await erase(desk, leads=[each async for each in desk.repository.leads.scan()])
    assert desk.memory.leads.rows == []


async def test_a_person_without_a_row_is_erased_by_their_address(desk: Desk) -> None:
    await desk.post(body(ADA))
    for row in desk.memory.leads.rows:
        await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    await erase(desk)
    assert desk.memory.inbox.rows == []
    assert await process(desk, body(ADA)) is Outcome.ERASED


async def test_their_leads_fall_out_of_a_mail_that_is_being_sent(desk: Desk) -> None:
    await desk.post(body(ADA))
    await desk.post(body(JOHN), event=2)
    desk.outbox.fails_with = [MailUncertainError("no answer")]
    await desk.tick(1)
    (claim,) = await desk.steps.claims.list_digests()
    assert len(claim.about.leads) == 2
    await erase(desk)
    (left,) = await desk.steps.claims.list_digests()
    assert [claimed.lead.partition for claimed in left.about.leads] == [desk.row["PartitionKey"]]
    assert (left.mail_id, left.until) == (claim.mail_id, claim.until)
    await desk.tick(30)
    assert "Kingsley" not in desk.outbox.mails[-1].text


async def test_their_requests_for_a_link_and_what_health_says_of_them_go(desk: Desk) -> None:
    await desk.post(body(ADA))
    (lead,) = await read_leads(desk)
    token = SIGNER.sign(lead.lead.key, SALES, now=NOON - timedelta(days=40)).rpartition("/")[2]
    await desk.steps.asking.ask(token, now=NOON)
    trouble = {"PartitionKey": "checks", "RowKey": "mails-mail-refused", "Detail": ", ".join(lead.lead.key)}
    await desk.memory.digests.upsert(trouble)
    await desk.memory.digests.upsert({"PartitionKey": "checks", "RowKey": "leads", "After": lead.lead.key.partition})
    await erase(desk)
    assert lead.lead.key.partition not in str(desk.memory.digests.rows)
    assert "links" not in str(desk.memory.digests.rows)


async def test_the_receipt_says_what_went_and_holds_no_data(desk: Desk) -> None:
    await desk.post(body(ADA))
    key = desk.row["PartitionKey"]
    receipt = await erase(desk)
    (stored,) = await desk.steps.erasures.list_receipts()
    assert stored == receipt
    assert (stored.reason, stored.at) == ("asked by letter", at(KEY))
    kept = str(desk.memory.erasures.rows).casefold()
    assert not [text for text in ("ada", "kingsley", "fabrikam", "5550123", key) if text in kept]


async def test_erasing_twice_removes_nothing_more(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk)
    assert (await erase(desk)).counts == {}


# What comes after.


async def test_a_delivery_from_before_is_dropped_and_counted(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk)
    assert await process(desk, body(ADA)) is Outcome.ERASED
    assert await process(desk, body(ADA, code="PLT"), event=3, minutes=KEY) is Outcome.ERASED
    assert not any(rows(desk).values())


async def test_a_new_lead_of_theirs_is_a_new_lead(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk)
    assert await process(desk, body(ADA), event=3, minutes=KEY + 1) is Outcome.NEW_LEAD
    assert desk.row["Status"] == "New"
    assert len(desk.memory.follow_ups.rows) == 1


async def test_the_first_half_of_a_redelivery_goes_as_well(desk: Desk) -> None:
    """The worker ended after it wrote the inbox, and the message comes again after the erasure."""
    await erase(desk, leads=[])
    await Desk.post(other := Desk(), body(ADA))
    for name in ("inbox", "rejects"):
        for row in other.memory.tables[name].rows:
            await desk.memory.tables[name].upsert(row)
    assert len(desk.memory.inbox.rows) == 1
    assert await process(desk, body(ADA)) is Outcome.ERASED
    assert not any(rows(desk).values())


async def test_a_poisoned_message_from_before_is_not_kept(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk)
    parked = await desk.memory.processing.park(message(body(ADA)), message_id="m", queued_at=NOON)
    assert parked.outcome is Outcome.ERASED
    assert desk.memory.rejects.rows == []


async def test_of_a_poisoned_message_the_leads_of_others_are_kept(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk)
    both = message(b"[" + body(ADA) + b"," + body(JOHN) + b"]", event=7)
    assert (await desk.memory.processing.park(both, message_id="m", queued_at=NOON)).outcome is Outcome.REJECTED
    (row,) = desk.memory.rejects.rows
    assert JOHN.email in row["Body"]
    assert ADA.email not in row["Body"]


async def test_a_reject_that_turns_out_to_be_theirs_goes_with_its_retry(desk: Desk) -> None:
    await erase(desk, leads=[])
    await desk.post(b"no JSON", event=5)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Body": body(ADA).decode(), "Retry": True})
    await desk.steps.retrying.tick(now=at(KEY + 5))
    (sent,) = desk.memory.queue.messages
    await desk.memory.processing.process(sent, message_id="m", queued_at=NOON)
    assert desk.memory.rejects.rows == []


async def test_an_old_link_says_when_the_lead_was_erased(desk: Desk) -> None:
    await desk.post(body(ADA))
    key = LeadKey(desk.row["PartitionKey"], desk.row["RowKey"])
    token = SIGNER.sign(key, SALES, now=NOON).rpartition("/")[2]
    await erase(desk)
    answer = Answer(choice=Choice.CONTACTED, click="c")
    for act in (
        desk.steps.answering.show(token, now=at(KEY + 5)),
        desk.steps.answering.record(token, answer, now=at(KEY + 5)),
    ):
        with pytest.raises(LeadErasedError) as raised:
            await act
        assert "erased on 22 November 2026" in raised.value.explanation


async def test_no_new_link_to_an_erased_lead_can_be_asked_for(desk: Desk) -> None:
    await desk.post(body(ADA))
    key, later = LeadKey(desk.row["PartitionKey"], desk.row["RowKey"]), NOON + timedelta(days=40)
    token = SIGNER.sign(key, SALES, now=NOON).rpartition("/")[2]
    await erase(desk)
    with pytest.raises(ExpiredLinkError):
        await desk.steps.answering.show(token, now=later)
    with pytest.raises(LeadErasedError):
        await desk.steps.asking.ask(token, now=later)
    assert desk.memory.digests.rows == []
    await process(desk, body(ADA), event=3, minutes=KEY + 1)
    assert await desk.steps.asking.ask(token, now=later)


# An objection outlives the erasure.


async def close(desk: Desk, choice: Choice = Choice.DO_NOT_CONTACT, minutes: float = 30) -> None:
    row = desk.memory.leads.rows[0]
    key = LeadKey(row["PartitionKey"], row["RowKey"])
    token = SIGNER.sign(key, SALES, now=NOON).rpartition("/")[2]
    await desk.steps.answering.record(token, Answer(choice=choice, reason="they called", click=choice), now=at(minutes))


@pytest.mark.parametrize("said", ["on the page", "in the table", "in the request"])
async def test_who_objected_comes_back_closed_and_nobody_is_mailed(desk: Desk, said: str) -> None:
    await desk.post(body(ADA))
    if said == "on the page":
        await close(desk)
    elif said == "in the table":
        await desk.edit(Status="Do not contact")
    await erase(desk, objects=said == "in the request")
    assert await process(desk, body(ADA, code="PLT"), event=3, minutes=KEY + 1) is Outcome.NEW_LEAD
    assert desk.row["Status"] == "DoNotContact"
    assert desk.memory.follow_ups.rows == []
    await desk.tick(KEY + 5)
    assert desk.outbox.mails == []
    await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["Status"], desk.memory.follow_ups.rows) == ("DoNotContact", [])


async def test_who_objected_stays_closed_under_another_spelling(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk, objects=True)
    await process(desk, body(replace(ADA, email="")), event=3, minutes=KEY + 1)
    assert desk.row["Status"] == "DoNotContact"


async def test_only_a_person_lifts_an_objection_and_then_it_is_lifted_for_good(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk, objects=True)
    await process(desk, body(ADA), event=3, minutes=KEY + 1)
    await close(desk, Choice.LIFT, KEY + 30)
    assert desk.row["Status"] == "New"
    await process(desk, body(ADA, offer="contoso.erp"), event=4, minutes=KEY + 40)
    assert [row["Status"] for row in desk.memory.leads.rows] == ["New", "New"]
    await desk.steps.reconciling.check(now=NOON)
    assert [row["Status"] for row in desk.memory.leads.rows] == ["New", "New"]
    for row in desk.memory.leads.rows:  # Even if the leads in which it was lifted are gone.
        await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    await process(desk, body(ADA, offer="contoso.erp"), event=5, minutes=KEY + 50)
    assert desk.row["Status"] == "New"


async def test_the_receipt_of_a_second_erasure_says_that_the_objection_stands(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk, objects=True)
    assert (await erase(desk)).objects


async def test_what_was_lifted_before_a_second_erasure_stays_lifted(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk, objects=True)
    await process(desk, body(ADA), event=3, minutes=KEY + 1)
    await close(desk, Choice.LIFT, KEY + 30)
    for table in desk.memory.tables.values():
        table.clock = lambda: at(KEY + 60)
    assert not (await erase(desk)).objects
    await process(desk, body(ADA), event=4, minutes=KEY + 61)
    assert desk.row["Status"] == "New"


async def test_the_page_of_who_objected_says_since_when(desk: Desk) -> None:
    await desk.post(body(ADA))
    await erase(desk, objects=True)
    await process(desk, body(ADA), event=3, minutes=KEY + 1)
    (lead,) = await read_leads(desk)
    assert [(taken.by, taken.at) for taken in lead.lead.decisions] == [("erasure", at(KEY))]
    told = tell_standing(lead.lead, now=at(KEY + 5), zone=UTC)
    assert "They asked for it before their data was erased on 22 November" in " ".join(told.sentences)
    await close(desk, Choice.LIFT, KEY + 30)
    (lead,) = await read_leads(desk)
    facts = collect_facts(lead.lead, [], now=at(KEY + 31), zone=UTC)
    assert "said before their data was erased" in facts.reopening.sentence
    assert any("said before their data was erased" in line.sentence for line in facts.history)


# What a worker wrote meanwhile.


async def test_the_check_removes_what_a_worker_wrote_while_the_erasure_went_on(desk: Desk) -> None:
    await desk.post(body(ADA))
    before = {name: table.rows for name, table in desk.memory.tables.items()}
    await erase(desk)
    for name in ("inbox", "leads", "follow_ups"):
        for row in before[name]:
            await desk.memory.tables[name].upsert(row)
    assert (await desk.steps.reconciling.check(now=NOON))["erased"] == 1
    assert not any(rows(desk).values())


async def test_a_lead_in_which_something_newer_stands_is_made_anew_of_that_alone(desk: Desk) -> None:
    await desk.post(body(replace(ADA, title="Countess")))
    before = {name: table.rows for name, table in desk.memory.tables.items()}
    await erase(desk)
    for name in ("inbox", "leads", "follow_ups"):
        for row in before[name]:
            await desk.memory.tables[name].upsert(row)
    await process(desk, body(replace(ADA, title="")), event=3, minutes=KEY + 1)
    assert desk.row["ActionCount"] == 2
    await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["ActionCount"], desk.row["Title"], desk.row["FirstSeenAt"]) == (1, "", at(KEY + 1))
    assert len(desk.memory.inbox.rows) == 1
    kept = rows(desk)
    await desk.steps.reconciling.check(now=NOON)
    assert rows(desk) == kept


async def test_an_erased_lead_whose_row_storage_refuses_stops_no_other(desk: Desk) -> None:
    class Full(MemoryTable):
        async def replace(self, row: Entity, etag: str) -> str | None:
            if row["FirstName"] == ADA.first_name:
                raise RowRefusedError("400 EntityTooLarge")
            return await super().replace(row, etag)

    await desk.post(body(ADA))
    before = {name: table.rows for name, table in desk.memory.tables.items()}
    await erase(desk)
    for name in ("inbox", "leads"):
        for row in before[name]:
            await desk.memory.tables[name].upsert(row)
    await process(desk, body(ADA), event=3, minutes=KEY + 1)
    await process(desk, body(person(1)), event=4, minutes=KEY + 1)
    full = Full()
    for row in desk.memory.leads.rows:
        await full.upsert(row | ({"Status": "contacted"} if row["FirstName"] == "P1" else {}))
    outcomes = await replace(desk.steps, tables={**desk.steps.tables, "leads": full}).reconciling.check(now=NOON)
    assert (outcomes["row-refused"] > 0, outcomes["edited"]) == (True, 1)


async def bring_back(desk: Desk) -> None:
    """Erase Ada, and let a slow worker write her row again, with what people had written into it."""
    await desk.post(body(ADA))
    await desk.memory.leads.upsert(desk.row | {"Note": "likes tea", "DisqualifiedReason": "broke", "Own": "tall"})
    before = {name: table.rows for name, table in desk.memory.tables.items()}
    await erase(desk)
    for name in ("inbox", "leads"):
        for row in before[name]:
            await desk.memory.tables[name].upsert(row)
    await process(desk, body(ADA), event=3, minutes=KEY + 1)


async def test_of_a_lead_that_is_made_anew_nothing_is_left_that_people_wrote_before(desk: Desk) -> None:
    await bring_back(desk)
    assert desk.row["Note"] == "likes tea"
    await desk.steps.reconciling.check(now=NOON)
    assert not [text for text in ("tea", "broke", "tall") if text in str(rows(desk))]
    assert desk.row["Status"] == "New"
    assert len(desk.memory.follow_ups.rows) == 1


async def test_what_people_decided_since_stays_in_a_lead_that_is_made_anew(desk: Desk) -> None:
    await bring_back(desk)
    token = SIGNER.sign(LeadKey(desk.row["PartitionKey"], desk.row["RowKey"]), SALES, now=NOON).rpartition("/")[2]
    answer = Answer(choice=Choice.CONTACTED, click="c", note="called", note_was="likes tea")
    await desk.steps.answering.record(token, answer, now=at(KEY + 5))
    await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["Status"], desk.row["Note"], desk.row["ActionCount"]) == ("Contacted", "called", 1)


async def test_who_objected_stays_closed_in_a_lead_that_is_made_anew(desk: Desk) -> None:
    await desk.post(body(ADA))
    before = {name: table.rows for name, table in desk.memory.tables.items()}
    await erase(desk, objects=True)
    for name in ("inbox", "leads"):
        for row in before[name]:
            await desk.memory.tables[name].upsert(row)
    await process(desk, body(ADA), event=3, minutes=KEY + 1)
    await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["Status"], desk.memory.follow_ups.rows) == ("DoNotContact", [])


LAST_CALL = 57
"""One more than an erasure of what the next test plants makes to the tables."""


@pytest.mark.parametrize("call", range(1, LAST_CALL + 1))
async def test_an_erasure_that_ends_anywhere_converges(desk: Desk, call: int) -> None:
    """The check removes the leads, and the command, given again by all that is known, the rest."""
    await desk.post(body(ADA))
    await desk.post(body(ADA, offer="contoso.erp"), event=2)
    await desk.post(b"Ada Kingsley called", event=5)
    both = message(b"[" + body(ADA) + b"," + body(JOHN) + b"]", event=7)
    await desk.memory.processing.park(both, message_id="m", queued_at=NOON)
    key = (await read_leads(desk))[0].lead.key
    token = SIGNER.sign(key, SALES, now=NOON - timedelta(days=40)).rpartition("/")[2]
    await desk.steps.asking.ask(token, now=NOON)
    await desk.steps.reconciling.check(now=at(KEY))
    calls = itertools.count(1)

    async def crash() -> None:
        if next(calls) == call:
            raise CrashError

    async def nothing() -> None:
        return

    broken = desk.make_steps(lambda table: Exposed(table, crash, nothing))
    leads = await read_leads(desk)
    try:
        await erase(desk, steps=broken, leads=leads)
    except CrashError:
        if desk.memory.erasures.rows and len(desk.memory.erasures.rows) > 1:
            await desk.steps.reconciling.check(now=NOON)
    assert next(calls) > call or call == LAST_CALL  # All calls were tried, if the last is one too many.
    await erase(desk)
    assert not any(rows(desk).values())
    assert key.partition not in f"{desk.memory.reports.rows}"
    assert {JOHN.email.encode() in sent for sent in desk.memory.queue.messages} == {True}
