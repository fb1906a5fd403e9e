"""The product-limit estimate, against SciPy's and against what must hold for every sample."""

import json
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.product_limit import estimate, find_quantile
from tests.product_limit_table import TABLE, make_samples

ROWS = json.loads(TABLE.read_text(encoding="utf-8"))
counts = st.dictionaries(st.integers(0, 20), st.integers(1, 5))


def numbered(counts: dict[str, int]) -> dict[int, int]:
    return {int(step): count for step, count in counts.items()}


def test_the_curves_are_those_that_scipy_estimates() -> None:
    for row in ROWS:
        shares = estimate(numbered(row["answered"]), numbered(row["waiting"]))
        assert [step for step, _ in shares] == [step for step, _ in row["shares"]]
        assert [float(share) for _, share in shares] == pytest.approx([share for _, share in row["shares"]])


def test_the_table_holds_the_samples_of_its_program() -> None:
    samples = [(Counter(sample.answered), Counter(sample.waiting)) for sample in make_samples()]
    assert [(numbered(row["answered"]), numbered(row["waiting"])) for row in ROWS] == samples


@given(counts)
def test_if_nobody_waits_it_is_the_share_that_was_answered(answered: dict[int, int]) -> None:
    total = sum(answered.values())
    shares = estimate(answered, {})
    assert all(
        point.answered == Fraction(sum(count for step, count in answered.items() if step <= point.step), total)
        for point in shares
    )


@given(counts, counts)
def test_the_share_rises_and_is_never_more_than_all(answered: dict[int, int], waiting: dict[int, int]) -> None:
    shares = [point.answered for point in estimate(answered, waiting)]
    assert shares == sorted({*shares})
    assert all(0 < share <= 1 for share in shares)
    assert len(shares) == len(answered)


@given(counts, counts, st.integers(0, 20))
def test_one_more_who_waits_makes_no_team_faster(answered: dict[int, int], waiting: dict[int, int], step: int) -> None:
    slower = estimate(answered, Counter(waiting) + Counter([step]))
    assert all(
        after.answered <= before.answered for before, after in zip(estimate(answered, waiting), slower, strict=True)
    )


@pytest.mark.parametrize(
    ("answered", "waiting", "median", "ninth_decile"),
    [
        ({}, {}, None, None),
        ({}, {5: 3}, None, None),
        ({5: 1}, {}, 5, 5),
        ({5: 1}, {5: 1}, 5, None),
        ({5: 1}, {6: 2}, None, None),
        ({5: 1}, {4: 2}, 5, 5),
        ({1: 5, 7: 4, 9: 1}, {}, 1, 7),
    ],
)
def test_a_quantile_is_the_first_step_at_which_the_share_is_reached(
    answered: dict[int, int], waiting: dict[int, int], median: int | None, ninth_decile: int | None
) -> None:
    shares = estimate(answered, waiting)
    assert (find_quantile(shares, Fraction(1, 2)), find_quantile(shares, Fraction(9, 10))) == (median, ninth_decile)
