"""The weekly summary: one week in figures, who waits longest, and what could not be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, NamedTuple, Self

from lead_core.lead.report import Report, Speed, WeekBar
from lead_core.lead.silence import Silence
from lead_core.lead.tally import Dimension
from lead_core.messages import Mail
from lead_core.views.figures import A_DAY, NOTHING, Figure, find_percent, format_median, format_share, list_figures
from lead_core.views.plain_text import write_closing, write_paragraph, write_text
from lead_core.views.rejects import Reject, complain, list_reasons
from lead_core.views.rendering import render
from lead_core.views.report import SPEED_WORDS, name_group, name_week
from lead_core.views.silence import describe_silence
from lead_core.views.unanswered import UnansweredLead, UnansweredListWords, UnansweredWords, write_unanswered_list
from lead_core.views.words import NO_REPLIES, begin_sentence, count, describe_moment

MAX_OWNERS: Final = 10
_MAX_SILENT = 5
_NOT_COUNTED = "Test leads, spam, your own people and customers who asked not to be contacted are not counted."
_REPORT = "Open the report"
_SILENT = "No leads come any more."
_BARS = "How fast the customers of the week were answered"
_OWNERS = "By owner"
_REFUSED = (
    "The mail provider refused the address that the summary goes to (SUMMARY_TO, or else ESCALATE_TO), so this mail"
    " comes to you. Please correct the address."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one such mail tells."""

    id: str
    sender: str
    to: str
    report: Report
    """Of one week."""
    zone: tzinfo
    """Of its readers."""
    longest: tuple[UnansweredLead, ...]
    """Who waits longest, the longest first."""
    rejected: tuple[Reject, ...]
    """What came in the week and could not be read."""
    silent: tuple[Silence, ...] = ()
    """The offers for which no leads come any more."""
    report_link: str
    my_leads: str
    """The page with all open leads of the reader."""
    is_redirected: bool = False
    """Whether the default owner gets it because the address that it goes to was refused."""


class Bar(NamedTuple):
    """How many customers of the week were answered how fast."""

    name: str
    number: int
    percent: int
    """How long the bar is, of the whole."""


class OwnerRow(NamedTuple):
    """One owner of leads of the week."""

    name: str
    leads: str
    share: str = ""
    """Answered within 24 hours."""
    median: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryWords:
    """The words of the mail, the same in plain text and HTML. What is empty is left out."""

    subject: str
    headline: str
    warnings: tuple[str, ...]
    nothing_came: str
    """One line instead of the figures. ``""`` if there are figures."""
    figures: tuple[Figure, ...] = ()
    bars: tuple[Bar, ...] = ()
    in_hours: str = ""
    """How fast that is in working hours."""
    owners: tuple[OwnerRow, ...] = ()
    longest: UnansweredListWords | None
    closing: tuple[str, ...]
    complaint: str
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """Return *summary* in words."""
        report = summary.report
        is_empty = not (report.leads or report.speed.waits)
        return cls(
            subject=compose_subject(report),
            headline=f"Week {report.last.number}, {name_week(report.last)}",
            warnings=tuple(_list_warnings(summary)),
            nothing_came=_say_nothing_came(report) if is_empty else "",
            figures=() if is_empty else list_figures(report),
            bars=tuple(_list_bars(report.weeks[-1])),
            in_hours=_say_in_hours(report.speed_in_hours),
            owners=tuple(_list_owners(report)),
            longest=_list_longest(summary),
            closing=(_say_how_fresh(summary), _NOT_COUNTED),
            complaint=complain(summary.rejected),
            reasons=list_reasons(summary.rejected, is_brief=True),
        )


def compose_summary(summary: Summary) -> Mail:
    """Return the weekly mail."""
    words = SummaryWords.of(summary)
    html = render(
        "summary",
        subject=words.subject,
        preheader=words.nothing_came or f"{words.figures[0].name}: {words.figures[0].value}",
        headline=words.headline,
        words=words,
        unanswered=words.longest,
        titles={"bars": _BARS, "owners": _OWNERS, "report": _REPORT},
        report_link=summary.report_link,
        my_leads=summary.my_leads,
        no_replies=NO_REPLIES,
    )
    text = write_text(
        [words.headline.upper()],
        map(write_paragraph, words.warnings),
        _write_figures(words),
        write_unanswered_list(words.longest),
        [f"{_REPORT}:\n{summary.report_link}"],
        write_closing(words.closing, words.complaint, words.reasons, summary.my_leads),
    )
    return Mail(summary.id, summary.sender, summary.to, words.subject, text, html)


def compose_subject(report: Report) -> str:
    """Return ``Week 47: 12 leads, 83% answered within 24 h, 3 still wait``."""
    share = format_share(report.speed.share(A_DAY))
    parts = (
        count(report.leads, "lead") if report.leads else "no leads",
        f"{share} answered within 24 h" if share != NOTHING else "",
        f"{report.waiting:,} still {'waits' if report.waiting == 1 else 'wait'}" if report.waiting else "",
    )
    return f"Week {report.last.number}: {', '.join(filter(None, parts))}"


def _list_warnings(summary: Summary) -> Iterator[str]:
    if summary.is_redirected:
        yield _REFUSED
    for silence in summary.silent[:_MAX_SILENT]:
        yield f"{_SILENT} {describe_silence(silence, summary.zone)}"
    if (more := len(summary.silent) - _MAX_SILENT) > 0:
        yield f"{_SILENT} That holds for {count(more, 'more offer')}."


def _say_nothing_came(report: Report) -> str:
    before = f"{report.leads_before:,} came in the week before." if report.leads_before else ""
    waiting = "" if report.waiting else "Nobody waits for an answer."
    return " ".join(filter(None, ("No lead came.", before, waiting)))


def _list_bars(week: WeekBar) -> Iterator[Bar]:
    """Yield how fast the customers of a week were answered. Nothing if nobody waited."""
    total = sum(week.by_speed)
    for words, number in zip(SPEED_WORDS.values(), week.by_speed, strict=True):
        if total:
            yield Bar(begin_sentence(words), number, find_percent(number / total) or 0)


def _say_in_hours(speed: Speed | None) -> str:
    if speed is None or speed.median is None:
        return ""
    return f"In working hours, half were answered within {format_median(speed.median)}."


def _list_owners(report: Report) -> Iterator[OwnerRow]:
    """Yield the owners with the most leads, and all others as one row without shares."""
    groups = report.groups.get(Dimension.OWNER, ())
    for group in groups[:MAX_OWNERS]:
        share, median = format_share(group.speed.share(A_DAY)), format_median(group.speed.median)
        yield OwnerRow(name_group(Dimension.OWNER, group.name), f"{group.leads:,}", share, median)
    if others := groups[MAX_OWNERS:]:
        yield OwnerRow("All others", f"{sum(group.leads for group in others):,}")


def _list_longest(summary: Summary) -> UnansweredListWords | None:
    """Return who waits longest. None if nobody waits."""
    more = max(0, summary.report.waiting - len(summary.longest))
    if not summary.longest and not more:
        return None
    closing = (f"{count(more, 'more customer')} {'waits' if more == 1 else 'wait'}. The report says more.",)
    leads = tuple(map(UnansweredWords.of, summary.longest))
    return UnansweredListWords(heading="Who waits longest", groups=((leads, closing if more else ()),))


def _say_how_fresh(summary: Summary) -> str:
    report = summary.report
    counted = f"Counted on {describe_moment(report.counted_at.astimezone(summary.zone))}."
    if report.counted_at >= report.last.end(summary.zone):
        return counted
    return f"{counted} The week was not over then, so leads and answers after that are missing. See: leads doctor"


def _write_figures(words: SummaryWords) -> Iterator[str]:
    """Yield the paragraphs of the figures."""
    if words.nothing_came:
        yield write_paragraph(words.nothing_came)
    if words.figures:
        yield write_paragraph(*map(_write_figure, words.figures))
    if words.bars:
        yield _BARS.upper()
        yield write_paragraph(*(f"{bar.name}: {bar.number:,} ({bar.percent}%)" for bar in words.bars), words.in_hours)
    if words.owners:
        yield _OWNERS.upper()
        yield write_paragraph(*map(_write_owner, words.owners))


def _write_figure(figure: Figure) -> str:
    return f"{figure.name}: {figure.value}, {figure.about}, {figure.change.words}"


def _write_owner(owner: OwnerRow) -> str:
    told = [owner.leads]
    if owner.share not in {"", NOTHING}:
        told.append(f"{owner.share} within 24 hours")
    if owner.median not in {"", NOTHING}:
        told.append(f"half within {owner.median}")
    return f"{owner.name}: {', '.join(told)}"
