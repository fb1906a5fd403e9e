"""What the black boxes stand on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from local.azurite import Azurite
from tests.system.browser import running_browser


@pytest.fixture(scope="module")
def shared_account(azurite: Azurite, _accounts: Iterator[str]) -> str:
    """Return the connection string of an account for the tests of one file."""
    return azurite.connect(next(_accounts))


@pytest.fixture(scope="module")  # its event loop must end with these tests, because they run in none
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser
