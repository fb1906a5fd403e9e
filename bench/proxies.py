"""Measures what looking for proxies costs: the CPU of one request to a table, with and without the look-up.

Both take turns on one Azurite. Only the ratio means anything.
"""

import asyncio
from contextlib import AsyncExitStack
from statistics import median
from time import process_time

from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient
from rich.console import Console
from rich.table import Table

from lead_core.adapters.azure.account import CONNECT_SECONDS, READ_SECONDS
from lead_core.adapters.azure.table import AzureTable
from lead_core.adapters.azure.transport import open_transport
from local.azurite import Azurite

ROUNDS = 11
REQUESTS_PER_ROUND = 200


async def main() -> None:
    """Print the table."""
    with Azurite(only="table") as azurite:
        async with AsyncExitStack() as stack:
            plain = open_transport(connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
            ways = {"looks for proxies (the SDK's default)": AioHttpTransport(), "does not (ours)": plain}
            tables = {name: await _open(azurite, transport, stack) for name, transport in ways.items()}
            spent: dict[str, list[float]] = {name: [] for name in tables}
            for _ in range(ROUNDS):
                for name, table in tables.items():
                    spent[name].append(await _spend(table))
    first = median(next(iter(spent.values())))
    shown = Table("transport", "CPU of a request, ms", "ratio")
    for name, seconds in spent.items():
        shown.add_row(name, f"{1000 * median(seconds):.2f}", f"{median(seconds) / first:.2f}")
    Console().print(shown)


async def _open(azurite: Azurite, transport: AioHttpTransport, stack: AsyncExitStack) -> AzureTable:
    service = TableServiceClient.from_connection_string(azurite.connection_string, transport=transport)
    table = AzureTable((await stack.enter_async_context(service)).get_table_client("Bench"))
    await table.upsert({"PartitionKey": "p", "RowKey": "r"})
    return table


async def _spend(table: AzureTable) -> float:
    """Return the CPU seconds of one request."""
    started = process_time()
    for number in range(REQUESTS_PER_ROUND):
        await table.upsert({"PartitionKey": "p", "RowKey": str(number)})
    return (process_time() - started) / REQUESTS_PER_ROUND


if __name__ == "__main__":
    asyncio.run(main())
