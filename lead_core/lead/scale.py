"""The scale on which waits are counted: few steps, so that a week of any number of leads is a small row.

A wait is counted at the first step that is not shorter. So a figure is never too short: up to ten minutes at most a
minute too long, and beyond that at most a fifth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from itertools import accumulate
from typing import Final

_STEPS: Final = (  # how many steps of how many minutes
    (10, 1), (10, 2), (6, 5), (12, 10), (18, 30), (12, 60), (24, 120), (16, 360), (23, 1_440), (12, 7_200),
)  # fmt: skip
STEPS: Final = tuple(
    timedelta(minutes=minutes)
    for minutes in accumulate(length for number, length in _STEPS for length in [length] * number)
)
"""From a minute to 90 days. A longer wait is counted at the last step."""
LIMITS: Final = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24), timedelta(days=3))
"""The lengths that figures are about: *answered within …*. Each is a step."""


def find_step(length: timedelta) -> int:
    """Return the number of the first step that is not shorter than *length*, or else of the last one."""
    return min(bisect_left(STEPS, length), len(STEPS) - 1)


def find_step_passed(length: timedelta) -> int:
    """Return the number of the last step that is not longer than *length*. It is -1 before the first one."""
    return bisect_right(STEPS, length) - 1
