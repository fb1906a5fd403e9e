"""Azurite as the tests and `run` use it."""

from pathlib import Path

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient

from local.azurite import Azurite, Ports
from local.child import ChildError


@pytest.mark.usefixtures("node_programs")
def test_the_tables_run_alone_and_what_they_hold_is_kept(tmp_path: Path) -> None:
    ports = Ports.free()
    tables = TableServiceClient.from_connection_string(ports.connection_string, retry_total=0)
    queue = QueueClient.from_connection_string(ports.connection_string, "queue", retry_total=0)
    with Azurite(tmp_path, ports=ports, only="table"):
        tables.create_table("Kept").create_entity({"PartitionKey": "a", "RowKey": "b"})
        with pytest.raises(ServiceRequestError):
            queue.create_queue()
    with Azurite(tmp_path, ports=ports):
        assert [table.name for table in tables.list_tables()] == ["Kept"]
        assert len(list(tables.get_table_client("Kept").list_entities())) == 1
        queue.create_queue()


def test_a_port_of_another_program_is_not_taken_for_our_own(azurite: Azurite) -> None:
    with (
        pytest.raises(
            ChildError, match=f"Azurite cannot start: another program listens on port {azurite.ports.table}."
        ),
        Azurite(ports=azurite.ports, only="table"),
    ):
        pass
