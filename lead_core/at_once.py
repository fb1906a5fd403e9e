"""Do the same to many things, a few at once."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

FEW = 8
"""Enough to hide the way to storage and back, and too few to be told to slow down."""


async def do_few_at_once(act: Callable[[T], Awaitable[None]], things: Iterable[T]) -> None:
    """Call *act* with each of *things*, a few at once. The first error ends all, and rises.

    The next thing is taken only when there is time for it, so *things* may end early.
    """
    waiting = iter(things)

    async def work() -> None:
        for thing in waiting:
            await act(thing)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(FEW):
                group.create_task(work())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


def batch(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut *things* into lists of *size*. The last may be shorter."""
    waiting = iter(things)
    while together := list(itertools.islice(waiting, size)):
        yield together
