"""The app's environment: on Azurite, on storage that is down, or with everything but storage."""

from collections.abc import AsyncIterator

import pytest

from lead_core import wiring
from lead_core.settings import Settings
from local.azurite import Azurite
from tests.good_settings import GOOD_SETTINGS


@pytest.fixture
async def environment(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[pytest.MonkeyPatch]:
    """Yield an environment in which everything but storage is set."""
    for name, value in GOOD_SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PUBLIC_URL", "https://leads.example")
    wiring.services.cache_clear()
    yield monkeypatch
    await wiring.services().close()
    wiring.services.cache_clear()


@pytest.fixture
def on_azurite(environment: pytest.MonkeyPatch, table_settings: Settings) -> Settings:
    environment.setenv("LEADS_STORAGE", table_settings.connection_string)
    for name in (field for field in Settings.model_fields if field.endswith("_table")):
        environment.setenv(name.upper(), getattr(table_settings, name))
    return table_settings


@pytest.fixture
def on_nothing(environment: pytest.MonkeyPatch) -> None:
    """Set a storage address at which nothing listens."""
    environment.setenv("LEADS_STORAGE", Azurite().connection_string)
