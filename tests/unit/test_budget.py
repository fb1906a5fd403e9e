"""How long a step may go on."""

from datetime import timedelta

from lead_core.steps.budget import Budget


def test_a_budget_is_spent_once_its_time_is_over() -> None:
    seconds = 100.0
    budget = Budget.of(timedelta(seconds=30), clock=lambda: seconds)
    assert not budget.is_spent
    seconds = 129.9
    assert not budget.is_spent
    seconds = 130.0
    assert budget.is_spent
