"""What a mail says about each kind of lead in it: its heading, how it is counted, and the button."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lead_core.lead.follow_up import Kind
from lead_core.views.facts import Facts


class Topic(StrEnum):
    """What a mail tells about a lead, in the order of the mail. It is the lead's `Kind`, told apart further."""

    REMINDER = "reminder"
    ATTEMPT = "attempt"
    TRIED_ALL = "tried-all"
    """All attempts of the plan are made."""
    PLANNED = "planned"
    REOPENED = "reopened"
    """The customer asks again, or a person set the lead back to *New*."""
    PASSED = "passed"
    """Another owner had it before."""
    NOTICE = "notice"
    NEWS = "news"


def find_topic(kind: Kind, facts: Facts) -> Topic:
    """Return what a mail tells about a lead."""
    if kind is Kind.ATTEMPT and facts.plan and facts.plan.has_run:
        return Topic.TRIED_ALL
    if kind is not Kind.NOTICE:
        return Topic(kind.value)
    return Topic.PASSED if facts.passing.sentence else Topic.REOPENED if facts.reopening.sentence else Topic.NOTICE


@dataclass(frozen=True, slots=True)
class KindWords:
    """The words of a `Topic`."""

    heading: str
    first: tuple[str, str]
    """How a headline counts them: one, several."""
    next: tuple[str, str]
    """The same after another count, which has named the leads already."""
    named: str
    """How a subject begins before it names the customers."""
    button: str
    other_ways: str


_ANSWERED = "I answered \u2013 record it"
_OTHER_WAYS = "Not yet? Say that you tried, be reminded later, pass it on, or close it."
KIND_WORDS: Mapping[str, KindWords] = {
    Topic.REMINDER: KindWords(
        "Still waiting",
        ("1 lead still waits", "{} leads still wait"),
        ("1 waits", "{} wait"),
        "Still waiting",
        _ANSWERED,
        _OTHER_WAYS,
    ),
    Topic.ATTEMPT: KindWords(
        "Try again today",
        ("1 attempt is due today", "{} attempts are due today"),
        ("1 is to be tried again", "{} are to be tried again"),
        "Try again",
        "Record what came of it",
        "Still no answer? Say that you tried, and the next attempt is planned.",
    ),
    Topic.TRIED_ALL: KindWords(
        "All attempts are made",
        ("1 lead to close, or to go on with", "{} leads to close, or to go on with"),
        ("1 is to be closed, or goes on", "{} are to be closed, or go on"),
        "All attempts made",
        "Close it, or go on",
        "An answer came after all? Record it on the same page.",
    ),
    Topic.PLANNED: KindWords(
        "You planned to follow up today",
        ("1 follow-up planned for today", "{} follow-ups planned for today"),
        ("1 is planned for today", "{} are planned for today"),
        "Planned for today",
        "I followed up \u2013 record it",
        "Not today? Choose another day, pass it on, or close it.",
    ),
    Topic.REOPENED: KindWords(
        "Reopened",
        ("1 lead was reopened", "{} leads were reopened"),
        ("1 was reopened", "{} were reopened"),
        "Reopened",
        _ANSWERED,
        _OTHER_WAYS,
    ),
    Topic.PASSED: KindWords(
        "Passed to you",
        ("1 lead was passed to you", "{} leads were passed to you"),
        ("1 was passed to you", "{} were passed to you"),
        "Passed to you",
        _ANSWERED,
        _OTHER_WAYS,
    ),
    Topic.NOTICE: KindWords(
        "New", ("1 new lead", "{} new leads"), ("1 is new", "{} are new"), "New lead", _ANSWERED, _OTHER_WAYS
    ),
    Topic.NEWS: KindWords(
        "News from customers you have answered",
        ("News from 1 customer", "News from {} customers"),
        ("news from 1 customer", "news from {} customers"),
        "News",
        "Open this lead",
        "Nothing is due. It is only good to know.",
    ),
}
"""By topic, and so by kind as well."""
