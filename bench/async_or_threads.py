"""Measure two ways in which intake could enqueue a lead: async, or in the threads that run ``def`` functions.

Both take turns on one Azurite, then on a queue that never answers. Only ratios mean anything, because client and queue
share the machine. The decision is in ``docs/adr/0001-async-or-threads.md``.
"""

import argparse
import asyncio
import base64
import os
import platform
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter

from azure.core.exceptions import AzureError
from azure.storage.queue import QueueClient
from rich import box
from rich.console import Console
from rich.table import Table

from lead_core.adapters.azure.account import CONNECT_SECONDS, StorageAccount
from lead_core.adapters.azure.queue import SENDING_GIVES_UP_AFTER, AzureLeadQueue, open_queues
from lead_core.errors import StorageUnavailableError
from lead_core.wiring import QUEUE_NAME
from local.azurite import Azurite, Ports
from local.child import HOST

IN_FLIGHT = 32
ROUNDS = 11
SENDS_PER_ROUND = 10 * IN_FLIGHT
"""Few, because Azurite may hang up on the one that waits long, and the threads send without a retry."""
IMPORTS = 7
WORKER_THREADS = min(32, (os.cpu_count() or 1) + 4)
MESSAGE = b"x" * 450
"""As long as a sample lead in its envelope."""

_TIME_IMPORT = """
import sys, time
if "blocked" in sys.argv:
    sys.modules["aiohttp"] = None
started = time.perf_counter()
import azure.storage.queue
print(1000 * (time.perf_counter() - started))
"""

Post = Callable[[], Awaitable[object]]
Opener = Callable[[str], AbstractAsyncContextManager[Post]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One quantity, measured in turns: async first, then threads."""

    of_async: Sequence[float]
    of_threads: Sequence[float]

    @property
    def ratio(self) -> float:
        """The ratio of async to threads: the median over all turns."""
        return median(a / b for a, b in zip(self.of_async, self.of_threads, strict=True))


@asynccontextmanager
async def posting_async(connection_string: str) -> AsyncIterator[Post]:
    """Yield a post as `accept_lead` makes it."""
    async with AsyncExitStack() as stack:
        queues = open_queues(StorageAccount(connection_string), stack)
        queue = AzureLeadQueue(queues.get_queue_client(QUEUE_NAME))
        yield partial(queue.enqueue, MESSAGE)


@asynccontextmanager
async def posting_in_threads(connection_string: str, *, threads: int) -> AsyncIterator[Post]:
    """Yield a post as the worker would make it for a ``def`` function: its event loop waits for a thread."""
    client = QueueClient.from_connection_string(
        connection_string,
        QUEUE_NAME,
        retry_total=0,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=SENDING_GIVES_UP_AFTER.total_seconds(),
    )

    def send() -> None:
        client.send_message(base64.b64encode(MESSAGE).decode(), time_to_live=-1)

    with client, ThreadPoolExecutor(threads) as pool:
        yield partial(asyncio.get_running_loop().run_in_executor, pool, send)


@asynccontextmanager
async def silent_queue() -> AsyncIterator[str]:
    """Yield the connection string of a queue that takes every connection and never answers."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while await reader.read(65536):
                pass
        writer.close()

    async with await asyncio.start_server(say_nothing, HOST, 0) as server:
        yield Ports(queue=server.sockets[0].getsockname()[1]).connection_string


async def measure_sends(open_async: Opener, open_threads: Opener) -> Pair:
    """Return the sends per second of each round. The first of the two changes from round to round."""
    rates: tuple[list[float], list[float]] = ([], [])
    with Azurite(only="queue") as azurite:
        async with open_async(azurite.connection_string) as first, open_threads(azurite.connection_string) as second:
            ways = list(zip((first, second), rates, strict=True))
            for post, _ in ways:  # The first creates the queue; both open their connections.
                await post()
                await _send(post, 2 * IN_FLIGHT)
            for _ in range(ROUNDS):
                for post, rate in ways:
                    rate.append(SENDS_PER_ROUND / await _send(post, SENDS_PER_ROUND))
                ways.reverse()
    return Pair(*rates)


async def _send(post: Post, sends: int) -> float:
    """Post *sends* times, always `IN_FLIGHT` at once, and return the seconds it took."""
    tickets = iter(range(sends))

    async def post_in_turn() -> None:
        for _ in tickets:
            await post()

    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(post_in_turn())
    return perf_counter() - started


async def measure_silence(open_async: Opener, open_threads: Opener) -> Pair:
    """Return how many seconds the slowest of `IN_FLIGHT` simultaneous posts waits for its error."""
    slowest = []
    for open_way in (open_async, open_threads):
        async with silent_queue() as connection_string, open_way(connection_string) as post:
            slowest.append(max(await asyncio.gather(*(_wait_for_error(post) for _ in range(IN_FLIGHT)))))
    return Pair(slowest[:1], slowest[1:])


async def _wait_for_error(post: Post) -> float:
    started = perf_counter()
    try:
        await post()
    except (StorageUnavailableError, AzureError):
        return perf_counter() - started
    raise AssertionError("The silent queue answered.")


def measure_imports() -> Pair:
    """Return the milliseconds that the queue's SDK takes to import, with and without aiohttp."""
    _time_import("")  # The first import also compiles.
    turns = [(_time_import(""), _time_import("blocked")) for _ in range(IMPORTS)]
    return Pair(*zip(*turns, strict=True))


def _time_import(aiohttp: str) -> float:
    command = [sys.executable, "-c", _TIME_IMPORT, aiohttp]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 -- ourselves


async def main(threads: int) -> None:
    """Measure, and print a table."""
    ways: tuple[Opener, Opener] = (posting_async, partial(posting_in_threads, threads=threads))
    table = Table("", "async", f"{threads} threads", "ratio", title="Intake, async or in threads", box=box.SIMPLE)
    table.caption = (
        f"{IN_FLIGHT} posts at once; silent queue: until the slowest has its error; import: with aiohttp, without it.\n"
        f"Medians of one run (with their range). Python {platform.python_version()}, {os.cpu_count()} cores."
    )
    _add_row(table, "sends per second", await measure_sends(*ways), unit="")
    _add_row(table, "silent queue", await measure_silence(*ways), unit=" s")
    _add_row(table, "cold import", measure_imports(), unit=" ms")
    Console().print(table)


def _add_row(table: Table, what: str, pair: Pair, *, unit: str) -> None:
    cells = [_format(measured, unit) for measured in (pair.of_async, pair.of_threads)]
    table.add_row(what, *cells, f"{pair.ratio:.2f}")


def _format(measured: Sequence[float], unit: str) -> str:
    middle, lowest, highest = (f"{value:.3g}" for value in (median(measured), min(measured), max(measured)))
    return middle + unit if len(measured) == 1 else f"{middle}{unit} ({lowest}-{highest})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=WORKER_THREADS, help="default: as many as the worker has here")
    asyncio.run(main(parser.parse_args().threads))
