"""What happens to rejected leads whose Retry is set."""

import itertools
from dataclasses import replace

import pytest

from lead_core.adapters.memory import MemoryQueue, MemoryTable
from lead_core.adapters.tables.table import Entity
from lead_core.errors import RowRefusedError, SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.marketplace.envelope import encode_envelope
from lead_core.operations.listing_rejects import ReadReject
from lead_core.steps.retrying import RETRYING_LASTS
from tests.desk import Desk
from tests.examples import JOHN, NOON, at, body, person


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
    assert (row["Retry"], row["Retries"], row["Reason"]) == (False, 1, "retried")
    assert row["Explanation"].startswith("This row could be read when it was tried again")


async def test_a_tick_reads_the_rejects_of_two_weeks_and_the_check_reads_all(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Retry": True, "Body": body().decode()})
    retries, day = desk.steps.retrying, 24 * 60
    assert await retries.tick(now=at(15 * day)) == 0
    assert await retries.tick(now=at(14 * day)) == 1
    await desk.memory.rejects.upsert(row | {"Retry": True, "Body": body().decode()})
    assert await retries.check() == 1


async def retry(desk: Desk, **cells: object) -> None:
    """Edit the one reject, and let it go through again."""
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | cells | {"Retry": "yes"})
    await desk.steps.retrying.tick(now=at(5))
    for queued in desk.memory.queue.messages:
        await desk.memory.processing.process(queued, message_id="m", queued_at=NOON)


async def test_text_that_is_nearly_json_says_what_it_seems_to_hold_and_is_read_once_it_is_corrected(desk: Desk) -> None:
    nearly = body().replace(b', "offerTitle"', b' "offerTitle"')
    await desk.post(nearly, event=7)
    (row,) = desk.memory.rejects.rows
    assert row["WouldRead"].startswith("Name: John Smith; Company: Northwind; Email: jsmith@northwind.example; ")
    assert desk.memory.leads.rows == []
    await retry(desk, Body=row["Body"].replace(' "offerTitle"', ', "offerTitle"'))
    assert desk.row["Email"] == JOHN.email


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("", "windows-1252 (guessed)"), ("windows-1250", "windows-1250"), ("utf-16-le", "utf-16-le"), ("", "text")],
)
@pytest.mark.parametrize("typed", ["Zoë", "Łukasz", "山田"])
async def test_a_body_that_was_corrected_is_read_as_it_looks(
    desk: Desk, charset: str, encoding: str, typed: str
) -> None:
    broken = '{"userDetails": {"lastName": "é", "email": "a@b.example"}'
    codec = "utf-8" if encoding == "text" else charset or "windows-1252"
    envelope = Envelope(f"{7:032x}", NOON, "", broken.encode(codec), charset)
    await desk.memory.processing.process(encode_envelope(envelope), message_id="m", queued_at=NOON)
    (row,) = desk.memory.rejects.rows
    assert (row["Body"], row["BodyEncoding"]) == (broken, encoding)
    await retry(desk, Body=broken.replace("é", typed) + "}")
    assert desk.row["LastName"] == typed


async def test_a_rejected_element_of_an_array_goes_through_under_its_own_id(desk: Desk) -> None:
    await desk.post(b"[" + body() + b', {"note": 1}]', event=7)
    (row,) = desk.memory.rejects.rows
    await retry(desk, Body=body(person(2)).decode())
    assert row["RowKey"] in {each["EventId"] for each in desk.memory.inbox.rows}
    assert len(desk.memory.leads.rows) == 2


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
    for number, row in enumerate(desk.memory.rejects.rows):
        await desk.memory.rejects.upsert(row | {"Body": body(person(number)).decode()} | cells)


async def test_a_message_that_the_queue_refuses_stops_no_other_and_its_row_says_why(desk: Desk) -> None:
    await reject(desk, 12, Retry=True)
    queue = FullQueue(refuses=body(person(3)))
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


@pytest.mark.parametrize("cell", ["maybe", "later", 7])
async def test_a_retry_that_is_neither_yes_nor_no_is_said_at_the_next_tick_until_it_is(
    desk: Desk, cell: object
) -> None:
    await desk.post(b"no JSON", event=7)
    (row,) = desk.memory.rejects.rows
    assert row["Problem"] == ""
    await desk.memory.rejects.upsert(row | {"Retry": cell})
    for minutes in (5, 10):
        await desk.steps.retrying.tick(now=at(minutes))
        (row,) = desk.memory.rejects.rows
        assert row["Problem"] == f"Retry says “{cell}”. Write true or false."
    await desk.memory.rejects.upsert(row | {"Retry": "no"})
    await desk.steps.retrying.tick(now=at(15))
    assert [row["Problem"] for row in desk.memory.rejects.rows] == [""]


async def test_a_row_of_the_version_before_without_a_problem_is_left_alone(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    (row,) = desk.memory.rejects.rows
    del row["Problem"]
    await desk.memory.rejects.upsert(row)
    await desk.steps.retrying.tick(now=at(5))
    assert desk.memory.rejects.rows == [row]


async def test_a_body_that_still_cannot_be_read_is_said_until_it_can(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    await retry(desk, Body="still no JSON")
    (row,) = desk.memory.rejects.rows
    assert row["Problem"].endswith("Correct the Body, then set Retry to true.")
    await desk.steps.retrying.tick(now=at(10))
    assert desk.memory.rejects.rows == [row]
    await retry(desk, Body=body().decode())
    assert [row["Problem"] for row in desk.memory.rejects.rows] == [""]


async def test_a_second_failure_is_told_again_and_the_row_says_where_it_first_failed(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    await desk.tick(24 * 60)
    await retry(desk, Body="still no JSON")
    await desk.tick(25 * 60)
    queued = encode_envelope(Envelope(f"{7:032x}", NOON, "", body()))
    await retry(desk, Body=body().decode())
    await desk.memory.processing.park(queued, message_id="m", queued_at=NOON)
    (row,) = desk.memory.rejects.rows
    assert (row["From"], row["Retries"], row["Retry"], row["Reason"]) == ("queue", 2, False, "gave-up")
    await desk.tick(26 * 60)
    told = [mail for mail in desk.outbox.mails if "could not be" in mail.text]
    assert len(told) == 3


async def test_a_parked_lead_whose_retry_fails_is_told(desk: Desk) -> None:
    message = encode_envelope(Envelope(f"{7:032x}", NOON, "", body()))
    await desk.memory.processing.park(message, message_id="m", queued_at=NOON)
    await desk.tick(25 * 60)  # It waits for the retry.
    assert desk.outbox.mails == []
    await desk.steps.retrying.tick(now=at(25 * 60))
    await desk.memory.processing.park(message, message_id="m", queued_at=NOON)
    await desk.tick(25 * 60 + 5)
    (row,) = desk.memory.rejects.rows
    assert (row["From"], row["Retry"], len(desk.outbox.mails)) == ("poison", False, 1)


async def look(desk: Desk) -> ReadReject:
    """Give the one reject as an operator sees it."""
    (read,) = (await desk.steps.listing_rejects.find()).rejects
    return read


async def retry_now(desk: Desk, seen: ReadReject, corrected: bytes, queue: MemoryQueue | None = None) -> Envelope:
    """Retry what an operator saw with another body."""
    steps = replace(desk.steps, queue=queue or desk.steps.queue)
    return await steps.retrying.retry(seen.stored, seen=seen.envelope.body, body=corrected)


async def test_an_operator_retries_a_lead_with_another_body_at_once(desk: Desk) -> None:
    await desk.post(b"no JSON" + b" " * 60_000, event=7)  # It goes on in Body2.
    envelope = await retry_now(desk, await look(desk), body())
    (queued,) = desk.memory.queue.messages
    assert queued == encode_envelope(envelope)
    await desk.memory.processing.process(queued, message_id="m", queued_at=NOON)
    assert desk.row["Email"] == JOHN.email
    (row,) = desk.memory.rejects.rows
    assert (row["Retry"], row["Retries"], row["Reason"]) == (False, 1, "retried")
    assert row["Body"] == body().decode()
    assert "Body2" not in row


async def test_an_operator_who_edits_a_row_that_changed_meanwhile_overwrites_nothing(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    seen = await look(desk)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Body": "corrected by a colleague"})
    with pytest.raises(SomeoneWasFirstError):
        await retry_now(desk, seen, body())
    (row,) = desk.memory.rejects.rows
    assert (row["Body"], row["Retry"]) == ("corrected by a colleague", False)
    assert desk.memory.queue.messages == []


async def test_an_edit_is_written_though_the_default_owner_was_told_meanwhile(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    seen = await look(desk)
    await desk.tick(24 * 60)
    (row,) = desk.memory.rejects.rows
    assert row["Told"] is True
    await retry_now(desk, seen, body())
    assert len(desk.memory.queue.messages) == 1


async def test_what_the_timer_retried_meanwhile_is_not_retried_again(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Body": body().decode(), "Retry": True})
    seen = await look(desk)
    await desk.steps.retrying.tick(now=at(5))
    with pytest.raises(SomeoneWasFirstError):
        await retry_now(desk, seen, body())
    assert len(desk.memory.queue.messages) == 1


async def test_a_retry_that_stops_before_the_queue_is_done_by_the_timer(desk: Desk) -> None:
    class StopsError(Exception):
        """The process ends."""

    class Stopping(MemoryQueue):
        async def enqueue(self, message: bytes) -> None:
            raise StopsError

    await desk.post(b"no JSON", event=7)
    with pytest.raises(StopsError):
        await retry_now(desk, await look(desk), body(), Stopping())
    assert await desk.steps.retrying.tick(now=at(5)) == 1
    assert len(desk.memory.queue.messages) == 1


async def test_an_operator_and_the_timer_at_the_same_time_count_one_retry(desk: Desk) -> None:
    class Racing(MemoryQueue):
        async def enqueue(self, message: bytes) -> None:
            await super().enqueue(message)
            await desk.steps.retrying.tick(now=at(5))

    await desk.post(b"no JSON", event=7)
    await retry_now(desk, await look(desk), body(), Racing())
    (row,) = desk.memory.rejects.rows
    assert (row["Retry"], row["Retries"], row["Reason"]) == (False, 1, "retried")


async def test_an_operator_is_told_why_nothing_can_come_of_a_retry(desk: Desk) -> None:
    await desk.post(b"no JSON", event=7)
    with pytest.raises(UnreadableLeadError, match="not-json"):
        await retry_now(desk, await look(desk), b"no JSON")
    (row,) = desk.memory.rejects.rows
    assert (row["Retry"], row["Retries"]) == (False, 1)
