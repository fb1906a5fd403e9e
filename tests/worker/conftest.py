"""The app on Microsoft's worker library and on Azurite, started once for all tests of this lane."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.azurite import running_azurite
from tests.worker.storage import Storage
from tests.worker.worker import Worker

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Give an empty storage account."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield Storage(azurite.connection_string)


@pytest.fixture(scope="session")
def worker(storage: Storage) -> Iterator[Worker]:
    """Give a worker that has indexed the app, with the sample's settings on this lane's storage."""
    settings = json.loads((PROJECT / "local.settings.sample.json").read_text(encoding="utf-8"))["Values"]
    places = dict.fromkeys(("AzureWebJobsStorage", "LEADS_STORAGE"), storage.connection_string)
    with pytest.MonkeyPatch.context() as environment, Worker() as worker:
        environment.delenv("CONTAINER_NAME", raising=False)  # to Microsoft's libraries it means Azure
        for name, value in (settings | places).items():
            environment.setenv(name, value)
        worker.index(PROJECT)
        yield worker
