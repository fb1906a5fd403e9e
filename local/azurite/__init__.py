"""Starts and stops Azurite, Microsoft's emulator of Azure Storage, pinned in ``package-lock.json`` beside this file."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Self

from local.child import HOST, Child, ChildError, free_ports
from local.toolchain import AZURITE, find_node

# The account that every Azurite has; no secret.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

Service = Literal["blob", "queue", "table"]
SERVICES: tuple[Service, ...] = ("blob", "queue", "table")


@dataclass(frozen=True)
class Ports:
    """Where each service of Azurite listens."""

    blob: int = 10000
    queue: int = 10001
    table: int = 10002

    @classmethod
    def free(cls) -> Self:
        """Give three ports that nobody listens on just now."""
        return cls(*free_ports(3))

    def of(self, service: Service) -> int:
        """Give the port of *service*."""
        return {"blob": self.blob, "queue": self.queue, "table": self.table}[service]

    @property
    def connection_string(self) -> str:
        """What a client of Azurite on these ports needs."""
        endpoints = [f"{name.title()}Endpoint=http://{HOST}:{self.of(name)}/{ACCOUNT}" for name in SERVICES]
        return ";".join(["DefaultEndpointsProtocol=http", f"AccountName={ACCOUNT}", f"AccountKey={KEY}", *endpoints])


@dataclass
class Azurite:
    """One Azurite: all of it, or *only* one service, so that a test can take away the tables alone.

    Those that serve different services may share a data folder. Without a folder all is in memory.
    """

    data_dir: Path | None = None
    ports: Ports = field(default_factory=Ports.free)
    only: Service | None = None
    accounts: Sequence[str] = ()
    """Those that it has instead of the usual one, each a storage of its own; see `connect`."""
    _child: Child | None = None
    _scratch: TemporaryDirectory[str] | None = None

    @property
    def connection_string(self) -> str:
        """What a client needs, whichever services run here."""
        return self.connect(ACCOUNT)

    def connect(self, account: str) -> str:
        """Give what a client of one of its accounts needs."""
        return self.ports.connection_string.replace(ACCOUNT, account)

    def start(self) -> Self:
        """Start it on what its folder holds, and wait until it answers."""
        self._child = self._make_child().start()
        return self

    def check(self) -> None:
        """Raise ChildError if it is no longer running."""
        if self._child:
            self._child.check()

    def stop(self) -> None:
        """Stop it; what its folder holds is kept."""
        if self._child:
            self._child.stop()
        if self._scratch:
            self._scratch.cleanup()

    def _make_child(self) -> Child:
        node, sources = find_node(), AZURITE / "node_modules" / "azurite" / "dist" / "src"
        if node is None or not sources.exists():
            raise ChildError("Azurite is not installed. `python -m local test` does that.")
        services = (self.only,) if self.only else SERVICES
        # Node itself, no npm around it: the process that is stopped is the server.
        command = [node.node, str(sources / self.only / "main.js" if self.only else sources / "azurite.js")]
        command += ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        for service in services:
            command += [f"--{service}Host", HOST, f"--{service}Port", str(self.ports.of(service))]
        if self.data_dir:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            folder = self.data_dir
            command += ["--location", str(folder)]
        else:
            self._scratch = TemporaryDirectory(prefix="azurite-")
            folder = Path(self._scratch.name)
            command += ["--inMemoryPersistence"]
        log = folder / f"azurite-{self.only or 'all'}.log"
        ports = [self.ports.of(service) for service in services]
        # Not SIGTERM: the tables alone would end without writing what they hold.
        named = {"AZURITE_ACCOUNTS": ";".join(f"{name}:{KEY}" for name in self.accounts)} if self.accounts else {}
        environment = {**os.environ, **named}
        return Child("Azurite", command, ports, log, environment, stop_signal=signal.SIGINT)


@contextmanager
def running_azurite(
    data_dir: Path | None = None,
    *,
    ports: Ports | None = None,
    only: Service | None = None,
    accounts: Sequence[str] = (),
) -> Iterator[Azurite]:
    """Give an Azurite that runs until the end of the block, on free ports if none are given."""
    azurite = Azurite(data_dir, ports or Ports.free(), only, accounts)
    try:
        yield azurite.start()
    finally:
        azurite.stop()
