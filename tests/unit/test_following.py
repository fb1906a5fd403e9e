"""What becomes of leads that are followed."""

import itertools
from datetime import timedelta

from lead_core.operations.following import Awaited, Fate, Followed, Following
from tests.desk import Desk
from tests.examples import JOHN, NOON, at, body

LASTS = timedelta(seconds=3)


def sought(event: int, minutes: float = 0) -> Awaited:
    return Awaited(f"{event:032x}", at(minutes - 5), at(minutes + 5))


def follow_with(desk: Desk) -> Following:
    """Give the step with a clock that a look moves on by a second."""
    seconds = itertools.count()

    async def sleep(_: float) -> None:
        next(seconds)

    steps = desk.steps
    return Following(
        steps.following.inbox, steps.repository.leads, steps.following.rejects, lambda: next(seconds), sleep
    )


async def test_a_lead_is_stored_once_its_row_holds_it(desk: Desk) -> None:
    await desk.post(body(), event=1)
    (followed,) = await follow_with(desk).follow([sought(1)], lasts=LASTS)
    assert followed.fate is Fate.STORED
    assert followed.lead
    assert followed.lead.shown.email == JOHN.email


async def test_a_notification_that_only_the_inbox_has_is_on_its_way(desk: Desk) -> None:
    await desk.post(body(), event=1)
    (row,) = desk.memory.leads.rows
    await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    (followed,) = await follow_with(desk).follow([sought(1)], lasts=LASTS)
    assert followed == Followed(f"{1:032x}", Fate.ON_ITS_WAY)


async def test_a_lead_that_cannot_be_read_is_rejected_with_its_reason(desk: Desk) -> None:
    await desk.post(b"{}", event=1)
    (followed,) = await follow_with(desk).follow([sought(1)], lasts=LASTS)
    assert (followed.fate, followed.reason) == (Fate.REJECTED, "no-lead")
    assert "no person" in followed.explanation or followed.explanation


async def test_a_notification_that_storage_refused_after_the_inbox_had_it_is_rejected(desk: Desk) -> None:
    await desk.post(body(), event=1)
    (row,) = desk.memory.leads.rows
    await desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    await desk.post(b"{}", event=1)
    (followed,) = await follow_with(desk).follow([sought(1)], lasts=LASTS)
    assert followed.fate is Fate.REJECTED


async def test_a_reject_that_was_just_retried_is_on_its_way(desk: Desk) -> None:
    await desk.post(b"no JSON", event=1)
    (row,) = desk.memory.rejects.rows
    await desk.memory.rejects.upsert(row | {"Body": body().decode(), "Retry": True})
    follow = follow_with(desk)
    assert [each.fate for each in await follow.follow([sought(1)], lasts=LASTS)] == [Fate.ON_ITS_WAY]
    await desk.steps.retrying.tick(now=at(5))
    assert [each.fate for each in await follow.follow([sought(1)], lasts=LASTS)] == [Fate.ON_ITS_WAY]


async def test_each_is_reported_once_as_soon_as_it_is_known_and_all_come_back_in_order(desk: Desk) -> None:
    await desk.post(body(), event=1)
    await desk.post(b"{}", event=2)
    reported: list[str] = []
    wanted = [sought(3), sought(2), sought(1)]
    followed = await follow_with(desk).follow(wanted, lasts=LASTS, report=lambda each: reported.append(each.event_id))
    assert [each.fate for each in followed] == [Fate.ON_ITS_WAY, Fate.REJECTED, Fate.STORED]
    assert sorted(reported) == [f"{1:032x}", f"{2:032x}"]


async def test_nothing_to_follow_is_done_at_once(desk: Desk) -> None:
    assert await follow_with(desk).follow([], lasts=LASTS) == []


async def test_a_lead_received_around_midnight_is_found(desk: Desk) -> None:
    for event, hours in ((1, 11.99), (2, 12.01)):
        await desk.post(body(), event=event, minutes=hours * 60)
    found = await follow_with(desk).inbox.find([f"{1:032x}", f"{2:032x}"], since=at(11.9 * 60), until=at(12.1 * 60))
    assert [receipt.received_at for receipt in found.values()] == [at(11.99 * 60), at(12.01 * 60)]


async def test_the_inbox_is_read_for_the_time_that_is_asked_for_alone(desk: Desk) -> None:
    for event, minutes in ((1, -10), (2, 0), (3, 10)):
        await desk.post(body(), event=event, minutes=minutes)
    ids = [f"{event:032x}" for event in (1, 2, 3)]
    assert [*await follow_with(desk).inbox.find(ids, since=NOON, until=NOON)] == [ids[1]]
