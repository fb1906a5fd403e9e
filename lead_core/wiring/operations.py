"""The steps of the person who operates the app. The command `leads` loads them, and no function does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lead_core.wiring.intake import Services


class Operations:
    """What an operator can do. The steps of the functions are in `Services`."""

    def __init__(self, services: Services) -> None:
        self._services = services
