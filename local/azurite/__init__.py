"""Start and stop Azurite, Microsoft's emulator of Azure Storage, pinned in ``package-lock.json`` beside this file."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Self

from local.child import HOST, Child, free_ports
from local.node_service import NodeService
from local.toolchain import AZURITE

# The account that every Azurite has. It is not secret.
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
        """Return three ports that are free now."""
        return cls(*free_ports(3))

    def of(self, service: Service) -> int:
        """Return the port of *service*."""
        return {"blob": self.blob, "queue": self.queue, "table": self.table}[service]

    @property
    def connection_string(self) -> str:
        """What a client of Azurite on these ports needs."""
        endpoints = [f"{name.title()}Endpoint=http://{HOST}:{self.of(name)}/{ACCOUNT}" for name in SERVICES]
        return ";".join(["DefaultEndpointsProtocol=http", f"AccountName={ACCOUNT}", f"AccountKey={KEY}", *endpoints])


@dataclass
class Azurite(NodeService):
    """One Azurite with all services, or with *only* one, so that a test can stop the tables alone.

    Several with different services may share a data folder. Without a folder, all data is in memory.
    """

    name: ClassVar = "Azurite"

    ports: Ports = field(default_factory=Ports.free)
    only: Service | None = None
    accounts: Sequence[str] = ()
    """Accounts to have instead of the usual one. Each has its own storage. See `connect`."""

    @property
    def connection_string(self) -> str:
        """What a client needs, even if only some services run here."""
        return self.connect(ACCOUNT)

    def connect(self, account: str) -> str:
        """Return what a client of one of its accounts needs."""
        return self.ports.connection_string.replace(ACCOUNT, account)

    @property
    def program(self) -> Path:
        """See `NodeService.program`."""
        sources = AZURITE / "node_modules" / "azurite" / "dist" / "src"
        return sources / self.only / "main.js" if self.only else sources / "azurite.js"

    def _make_child(self, command: list[str], folder: Path) -> Child:
        services = (self.only,) if self.only else SERVICES
        command += ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        for service in services:
            command += [f"--{service}Host", HOST, f"--{service}Port", str(self.ports.of(service))]
        command += ["--location", str(folder)] if self.data_dir else ["--inMemoryPersistence"]
        log = folder / f"azurite-{self.only or 'all'}.log"
        ports = [self.ports.of(service) for service in services]
        named = {"AZURITE_ACCOUNTS": ";".join(f"{name}:{KEY}" for name in self.accounts)} if self.accounts else {}
        # Not SIGTERM: an Azurite with tables alone would stop without saving its data.
        return Child(self.name, command, ports, log, {**os.environ, **named}, stop_signal=signal.SIGINT)
