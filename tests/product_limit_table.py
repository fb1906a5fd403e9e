"""Writes ``tests/figures/product-limit.json``: censored samples, and the curve that SciPy estimates for each.

SciPy is no dependency, because it is large and this table is all that is wanted of it. After a change, run ::

    uv run --no-project --with scipy==1.17.1 python -m tests.product_limit_table
"""

import json
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

TABLE = Path(__file__).parent / "figures" / "product-limit.json"
LAST_STEP = 142


class Sample(NamedTuple):
    """Waits by the number of their step."""

    answered: list[int]
    waiting: list[int]


def make_samples() -> Iterator[Sample]:
    """Return many samples: few and many waits, few and many steps, so that there are ties of each kind."""
    yield Sample([], [])
    yield Sample([], [-1, 0, 3, 3])
    yield Sample([4, 4, 9], [])
    yield Sample([2, 7], [2, 7])  # Who waits at a step is asked after who is answered at it.
    random = Random(1958)
    for _ in range(60):
        number, steps, share = random.choice([1, 2, 5, 20, 200]), random.choice([2, 10, LAST_STEP]), random.random()
        waits = [(random.randint(0, steps), random.random() < share) for _ in range(number)]
        yield Sample(
            sorted(step for step, is_answered in waits if is_answered),
            sorted(step - random.randint(0, 1) for step, is_answered in waits if not is_answered),
        )


def estimate(sample: Sample, stats: Any) -> list[list[float]]:
    """Return the share of answers after each step at which there was one, as SciPy estimates it."""
    if not sample.answered:  # SciPy refuses it.
        return []
    curve = stats.ecdf(stats.CensoredData(uncensored=sample.answered, right=sample.waiting)).cdf
    shares = dict(zip(map(int, curve.quantiles), map(float, curve.probabilities), strict=True))
    return [[step, shares[step]] for step in sorted({*sample.answered})]


def main() -> None:
    """Write the table."""
    stats = import_module("scipy.stats")  # Not installed where types are checked.
    rows = [
        {"answered": Counter(sample.answered), "waiting": Counter(sample.waiting), "shares": estimate(sample, stats)}
        for sample in make_samples()
    ]
    TABLE.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
