"""What happens to rejected leads whose Retry is set."""

import itertools
from dataclasses import replace

import pytest

from lead_core.adapters.memory import MemoryQueue, MemoryTable
from lead_core.adapters.tables.table import Entity
from lead_core.errors import RowRefusedError
from lead_core.steps.retrying import RETRYING_LASTS
from tests.desk import Desk
from tests.examples import JOHN, NOON, at, body


@pytest.mark.parametrize("cell", [True, "yes", " TRUE ", "Yes"])
async def test_a_rejected_lead_goes_through_again_with_its_corrected_body(desk: Desk, cell: object) -> None:
    await desk.post(b"no JSON", event=7)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Retry": cell, "Body": body().decode()})
    retries = desk.steps.retrying
    assert [await retries.tick(now=at(5)) for _ in range(2)] == [1, 0]
    (queued,) = desk.memory.queue.messages
    await desk.memory.processing.process(queued, message_id="m", queued_at=NOON)
    assert desk.row["Email"] == JOHN.email
    (row,) = desk.memory.rejects.rows
    assert (row["Retry"], row["Retries"]) == (False, 1)


async def test_a_rejected_lead_that_is_still_too_large_says_so(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Retry": "yes", "Body": "x" * 30_000, "Body2": "x" * 30_000})
    retries = desk.steps.retrying
    await retries.check()
    assert desk.memory.queue.messages == []
    (row,) = desk.memory.rejects.rows
    assert row["Retry"] is False
    assert "Shorten it" in row["Explanation"]


class FullQueue(MemoryQueue):
    """A queue that refuses some messages for good, and takes the others."""

    def __init__(self, refuses: bytes) -> None:
        super().__init__()
        self._refuses = refuses

    async def enqueue(self, message: bytes) -> None:
        if self._refuses in message:
            raise RowRefusedError("413 RequestBodyTooLarge")
        await super().enqueue(message)


async def reject(desk: Desk, count: int, **cells: object) -> None:
    """Put that many rejected leads into the table."""
    for number in range(count):
        await desk.post(b"no JSON %d" % number, event=number + 1)
    for row in desk.memory.rejects.rows:
        await desk.memory.rejects.upsert(row | cells)


async def test_a_message_that_the_queue_refuses_stops_no_other_and_its_row_says_why(desk: Desk) -> None:
    await reject(desk, 12, Retry=True)
    queue = FullQueue(refuses=b"no JSON 3")
    assert await replace(desk.steps, queue=queue).retrying.check() == 12
    assert len(queue.messages) == 11
    assert all(row["Retry"] is False for row in desk.memory.rejects.rows)
    (told,) = [row for row in desk.memory.rejects.rows if "413 RequestBodyTooLarge" in row["Explanation"]]
    assert told["Told"] is False


async def test_a_row_that_takes_no_note_stops_no_other(desk: Desk) -> None:
    class Full(MemoryTable):
        async def merge(self, row: Entity, etag: str | None = None) -> None:
            if row["RowKey"] == format(3, "032x"):
                raise RowRefusedError("400 EntityTooLarge")
            await super().merge(row, etag)

    await reject(desk, 5, Retry=True)
    full = Full()
    for row in desk.memory.rejects.rows:
        await full.upsert(row)
    await replace(desk.steps, tables={**desk.steps.tables, "rejects": full}).retrying.check()
    assert len(desk.memory.queue.messages) == 5
    assert [row["Retry"] for row in full.rows] == [False, False, True, False, False]


async def test_what_there_is_no_time_for_keeps_its_retry_and_has_its_turn_at_the_next_tick(desk: Desk) -> None:
    await reject(desk, 10, Retry=True)
    seconds = itertools.count(step=RETRYING_LASTS.total_seconds() / 4)
    slow = replace(desk.steps, clock=lambda: next(seconds)).retrying
    assert await slow.tick(now=at(5)) == 3
    assert len(desk.memory.queue.messages) == 3
    assert [row["Retry"] for row in desk.memory.rejects.rows] == [False] * 3 + [True] * 7
    assert await desk.steps.retrying.tick(now=at(10)) == 7
    assert len(desk.memory.queue.messages) == 10
