"""What happens to poisoned messages that no worker parked."""

from dataclasses import replace

from lead_core.adapters.memory import MemoryPoisonQueue, MemoryQueue
from lead_core.operations.returning import Returning
from lead_core.ports.rejects import PoisonedMessage
from tests.desk import Desk
from tests.examples import NOON, body, message, person


def poisoned(content: bytes, number: int = 1) -> PoisonedMessage:
    return PoisonedMessage(content, f"m{number}", NOON, version=None)


class StopsError(Exception):
    """The process ends."""


async def process_all(desk: Desk) -> None:
    for queued in desk.memory.queue.messages:
        await desk.memory.processing.process(queued, message_id="another", queued_at=NOON)


async def test_poisoned_messages_go_through_again(desk: Desk) -> None:
    poison = MemoryPoisonQueue()
    for number in (1, 2):
        poison.put(poisoned(message(body(person(number)), event=number), number))
    returned = await Returning(poison, desk.memory.queue).return_all()
    assert [each.event_id for each in returned] == [f"{number:032x}" for number in (1, 2)]
    assert await poison.count() == 0
    await process_all(desk)
    assert len(desk.memory.leads.rows) == 2


async def test_a_message_that_is_returned_twice_is_one_notification(desk: Desk) -> None:
    """The process ends after the message was queued, and before it was removed."""

    class Stopping(MemoryPoisonQueue):
        async def remove(self, message: PoisonedMessage) -> None:
            raise StopsError

    for content in (message(body(), event=1), body(person(2))):  # The second is a text that a person wrote.
        poison = Stopping()
        poison.put(poisoned(content))
        for _ in range(2):
            try:
                await Returning(poison, desk.memory.queue).return_all()
            except StopsError:
                poison.put(poisoned(content))  # A minute later, it is there again.
    await process_all(desk)
    assert len(desk.memory.queue.messages) == 4
    assert len(desk.memory.inbox.rows) == 2


async def test_the_host_may_bring_them_back_as_fast_as_they_are_returned(desk: Desk) -> None:
    poison = MemoryPoisonQueue()

    class Failing(MemoryQueue):
        async def enqueue(self, message: bytes) -> None:
            await super().enqueue(message)
            poison.put(replace(poisoned(message), message_id=f"again-{len(self.messages)}"))

    queue = Failing()
    poison.put(poisoned(message(body())))
    await Returning(poison, queue).return_all()
    assert len(queue.messages) == 1
    assert desk.memory.leads.rows == []


async def test_a_text_that_is_too_large_for_the_queue_stays_and_stops_no_other(desk: Desk) -> None:
    poison = MemoryPoisonQueue()
    poison.put(poisoned(b"{" * 50_000, 1))
    poison.put(poisoned(message(body()), 2))
    assert len(await Returning(poison, desk.memory.queue).return_all()) == 1
    assert [*poison.messages] == ["m1"]


async def test_an_empty_queue_returns_nothing(desk: Desk) -> None:
    assert await Returning(MemoryPoisonQueue(), desk.memory.queue).return_all() == []
