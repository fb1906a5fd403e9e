"""One way to reach the storage account: where it is, how long to wait, what its errors mean."""

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

from lead_core.adapters.azure.refusals import translate
from lead_core.adapters.azure.transport import open_transport
from lead_core.errors import StorageUnavailableError

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.queue.aio import QueueServiceClient

T = TypeVar("T")
Service = TypeVar("Service", "TableServiceClient", "QueueServiceClient")

CONNECT_SECONDS = 2
READ_SECONDS = 10


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """Where the storage account is: a connection string, or without a key the addresses of its services."""

    connection_string: str = field(default="", repr=False)
    table_uri: str = ""
    queue_uri: str = ""
    client_id: str = ""
    """The client id of a user-assigned identity. ``""`` is the machine's own identity."""
    is_for_operator: bool = False
    """Whether a person reaches it, as they are signed in to the Azure CLI."""


def open_client(
    service: type[Service], account: StorageAccount, uri: str, stack: AsyncExitStack, **options: Any
) -> Service:
    """Return a client for a service of the account, which *stack* closes. Without a key, the service is at *uri*."""
    options["transport"] = open_transport(connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
    if account.connection_string:
        client = service.from_connection_string(account.connection_string, **options)
    else:
        identity = open_sign_in(stack) if account.is_for_operator else open_identity(account.client_id, stack)
        client = service(uri, credential=identity, **options)
    stack.push_async_callback(client.close)
    return client


def open_identity(client_id: str, stack: AsyncExitStack) -> "AsyncTokenCredential":
    """Return the credential of a user-assigned identity, or with ``""`` of the machine's own."""
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential  # noqa: PLC0415 -- 220 ms, and only without a key

    identity = ManagedIdentityCredential(client_id=client_id) if client_id else DefaultAzureCredential()
    stack.push_async_callback(identity.close)
    return identity


def open_sign_in(stack: AsyncExitStack) -> "AsyncTokenCredential":
    """Return the credential of the person who is signed in to the Azure CLI."""
    from azure.identity.aio import AzureCliCredential  # noqa: PLC0415 -- only an operator needs it

    identity = AzureCliCredential()
    stack.push_async_callback(identity.close)
    return identity


@asynccontextmanager
async def translating_errors(*, writes_row: bool = False) -> AsyncIterator[None]:
    """Turn the SDK's errors into ours, with a code and without what was sent.

    ``from None``, because the SDK's texts may quote an answer, or an address with a row's key or a signature in it.

    Raises: with *writes_row*, RowRefusedError if this one row can never be stored.
    """
    try:
        yield
    except HttpResponseError as error:
        raise translate(error, writes_row=writes_row) from None
    except (AzureError, DeserializationError, TimeoutError) as error:
        raise StorageUnavailableError(type(error).__name__) from None


async def creating(missing_code: str, create: Callable[[], Awaitable[object]], act: Callable[[], Awaitable[T]]) -> T:
    """Do *act*. If its queue or table is not there yet, create that and do it again."""
    try:
        return await act()
    except ResourceNotFoundError as error:
        # An insert that finds no table has no code, and nothing else can be missing then.
        if getattr(error, "error_code", missing_code) != missing_code:
            raise
    with suppress(ResourceExistsError):
        await create()
    return await act()
