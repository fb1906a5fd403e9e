"""Find out whether the app can work. No finding holds personal data or quotes a setting."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from lead_core.errors import Fault, LeadError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lead_core.ports.storage import Probe

ASKING_GIVES_UP_AFTER: Final = timedelta(seconds=3)
GOOD_NEWS_LASTS: Final = timedelta(seconds=10)
"""How long an answer is remembered. Anybody may ask, and each answer costs requests to storage."""
BAD_NEWS_LASTS: Final = timedelta(seconds=3)
"""Shorter, because a person may be waiting to see what they corrected."""


class Health:
    """Asks what must answer, and remembers the findings for some seconds. Those who ask meanwhile share one answer.

    *notes* are probes of what a person should know, though nothing in the app is wrong.
    """

    def __init__(
        self,
        mistakes: Sequence[Fault],
        probes: Sequence[Probe],
        clock: Callable[[], float] = time.monotonic,
        *,
        notes: Sequence[Probe] = (),
    ) -> None:
        self._mistakes, self._probes, self._clock, self._note_probes = mistakes, probes, clock, notes
        self._asking = asyncio.Lock()
        self._faults: list[Fault] = []
        self._notes: list[Fault] = []
        self._until = float("-inf")

    async def find_faults(self) -> list[Fault]:
        """Return all that is wrong at once: settings first, then what does not answer."""
        async with self._asking:
            if self._clock() >= self._until:
                answers, self._notes = await asyncio.gather(_ask_all(self._probes), _ask_all(self._note_probes))
                wrong = {mistake.name for mistake in self._mistakes}  # No wonder that it does not answer.
                self._faults = [*self._mistakes, *(fault for fault in answers if fault.name not in wrong)]
                lasts = BAD_NEWS_LASTS if self._faults else GOOD_NEWS_LASTS
                self._until = self._clock() + lasts.total_seconds()
            return self._faults

    async def find_notes(self) -> list[Fault]:
        """Return what a person should know, though the app is healthy."""
        await self.find_faults()
        return self._notes


async def _ask_all(probes: Sequence[Probe]) -> list[Fault]:
    return [fault for fault in await asyncio.gather(*map(_ask, probes)) if fault]


async def _ask(probe: Probe) -> Fault | None:
    try:
        async with asyncio.timeout(ASKING_GIVES_UP_AFTER.total_seconds()):
            await probe.check()
    except LeadError as error:
        return Fault(probe.name, error.explanation)
    except TimeoutError:
        return Fault(probe.name, f"gives no answer within {ASKING_GIVES_UP_AFTER.seconds} seconds: try again later")
    return None
