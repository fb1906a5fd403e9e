"""One way to reach the storage account: where it is, how long to wait, what its errors mean."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core.exceptions import (
    AzureError,
    DeserializationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

from lead_core.errors import StorageUnavailableError

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.queue.aio import QueueServiceClient

T = TypeVar("T")

CONNECT_SECONDS = 2
READ_SECONDS = 10


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """Where the storage account is: by connection string, or keyless by the addresses of its services."""

    connection_string: str = field(default="", repr=False)
    table_uri: str = ""
    queue_uri: str = ""
    client_id: str = ""
    """That of a user-assigned identity; ``""`` for whatever identity the machine has."""


def open_tables(account: StorageAccount, stack: AsyncExitStack) -> "TableServiceClient":
    """Give a client for the account's tables, closed with *stack*."""
    from azure.data.tables.aio import TableServiceClient  # noqa: PLC0415 -- intake alone doesn't need it

    options: dict[str, Any] = {
        "retry_total": 3,
        "retry_backoff_factor": 0.2,
        "retry_backoff_max": 2,
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
    }
    if account.connection_string:
        client = TableServiceClient.from_connection_string(account.connection_string, **options)
    else:
        client = TableServiceClient(account.table_uri, credential=open_identity(account.client_id, stack), **options)
    stack.push_async_callback(client.close)
    return client


def open_queues(account: StorageAccount, stack: AsyncExitStack) -> "QueueServiceClient":
    """Give a client for the account's queues, closed with *stack*."""
    from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415

    options: dict[str, Any] = {
        # At once, for a connection that had gone stale; the default holds a failing send for 84 seconds.
        "retry_total": 2,
        "initial_backoff": 0,
        "increment_base": 0,
        "random_jitter_range": 0,
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
    }
    if account.connection_string:
        client = QueueServiceClient.from_connection_string(account.connection_string, **options)
    else:
        client = QueueServiceClient(account.queue_uri, credential=open_identity(account.client_id, stack), **options)
    stack.push_async_callback(client.close)
    return client


def open_identity(client_id: str, stack: AsyncExitStack) -> "AsyncTokenCredential":
    """Give the credential of a user-assigned identity, or with ``""`` of whatever identity the machine has."""
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential  # noqa: PLC0415 -- 220 ms

    identity = ManagedIdentityCredential(client_id=client_id) if client_id else DefaultAzureCredential()
    stack.push_async_callback(identity.close)
    return identity


@asynccontextmanager
async def translating_errors() -> AsyncIterator[None]:
    """Turn the SDK's errors into ours, with a code and without what was sent.

    Hence ``from None``: the SDK's texts may hold a whole address with a row's key or a shared access signature in it,
    and whatever was answered.
    """
    try:
        yield
    except HttpResponseError as error:
        raise StorageUnavailableError(_describe(error)) from None
    except (AzureError, DeserializationError, TimeoutError) as error:
        raise StorageUnavailableError(type(error).__name__) from None


def _describe(error: HttpResponseError) -> str:
    """Give the status and the service's word for it: ``403 AuthenticationFailed``. Anything longer might quote."""
    code = getattr(error, "error_code", None)
    word = str(getattr(code, "value", code) or "")  # Those that the SDKs know are members of an enumeration.
    return f"{error.status_code} {word if re.fullmatch('[A-Za-z]{1,60}', word) else ''}".strip()


async def creating(missing_code: str, create: Callable[[], Awaitable[object]], act: Callable[[], Awaitable[T]]) -> T:
    """Do *act*; where its queue or table is not there yet, create that and do it again."""
    try:
        return await act()
    except ResourceNotFoundError as error:
        # The SDK tells no code where an insert finds no table; then nothing else can be missing.
        if getattr(error, "error_code", missing_code) != missing_code:
            raise
    with suppress(ResourceExistsError):
        await create()
    return await act()
