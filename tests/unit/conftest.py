"""What several unit tests need."""

import pytest

from tests.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
