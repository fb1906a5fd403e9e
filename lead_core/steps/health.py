"""Find out whether the app can work. No finding holds personal data or quotes a setting."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lead_core.errors import Fault, LeadError

if TYPE_CHECKING:
    from lead_core.ports.storage import Probe


async def find_faults(mistakes: Iterable[Fault], probes: Iterable[Probe]) -> list[Fault]:
    """Return all that is wrong at once: settings first, then what does not answer."""
    answers = await asyncio.gather(*(_ask(probe) for probe in probes))
    return [*mistakes, *(fault for fault in answers if fault)]


async def _ask(probe: Probe) -> Fault | None:
    try:
        await probe.check()
    except LeadError as error:
        return Fault(probe.name, error.explanation)
    return None
