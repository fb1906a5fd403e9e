"""What happens to rejected leads whose Retry is set."""

import pytest

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
