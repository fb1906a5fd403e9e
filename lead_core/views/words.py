"""Plain words for actions, answers, statuses, times and countries."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from lead_core.lead.choices import Choice
from lead_core.lead.lead import BY_COMMAND, BY_ERASURE, BY_GRID, Decision
from lead_core.lead.past import BY_IMPORT, BY_REPLAY
from lead_core.views.action_words import find_action_words
from lead_core.views.safe_text import show_line

NOBODY = "A customer who left no name"
"""The name of a customer about whom nothing is known."""

NO_REPLIES = "Nobody reads replies to this mail."
"""Stands at the end of each mail. What a salesperson wants to say, they say on the page."""

_PLACES = {
    "MicrosoftMarketplace": "on Microsoft Marketplace",
    "AzureMarketplace": "on Azure Marketplace",
    "AzurePortal": "in the Azure portal",
    "AppSource": "on AppSource",
    "TestDrive": "in a test drive",
}
_STATUSES = {"Disqualified": "Disqualified (not a fit)", "DoNotContact": "Do not contact"}
_CHOICES: Mapping[str, str] = {
    Choice.CONTACTED: "contacted",
    Choice.CONTACTED_FOLLOW_UP: "contacted, with a follow-up",
    Choice.TRIED: "tried, no answer",
    Choice.LATER_1D: "remind me in 1 day",
    Choice.LATER_3D: "remind me in 3 days",
    Choice.LATER_7D: "remind me in 7 days",
    Choice.QUALIFIED: "qualified",
    Choice.NOT_A_FIT: "not a fit",
    Choice.NO_ANSWER: "no answer after all attempts",
    Choice.SPAM: "spam",
    Choice.PASS: "passed to a colleague",
    Choice.DO_NOT_CONTACT: "asked not to be contacted",
    Choice.LIFT: "may be contacted again",
    Choice.NOTE: "a note",
}
_MAX_CODE_CHARACTERS = 50


def describe_action(code: str, source: str) -> str:
    """Return what the customer did: ``pressed Contact me on AppSource``. Pressing a button is no purchase.

    An unknown code is quoted as it came: ``did “WALLET” on AppSource``.
    """
    code, source = show_line(code, _MAX_CODE_CHARACTERS), show_line(source, _MAX_CODE_CHARACTERS)
    place = _PLACES.get(source, f"on {source}" if source else "")
    return find_action_words(code).did.format(place=place, code=code).strip()


def describe_caution(code: str) -> str:
    """Return what must not be read into an action, or ``""``."""
    return find_action_words(code).caution


def describe_choice(choice: str, to: str = "") -> str:
    """Return what a person chose on the follow-up page: ``tried, no answer``. An unknown word stays as it is.

    *to* is whom they passed the lead to, if that is known.
    """
    if choice == Choice.PASS and to:
        return f"passed to {to}"
    return _CHOICES.get(choice, choice)


def describe_wait(waited: timedelta) -> str:
    """Return a rough duration: ``20 minutes``, ``5 hours``, ``3 days``. Up to two days it is in hours."""
    minutes = max(int(waited.total_seconds() // 60), 0)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:  # noqa: PLR2004 -- minutes in an hour
        return count(minutes, "minute")
    return count(minutes // 60, "hour") if minutes < 2 * 24 * 60 else count(minutes // (24 * 60), "day")


def describe_status(status: str, *, is_spam: bool = False) -> str:
    """Return a status of the table as people read it: ``Do not contact`` for ``DoNotContact``."""
    return "Disqualified (spam)" if is_spam else _STATUSES.get(status, status)


def find_place(decision: Decision) -> str:
    """Return where a decision was written down, if not on the follow-up page: ``in the table``. ``""`` if there."""
    places = {
        BY_GRID: "in the table",
        BY_COMMAND: "with the command leads",
        BY_IMPORT: "in an imported file",
        BY_REPLAY: "as is assumed",
        BY_ERASURE: "said before their data was erased",
    }
    return places.get(decision.by, "")


def describe_attempts(attempts: int) -> str:
    """Return how often a salesperson tried to reach the customer without an answer, or ``""`` for never."""
    return {0: "", 1: "Tried once, no answer yet."}.get(attempts, f"Tried {attempts} times, no answer yet.")


def describe_day(day: date) -> str:
    """Return a date that every country reads the same way: ``23 November 2026``."""
    return f"{day.day} {day:%B %Y}"


def describe_moment(moment: datetime) -> str:
    """Return a time in the zone that it is given in: ``23 November 2026, 08:15 UTC``."""
    return f"{describe_day(moment)}, {moment:%H:%M} {name_zone(moment)}"


def name_zone(moment: datetime) -> str:
    """Return the name of a time's zone. A zone without a name is ``UTC-03``."""
    zone = moment.tzname() or ""
    return zone if zone[:1].isalpha() else f"UTC{zone}"


def count(number: int, thing: str) -> str:
    """Return ``1 lead`` or ``2 leads``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def begin_sentence(words: str) -> str:
    """Return *words* with a capital letter first."""
    return f"{words[:1].upper()}{words[1:]}"


def name_country(code: str) -> str:
    """Return the name for an ISO 3166 code. Other texts stay as they came."""
    import pycountry  # noqa: PLC0415 -- reads a file that the brief mail does not need

    found = pycountry.countries.get(alpha_2=code) if code else None
    return str(getattr(found, "common_name", found.name)) if found else code
