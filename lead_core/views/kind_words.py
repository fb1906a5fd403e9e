"""What a mail says about each kind of lead in it: its heading, how the subject counts it, and the button."""

from collections.abc import Mapping
from dataclasses import dataclass

from lead_core.lead.follow_up import Kind


@dataclass(frozen=True, slots=True)
class KindWords:
    """The words of a `Kind`."""

    heading: str
    first: tuple[str, str]
    """How the subject counts them: one, several."""
    next: tuple[str, str]
    """The same after another count, which has named the leads already."""
    button: str
    other_ways: str


_OTHER_WAYS = "Not yet? Say that you tried, be reminded later, pass it on, or close it."
KIND_WORDS: Mapping[Kind, KindWords] = {
    Kind.REMINDER: KindWords(
        "Still waiting",
        ("1 lead still waits", "{} leads still wait"),
        ("1 waits", "{} wait"),
        "I answered \u2013 record it",
        _OTHER_WAYS,
    ),
    Kind.PLANNED: KindWords(
        "You planned to follow up today",
        ("1 follow-up planned for today", "{} follow-ups planned for today"),
        ("1 is planned for today", "{} are planned for today"),
        "I followed up \u2013 record it",
        "Not today? Choose another day, pass it on, or close it.",
    ),
    Kind.NOTICE: KindWords(
        "New", ("1 new lead", "{} new leads"), ("1 is new", "{} are new"), "I answered \u2013 record it", _OTHER_WAYS
    ),
    Kind.NEWS: KindWords(
        "News from customers you have answered",
        ("News from 1 customer", "News from {} customers"),
        ("news from 1 customer", "news from {} customers"),
        "Open this lead",
        "Nothing is due. It is only good to know.",
    ),
}
