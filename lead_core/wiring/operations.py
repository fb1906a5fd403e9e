"""The steps of the person who operates the app. The command `leads` loads them, and no function does."""

from __future__ import annotations

from functools import cached_property
from lead_core.adapters.azure.poison import AzurePoisonQueue
from lead_core.adapters.azure.queue import open_queues
from lead_core.adapters.tables.texts import TableTexts
from lead_core.steps.finding import Finding
from lead_core.steps.following import Following
from lead_core.steps.giving import Giving
from lead_core.steps.listing import Listing
from lead_core.steps.listing_rejects import ListingRejects
from lead_core.steps.mentions import Mentions
from lead_core.steps.returning import Returning
from lead_core.steps.showing import Showing
from lead_core.wiring.examination import open_examining
from lead_core.wiring.intake import POISON_QUEUE_NAME
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lead_core.lead.owners import Owners
    from lead_core.steps.examining import Examining
    from lead_core.steps.retrying import Retrying
    from lead_core.wiring.intake import Services



class Operations:
    """What an operator can do. The steps of the functions are in `Services`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def examining(self) -> Examining:
        """What finds out everything that can be wrong."""
        return open_examining(self._services)

    @cached_property
    def listing_rejects(self) -> ListingRejects:
        """What lists what could not be read."""
        return ListingRejects(self._services.rest.rejects, self._poison)

    @property
    def retrying(self) -> Retrying:
        """What gives rejected leads another try: the timer's own step."""
        return self._services.rest.retrying

    @cached_property
    def returning(self) -> Returning:
        """What puts poisoned messages back into the queue."""
        return Returning(self._poison, self._services.lead_queue)

    @cached_property
    def following(self) -> Following:
        """What finds out what became of a lead."""
        rest = self._services.rest
        return Following(rest.inbox, rest.repository.leads, rest.rejects)

    @cached_property
    def _poison(self) -> AzurePoisonQueue:
        queues = open_queues(self._services.account, self._services.stack)
        return AzurePoisonQueue(queues.get_queue_client(POISON_QUEUE_NAME))

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
