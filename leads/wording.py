"""A lead in a few words, as all commands say it."""

from datetime import datetime, tzinfo

from lead_core.lead.lead import Lead
from lead_core.lead.spam import is_spam
from lead_core.lead.to_do import FollowUp
from lead_core.views.moments import format_moment, format_wait
from lead_core.views.safe_text import show_line
from lead_core.views.words import NOBODY, describe_status

_MAX_CHARACTERS = 60
NO_OWNERS = "OWNERS is not set here, so what comes back or is new has no owner until the app's hourly check finds one."


def name_customer(lead: Lead) -> str:
    """Return who a lead is from, on one line: the name, or what else is known, and the company."""
    shown = lead.shown
    texts = dict.fromkeys((shown.name or shown.email or shown.phone or NOBODY, shown.company))
    return ", ".join(show_line(text, _MAX_CHARACTERS) for text in texts if text)


def name_offer(lead: Lead) -> str:
    """Return the offer's title, or what else names it."""
    return lead.shown.offer_title or lead.shown.offer_id or lead.key.row


def name_status(lead: Lead) -> str:
    """Return the status in the words of the page, and whether it is a test lead."""
    words = describe_status(lead.status, is_spam=is_spam(lead))
    return f"{words}, test" if lead.is_test else words


def tell_next(entry: FollowUp, *, now: datetime, zone: tzinfo) -> str:
    """Return what comes next, and when: ``reminder 2 of 3, after 3 days: 2026-11-28 09:00``."""
    if entry.place.rests or entry.place.is_follow_up:
        return entry.state
    return f"{entry.state}: {'due now' if entry.place.at <= now else format_moment(entry.place.at, zone)}"


def tell_next_briefly(entry: FollowUp, *, now: datetime) -> str:
    """Return what comes next, and in how long, as a table has room for: ``reminder 2 of 3 in 26 h``."""
    what = entry.state.partition(", ")[0]
    if entry.place.rests or entry.place.is_follow_up:
        return what
    return f"{what}: due now" if entry.place.at <= now else f"{what} in {format_wait(entry.place.at - now)}"
