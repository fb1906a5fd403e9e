"""What the black boxes stand on."""

from collections.abc import Iterator

import pytest

from local.azurite import Azurite


@pytest.fixture(scope="module")
def shared_account(azurite: Azurite, _accounts: Iterator[str]) -> str:
    """Return the connection string of an account for the tests of one file."""
    return azurite.connect(next(_accounts))
