"""The customers who wait longest, read as they are now: a few leads, however many there are."""

from collections.abc import Iterable

from lead_core.at_once import do_few_at_once
from lead_core.errors import UnreadableLeadError
from lead_core.lead.changes import edited
from lead_core.lead.lead import Lead
from lead_core.lead.tally import LongWait
from lead_core.lead.values import LeadKey
from lead_core.steps.repository import LeadRepository


async def read_longest(repository: LeadRepository, waits: Iterable[LongWait], *, limit: int) -> list[Lead]:
    """Return the leads of the first *limit* of *waits* whose customers still wait.

    A lead is read once, though two weeks may name it: a round that is just being written.
    """
    keys = list(dict.fromkeys(wait.lead for wait in waits))
    waiting: dict[LeadKey, Lead] = {}

    async def read(key: LeadKey) -> None:
        try:
            stored = await repository.get(key)
        except UnreadableLeadError:  # The hourly check says it in its row.
            return
        lead = edited(stored, repository.policy) if stored else None
        if lead and lead.is_unanswered:
            waiting[key] = lead

    await do_few_at_once(read, keys)
    return [waiting[key] for key in keys if key in waiting][:limit]
