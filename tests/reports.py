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


def speed(
    waits: int, answered: int, judged: tuple[int, ...], within: tuple[int, ...], hours: tuple[float, float]
) -> Speed:
    """Return a speed. *hours* are until half, and until nine of ten were answered."""
    median, ninth_decile = (timedelta(minutes=round(60 * each)) for each in hours)
    return Speed(waits, answered, judged, within, median, ninth_decile)


SPEED = speed(79, 77, (79, 79, 77, 75), (9, 34, 63, 73), (2 + 1 / 6, 54))
SLOWER = speed(78, 69, (78, 78, 78, 78), (5, 22, 58, 64), (3.5, 96))
IN_HOURS = speed(79, 77, (0, 0, 0, 0), (0, 0, 0, 0), (1 + 1 / 3, 15))
CURVE = (
    (timedelta(minutes=3), 0.06),
    (timedelta(minutes=5), 0.11),
    (timedelta(minutes=25), 0.29),
    (timedelta(hours=1), 0.43),
    (timedelta(hours=2), 0.48),
    (timedelta(hours=2, minutes=10), 0.53),
    (timedelta(hours=5), 0.66),
    (timedelta(hours=15), 0.76),
    (timedelta(hours=24), 0.82),
    (timedelta(days=2, hours=6), 0.9),
    (timedelta(days=3), 0.94),
    (timedelta(days=6), 0.98),
)
GROUPS = {
    Dimension.OWNER: (
        Group("anna@contoso.example", 41, speed(38, 37, (38, 38, 37, 36), (6, 19, 33, 36), (4 / 3, 26))),
        Group("liam@contoso.example", 30, speed(28, 27, (28, 28, 27, 26), (3, 12, 21, 26), (3.5, 48))),
        Group("sales@contoso.example", 16, speed(13, 13, (13, 13, 13, 13), (0, 3, 9, 11), (9, 72))),
    ),
    Dimension.OFFER: (
        Group("Contoso CRM", 60, speed(54, 53, (54, 54, 53, 52), (7, 25, 45, 51), (2, 48))),
        Group("Contoso ERP", 27, speed(25, 24, (25, 25, 24, 23), (2, 9, 18, 22), (2.5, 56))),
    ),
    Dimension.SOURCE: (
        Group("AppSource", 55, speed(50, 49, (50, 50, 49, 48), (6, 23, 41, 47), (2, 52))),
        Group("AzureMarketplace", 32, speed(29, 28, (29, 29, 28, 27), (3, 11, 22, 26), (2.5, 54))),
    ),
    Dimension.ACTION: (
        Group("INS", 56, speed(50, 48, (50, 50, 48, 46), (3, 17, 36, 44), (3, 60))),
        Group("PLT", 31, speed(29, 29, (29, 29, 29, 29), (6, 17, 27, 29), (5 / 6, 22))),
    ),
}


def weeks(number: int) -> tuple[WeekBar, ...]:
    """Return that many weeks, the last of them `LAST`, with waits that go up and down."""
    return tuple(
        WeekBar(
            LAST.plus(place - number + 1),
            leads=(20, 21, 21, 25)[place % 4],
            by_speed=(7 + place % 4, 8 - place % 3, 2 + place % 2, 1, place % 4 // 2),
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
        waiting=8,
        waiting_before=6,
        speed=SPEED,
        speed_before=SLOWER,
        speed_in_hours=IN_HOURS,
        funnel=dict(zip(Milestone, (87, 86, 80, 77, 28), strict=True)),
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
