"""A week as the weekly summary tells it, for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lead_core.lead.report import Group, Period, Report, Speed, WeekBar
from lead_core.lead.tally import Dimension
from lead_core.lead.weeks import Week
from lead_core.views.rejects import Reject
from lead_core.views.summary import Summary
from tests.examples import at
from tests.seen import MY_LEADS, unanswered

WEEK = Week(2026, 47)
_PAGE = "https://leads.contoso.example/api"


def speed(**given: Any) -> Speed:
    """Return how fast twelve customers were answered."""
    usual = Speed(
        waits=12,
        answered=10,
        judged=(12, 12, 12, 12),
        within=(2, 5, 10, 10),
        median=timedelta(hours=5),
        ninth_decile=timedelta(days=2),
    )
    return replace(usual, **given)


def report(**given: Any) -> Report:
    """Return the figures of a week."""
    anna, bob = Group("anna@contoso.example", 8, speed()), Group("bob@contoso.example", 4, SLOW)
    usual = Report(
        period=Period.WEEK,
        first=WEEK,
        last=WEEK,
        counted_at=datetime(2026, 11, 23, 6, 7, tzinfo=UTC),
        leads=12,
        leads_before=9,
        waiting=3,
        waiting_before=5,
        speed=speed(),
        speed_before=SLOW,
        speed_in_hours=None,
        funnel={},
        weeks=(WeekBar(WEEK, 12, (5, 3, 1, 1, 2)),),
        current=WeekBar(WEEK.plus(1), 1, (0, 0, 0, 0, 1)),
        curve=(),
        groups={Dimension.OWNER: (anna, bob)},
        longest=(),
        apart={},
    )
    return replace(usual, **given)


def summary(**given: Any) -> Summary:
    """Return what a summary tells of that week."""
    usual = Summary(
        id="1" * 32,
        sender="leads@contoso.example",
        to="sales@contoso.example",
        report=report(),
        zone=ZoneInfo("Europe/Berlin"),
        longest=(
            unanswered(owner="anna@contoso.example"),
            unanswered(
                first_name="Kim",
                last_name="Lee",
                company="Wingtip Toys",
                waited=timedelta(days=7),
                since=at(-7 * 24 * 60),
            ),
        ),
        rejected=(Reject("not-json"), Reject("not-json"), Reject("empty-body")),
        report_link=f"{_PAGE}/report/WyJd.aVmKrQ.4sRz1mD3w2kPZ",
        my_leads=MY_LEADS,
    )
    return replace(usual, **given)


SLOW = speed(waits=9, answered=9, judged=(9, 9, 9, 9), within=(0, 1, 6, 9), median=timedelta(hours=9))
NOTHING_CAME = summary(
    report=report(leads=0, speed=Speed(), weeks=(WeekBar(WEEK, 0, (0, 0, 0, 0, 0)),), groups={}, waiting=2),
    rejected=(),
)
"""A week without leads, while two customers of earlier weeks wait."""
