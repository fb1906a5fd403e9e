import asyncio
import base64
import random
from dataclasses import replace

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.adapters.tables.table import Entity
from lead_core.errors import LeadError, RowRefusedError, StorageRefusedError, StorageUnavailableError
from lead_core.steps.processing import Outcome, Processed, Processing
from tests.conftest import Memory
from tests.examples import JOHN, NOON, at, body, message, person
from tests.steps import Steps
from tests.weather import CrashError, Exposed


async def process(memory: Memory, content: bytes) -> Processed:
    """Process a message, and return what became of its last lead."""
    return (await memory.processing.process(content, message_id="m", queued_at=NOON))[-1]


def to_do(memory: Memory) -> list[str]:
    return [row["RowKey"] for row in memory.follow_ups.rows]


async def test_a_new_lead_stands_in_three_tables(memory: Memory) -> None:
    processed = await process(memory, message(body()))
    assert (processed.outcome, processed.event_id) == (Outcome.NEW_LEAD, f"{1:032x}")
    (notification,), (lead,), (follow_up,) = memory.inbox.rows, memory.leads.rows, memory.follow_ups.rows
    assert (notification["LeadPartition"], notification["LeadRow"]) == (lead["PartitionKey"], lead["RowKey"])
    assert follow_up["RowKey"].endswith(f"|{lead['PartitionKey']}|{lead['RowKey']}")
    assert (lead["Status"], lead["ActionCount"], lead["zAppIdentifiedBy"]) == ("New", 1, "email")
    assert memory.rejects.rows == []


async def test_the_same_message_again_changes_nothing(memory: Memory) -> None:
    await process(memory, message(body()))
    before = (memory.inbox.rows, memory.leads.rows, memory.follow_ups.rows)
    assert (await process(memory, message(body()))).outcome is Outcome.ALREADY_STORED
    assert (memory.inbox.rows, memory.leads.rows, memory.follow_ups.rows) == before


async def test_a_second_action_joins_the_first(memory: Memory) -> None:
    await process(memory, message(body()))
    assert (await process(memory, message(body(code="PLT"), event=2, minutes=30))).outcome is Outcome.REPEAT
    (lead,) = memory.leads.rows
    assert (lead["ActionCount"], lead["ActionCode"]) == (2, "PLT")
    assert len(memory.inbox.rows) == 2
    assert len(memory.follow_ups.rows) == 1


@pytest.mark.parametrize("minutes", [-5, -90])
async def test_an_earlier_receipt_lists_the_lead_earlier(memory: Memory, minutes: int) -> None:
    await process(memory, message(body()))
    (stale,) = to_do(memory)
    await process(memory, message(body(code="PLT"), event=2, minutes=minutes))
    right, left_for_the_timer = to_do(memory)
    assert right < left_for_the_timer == stale


async def test_a_redelivery_lists_the_lead_even_if_it_was_edited_meanwhile(memory: Memory) -> None:
    """The first delivery may have crashed before it wrote the to-do list."""
    await process(memory, message(body()))
    (row,) = memory.leads.rows
    (entry,) = memory.follow_ups.rows
    await memory.follow_ups.delete(entry["PartitionKey"], entry["RowKey"])
    await memory.leads.upsert(row | {"Status": "new"})
    await process(memory, message(body()))
    assert memory.follow_ups.rows == [entry]


@pytest.mark.parametrize(
    "content",
    [body(code="DNC"), body(replace(JOHN, first_name="MSFT_TEST_1"))],
    ids=["notice", "test"],
)
async def test_what_is_no_work_is_stored_and_not_on_the_to_do_list(memory: Memory, content: bytes) -> None:
    await process(memory, message(content))
    assert len(memory.leads.rows) == 1
    assert to_do(memory) == []


async def test_two_unknown_people_are_two_leads(memory: Memory) -> None:
    nobody = replace(JOHN, first_name="", last_name="", email="", phone="", company="")
    await process(memory, message(body(nobody)))
    await process(memory, message(body(nobody), event=2))
    await process(memory, message(body(nobody), event=2))
    assert len(memory.leads.rows) == 2


async def test_a_status_edited_by_hand_outlives_the_next_action(memory: Memory) -> None:
    await process(memory, message(body()))
    (row,) = memory.leads.rows
    await memory.leads.upsert(row | {"Status": "contacted", "Note": "called", "Region": "EMEA"})
    await process(memory, message(body(code="INS", description="again"), event=2, minutes=60))
    (row,) = memory.leads.rows
    assert (row["Status"], row["Note"], row["Region"], row["ActionCount"]) == ("Contacted", "called", "EMEA", 2)
    assert to_do(memory)[-1].startswith("2026-11-22T13:00")  # The owner is told the news.


async def test_contact_me_after_an_answer_by_hand_opens_the_lead(memory: Memory) -> None:
    await process(memory, message(body()))
    (row,) = memory.leads.rows
    await memory.leads.upsert(row | {"Status": "Contacted"})
    await process(memory, message(body(code="PLT"), event=2, minutes=60))
    (row,) = memory.leads.rows
    assert row["Status"] == "New"
    assert to_do(memory)[-1].startswith("2026-11-22T13:00")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (message(b"{}"), "no-lead"),
        (message(b"no JSON"), "not-json"),
        (b"Please call Ada", "no-envelope"),
        (b'{"version": 2, "event_id": "1"}', "no-envelope"),
        (b"\xff", "no-envelope"),
        (b"", "no-envelope"),
    ],
)
async def test_an_unreadable_message_is_kept_with_a_reason(memory: Memory, content: bytes, code: str) -> None:
    for _ in range(2):
        processed = await process(memory, content)
        assert (processed.outcome, processed.code) == (Outcome.REJECTED, code)
    (row,) = memory.rejects.rows
    assert (row["Reason"], row["From"], row["RowKey"]) == (code, "queue", processed.event_id)
    assert memory.leads.rows == []


def several(*parts: bytes) -> bytes:
    return message(b"[" + b", ".join(parts) + b"]")


async def test_each_lead_of_an_array_is_stored_once_whatever_is_delivered_again(memory: Memory) -> None:
    array = several(body(person(1)), b'{"something": "else"}', body(person(2)), b"7")
    before = None
    for outcome in (Outcome.NEW_LEAD, Outcome.ALREADY_STORED):
        processed = await memory.processing.process(array, message_id="m", queued_at=NOON)
        assert [each.outcome for each in processed] == [outcome, Outcome.REJECTED, outcome, Outcome.REJECTED]
        assert before in (None, (memory.inbox.rows, memory.leads.rows, memory.rejects.rows))
        before = (memory.inbox.rows, memory.leads.rows, memory.rejects.rows)
    assert [row["Body"] for row in memory.inbox.rows] == [body(person(n)).decode() for n in (1, 2)]
    assert {row["Reason"]: row["Body"] for row in memory.rejects.rows} == {
        "no-lead": '{"something": "else"}',
        "not-an-object": "7",
    }
    assert len({each.event_id for each in processed}) == 4


async def test_a_body_of_thousands_of_objects_becomes_one_row(memory: Memory) -> None:
    for content in (b"[" + b"{}," * 9_000 + b"{}]", b"[" + body() + b"," + b"{}," * 9_000 + b"{}]"):
        assert (await process(memory, message(content))).outcome is Outcome.REJECTED
    assert [row["Reason"] for row in memory.rejects.rows] == ["too-many-leads"]


@pytest.mark.parametrize("column", ["zAppActionHistory", "zAppDecisions"])
async def test_a_repeat_on_a_row_damaged_by_hand_is_stored_like_any_other(memory: Memory, column: str) -> None:
    await process(memory, message(body()))
    (row,) = memory.leads.rows
    await memory.leads.upsert(row | {column: "oops"})
    for _ in range(2):
        await process(memory, message(body(code="PLT"), event=2, minutes=60))
    (row,) = memory.leads.rows
    assert (row["ActionCode"], row["ActionCount"], row["Status"]) == ("PLT", 2, "New")
    assert memory.rejects.rows == []


async def test_a_lead_put_into_the_queue_by_hand_was_received_when_it_was_put_there(memory: Memory) -> None:
    outcomes = [await process(memory, body()) for _ in range(2)]
    assert [processed.outcome for processed in outcomes] == [Outcome.NEW_LEAD, Outcome.ALREADY_STORED]
    (row,) = memory.leads.rows
    assert (row["FirstName"], row["WaitingSince"]) == ("John", NOON)
    assert memory.rejects.rows == []


async def test_a_lead_put_into_the_poison_queue_is_read_too(memory: Memory) -> None:
    await memory.processing.park(body(), message_id="m", queued_at=NOON)
    steps = Steps(memory.tables, memory.queue)
    assert await steps.retrying.tick(now=at(5)) == 1
    (queued,) = memory.queue.messages
    await process(memory, queued)
    (row,) = memory.leads.rows
    assert (row["FirstName"], row["WaitingSince"]) == ("John", NOON)


async def test_a_message_is_read_in_base64_or_as_the_text_that_it_is(memory: Memory) -> None:
    first = await process(memory, base64.b64encode(message(body())))
    assert (first.outcome, (await process(memory, message(body()))).outcome) == ("new-lead", "already-stored")
    assert (await process(memory, base64.b64encode(b"Please call Ada"))).code == "no-envelope"
    (row,) = memory.rejects.rows
    assert row["Body"] == "Please call Ada"


async def test_a_text_in_the_poison_queue_that_is_no_lead_says_what_to_do_and_waits_for_it(memory: Memory) -> None:
    await memory.processing.park(b"Please call Ada", message_id="m", queued_at=NOON)
    (row,) = memory.rejects.rows
    assert (row["Reason"], row["Retry"], row["Body"]) == ("no-envelope", False, "Please call Ada")
    assert (row["RowKey"], row["WouldRead"]) == (
        "63fe0ad928c906e6f6f1ac5e060b024a",
        "",
    )  # The same each time, in each version.
    assert "Correct the Body, then set Retry to true." in row["Explanation"]


async def test_what_the_host_gave_up_on_gets_one_more_try_by_itself(memory: Memory) -> None:
    for _ in range(2):
        await memory.processing.park(message(body()), message_id="m", queued_at=NOON)
    (row,) = memory.rejects.rows
    assert (row["Reason"], row["From"], row["Retry"]) == ("gave-up", "poison", True)
    await memory.rejects.upsert(row | {"Retry": False, "Retries": 1})
    await memory.processing.park(message(body()), message_id="m", queued_at=NOON)
    (row,) = memory.rejects.rows
    assert (row["Retry"], row["Retries"]) == (False, 1)


class FullTable(MemoryTable):
    """A table that can never store what it is given."""

    async def insert(self, row: Entity) -> str | None:
        raise RowRefusedError("400 EntityTooLarge")

    async def upsert(self, row: Entity) -> None:
        raise RowRefusedError("400 EntityTooLarge")


@pytest.mark.parametrize("full", ["inbox", "leads", "follow_ups"])
async def test_a_row_that_storage_refuses_for_good_is_kept_where_people_see_it(memory: Memory, full: str) -> None:
    processing = Steps({**memory.tables, full: FullTable()}).processing
    (processed,) = await processing.process(message(body()), message_id="m", queued_at=NOON)
    assert (processed.outcome, processed.code) == (Outcome.REJECTED, "row-refused")
    (row,) = memory.rejects.rows
    assert (row["Reason"], row["Body"], row["Retry"]) == ("row-refused", body().decode(), False)
    assert "400 EntityTooLarge" in row["Explanation"]


async def test_a_lead_that_not_even_the_table_of_rejects_takes_comes_again(memory: Memory) -> None:
    processing = replace(memory.processing, rejects=TableRejectStore(FullTable()))
    with pytest.raises(StorageRefusedError):
        await processing.process(message(b"no JSON"), message_id="m", queued_at=NOON)
    parked = await processing.park(message(body()), message_id="m", queued_at=NOON)
    assert parked.outcome is Outcome.QUEUED_AGAIN


class AwayTable(MemoryTable):
    """A table that does not answer."""

    async def insert(self, row: Entity) -> str | None:
        raise StorageUnavailableError("test")


async def test_a_message_that_cannot_be_parked_comes_again(memory: Memory) -> None:
    processing = replace(memory.processing, rejects=TableRejectStore(AwayTable()))
    processed = await processing.park(message(body()), message_id="m", queued_at=NOON)
    assert processed.outcome is Outcome.QUEUED_AGAIN
    assert memory.queue.messages == [message(body())]


class CrashClock:
    """Counts down to the crash."""

    def __init__(self, ticks: int) -> None:
        self.ticks = ticks

    async def tick(self) -> None:
        self.ticks -= 1
        if self.ticks == 0:
            raise CrashError


def crashing(memory: Memory, ticks: int) -> Processing:
    clock = CrashClock(ticks)
    return Steps({name: Exposed(table, clock.tick, clock.tick) for name, table in memory.tables.items()}).processing


STORY = [
    message(body(), event=1),
    message(body(code="PLT"), event=2, minutes=30),
    message(body(code="Create"), event=3, minutes=-5),
    message(b"no JSON", event=4),
    message(b"[" + body(person(1)) + b", 7, " + body(person(2)) + b"]", event=5),
]


@pytest.mark.parametrize("crash_at", range(1, 50))
async def test_a_crash_at_any_point_changes_nothing_in_the_end(crash_at: int) -> None:
    undisturbed, crashed = Memory(), Memory()
    for content in STORY:
        await process(undisturbed, content)
    processing = crashing(crashed, crash_at)
    for content in STORY:
        try:
            await processing.process(content, message_id="m", queued_at=NOON)
        except CrashError:
            processing = crashed.processing  # A new process, to which the host delivers the message again.
            await processing.process(content, message_id="m", queued_at=NOON)
    assert crashed.inbox.rows == undisturbed.inbox.rows
    assert crashed.leads.rows == undisturbed.leads.rows
    assert crashed.rejects.rows == undisturbed.rejects.rows
    # An entry that the crash left behind is stale. The entry that the lead asks for is always there.
    assert set(to_do(undisturbed)) <= set(to_do(crashed))


async def take_a_turn() -> None:
    await asyncio.sleep(0)


async def test_workers_that_meet_at_one_person_lose_nothing(memory: Memory) -> None:
    """Every answer of a table takes a turn of the event loop, so that workers meet."""
    tables = {name: Exposed(table, take_a_turn, take_a_turn) for name, table in memory.tables.items()}
    processing = Steps(tables).processing
    contents = [message(body(description=f"{n}"), event=n, minutes=n) for n in range(1, 17)] * 2
    random.Random(1).shuffle(contents)
    await asyncio.gather(*(processing.process(each, message_id="m", queued_at=NOON) for each in contents))
    (row,) = memory.leads.rows
    assert row["ActionCount"] == 16
    assert f"{NOON:%Y-%m-%dT}12:01" in to_do(memory)[0]


class TakenTable(MemoryTable):
    """A table in which another writer is always first."""

    async def replace(self, row: Entity, etag: str) -> str | None:
        return None


async def test_a_lead_that_loses_every_write_race_goes_back_into_the_queue(memory: Memory) -> None:
    await process(memory, message(body()))
    taken = TakenTable()
    await taken.upsert(memory.leads.rows[0])
    processing = replace(memory.processing, leads=TableLeadStore(taken))
    with pytest.raises(LeadError, match="someone-was-first"):
        await processing.process(message(body(code="PLT"), event=2), message_id="m", queued_at=NOON)


async def test_a_row_that_was_erased_meanwhile_is_written_anew(memory: Memory) -> None:
    await process(memory, message(body(person(1))))
    (row,) = memory.leads.rows
    await memory.leads.delete(row["PartitionKey"], row["RowKey"])
    assert (await process(memory, message(body(person(1)), event=2))).outcome is Outcome.NEW_LEAD
