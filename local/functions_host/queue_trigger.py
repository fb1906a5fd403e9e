"""Queue triggers, polled as the real host polls (QueueListener.cs and QueueProcessor.cs of its queue extension)."""

import asyncio
import base64
import binascii
import contextlib
import math
import os
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import azure.functions as func
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.functions.queue import QueueMessage
from azure.storage.queue import QueueMessage as StoredMessage
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local.functions_host.functions import Function, StartUpError, parse_time_span
from local.functions_host.invocation import Invoker, logger

SHORTEST_WAIT = timedelta(milliseconds=100)
_make_message: Callable[..., func.QueueMessage] = QueueMessage  # whose constructor has no types


@dataclass(frozen=True)
class QueueOptions:
    """``extensions.queues`` of host.json, with the real host's defaults."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: timedelta = timedelta(0)
    max_polling_interval: timedelta = timedelta(minutes=1)
    is_base64: bool = True

    @classmethod
    def parse(cls, section: Mapping[str, Any]) -> Self:
        """Read the section. Names are in lower case, and values from settings are text."""

        def count(name: str, default: int, lowest: int, highest: int) -> int:
            text = str(section.get(name.casefold(), default))
            if not text.isdigit() or not lowest <= int(text) <= highest:
                raise StartUpError(f"host.json, queues: {name} must be between {lowest} and {highest}, not {text}.")
            return int(text)

        def span(name: str, default: timedelta) -> timedelta:
            text = str(section.get(name.casefold(), default))
            parsed = parse_time_span(text)
            if parsed is None:
                raise StartUpError(f"host.json, queues: {name} must be a time such as 00:00:30, not {text}.")
            return parsed

        batch_size = count("batchSize", cls.batch_size, 1, 32)
        return cls(
            batch_size,
            count("newBatchThreshold", batch_size // 2, 0, 10_000),
            count("maxDequeueCount", cls.max_dequeue_count, 1, 10_000),
            span("visibilityTimeout", cls.visibility_timeout),
            max(SHORTEST_WAIT, span("maxPollingInterval", cls.max_polling_interval)),
            str(section.get("messageencoding", "base64")).casefold() == "base64",
        )


class QueueListener:
    """Runs one function for each message of its queue, and settles the message by the outcome."""

    def __init__(
        self, function: Function, service: QueueServiceClient, options: QueueOptions, invoker: Invoker
    ) -> None:
        self.function = function
        self.queue_name = str(function.binding["queueName"]).lower()
        self.poison_name = None if self.queue_name.endswith("-poison") else f"{self.queue_name}-poison"
        self.poison_listener: QueueListener | None = None
        self._service, self._options, self._invoker = service, options, invoker
        self._queue: QueueClient = service.get_queue_client(self.queue_name)
        # How long others do not see a received message if this host dies.
        self._invisible_seconds = int(os.environ.get("RECEIVED_MESSAGE_INVISIBLE", "600"))
        self._running: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._is_stopping = self._is_down = False

    async def listen(self) -> None:
        """Poll until `stop`, then finish what runs."""
        wait = SHORTEST_WAIT
        while not self._is_stopping:
            messages = await self._receive()
            for message in messages:
                self._running.add(asyncio.create_task(self._handle(message)))
            if messages:
                wait = SHORTEST_WAIT
                await self._until_running(self._options.new_batch_threshold)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), wait.total_seconds())
                self._bell.clear()
                wait = min(wait * 2, self._options.max_polling_interval)
        await self._until_running(0)

    def stop(self) -> None:
        """Receive nothing more."""
        self._is_stopping = True
        self.look_now()

    async def close(self) -> None:
        """Close the connections to storage."""
        await self._service.close()

    def look_now(self) -> None:
        """Poll without waiting."""
        self._bell.set()

    async def run_now(self, text: str) -> None:
        """Run the function once on a message that was in no queue."""
        await self._invoke(_make_message(id=str(uuid.uuid4()), body=text, dequeue_count=1))

    async def _until_running(self, few_enough: int) -> None:
        while len(self._running) > few_enough:
            _, self._running = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _receive(self) -> list[StoredMessage]:
        pages = self._queue.receive_messages(
            messages_per_page=self._options.batch_size, visibility_timeout=self._invisible_seconds, retry_total=0
        ).by_page()
        messages: list[StoredMessage] = []
        try:
            async for page in pages:
                messages = [message async for message in page]
                break
        except ResourceNotFoundError:  # the queue does not exist yet
            pass
        except AzureError as error:
            if not self._is_down:
                self._warn(f"queue {self.queue_name} does not answer ({_name(error)}); trying on")
            self._is_down = True
            return []
        if self._is_down:
            self._warn(f"queue {self.queue_name} answers again")
        self._is_down = False
        return messages

    async def _handle(self, message: StoredMessage) -> None:
        try:
            await self._run_and_settle(message)
        except AzureError as error:
            # Storage failed, or another host took the message over.
            self._warn(f"message {message.id} not settled ({_name(error)}); it may come again")

    async def _run_and_settle(self, message: StoredMessage) -> None:
        count = message.dequeue_count or 0
        body = self._decode(message.content or "")
        if body is None or count > self._options.max_dequeue_count:
            await self._move_to_poison(message)
            return
        async with self._kept_invisible(message):
            succeeded = await self._invoke(
                _make_message(
                    id=message.id,
                    body=body,
                    dequeue_count=count,
                    insertion_time=message.inserted_on,
                    expiration_time=message.expires_on,
                    time_next_visible=message.next_visible_on,
                    pop_receipt=message.pop_receipt,
                )
            )
        if succeeded:
            await self._queue.delete_message(message.id, message.pop_receipt)
        elif self.poison_name and count >= self._options.max_dequeue_count:
            await self._move_to_poison(message)
        elif self.poison_name:
            seconds = math.ceil(self._options.visibility_timeout.total_seconds())
            await self._queue.update_message(message.id, message.pop_receipt, visibility_timeout=seconds)
        # A poison queue has no poison queue. What fails there stays invisible for its time.

    def _decode(self, content: str) -> bytes | None:
        try:
            return base64.b64decode(content, validate=True) if self._options.is_base64 else content.encode()
        except binascii.Error:
            return None

    async def _invoke(self, message: func.QueueMessage) -> bool:
        wants_text = self.function.binding.get("dataType") is not func.DataType.BINARY
        if wants_text and not _is_text(message.get_body()):  # the real host fails, because it makes text of it first
            self._warn("failed: this message needs the trigger to have data_type=func.DataType.BINARY")
            return False
        try:
            await self._invoker.invoke(self.function, message, note=f"dequeue count {message.dequeue_count}")
        except Exception:  # noqa: BLE001 -- the invoker logged it; what becomes of the message shows the rest
            return False
        return True

    @contextlib.asynccontextmanager
    async def _kept_invisible(self, message: StoredMessage) -> AsyncIterator[None]:
        """Renew the message's invisibility each time that half of it is over."""
        done = asyncio.Event()

        async def renew() -> None:
            while not done.is_set():
                try:
                    await asyncio.wait_for(done.wait(), self._invisible_seconds / 2)
                except TimeoutError:
                    renewed = await self._queue.update_message(
                        message.id, message.pop_receipt, visibility_timeout=self._invisible_seconds
                    )
                    message.pop_receipt = renewed.pop_receipt

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            done.set()
            await renewing

    async def _move_to_poison(self, message: StoredMessage) -> None:
        if self.poison_name is None:
            self._warn(f"message {message.id} is left in {self.queue_name} until it expires")
            return
        poison = self._service.get_queue_client(self.poison_name)
        try:
            await poison.send_message(message.content)
        except ResourceNotFoundError:
            await poison.create_queue()
            await poison.send_message(message.content)
        await self._queue.delete_message(message.id, message.pop_receipt)
        self._warn(f"message {message.id} moved to {self.poison_name}")
        if self.poison_listener:
            self.poison_listener.look_now()

    def _warn(self, text: str) -> None:
        logger.warning("%-22s %s", self.function.name, text)


def connect(function: Function) -> QueueServiceClient:
    """Return a client for the storage account that the function's ``connection`` names."""
    setting = str(function.binding["connection"])
    if setting not in os.environ:
        raise StartUpError(f"{function.name}: there is no setting {setting}, which must hold its connection string.")
    try:
        # The SDK's default of 84 s would delay a whole batch.
        return QueueServiceClient.from_connection_string(
            os.environ[setting], initial_backoff=1, increment_base=2, random_jitter_range=0, connection_timeout=5
        )
    except ValueError as error:
        raise StartUpError(f"{function.name}: the setting {setting} is no connection string: {error}") from None


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _name(error: AzureError) -> str:
    return str(getattr(error, "error_code", None) or type(error).__name__)
