"""How long a step may go on in one run. What is left waits for the next run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a step may go on."""

    clock: Callable[[], float]
    """Seconds that only ever grow."""
    ends_at: float

    @classmethod
    def of(cls, limit: timedelta, clock: Callable[[], float] = time.monotonic) -> Budget:
        """Return a budget of *limit* from now on."""
        return cls(clock, clock() + limit.total_seconds())

    @property
    def is_spent(self) -> bool:
        """Whether the step must stop now."""
        return self.clock() >= self.ends_at
