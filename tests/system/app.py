"""The whole app as a black box: separate processes, HTTP in, tables out."""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from local.child import HOST, Child, free_ports
from tests.good_settings import GOOD_SETTINGS
from tests.storage import Storage
from tests.waiting import wait_for

# With these, what the real host does in minutes takes seconds.
QUICK = {
    "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:01",
    "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.2",
    "RECEIVED_MESSAGE_INVISIBLE": "4",
}


def lead(who: int, what: str = "", **person: str) -> bytes:
    details = {"FirstName": f"P{who}", "LastName": "Smith", "Email": f"p{who}@northwind.example", **person}
    return json.dumps(
        {
            "UserDetails": details,
            "LeadSource": "AppSource-INS|contoso.contoso-crm",
            "ActionCode": "INS",
            "OfferTitle": "Contoso CRM",
            "Description": what,
        }
    ).encode()


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

    def post(self, content: bytes, offer: str = "", headers: Mapping[str, str] | None = None) -> httpx.Response:
        url = f"{self.url}/leads{'/' if offer else ''}{offer}"
        return httpx.post(url, content=content, headers=headers, timeout=30)

    def check(self) -> None:
        """Run the hourly check now."""
        self.run_now("check_leads")

    def run_now(self, function: str) -> str:
        """Run a timer's function now, and return what the host says of it: ``done`` or ``failed``."""
        before = len(self._runs_of(function))
        answer = httpx.post(f"http://{HOST}:{self.port}/admin/functions/{function}", json={"input": ""}, timeout=30)
        assert answer.status_code == httpx.codes.ACCEPTED
        return wait_for(lambda: self._runs_of(function)[before:])[0]

    def _runs_of(self, function: str) -> list[str]:
        return re.findall(rf"^[\d:]+  {function} +(\w+)", self.log.read_text(), re.MULTILINE)

    def wait_until_processed(self, seconds: float = 120) -> None:
        wait_for(lambda: self.queued() == 0 and self.queued("leads-poison") == 0, seconds=seconds)
