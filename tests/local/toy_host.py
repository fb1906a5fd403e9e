"""Run the functions host as its users do, in a separate process, on toy apps written into a folder."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.waiting import wait_for

PROJECT = Path(__file__).resolve().parents[2]

# What every toy app has: `note` leaves a line of JSON for the test to read.
PREAMBLE = """
import asyncio, json, logging, pathlib, time
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
log = logging.getLogger("toy")

def note(**fields):
    with pathlib.Path("notes").open("a") as file:
        file.write(json.dumps(fields) + "\\n")
"""


def write_app(folder: Path, source: str, host_json: Mapping[str, Any] | None = None) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "function_app.py").write_text(PREAMBLE + textwrap.dedent(source))
    queues = {"maxPollingInterval": "00:00:00.2"}
    (folder / "host.json").write_text(json.dumps(host_json or {"version": "2.0", "extensions": {"queues": queues}}))


@dataclass
class ToyHost:
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def url(self) -> str:
        return self.log.partition("host ready on ")[2].partition("\n")[0]

    def notes(self, **fields: object) -> list[dict[str, Any]]:
        """What the app has noted so far, with only the notes that have these *fields*."""
        file = self.folder / "notes"
        notes = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [note for note in notes if fields.items() <= note.items()]

    def wait_for_notes(self, count: int = 1, **fields: object) -> list[dict[str, Any]]:
        return wait_for(lambda: notes if len(notes := self.notes(**fields)) >= count else [])

    def answers(self) -> bool:
        try:
            httpx.get(self.url)
        except httpx.TransportError:
            return False
        return True

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)


def start_host(folder: Path, **settings: str) -> ToyHost:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "HTTP_PORT": "0", **settings}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.functions_host"], cwd=folder, env=environment, stdout=log, stderr=log
        )
    return ToyHost(folder, process)


@contextmanager
def running_host(folder: Path, **settings: str) -> Iterator[ToyHost]:
    """Run the app in *folder* until the end of the block."""
    host = start_host(folder, **settings)
    try:
        wait_for(lambda: host.url or host.process.poll() is not None)
        assert host.url, host.log
        yield host
    finally:
        host.process.kill()
        host.process.wait()
