"""Leads come through bad weather: none lost, none twice. ``make stress`` is the long form."""

import pytest

from tests.stress.bench import FAULTS, run_fault

EVERYTHING = FAULTS[-1]


@pytest.mark.usefixtures("node_programs")
def test_leads_come_through_bad_weather() -> None:
    outcome = run_fault(EVERYTHING, posts=100, seed=1, say=lambda _what, _count: None)
    assert outcome.findings.is_good, outcome
    assert outcome.harmed > 0
    assert outcome.kills > 0
