"""The report of a year of leads equals a plain model's, however the leads were added up."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.counting import count
from lead_core.lead.lead import Lead
from lead_core.lead.report import Period, Report, make_report
from lead_core.lead.tally import WeekTallies, add, bounded
from tests.year import END, POLICY, expected, simulate

LEADS = simulate(seed=1, leads=400)


def report(tallies: WeekTallies, period: Period, now: object = END) -> Report:
    weeks = [bounded(tally) for tally in tallies.values()]
    return make_report(weeks, period, counted_at=END, zone=POLICY.zone, hours=POLICY.working_hours)


@pytest.mark.parametrize("period", Period)
def test_a_year(period):
    t: WeekTallies = {}
    for l in LEADS: count(t, l, now=END, policy=POLICY)
    a, b = report(t, period), expected(LEADS, period, END, POLICY)
    import dataclasses
    for f in dataclasses.fields(a):
        assert getattr(a, f.name) == getattr(b, f.name), f.name
