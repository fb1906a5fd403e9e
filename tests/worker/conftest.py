"""The app on Microsoft's worker library and on Azurite, started once for all tests of this lane."""

import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lead_core.wiring import services
from local.azurite import Azurite
from tests.storage import Storage
from tests.worker.worker import Worker

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Yield an empty storage account."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield Storage(azurite.connection_string)


@pytest.fixture(scope="session")
def settings(storage: Storage) -> Iterator[Mapping[str, str]]:
    """Yield the sample's settings on this lane's storage, with a mail provider that is down."""
    sample = json.loads((PROJECT / "local.settings.sample.json").read_text(encoding="utf-8"))["Values"]
    places = dict.fromkeys(("AzureWebJobsStorage", "LEADS_STORAGE"), storage.connection_string)
    with socket.socket() as held:  # not listening: no other program gets the port, and it refuses connections
        held.bind(("127.0.0.1", 0))
        yield {**sample, **places, "MAIL_URL": f"smtp://127.0.0.1:{held.getsockname()[1]}"}


@pytest.fixture(scope="session")
def worker(settings: Mapping[str, str]) -> Iterator[Worker]:
    """Yield a worker that has indexed the app with these settings."""
    with pytest.MonkeyPatch.context() as environment, Worker() as worker:
        environment.delenv("CONTAINER_NAME", raising=False)  # to Microsoft's libraries it means Azure
        for name, value in settings.items():
            environment.setenv(name, value)
        worker.index(PROJECT)
        yield worker


@pytest.fixture
def misconfigured(worker: Worker) -> Iterator[Worker]:
    """Yield the worker with wrong mail settings. The app reads them anew, as after a restart."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MAIL_URL", "mail.contoso.example")
        services.cache_clear()
        yield worker
    services.cache_clear()
