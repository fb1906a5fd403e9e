"""The scale on which waits are counted."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.scale import LIMITS, STEPS, find_step, find_step_passed

lengths = st.timedeltas(timedelta(0), timedelta(days=200))


def test_the_steps_rise_to_90_days_and_every_limit_is_one() -> None:
    assert all(one < other for one, other in pairwise(STEPS))
    assert STEPS[-1] == timedelta(days=90)
    assert set(LIMITS) <= set(STEPS)


@given(lengths)
def test_a_length_is_counted_at_the_first_step_that_is_not_shorter(length: timedelta) -> None:
    step = find_step(length)
    assert STEPS[step] >= length or step == len(STEPS) - 1
    assert step == 0 or STEPS[step - 1] < length


@given(lengths)
def test_a_step_is_passed_once_it_is_not_longer(length: timedelta) -> None:
    step = find_step_passed(length)
    assert step == -1 or STEPS[step] <= length
    assert step == len(STEPS) - 1 or STEPS[step + 1] > length


def test_no_figure_is_more_than_a_minute_or_a_fifth_too_long() -> None:
    for one, other in pairwise([timedelta(0), *STEPS]):
        assert other - one <= max(timedelta(minutes=1), one / 5)
