"""What several levels of tests need: a real Azurite, and the steps on it or in memory."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from lead_core.adapters.memory import MemoryQueue, MemoryTable
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.adapters.tables.follow_ups import TableFollowUpStore
from lead_core.adapters.tables.leads import TableLeadStore
from lead_core.adapters.tables.marketplace_leads import TableInbox
from lead_core.adapters.tables.rejected_leads import TableRejectStore
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.settings import Settings, load_settings
from lead_core.steps.intake import Intake
from lead_core.steps.processing import Processing
from lead_core.wiring import Services
from local.azurite import ACCOUNT, Azurite
from local.child import ChildError
from tests.examples import NOON

# Machines are noisy and CI's are slow, so a slow example is no failure.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

ACCOUNTS = [f"account{number}" for number in range(100)]


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """Yield an Azurite in memory, one for the whole run. Each test has its own tables, or takes an `account`."""
    try:
        with Azurite(accounts=(ACCOUNT, *ACCOUNTS)) as running:
            yield running
    except ChildError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


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
        self.inbox, self.leads, self.follow_ups, self.rejects, self.digests = (
            MemoryTable(lambda: NOON) for _ in range(5)
        )
        self.processing = Processing(
            inbox=TableInbox(self.inbox),
            leads=TableLeadStore(self.leads),
            follow_ups=TableFollowUpStore(self.follow_ups),
            rejects=TableRejectStore(self.rejects),
            claims=TableClaimStore(self.digests),
            queue=self.queue,
            policy=FollowUpPolicy(),
        )
        self.intake = Intake(self.queue, self.processing.rejects)


@pytest.fixture
def memory() -> Memory:
    return Memory()
