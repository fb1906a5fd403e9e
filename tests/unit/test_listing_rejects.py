"""What an operator sees of what could not be read."""

from lead_core.errors import RejectCode
from tests.desk import Desk
from tests.examples import NOON, at, body


async def test_the_newest_come_first_and_all_are_counted(desk: Desk) -> None:
    for number in range(3):
        await desk.post(b"no JSON", event=number + 1, minutes=number)
    listed = await desk.steps.listing_rejects.find(limit=2)
    assert [each.stored.received_at for each in listed.rejects] == [at(2), at(1)]
    assert (listed.count, listed.poisoned) == (3, 0)


async def test_those_of_one_reason_or_since_a_time_can_be_listed(desk: Desk) -> None:
    await desk.post(b"no JSON", event=1)
    await desk.post(b"{}", event=2, minutes=1)
    listing = desk.steps.listing_rejects
    assert [each.stored.reason for each in (await listing.find(reason="no-lead")).rejects] == ["no-lead"]
    assert [each.stored.reason for each in (await listing.find(since=at(0.5))).rejects] == ["no-lead"]


async def test_the_fault_is_the_one_of_the_body_as_it_now_stands(desk: Desk) -> None:
    await desk.post(b'{"a" 1}', event=1)
    (before,) = (await desk.steps.listing_rejects.find()).rejects
    assert before.fault
    assert (before.fault.code, before.spot and before.spot.place) == (RejectCode.NOT_JSON, "line 1, column 6")
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Body": body().decode()})
    (after,) = (await desk.steps.listing_rejects.find()).rejects
    assert (after.fault, after.spot) == (None, None)


async def test_what_went_on_its_way_is_listed_only_if_it_is_asked_for(desk: Desk) -> None:
    await desk.post(b"no JSON", event=1)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Body": body().decode(), "Retry": True})
    await desk.steps.retrying.tick(now=at(5))
    listing = desk.steps.listing_rejects
    assert (await listing.find()).count == 0
    (done,) = (await listing.find(reason="retried")).rejects
    assert not done.stored.is_open


async def test_one_is_found_by_how_its_id_begins(desk: Desk) -> None:
    for number in (0x1A, 0x1B):
        await desk.post(b"no JSON", event=number << 120)
    listing = desk.steps.listing_rejects
    assert len(await listing.find_by_id("1")) == 2
    assert [each.stored.keys[1][:2] for each in await listing.find_by_id("1b")] == ["1b"]
    assert await listing.find_by_id("2") == ()


async def test_a_whole_id_is_that_row_even_if_others_begin_with_it(desk: Desk) -> None:
    for key in ("1", "12"):
        await desk.memory.rejects.upsert({"PartitionKey": "x", "RowKey": key, "Body": "{"})
    assert [each.stored.keys for each in await desk.steps.listing_rejects.find_by_id("1")] == [("x", "1")]


async def test_a_body_that_is_no_text_is_said_by_its_byte(desk: Desk) -> None:
    await desk.post(b"\x00\x01\xff", event=1)
    (read,) = (await desk.steps.listing_rejects.find()).rejects
    assert read.text is None
    assert read.spot
    assert read.spot.place == "byte 2"
    assert read.stored.received_at == NOON
