"""Whether the app can work, and how often storage is asked for it."""

import asyncio

from lead_core.errors import Fault, LeadError, StorageRefusedError, StorageUnavailableError
from lead_core.steps.health import BAD_NEWS_LASTS, GOOD_NEWS_LASTS, Health

MISTAKE = Fault("OWNERS", "is missing")


class FakeProbe:
    """A service that answers, or not, and counts how often it was asked."""

    name = "table Leads"

    def __init__(self) -> None:
        self.trouble: LeadError | None = None
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_hundred_callers_at_once_and_after_another_cost_one_answer() -> None:
    probe, clock = FakeProbe(), Clock()
    health = Health([], [probe], clock)
    assert await asyncio.gather(*(health.find_faults() for _ in range(100))) == [[]] * 100
    clock.seconds = GOOD_NEWS_LASTS.total_seconds() - 0.1
    assert await health.find_faults() == []
    assert probe.asked == 1
    clock.seconds = GOOD_NEWS_LASTS.total_seconds()
    await health.find_faults()
    assert probe.asked == 2


async def test_bad_news_is_remembered_too_but_shorter() -> None:
    probe, clock = FakeProbe(), Clock()
    health = Health([MISTAKE], [probe], clock)
    probe.trouble = StorageUnavailableError("503 ServerBusy")
    for _ in range(3):
        assert [fault.name for fault in await health.find_faults()] == ["OWNERS", "table Leads"]
    assert probe.asked == 1
    probe.trouble = None
    clock.seconds = BAD_NEWS_LASTS.total_seconds()
    assert await health.find_faults() == [MISTAKE]
    assert BAD_NEWS_LASTS < GOOD_NEWS_LASTS


async def test_a_setting_that_is_wrong_is_named_once_even_if_it_does_not_answer() -> None:
    probe = FakeProbe()
    probe.name, probe.trouble = "OWNERS", StorageUnavailableError("503 ServerBusy")
    assert await Health([MISTAKE], [probe], Clock()).find_faults() == [MISTAKE]


async def test_a_refusal_says_what_to_do() -> None:
    probe = FakeProbe()
    probe.trouble = StorageRefusedError("403 AuthenticationFailed", "Paste the current connection string.")
    (fault,) = await Health([], [probe]).find_faults()
    assert fault.advice.endswith("(403 AuthenticationFailed). Paste the current connection string.")


async def test_a_caller_who_leaves_spoils_no_others_answer() -> None:
    probe = FakeProbe()
    health = Health([], [probe])
    first, second = (asyncio.create_task(health.find_faults()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == []


async def test_what_never_answers_is_named_in_time() -> None:
    class Silent(FakeProbe):
        async def check(self) -> None:
            await asyncio.Event().wait()

    (fault,) = await asyncio.wait_for(Health([], [Silent()]).find_faults(), timeout=30)
    assert fault.name == "table Leads"
    assert "no answer" in fault.advice


async def test_a_note_is_no_fault_and_is_remembered_with_the_rest() -> None:
    probe = FakeProbe()
    health = Health([], [], Clock(), notes=[probe])
    probe.trouble = LeadError("silence", "No lead has come.")
    for _ in range(3):
        assert await health.find_faults() == []
        assert await health.find_notes() == [Fault("table Leads", "No lead has come.")]
    assert probe.asked == 1
