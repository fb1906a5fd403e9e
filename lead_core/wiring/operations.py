"""The steps of the person who operates the app. The command `leads` loads them, and no function does."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lead_core.adapters.tables.texts import TableTexts
from lead_core.steps.finding import Finding
from lead_core.steps.giving import Giving
from lead_core.steps.listing import Listing
from lead_core.steps.mentions import Mentions
from lead_core.steps.showing import Showing

if TYPE_CHECKING:
    from lead_core.lead.owners import Owners
    from lead_core.wiring.intake import Services


class Operations:
    """What an operator can do. The steps of the functions are in `Services`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def finding(self) -> Finding:
        """What finds persons."""
        return Finding(self._services.rest.repository)

    @cached_property
    def showing(self) -> Showing:
        """What shows all on a person's leads."""
        return Showing(self._services.rest.repository)

    @cached_property
    def listing(self) -> Listing:
        """What lists leads."""
        return Listing(self._services.rest.repository)

    @cached_property
    def giving(self) -> Giving:
        """What gives leads to another owner."""
        return Giving(self._services.rest.repository)

    @property
    def owners(self) -> Owners:
        """Who may get a lead."""
        return self._services.rest.policy.owners

    @cached_property
    def mentions(self) -> Mentions:
        """What finds persons in the texts about others."""
        rest, settings = self._services.rest, self._services.settings
        names = (settings.leads_table, settings.marketplace_leads_table, settings.rejected_leads_table)
        return Mentions(TableTexts(*map(rest.table, names)))
