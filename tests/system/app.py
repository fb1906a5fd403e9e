"""The whole app as a black box: separate processes, HTTP in, tables out."""

import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from local.child import HOST, Child, free_ports

T = TypeVar("T")

# With these, what the real host does in minutes takes seconds.
QUICK = {
    "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:01",
    "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.2",
    "RECEIVED_MESSAGE_INVISIBLE": "4",
}
GOOD_SETTINGS = {
    "OWNERS": "sales@contoso.example",
    "MAIL_FROM": "leads@contoso.example",
    "MAIL_URL": "smtp://127.0.0.1:1025",
    "LINK_KEY": "k" * 32,
}


def wait_for(probe: Callable[[], T], *, seconds: float = 60, every: float = 0.05) -> T:
    """Return the first result of *probe* that counts as true."""
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(every)
    return found


@dataclass
class Storage:
    """A storage account as people see it who browse it."""

    connection_string: str

    def rows(self, table: str) -> list[dict[str, Any]]:
        with TableServiceClient.from_connection_string(self.connection_string) as tables:
            try:
                return [dict(row) for row in tables.get_table_client(table).list_entities()]
            except ResourceNotFoundError:
                return []

    def listed(self) -> set[str]:
        """Return the keys in FollowUps."""
        return {row["RowKey"] for row in self.rows("FollowUps")}

    def asked_for(self) -> set[str]:
        """Return the keys that the open leads ask for in FollowUps."""
        return {
            f"{row['NextReminderAt']:%Y-%m-%dT%H:%M:%S.%fZ}|{row['PartitionKey']}|{row['RowKey']}"
            for row in self.rows("Leads")
            if "NextReminderAt" in row
        }

    def queued(self, queue: str = "leads") -> int:
        """Count the messages in a queue, the invisible ones too."""
        with QueueServiceClient.from_connection_string(self.connection_string) as queues:
            try:
                return queues.get_queue_client(queue).get_queue_properties().approximate_message_count or 0
            except ResourceNotFoundError:
                return 0

    def let_claims_run_out(self, *, before: datetime | None = None) -> None:
        """Let claims run out, as after ten minutes. With *before*, only claims last written before then."""
        with TableServiceClient.from_connection_string(self.connection_string) as tables:
            digests = tables.get_table_client("Digests")
            with suppress(ResourceNotFoundError):
                for row in digests.list_entities():
                    # Only the version that was read: a claim that was released or taken again meanwhile stays as it is.
                    written_at = row.metadata["timestamp"] or datetime.now(UTC)
                    is_old = before is None or written_at < before
                    if "Until" in row and is_old:
                        with suppress(ResourceModifiedError):
                            digests.update_entity(
                                dict(row) | {"Until": datetime(2020, 1, 1, tzinfo=UTC)},
                                match_condition=MatchConditions.IfNotModified,
                                etag=row.metadata["etag"],
                            )


@dataclass
class App(Storage):
    """The functions on a storage account, as a user can see them."""

    log: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _child: Child | None = None

    def start(self) -> None:
        settings = {**GOOD_SETTINGS, **QUICK, **self.settings}
        ours = {"LEADS_STORAGE": self.connection_string, "HTTP_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        self._child = Child(
            "The functions host",
            [sys.executable, "-m", "local.functions_host"],
            [self.port],
            self.log,
            environment={**os.environ, "AzureWebJobsStorage": self.connection_string, **settings, **ours},
        ).start()

    def stop(self) -> None:
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._child:
            self._child.kill()

    def restart(self) -> None:
        """End it at once, as a power cut would, and start it again."""
        self.kill()
        self.start()

    def memory_mib(self) -> int:
        """Return the memory of its process in MiB. 0 on systems other than Linux, which do not tell."""
        process = self._child.process if self._child else None
        status = Path(f"/proc/{process.pid}/status") if process else Path()
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.is_file() else None
        return int(found[1]) // 1024 if found else 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/api"

    def post(self, content: bytes, offer: str = "") -> httpx.Response:
        return httpx.post(f"{self.url}/leads{'/' if offer else ''}{offer}", content=content, timeout=30)

    def check(self) -> None:
        """Run the hourly check now."""
        answer = httpx.post(f"http://{HOST}:{self.port}/admin/functions/check_leads", json={"input": ""}, timeout=30)
        assert answer.status_code == httpx.codes.ACCEPTED

    def wait_until_processed(self) -> None:
        wait_for(lambda: self.queued() == 0 and self.queued("leads-poison") == 0, seconds=120)
