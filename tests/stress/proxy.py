"""Bad weather between the app and its storage: a proxy that drops, delays, refuses, or loses the answer."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import Self

from aiohttp import ClientError, ClientSession, TCPConnector, web
from yarl import URL

from local.azurite import Ports
from local.child import HOST, free_ports

REFUSALS = (429, 500, 503)
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
NOT_SIGNED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that a client adds. The signature of a request does not cover them."""
SLOW_SECONDS, SLOW_SHARE = 4, 0.05
"""How long some delayed requests take, which is longer than intake waits, and how many they are."""
IDLE_SECONDS = 2
"""Shorter than the time after which Azurite hangs up."""
BIG_ENOUGH = 64 * 1024 * 1024


class Harm(StrEnum):
    """What can happen to a request to storage."""

    DROP = "connections dropped"
    DELAY = "requests delayed"
    REFUSE = "429, 500 or 503"
    LOSE_ANSWER = "answers lost"


class BadWeather:
    """Stands before the queues and tables of an Azurite, and harms a *share* of all requests."""

    def __init__(self, behind: Ports, dice: random.Random) -> None:
        self.harms: Sequence[Harm] = ()
        self.share = 0.1
        self.done: Counter[Harm] = Counter()
        self._dice = dice
        queue, table = free_ports(2)
        self._ways = {queue: behind.queue, table: behind.table}
        self.connection_string = Ports(behind.blob, queue, table).connection_string
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> Self:
        """Listen, in a new thread."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def stop(self) -> None:
        """End all connections."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._client = ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
            auto_decompress=False,
            skip_auto_headers=NOT_SIGNED,
        )
        self._runners = []
        for port, behind in self._ways.items():
            app = web.Application(client_max_size=BIG_ENOUGH)
            app.router.add_route("*", "/{path:.*}", partial(self._pass_on, behind))
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            await web.TCPSite(runner, HOST, port).start()
            self._runners.append(runner)

    async def _close(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
        await self._client.close()

    async def _pass_on(self, behind: int, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        harm = self._dice.choice(self.harms) if self.harms and self._dice.random() < self.share else None
        if harm:
            self.done[harm] += 1
        if harm is Harm.DROP:
            return _hang_up(request)
        if harm is Harm.REFUSE:
            return web.Response(status=self._dice.choice(REFUSALS))
        if harm is Harm.DELAY:
            await asyncio.sleep(SLOW_SECONDS if self._dice.random() < SLOW_SHARE else self._dice.uniform(0, 0.2))
        url = URL(f"http://{HOST}:{behind}{request.raw_path}", encoded=True)
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP]
        try:
            async with self._client.request(request.method, url, headers=headers, data=body or None) as answer:
                content = await answer.read()
        except ClientError:  # Storage itself hung up.
            return _hang_up(request)
        if harm is Harm.LOSE_ANSWER:
            return _hang_up(request)
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP]
        return web.Response(status=answer.status, headers=kept, body=content)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
