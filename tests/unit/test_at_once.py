"""A few at once."""

import asyncio
import itertools

import pytest

from lead_core.at_once import FEW, batch, do_few_at_once
from lead_core.errors import SomeoneWasFirstError
from tests.weather import CrashError


async def test_all_are_done_a_few_at_once() -> None:
    done, running, most = [], 0, 0

    async def act(number: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        done.append(number)
        running -= 1

    await do_few_at_once(act, range(100))
    assert sorted(done) == list(range(100))
    assert most == FEW


@pytest.mark.parametrize("trouble", [SomeoneWasFirstError, CrashError])
async def test_the_first_error_ends_all_and_rises_as_it_is(trouble: type[BaseException]) -> None:
    begun = []

    async def act(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0)
        if number == 3:
            raise trouble

    with pytest.raises(trouble):
        await do_few_at_once(act, range(100))
    assert len(begun) <= 3 * FEW


async def test_nothing_is_done_with_nothing() -> None:
    async def act(number: int) -> None:
        raise AssertionError(number)

    await do_few_at_once(act, [])


def test_a_batch_is_full_except_the_last() -> None:
    assert list(batch(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batch([], 3)) == []
    endless = batch(itertools.count(), 2)
    assert next(endless) == [0, 1]
