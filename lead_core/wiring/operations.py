"""The steps of the person who operates the app. The command `leads` loads them, and no function does."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from lead_core.adapters.files.content import read_bytes
from lead_core.adapters.files.layout import Reading
from lead_core.adapters.files.leads import read_leads
from lead_core.adapters.tables.archive import StoredArchive
from lead_core.adapters.tables.texts import TableTexts
from lead_core.lead.lead_file import LeadFile
from lead_core.ports.archive import Kind
from lead_core.steps.belonging import Belonging
from lead_core.steps.comparing import Comparing
from lead_core.steps.erasing import Erasing
from lead_core.steps.finding import Finding
from lead_core.steps.importing import Importing
from lead_core.steps.mentions import Mentions
from lead_core.steps.replaying import Replaying
from lead_core.steps.sweeping import Sweeping
from lead_core.wiring.intake import QUEUE_NAME, Services


class Operations:
    """What an operator can do. The steps of the functions are in `Services`."""

    def __init__(self, services: Services) -> None:
        self._services = services

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

    @cached_property
    def replaying(self) -> Replaying:
        """What makes leads again from the notifications that were kept."""
        rest = self._services.rest
        return Replaying(rest.repository, rest.inbox, rest.erasures)

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
        }
        return StoredArchive(
            {name: (kind, rest.table(name)) for name, kind in kinds.items()},
            {f"queue {name}": rest.messages(name) for name in (QUEUE_NAME, f"{QUEUE_NAME}-poison")},
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
        return Erasing(self.belonging, rest.repository.leads, sweeping, rest.claims, rest.checks, rest.erasures)

    @cached_property
    def finding(self) -> Finding:
        """What finds persons."""
        return Finding(self._services.rest.repository)

    @cached_property
    def mentions(self) -> Mentions:
        """What finds persons in the texts about others."""
        rest, settings = self._services.rest, self._services.settings
        names = (settings.leads_table, settings.marketplace_leads_table, settings.rejected_leads_table)
        return Mentions(TableTexts(*map(rest.table, names)))
