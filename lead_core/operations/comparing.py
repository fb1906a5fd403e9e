"""Compare a file of leads with the tables. Reads all leads once, and writes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lead_core.lead.comparison import Comparison, compare
from lead_core.lead.known_leads import KnownLeads
from lead_core.lead.lead_file import FiledLead, LeadFile
from lead_core.marketplace.notification import read_notification
from lead_core.ports.storage import ErasureStore, LeadStore


@dataclass(frozen=True, slots=True)
class Comparing:
    """Finds out what of a file is stored."""

    leads: LeadStore
    erasures: ErasureStore

    async def compare(self, lead_file: LeadFile, advance: Callable[[int], object] = lambda _: None) -> Comparison:
        """Compare *lead_file* with all leads. *advance* hears of each lead that was read."""
        known = KnownLeads()
        async for stored in self.leads.scan():
            known.add(stored)
            advance(1)
        named = tuple(_name_offer(filed, known) for filed in lead_file.leads)
        return compare(replace(lead_file, leads=named), known, await self.erasures.list())


def _name_offer(filed: FiledLead, known: KnownLeads) -> FiledLead:
    """Return a row with the whole id of its offer, if the file says less and the tables know it."""
    notification = filed.notification
    offer = known.find_offer(notification.delivery.shown)
    if not offer:
        return filed
    return replace(filed, notification=read_notification(replace(notification.envelope, offer=offer)))
