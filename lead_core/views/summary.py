"""The weekly summary: one week in figures, who waits longest, and what could not be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, NamedTuple, Self

from lead_core.lead.report import Report
from lead_core.lead.tally import Dimension
from lead_core.lead.weeks import Week
from lead_core.messages import Mail
from lead_core.views.figures import NOTHING, WITHIN_A_DAY, Bar, Figure, list_bars, list_figures, show_median, show_share
from lead_core.views.plain_text import write_closing, write_paragraph, write_text
from lead_core.views.rejects import Reject, complain, list_reasons
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_line
from lead_core.views.unanswered import UnansweredLead, UnansweredListWords, UnansweredWords, write_unanswered_list
from lead_core.views.words import NO_REPLIES, count, describe_day, describe_moment

MAX_OWNERS: Final = 10
_MAX_OWNER_CHARACTERS = 60
_NOT_COUNTED = "Test leads, spam, your own people and customers who asked not to be contacted are not counted."
_MY_LEADS = "See the open leads that are yours"
_REPORT = "Open the report"
_BARS = "How fast the customers of the week were answered"
_OWNERS = "By owner"
_REFUSED = "The mail provider refused the address in SUMMARY_TO, so this mail comes to you. Please correct the address."


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one such mail tells."""

    id: str
    sender: str
    to: str
    report: Report
    zone: tzinfo
    """Of its readers."""
    longest: tuple[UnansweredLead, ...]
    """Who waits longest, the longest first."""
    rejected: tuple[Reject, ...]
    """What came in the week and could not be read."""
    silent: tuple[str, ...] = ()
    """A sentence about each offer for which no leads come any more."""
    report_link: str
    my_leads_link: str
    is_redirected: bool = False
    """Whether the default owner gets it because the address in ``SUMMARY_TO`` was refused."""


class OwnerRow(NamedTuple):
    """One owner of leads of the week."""

    name: str
    leads: str
    share: str
    """Answered within 24 hours."""
    median: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryWords:
    """The words of the mail, the same in plain text and HTML. What is empty is left out."""

    subject: str
    headline: str
    warnings: tuple[str, ...]
    nothing_came: str
    """One line instead of the figures. ``""`` if there are figures."""
    figures: tuple[Figure, ...]
    bars: tuple[Bar, ...]
    owners: tuple[OwnerRow, ...]
    longest: UnansweredListWords | None
    closing: tuple[str, ...]
    complaint: str
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """Return *summary* in words."""
        report = summary.report
        headline, is_empty = describe_week(report.last), not (report.leads or report.speed.waits)
        return cls(
            subject=compose_subject(report),
            headline=headline,
            warnings=(*((_REFUSED,) if summary.is_redirected else ()), *summary.silent),
            nothing_came=_say_nothing_came(report) if is_empty else "",
            figures=() if is_empty else list_figures(report),
            bars=() if is_empty else list_bars(report.weeks[-1]),
            owners=() if is_empty else _list_owners(report),
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
        preheader=words.nothing_came or f"{words.figures[1].name}: {words.figures[1].value}",
        headline=words.headline,
        words=words,
        unanswered=words.longest,
        titles={"bars": _BARS, "owners": _OWNERS, "report": _REPORT, "my_leads": _MY_LEADS},
        report_link=summary.report_link,
        my_leads_link=summary.my_leads_link,
        no_replies=NO_REPLIES,
    )
    text = write_text(
        [f"{words.headline.upper()}"],
        map(write_paragraph, words.warnings),
        _write_figures(words),
        write_unanswered_list(words.longest),
        [f"{_REPORT}:\n{summary.report_link}", f"{_MY_LEADS}:\n{summary.my_leads_link}"],
        write_closing(words.closing, words.complaint, words.reasons),
    )
    return Mail(summary.id, summary.sender, summary.to, words.subject, text, html)


def compose_subject(report: Report) -> str:
    """Return ``Week 47: 12 leads, 83% answered within 24 h, 3 still wait``."""
    waiting = f"{report.waiting:,} still {'waits' if report.waiting == 1 else 'wait'}" if report.waiting else ""
    is_judged = report.speed.share(WITHIN_A_DAY) is not None
    share = f"{show_share(report.speed)} answered within 24 h" if is_judged else ""
    leads = count(report.leads, "lead") if report.leads else "no leads"
    return f"Week {report.last.number}: {', '.join(filter(None, (leads, share, waiting)))}"


def describe_week(week: Week) -> str:
    """Return ``Week 47, 16 to 22 November 2026``."""
    monday, sunday = week.monday, week.sunday
    year = f" {monday.year}" if monday.year != sunday.year else ""
    month = f" {monday:%B}{year}" if monday.month != sunday.month else ""
    return f"Week {week.number}, {monday.day}{month} to {describe_day(sunday)}"


def _say_nothing_came(report: Report) -> str:
    before = f"{report.leads_before:,} came in the week before." if report.leads_before else ""
    waiting = "" if report.waiting else "Nobody waits for an answer."
    return " ".join(filter(None, ("No lead came.", before, waiting)))


def _list_owners(report: Report) -> tuple[OwnerRow, ...]:
    """Return the owners with the most leads, and all others as one row without shares."""
    groups = report.groups.get(Dimension.OWNER, ())
    shown, others = groups[:MAX_OWNERS], groups[MAX_OWNERS:]
    rows = [
        OwnerRow(
            show_line(group.name, _MAX_OWNER_CHARACTERS),
            f"{group.leads:,}",
            show_share(group.speed),
            show_median(group.speed),
        )
        for group in shown
    ]
    more = OwnerRow("others", f"{sum(group.leads for group in others):,}", "", "")
    return (*rows, *([more] if others else []))


def _list_longest(summary: Summary) -> UnansweredListWords | None:
    """Return who waits longest. None if nobody waits."""
    leads, waiting = summary.longest, summary.report.waiting
    more = max(0, waiting - len(leads))
    if not leads and not more:
        return None
    closing = f"{count(more, 'more customer')} {'waits' if more == 1 else 'wait'}. The report says more."
    words = tuple(map(UnansweredWords.of, leads))
    return UnansweredListWords(heading="Who waits longest", groups=((words, (closing,) if more else ()),))


def _say_how_fresh(summary: Summary) -> str:
    report = summary.report
    counted = f"Counted on {describe_moment(report.counted_at.astimezone(summary.zone))}."
    if report.counted_at >= report.last.end(summary.zone):
        return counted
    return f"{counted} The week was not over then, so leads and answers after that are missing. See: leads doctor"


def _write_figures(words: SummaryWords) -> Iterator[str]:
    """Return the paragraphs of the figures."""
    if words.nothing_came:
        yield write_paragraph(words.nothing_came)
    if words.figures:
        yield write_paragraph(*(f"{name}: {value}. {about}".rstrip() for name, value, about in words.figures))
    if words.bars:
        yield _BARS.upper()
        yield write_paragraph(*(f"{bar.name}: {bar.number:,} ({bar.percent}%)" for bar in words.bars))
    if words.owners:
        yield _OWNERS.upper()
        yield write_paragraph(*map(_write_owner, words.owners))


def _write_owner(owner: OwnerRow) -> str:
    told = [owner.leads]
    if owner.share not in {"", NOTHING}:
        told.append(f"{owner.share} within 24 hours")
    if owner.median not in {"", NOTHING}:
        told.append(f"half within {owner.median}")
    return f"{owner.name}: {', '.join(told)}"
