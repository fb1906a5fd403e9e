"""What stands in storage, read as any other client reads it."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableClient, TableServiceClient
from azure.storage.queue import QueueClient, QueueServiceClient

from tests.to_do_list import EntryKey, entries_asked_for


@dataclass
class Storage:
    """A storage account as whoever browses it sees it."""

    connection_string: str

    def rows(self, table: str, **columns: object) -> list[dict[str, Any]]:
        """Give the rows of *table* that hold these values; none where there is no such table yet."""
        query = " and ".join(f"{name} eq @{name}" for name in columns)
        with TableClient.from_connection_string(self.connection_string, table) as client:
            try:
                found = client.query_entities(query, parameters=columns) if columns else client.list_entities()
                return [dict(row) for row in found]
            except ResourceNotFoundError:
                return []

    def edit(self, table: str, row: Mapping[str, Any], **columns: object) -> None:
        """Write these values into *row*, as somebody does in the grid of a table editor."""
        keys = {name: row[name] for name in ("PartitionKey", "RowKey")}
        with TableClient.from_connection_string(self.connection_string, table) as client:
            client.update_entity(keys | columns)

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Type a new row."""
        with TableClient.from_connection_string(self.connection_string, table) as client:
            client.create_entity(dict(row))

    def delete(self, table: str, row: Mapping[str, Any]) -> None:
        """Delete a row."""
        with TableClient.from_connection_string(self.connection_string, table) as client:
            client.delete_entity(row["PartitionKey"], row["RowKey"])

    def listed(self) -> set[EntryKey]:
        """Give the keys in FollowUps."""
        return {(row["PartitionKey"], row["RowKey"]) for row in self.rows("FollowUps")}

    def asked_for(self) -> set[EntryKey]:
        """Give the keys that the open leads ask for in FollowUps."""
        return entries_asked_for(self.rows("Leads"))

    def take_messages(self, queue: str) -> list[bytes]:
        """Empty *queue* and decode its messages: the host wants base64. None where there is no such queue yet."""
        with QueueClient.from_connection_string(self.connection_string, queue) as client:
            try:
                texts = [message.content for message in client.receive_messages(messages_per_page=32)]
                client.clear_messages()
            except ResourceNotFoundError:
                return []
        return [base64.b64decode(text, validate=True) for text in texts]

    def queued(self, queue: str = "leads") -> int:
        """Count the messages in a queue, the invisible ones too."""
        with QueueServiceClient.from_connection_string(self.connection_string) as queues:
            try:
                return queues.get_queue_client(queue).get_queue_properties().approximate_message_count or 0
            except ResourceNotFoundError:
                return 0

    def let_claims_run_out(self, *, before: datetime | None = None) -> None:
        """Do what ten minutes do; only to claims last written *before* then, if that is given."""
        with TableServiceClient.from_connection_string(self.connection_string) as tables:
            digests = tables.get_table_client("Digests")
            with suppress(ResourceNotFoundError):
                for row in digests.list_entities():
                    # On what was read: a claim that was released or taken anew meanwhile stays as it is.
                    written_at = row.metadata["timestamp"] or datetime.now(UTC)
                    is_old = before is None or written_at < before
                    if "Until" in row and is_old:
                        with suppress(ResourceModifiedError):
                            digests.update_entity(
                                dict(row) | {"Until": datetime(2020, 1, 1, tzinfo=UTC)},
                                match_condition=MatchConditions.IfNotModified,
                                etag=row.metadata["etag"],
                            )
