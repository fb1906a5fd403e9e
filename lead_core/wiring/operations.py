"""The steps of the person who operates the app. The command `leads` loads them, and no function does."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lead_core.steps.exporting import Exporting

if TYPE_CHECKING:
    from lead_core.steps.purging import Purging
    from lead_core.wiring.intake import Services


class Operations:
    """What an operator can do. The steps of the functions are in `Services`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def exporting(self) -> Exporting:
        """What reads leads for a file."""
        return Exporting(self._services.rest.repository)

    @cached_property
    def purging(self) -> Purging:
        """What removes leads that were kept long enough."""
        return self._services.rest.purging
