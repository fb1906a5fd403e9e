"""A report for tests, with figures that a person can follow. A test writes only what matters to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lead_core.lead.report import Group, Period, Report, Speed, WeekBar
from lead_core.lead.tally import Dimension, Milestone
from lead_core.lead.waits import Apart
from lead_core.lead.weeks import Week

COUNTED_AT = datetime(2026, 11, 27, 9, 7, tzinfo=UTC)
LAST = Week(2026, 47)

SPEED = Speed(
    waits=85,
    answered=74,
    judged=(85, 85, 82, 79),
    within=(9, 31, 67, 72),
    median=timedelta(hours=2, minutes=10),
    ninth_decile=timedelta(days=2, hours=6),
)
SLOWER = Speed(
    waits=78,
    answered=69,
    judged=(78, 78, 78, 78),
    within=(5, 22, 58, 64),
    median=timedelta(hours=3, minutes=30),
    ninth_decile=timedelta(days=4),
)
IN_HOURS = Speed(waits=85, answered=74, median=timedelta(hours=1, minutes=20), ninth_decile=timedelta(hours=15))
CURVE = (
    (timedelta(minutes=3), 0.04),
    (timedelta(minutes=8), 0.11),
    (timedelta(minutes=25), 0.22),
    (timedelta(hours=1), 0.36),
    (timedelta(hours=2), 0.47),
    (timedelta(hours=2, minutes=10), 0.53),
    (timedelta(hours=5), 0.66),
    (timedelta(hours=15), 0.76),
    (timedelta(hours=24), 0.82),
    (timedelta(days=2, hours=6), 0.9),
    (timedelta(days=3), 0.91),
    (timedelta(days=6), 0.94),
)
GROUPS = {
    Dimension.OWNER: (
        Group("anna@contoso.example", 41, SPEED),
        Group("liam@contoso.example", 30, SLOWER),
        Group("sales@contoso.example", 16, Speed(waits=4, answered=1)),
    ),
    Dimension.OFFER: (Group("Contoso CRM", 60, SPEED), Group("Contoso ERP", 27, SLOWER)),
    Dimension.SOURCE: (Group("AppSource", 55, SPEED), Group("AzureMarketplace", 32, SLOWER)),
    Dimension.ACTION: (Group("PLT", 31, SPEED), Group("INS", 56, SLOWER)),
}


def weeks(number: int) -> tuple[WeekBar, ...]:
    """Return that many weeks, the last of them `LAST`, with waits that go up and down."""
    return tuple(
        WeekBar(
            LAST.plus(place - number + 1),
            leads=17 + 5 * (place % 4),
            by_speed=(5 + place % 4, 8 - place % 3, 3 + place % 2, 2, place % 5),
        )
        for place in range(number)
    )


def report(period: Period = Period.MONTH, **given: Any) -> Report:
    """Return a report. *given* are its fields."""
    usual = Report(
        period=period,
        first=LAST.plus(1 - period),
        last=LAST,
        counted_at=COUNTED_AT,
        leads=87,
        leads_before=82,
        waiting=13,
        waiting_before=11,
        speed=SPEED,
        speed_before=SLOWER,
        speed_in_hours=IN_HOURS,
        funnel=dict(zip(Milestone, (87, 86, 79, 72, 28), strict=True)),
        weeks=weeks(period),
        current=WeekBar(LAST.plus(1), leads=12, by_speed=(3, 4, 0, 0, 3)),
        curve=CURVE,
        groups=GROUPS,
        longest=(),
        apart={Apart.TEST: 3, Apart.SPAM: 2},
        qualified={"Has a budget": 9, "Decides this year": 6},
    )
    return replace(usual, **given)


NOTHING_CAME = report(
    leads=0,
    leads_before=0,
    waiting=0,
    waiting_before=0,
    speed=Speed(),
    speed_before=Speed(),
    speed_in_hours=None,
    funnel={},
    weeks=tuple(WeekBar(week.week, 0, (0, 0, 0, 0, 0)) for week in weeks(4)),
    current=WeekBar(LAST.plus(1), 0, (0, 0, 0, 0, 0)),
    curve=(),
    groups={},
    apart={},
    qualified={},
)
"""What a new app shows."""
