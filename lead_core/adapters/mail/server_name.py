"""Whether name servers know the mail server. It is asked by `health`, which opens no connection to it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from lead_core.errors import MailTroubleError

LOOKING_GIVES_UP_AFTER: Final = timedelta(seconds=2)
"""Shorter than `health` waits, so that its answer says what was asked."""


async def look_up(host: str) -> None:
    """Ask the system for the addresses of *host*. Raises: socket.gaierror, or UnicodeError for what can be no name."""
    await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)


@dataclass(slots=True)
class MailServerProbe:
    """A `Probe`: whether the name in ``MAIL_URL`` can be resolved."""

    host: str
    look_up: Callable[[str], Awaitable[None]] = look_up
    patience: timedelta = LOOKING_GIVES_UP_AFTER
    name: str = "MAIL_URL"
    _asking: asyncio.Future[None] | None = field(default=None, repr=False)

    async def check(self) -> None:
        """See `Probe.check`. Raises: MailTroubleError."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self.look_up(self.host))
            self._asking.add_done_callback(_take_note)
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                # A thread waits for the name servers, and cannot be stopped. The next caller waits for the same one.
                await asyncio.shield(self._asking)
        except TimeoutError:
            raise MailTroubleError(_describe(f"gave no answer within {self.patience.seconds} seconds")) from None
        except socket.gaierror as error:
            is_unknown = error.errno in _NO_SUCH_HOST
            raise MailTroubleError(_UNKNOWN if is_unknown else _describe("cannot be asked now")) from None
        except UnicodeError:  # a part of the name is empty, or longer than 63 characters
            raise MailTroubleError(_UNKNOWN) from None


_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_UNKNOWN = "no name server knows its host, so no mail can be handed over: correct the host"


def _describe(what: str) -> str:
    return f"the name server {what}, so it is unknown whether mail can be handed over: try again later"


def _take_note(asked: asyncio.Future[None]) -> None:
    """Read the outcome of a look-up for which nobody waited to the end, so that asyncio does not warn of it."""
    if not asked.cancelled():
        asked.exception()
