"""The share of customers who are answered after a time, with those who still wait: the product-limit estimate.

Customers who still wait are not left out, and not taken as answered. They count for as long as they have waited. So
nobody looks fast by answering only the easy ones. https://doi.org/10.1080/01621459.1958.10501452 (Kaplan and Meier)
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Share(NamedTuple):
    """A point of the curve."""

    step: int
    """The number of a step in `scale.STEPS`, at which an answer came."""
    answered: Fraction
    """The share that is answered after it, exactly: figures that are the same are equal."""


def estimate(answered: Mapping[int, int], waiting: Mapping[int, int]) -> tuple[Share, ...]:
    """Return the rising share of answers, by the product-limit estimate.

    *answered* counts waits by the step of their length, *waiting* those that go on by the last step that they passed.
    A customer who has passed a step and waits was not answered within it. They count there, and at no later step.
    """
    at_risk = sum(answered.values()) + sum(waiting.values())
    unanswered, shares = Fraction(1), list[Share]()
    for step in sorted({*answered, *waiting}):
        if count := answered.get(step, 0):
            unanswered *= 1 - Fraction(count, at_risk)
            shares.append(Share(step, 1 - unanswered))
        at_risk -= count + waiting.get(step, 0)
    return tuple(shares)


def find_quantile(shares: Sequence[Share], share: Fraction) -> int | None:
    """Return the first step at which *share* is answered. None if it is never, as far as one can see."""
    return next((point.step for point in shares if point.answered >= share), None)
