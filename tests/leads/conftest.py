"""What the tests of several commands stand on."""

from collections.abc import AsyncIterator

import pytest

from lead_core.settings import load_settings
from lead_core.wiring import Services
from tests.rejects import RejectsAccount


@pytest.fixture
async def store(account: str) -> AsyncIterator[RejectsAccount]:
    services = Services(load_settings(leads_storage=account))
    yield RejectsAccount(account, services)
    await services.close()
