"""The customers who wait longest, read as they are now: a few leads, however many there are."""

from collections.abc import Iterable

from lead_core.errors import UnreadableLeadError
from lead_core.lead.changes import edited
from lead_core.lead.lead import Lead
from lead_core.lead.tally import LongWait
from lead_core.steps.repository import LeadRepository


async def read_longest(repository: LeadRepository, waits: Iterable[LongWait], *, limit: int) -> list[Lead]:
    """Return the leads of the first *limit* of *waits* whose customers still wait."""
    leads: list[Lead] = []
    for wait in waits:
        try:
            stored = await repository.get(wait.lead)
        except UnreadableLeadError:  # The hourly check says it in its row.
            continue
        lead = edited(stored, repository.policy) if stored else None
        if lead and lead.is_unanswered:
            leads.append(lead)
        if len(leads) == limit:
            break
    return leads
