"""What happens to rejected leads whose Retry is set."""

import pytest

from lead_core.lead.received import Envelope
from lead_core.marketplace.envelope import encode_envelope
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
    assert (row["Retry"], row["Retries"]) == (False, 1)


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
