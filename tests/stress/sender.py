"""Post leads as the marketplace does: each once, without a retry."""

import asyncio
import random
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from statistics import median

import httpx

from local.child import HOST
from tests.stress.population import Post, Posted
from tests.system.app import App

SLOW_CLIENTS = 64
SECONDS_BETWEEN_PIECES = 0.25
PIECE_BYTES = 16
LARGE_IN_FLIGHT = 4
LARGEST_BODY_BYTES = 47 * 1024
PATIENCE_SECONDS = 60

Say = Callable[[str, int], None]
"""Takes what is done now, and how many posts were made so far."""


class Sender:
    """Posts to any of the hosts, some posts at a time, and remembers what became of each."""

    def __init__(self, apps: Sequence[App], dice: random.Random, say: Say) -> None:
        self.posted = Posted()
        self._apps, self._dice, self._say = apps, dice, say
        self._one_kill_at_a_time = asyncio.Lock()

    async def send(self, posts: Sequence[Post], *, in_flight: int, kill_at: Container[int] = ()) -> float:
        """Post all, and return the median seconds of a post.

        A host is killed and started again after each number of posts in *kill_at*.
        """
        to_do, seconds = list(reversed(posts)), list[float]()

        async def send_some(client: httpx.AsyncClient) -> None:
            while to_do:
                post, started = to_do.pop(), time.monotonic()
                try:
                    answer = await client.post(f"{self._choose().url}/leads", content=post.content)
                    self._note(post, answer.status_code)
                except httpx.ConnectError:  # No host took it, so certainly nothing is stored.
                    to_do.append(post)
                    await asyncio.sleep(0.1)
                    continue
                except httpx.TransportError:
                    self._note(post, None)
                seconds.append(time.monotonic() - started)
                if self.posted.count in kill_at:
                    async with self._one_kill_at_a_time:
                        await asyncio.to_thread(self._choose().restart)

        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            await asyncio.gather(*(send_some(client) for _ in range(in_flight)))
        return median(seconds)

    async def send_amid_a_crowd(self, posts: Sequence[Post], *, in_flight: int) -> float:
        """Post a third alone, and the rest beside many slow clients and bodies of the largest size.

        Return how many times as long the median post took in the crowd.
        """
        third, twentieth = len(posts) // 3, len(posts) // 20
        alone = await self.send(posts[:third], in_flight=in_flight)
        large, slow = posts[third : third + twentieth], posts[third + twentieth : third + 2 * twentieth]
        async with asyncio.TaskGroup() as group:
            quick = group.create_task(self.send(posts[third + 2 * twentieth :], in_flight=in_flight))
            group.create_task(self.send([_enlarge(post) for post in large], in_flight=LARGE_IN_FLIGHT))
            for number in range(SLOW_CLIENTS):
                group.create_task(self._send_slowly(slow[number::SLOW_CLIENTS]))
        return quick.result() / alone

    async def _send_slowly(self, posts: Sequence[Post]) -> None:
        """Post one after the other, each in small pieces with a pause after each piece."""
        for post in posts:
            reader, writer = await asyncio.open_connection(HOST, self._choose().port)
            head = f"POST /api/leads HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(post.content)}\r\n\r\n"
            writer.write(head.encode())
            for start in range(0, len(post.content), PIECE_BYTES):
                writer.write(post.content[start : start + PIECE_BYTES])
                await asyncio.sleep(SECONDS_BETWEEN_PIECES)
            status_line = (await reader.readline()).split()
            self._note(post, int(status_line[1]) if status_line else None)
            writer.close()

    def _choose(self) -> App:
        return self._dice.choice(self._apps)

    def _note(self, post: Post, status: int | None) -> None:
        if status in {None, httpx.codes.SERVICE_UNAVAILABLE}:
            self.posted.unsure.append(post)
        elif post.is_unreadable:
            assert status == httpx.codes.BAD_REQUEST, status
            self.posted.refused.append(post)
        else:
            assert status == httpx.codes.ACCEPTED, status
            self.posted.accepted.append(post)
        self._say("posting", self.posted.count)


def _enlarge(post: Post) -> Post:
    return replace(post, padding=0 if post.is_unreadable else LARGEST_BODY_BYTES - len(post.content))
