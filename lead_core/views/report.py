"""The report page: how fast customers are answered, and who waits. It adds words to figures, and no figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from lead_core.lead.counting import UNKNOWN
from lead_core.lead.report import Group, Period, Report, Speed, WeekBar
from lead_core.lead.tally import OTHERS, Dimension, Milestone
from lead_core.lead.waits import Apart
from lead_core.lead.weeks import Week
from lead_core.views.charts import (
    BOTTOM,
    LEFT,
    RIGHT,
    SPEEDS,
    TOP,
    WIDTH,
    draw_curve,
    draw_funnel,
    draw_weeks,
    list_shares,
)
from lead_core.views.figures import A_DAY, NOTHING, format_median, format_share, list_figures
from lead_core.views.moments import describe_when, format_length
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_line
from lead_core.views.style import STYLE
from lead_core.views.unanswered import UnansweredLead, UnansweredWords
from lead_core.views.words import begin_sentence, count, describe_action, describe_day, describe_wait, name_zone

LIMIT_WORDS: Final = ("5 minutes", "1 hour", "24 hours", "3 days")
"""The lengths in `scale.LIMITS`."""
SPEED_WORDS: Final = dict(
    zip(SPEEDS, ("within 1 hour", "within 24 hours", "within 3 days", "later", "still waiting"), strict=True)
)
MILESTONE_WORDS: Final = {
    Milestone.RECEIVED: "Received",
    Milestone.TOLD: "Owner told",
    Milestone.ATTEMPTED: "First attempt to reach them",
    Milestone.CONTACTED: "Contacted",
    Milestone.CLOSED: "Qualified or disqualified",
}
_APART_WORDS: Mapping[str, str] = {
    Apart.TEST: "test leads",
    Apart.INTERNAL: "leads of your own people",
    Apart.DO_NOT_CONTACT: "customers who are not to be contacted",
    Apart.SPAM: "spam",
    Apart.PAST: "answered before they came here, or restored: nobody measured how fast",
    Apart.FUTURE: "leads of a time that is still to come: some clock was wrong",
}
_PERIODS: Final = {"4": Period.MONTH, "13": Period.QUARTER, "52": Period.YEAR}
_PERIOD_WORDS: Final = {Period.MONTH: "4 weeks", Period.QUARTER: "13 weeks", Period.YEAR: "A year"}
_HEADINGS: Final = {
    Dimension.OWNER: ("By owner", "Owner"),
    Dimension.OFFER: ("By offer", "Offer"),
    Dimension.SOURCE: ("By source", "Source"),
    Dimension.ACTION: ("By what they did", "What they did"),
}
_COUNTED_TOGETHER: Final = {OTHERS: "All others", UNKNOWN: "Unknown"}
_MAX_NAME_CHARACTERS = 100

Row: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """What the page shows."""

    period: Period
    now: datetime
    """When it is shown, in its readers' zone."""
    report: Report | None
    """None before the first round was finished."""
    waiting: tuple[UnansweredLead, ...] = ()
    """Who waits longest, as they stand now."""


class Table(NamedTuple):
    """Figures as rows. The first cell of a row says what it is about."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Row]


class _PeriodLink(NamedTuple):
    weeks: int
    words: str
    is_shown: bool


def find_period(weeks: str) -> Period:
    """Return the period that an address asks for. Any other text is 4 weeks."""
    return _PERIODS.get(weeks, Period.MONTH)


def render_report(page: ReportPage) -> str:
    """Return the page as HTML."""
    title, report = "How fast customers are answered", page.report
    if report is None:
        return render("report_none", style=STYLE, title=title)
    hours = report.speed_in_hours
    return render(
        "report",
        style=STYLE,
        title=title,
        report=report,
        period=f"{describe_day(report.first.monday)} to {describe_day(report.last.sunday)}",
        periods=[_PeriodLink(period, words, period == page.period) for period, words in _PERIOD_WORDS.items()],
        fresh=tell_freshness(report.counted_at, page.now),
        current=tell_current(report.current),
        figures=list_figures(report),
        frame={"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM, "width": WIDTH},
        speeds=SPEED_WORDS,
        weeks=draw_weeks(report.weeks),
        week_table=_list_weeks(report),
        curve=draw_curve(report.curve, report.speed.median),
        curve_table=_list_lengths(report),
        limits=_list_limits(report),
        response=tell_response(report.speed),
        response_in_hours=tell_response(hours, " of working time") if hours and hours.median else "",
        funnel=draw_funnel(report.funnel),
        milestones=_list_milestones(report),
        groups=list(_list_groups(report)),
        waiting=[UnansweredWords.of(lead) for lead in page.waiting],
        apart=[(begin_sentence(describe_apart(reason)), number) for reason, number in report.apart.items() if number],
    )


def name_week(week: Week) -> str:
    """Return the days of a week: ``16 to 22 Nov 2026``, ``26 Oct to 1 Nov 2026``."""
    monday, sunday = week.monday, week.sunday
    month = "" if monday.month == sunday.month else f" {monday:%b}"
    year = "" if monday.year == sunday.year else f" {monday.year}"
    return f"{monday.day}{month}{year} to {sunday.day} {sunday:%b} {sunday.year}"


def name_group(dimension: Dimension, name: str) -> str:
    """Return what a group is called. Its name comes from a customer's lead."""
    if dimension is Dimension.ACTION and name not in _COUNTED_TOGETHER:
        return begin_sentence(describe_action(name, ""))
    return _COUNTED_TOGETHER.get(name) or show_line(name, _MAX_NAME_CHARACTERS)


def describe_apart(reason: str) -> str:
    """Return why some leads are in no figure."""
    return _APART_WORDS.get(reason) or show_line(reason, _MAX_NAME_CHARACTERS)


def tell_freshness(counted_at: datetime, now: datetime) -> str:
    """Return how old the figures are. *now* is in the readers' zone."""
    local = counted_at.astimezone(now.tzinfo)
    when = f"at {local:%H:%M} {name_zone(local)}" if local.date() == now.date() else f"on {describe_when(local, now)}"
    return f"Counted {describe_wait(now - counted_at)} ago, {when}."


def tell_current(week: WeekBar) -> str:
    """Return what happened in the current week so far."""
    waits, waiting = sum(week.by_speed), week.by_speed[-1]
    waited = f" Of {waits:,} who began to wait, {waits - waiting:,} are answered." if waits else ""
    return f"This week so far ({name_week(week.week)}): {count(week.leads, 'lead')}.{waited}"


def tell_response(speed: Speed, counted: str = "") -> str:
    """Return within what time customers were answered. *counted* says what of that time counts, if not all does."""
    if not speed.waits:
        return "Nobody waited in these weeks."
    if speed.median is None:
        return "Fewer than half of the customers are answered so far."
    half = f"Half of the customers were answered within {format_length(speed.median)}{counted}"
    if speed.ninth_decile is None:
        return f"{half}. Fewer than nine of ten are answered so far."
    return f"{half}, nine of ten within {format_length(speed.ninth_decile)}."


def _list_weeks(report: Report) -> Table:
    rows = [(name_week(bar.week), bar.leads, *bar.by_speed) for bar in report.weeks]
    return Table("Waits by week", ("Week", "Leads", *SPEED_WORDS.values()), rows)


def _list_lengths(report: Report) -> Table:
    is_known = report.speed.waits > 0
    rows = [(length, format_share(share if is_known else None)) for length, share in list_shares(report.curve)]
    return Table("Response times", ("After", "Answered"), rows)


def _list_limits(report: Report) -> Table:
    """Return how many waits were answered within each limit."""
    speed, rows = report.speed, list[Row]()
    none = "too early to tell" if speed.waits else "nobody waited"
    for place, words in enumerate(LIMIT_WORDS):
        judged = f"{speed.within[place]:,} of {speed.judged[place]:,}" if speed.judged[place] else none
        rows.append((words, format_share(speed.share(place)), judged))
    return Table("Answered in time", ("Within", "Answered", "Waits"), rows)


def _list_milestones(report: Report) -> Table:
    """Return how many leads reached each milestone."""
    rows = list[Row]()
    for milestone, words in MILESTONE_WORDS.items():
        reached = report.funnel.get(milestone, 0)
        rows.append((words, reached, format_share(reached / report.leads) if report.leads else NOTHING))
    return Table("How far leads came", ("Milestone", "Leads", "Share"), rows)


def _list_groups(report: Report) -> Iterator[Table]:
    """Yield a table for each dimension, and one for the questions of `QUALIFICATION` if any was ticked."""
    for dimension, (title, name) in _HEADINGS.items():
        rows = [_write_group(dimension, group) for group in report.groups.get(dimension, ())]
        if rows:
            yield Table(title, (name, "Leads", "Within 24 h", "Half within", "Waiting"), rows)
    if report.qualified:
        ticked = [(show_line(question, _MAX_NAME_CHARACTERS), number) for question, number in report.qualified.items()]
        yield Table("Of the qualified leads", ("Question", "Leads"), ticked)


def _write_group(dimension: Dimension, group: Group) -> Row:
    speed = group.speed
    share, median = format_share(speed.share(A_DAY)), format_median(speed.median)
    return name_group(dimension, group.name), group.leads, share, median, speed.waits - speed.answered
