"""What stands in storage, read as any other client reads it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableClient
from azure.storage.queue import QueueClient


@dataclass(frozen=True)
class Storage:
    """A storage account."""

    connection_string: str

    def rows(self, table: str, **columns: object) -> list[dict[str, Any]]:
        """Return the rows of *table* that hold these values. No rows if there is no table yet."""
        query = " and ".join(f"{name} eq @{name}" for name in columns)
        with TableClient.from_connection_string(self.connection_string, table) as client:
            try:
                return [dict(row) for row in client.query_entities(query, parameters=columns)]
            except ResourceNotFoundError:
                return []

    def edit(self, table: str, row: Mapping[str, Any], **columns: object) -> None:
        """Write these values into *row*, as a person does in the grid of a table editor."""
        keys = {name: row[name] for name in ("PartitionKey", "RowKey")}
        with TableClient.from_connection_string(self.connection_string, table) as client:
            client.update_entity(keys | columns)

    def take_messages(self, queue: str) -> list[bytes]:
        """Empty *queue*, and return its messages, decoded from base64. No messages if there is no queue yet."""
        with QueueClient.from_connection_string(self.connection_string, queue) as client:
            try:
                texts = [message.content for message in client.receive_messages(messages_per_page=32)]
                client.clear_messages()
            except ResourceNotFoundError:
                return []
        return [base64.b64decode(text, validate=True) for text in texts]
