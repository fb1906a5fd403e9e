"""The steps of the person who operates the app. The command `leads` loads them, and no function does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lead_core.adapters.azure.messages import AzureMessages
from lead_core.adapters.azure.poison import AzurePoisonQueue
from lead_core.adapters.azure.queue import open_queues
from lead_core.adapters.files.content import read_bytes
from lead_core.adapters.files.layout import Reading
from lead_core.adapters.files.leads import read_leads
from lead_core.adapters.tables.archive import StoredArchive
from lead_core.adapters.tables.texts import TableTexts
from lead_core.lead.lead_file import LeadFile
from lead_core.operations.belonging import Belonging
from lead_core.operations.comparing import Comparing
from lead_core.operations.erasing import Erasing
from lead_core.operations.exporting import Exporting
from lead_core.operations.following import Following
from lead_core.operations.giving import Giving
from lead_core.operations.importing import Importing
from lead_core.operations.listing import Listing
from lead_core.operations.listing_rejects import ListingRejects
from lead_core.operations.mentions import Mentions
from lead_core.operations.replaying import Replaying
from lead_core.operations.returning import Returning
from lead_core.operations.searching import Searching
from lead_core.operations.showing import Showing
from lead_core.ports.archive import Kind
from lead_core.steps.purging import Purging
from lead_core.steps.sweeping import Sweeping
from lead_core.wiring.examination import open_examining
from lead_core.wiring.intake import POISON_QUEUE_NAME, QUEUE_NAME, Services

if TYPE_CHECKING:
    from lead_core.lead.owners import Owners
    from lead_core.operations.examining import Examining
    from lead_core.steps.retrying import Retrying


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
    def searching(self) -> Searching:
        """What finds persons."""
        return Searching(self._services.rest.repository)

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

    @cached_property
    def archive(self) -> StoredArchive:
        """Every table and both queues, read as they stand."""
        settings, rest = self._services.settings, self._services.rest
        kinds = {
            settings.marketplace_leads_table: Kind.INBOX,
            settings.leads_table: Kind.LEADS,
            settings.follow_ups_table: Kind.FOLLOW_UPS,
            settings.digests_table: Kind.DIGESTS,
            settings.rejected_leads_table: Kind.REJECTS,
            settings.erasures_table: Kind.ERASURES,
            settings.reports_table: Kind.REPORTS,
        }
        queues = open_queues(self._services.account, self._services.stack)
        return StoredArchive(
            {name: (kind, rest.table(name)) for name, kind in kinds.items()},
            {f"queue {name}": AzureMessages(queues.get_queue_client(name)) for name in (QUEUE_NAME, POISON_QUEUE_NAME)},
        )

    @cached_property
    def belonging(self) -> Belonging:
        """What finds all that is a person's."""
        return Belonging(self.archive, self._services.rest.repository, self._services.rest.inbox)

    @cached_property
    def erasing(self) -> Erasing:
        """What erases persons."""
        rest = self._services.rest
        sweeping = Sweeping(rest.repository, rest.inbox)
        return Erasing(
            self.belonging,
            rest.repository.leads,
            sweeping,
            rest.claims,
            rest.checks,
            rest.erasures,
            rest.reports,
            self._services.lead_queue,
        )

    @cached_property
    def exporting(self) -> Exporting:
        """What reads leads for a file."""
        return Exporting(self._services.rest.repository)

    @cached_property
    def purging(self) -> Purging:
        """What removes leads that were kept long enough."""
        return self._services.rest.purging

    @cached_property
    def replaying(self) -> Replaying:
        """What makes leads again from the notifications that were kept."""
        rest = self._services.rest
        return Replaying(rest.repository, rest.inbox, rest.erasures)

    def read_file(self, path: Path, reading: Reading, advance: Callable[[int], object]) -> LeadFile:
        """Read a file of leads. *advance* hears of each row. Raises: UnreadableFileError."""
        return read_leads(read_bytes(path), reading, advance)

    @cached_property
    def comparing(self) -> Comparing:
        """What compares a file with the tables."""
        rest = self._services.rest
        return Comparing(rest.repository.leads, rest.erasures)

    @cached_property
    def importing(self) -> Importing:
        """What stores leads that a file tells of."""
        rest = self._services.rest
        return Importing(rest.repository, rest.inbox, rest.erasures)
