"""A storage account with rejected leads, for the commands that show and retry them."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient

from lead_core.errors import UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.marketplace.envelope import encode_envelope
from lead_core.steps.intake import Posted
from lead_core.wiring import Services
from tests.examples import NOON, at
from tests.storage import Storage

NEARLY = (
    b'{"userDetails": {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@northwind.example"},\n'
    b' "leadSource": "AppSource-INS|contoso.contoso-crm", "offerTitle": "Contoso CRM" "description": "please call"}'
)
CORRECTED = NEARLY.replace(b'" "desc', b'", "desc')


@dataclass
class RejectsAccount(Storage):
    """A storage account whose intake and worker run in this process, when a test says so."""

    services: Services

    @property
    def environment(self) -> Mapping[str, str]:
        """What the command needs to reach it."""
        return {"LEADS_STORAGE": self.connection_string}

    @property
    def row(self) -> dict[str, Any]:
        """The one rejected lead."""
        (row,) = self.rows("RejectedLeads")
        return row

    async def post(self, content: bytes, event: int = 1, minutes: float = 0) -> None:
        """Post something."""
        with suppress(UnreadableLeadError):
            posted = Posted(content, "", is_chunked=False)
            await self.services.intake.accept(posted, event_id=f"{event:x}".ljust(32, "0"), now=at(minutes))

    async def give_up(self, content: bytes, event: int = 9) -> None:
        """Put a lead where the host puts what it gave up on."""
        self.put("leads-poison", encode_envelope(Envelope(f"{event:x}".ljust(32, "0"), NOON, "", content)))

    def put(self, queue: str, message: bytes) -> None:
        """Put a message into a queue, as the host does."""
        with QueueClient.from_connection_string(self.connection_string, queue) as client:
            with suppress(ResourceExistsError):
                client.create_queue()
            client.send_message(base64.b64encode(message).decode())

    async def work(self) -> None:
        """Do what a worker does with all that stands in the queue."""
        with (
            QueueClient.from_connection_string(self.connection_string, "leads") as client,
            suppress(ResourceNotFoundError),
        ):
            for message in client.receive_messages():
                content = base64.b64decode(message.content)
                await self.services.rest.processing.process(content, message_id="m", queued_at=NOON)
                client.delete_message(message)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let the worker go on meanwhile."""

        async def go_on() -> None:
            while True:
                await self.work()
                await asyncio.sleep(0.05)

        worker = asyncio.create_task(go_on())
        try:
            yield
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
