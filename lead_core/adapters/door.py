"""The app's own address, asked over HTTP."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import aiohttp

from lead_core.errors import NoAnswerError
from lead_core.ports.examining import DoorAnswer

ASKING_GIVES_UP_AFTER: Final = timedelta(seconds=30)
"""A cold start of the app takes some seconds."""


class WebDoor:
    """A `Door`, and a `LeadDoor`. It follows no redirection: a key in the URL goes nowhere else."""

    def __init__(self, patience: timedelta = ASKING_GIVES_UP_AFTER) -> None:
        self._patience = aiohttp.ClientTimeout(total=patience.total_seconds())

    async def ask(self, method: str, url: str) -> DoorAnswer:
        """See `Door.ask`."""
        return await self._send(method, url)

    async def post(self, url: str, lead: bytes) -> DoorAnswer:
        """See `LeadDoor.post`."""
        return await self._send("POST", url, lead)

    async def _send(self, method: str, url: str, body: bytes | None = None) -> DoorAnswer:
        headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if body else {})}
        try:
            async with (
                aiohttp.ClientSession(timeout=self._patience, headers=headers) as session,
                session.request(method, url, data=body, allow_redirects=False) as answer,
            ):
                return DoorAnswer(answer.status, _read(await answer.read()))
        except (aiohttp.ClientError, TimeoutError, UnicodeError, ValueError) as error:
            raise NoAnswerError(type(error).__name__) from None  # The text would quote the URL, with its key.


def _read(body: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
