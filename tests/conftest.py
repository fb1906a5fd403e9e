"""What several levels of tests need: a real Azurite, and the steps on it or in memory."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from lead_core.adapters.memory import MemoryQueue, MemoryTable
from lead_core.settings import Settings, load_settings
from lead_core.steps.intake import Intake
from lead_core.wiring import Services
from local.azurite import ACCOUNT, Azurite
from local.mailbox import Mailbox
from tests.examples import NOON
from tests.steps import TABLES, Steps

# Machines are noisy and CI's are slow, so a slow example is no failure.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

ACCOUNTS = [f"account{number}" for number in range(1000)]


@pytest.fixture(scope="session")
def node_programs() -> None:
    """Skip a test of Azurite or the mailbox if they are not installed. In CI it fails."""
    missing = [program.name for program in (Azurite(), Mailbox()) if not program.program.exists()]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"Not installed: {', '.join(missing)}. `python -m local test` installs them.")


@pytest.fixture(scope="session")
def azurite(node_programs: None) -> Iterator[Azurite]:
    """Yield an Azurite in memory, one for the whole run. Each test has its own tables, or takes an `account`."""
    with Azurite(accounts=(ACCOUNT, *ACCOUNTS)) as running:
        yield running


@pytest.fixture(scope="session")
def _accounts() -> Iterator[str]:
    return iter(ACCOUNTS)


@pytest.fixture
def account(azurite: Azurite, _accounts: Iterator[str]) -> str:
    """Return the connection string of a storage account that no other test has."""
    return azurite.connect(next(_accounts))


@pytest.fixture
def table_settings(azurite: Azurite) -> Settings:
    """Return settings with tables that no other test has."""
    mark = secrets.token_hex(4)
    return load_settings(
        leads_storage=azurite.connection_string,
        marketplace_leads_table=f"MarketplaceLeads{mark}",
        leads_table=f"Leads{mark}",
        follow_ups_table=f"FollowUps{mark}",
        digests_table=f"Digests{mark}",
        rejected_leads_table=f"RejectedLeads{mark}",
        erasures_table=f"Erasures{mark}",
        reports_table=f"Reports{mark}",
    )


@pytest.fixture
async def services(table_settings: Settings) -> AsyncIterator[Services]:
    """Yield the steps on Azurite."""
    services = Services(table_settings)
    yield services
    await services.close()


class Memory:
    """The steps in memory, and what they wrote."""

    def __init__(self) -> None:
        self.queue = MemoryQueue()
        self.tables = {name: MemoryTable(lambda: NOON) for name in TABLES}
        self.inbox, self.leads, self.follow_ups, self.digests, self.rejects, self.erasures, self.reports = (
            self.tables.values()
        )
        self.processing = Steps(self.tables, self.queue).processing
        self.intake = Intake(self.queue, self.processing.rejects)


@pytest.fixture
def memory() -> Memory:
    return Memory()
