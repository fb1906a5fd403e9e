"""Which leads of an owner are open, how urgent each is, and in what order they stand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.lead.changes import StoredLead, answered, delivered, mailed
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy, find_turn
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.to_do import find_wait
from lead_core.lead.urgency import Urgency, find_urgency, sort_open
from tests.examples import ANNA, SALES, at, delivery, person

POLICY = FollowUpPolicy(owners=Owners.parse(SALES))
HOUR, DAY = 60, 24 * 60
LADDER_ENDS = 7 * DAY


def asked(number: int = 1, *, minutes: float = 0, code: str = "INS", **given: Any) -> Lead:
    contact = replace(person(number), **given)
    return delivered(None, delivery(minutes, code, event=number, contact=contact), POLICY)


def told(lead: Lead, mails: int) -> Lead:
    """Return *lead* after so many mails about it, each sent when it was due."""
    for _ in range(mails):
        if lead.next_reminder_at:
            turn, sent_at = find_turn(lead), lead.next_reminder_at
            lead = mailed(StoredLead(lead, "v", at(0)), turn, to=SALES, at=sent_at, policy=POLICY)
    return lead


def after(lead: Lead, choice: Choice, minutes: float, **said: Any) -> Lead:
    answer = Answer(choice=choice, click=f"c{minutes}", **said)
    return answered(StoredLead(lead, "v", at(0)), answer, by=ANNA, at=at(minutes), policy=POLICY)


def planned(day: int, *, lead: Lead | None = None) -> Lead:
    """Return a lead that was answered, to be followed up *day* days later."""
    on = at(day * DAY).date()
    return after(lead or asked(), Choice.CONTACTED_FOLLOW_UP, HOUR, follow_up_on=on)


FIRST_REMINDER = 24 * HOUR
CASES = {
    "new": (asked(), 1, Urgency.DUE),
    "told, and the first reminder is to come": (told(asked(), 1), FIRST_REMINDER - 1, Urgency.DUE),
    "the first reminder is due": (told(asked(), 1), FIRST_REMINDER, Urgency.OVERDUE),
    "reminded": (told(asked(), 2), 2 * DAY, Urgency.OVERDUE),
    "put off to another day": (after(told(asked(), 1), Choice.LATER_3D, HOUR), DAY, Urgency.PLANNED),
    "put off to today": (after(told(asked(), 1), Choice.LATER_3D, HOUR), 3 * DAY, Urgency.DUE),
    "put off until a moment ago": (after(told(asked(), 1), Choice.LATER_3D, HOUR), 3 * DAY + HOUR, Urgency.OVERDUE),
    "tried since the last mail": (after(told(asked(), 2), Choice.TRIED, DAY + HOUR), DAY + 2 * HOUR, Urgency.PLANNED),
    "tried, and reminded again": (told(after(told(asked(), 1), Choice.TRIED, HOUR), 1), 2 * DAY, Urgency.OVERDUE),
    "never answered": (told(asked(), 5), LADDER_ENDS, Urgency.RESTING),
    "nobody can be reached": (told(asked(email="", phone=""), 1), 1, Urgency.RESTING),
    "answered": (after(asked(), Choice.CONTACTED, HOUR), DAY, None),
    "answered, with news": (
        delivered(StoredLead(after(asked(), Choice.CONTACTED, HOUR), "v", at(0)), delivery(DAY, "Create"), POLICY),
        DAY,
        None,
    ),
    "answered, and asks again": (
        delivered(StoredLead(after(asked(), Choice.CONTACTED, HOUR), "v", at(0)), delivery(DAY, "PLT"), POLICY),
        DAY + 1,
        Urgency.DUE,
    ),
    "to be followed up on another day": (planned(3), DAY, Urgency.PLANNED),
    "to be followed up today": (planned(3), 3 * DAY, Urgency.DUE),
    "the day of the follow-up is over": (planned(3), 4 * DAY, Urgency.OVERDUE),
    "the mail of the follow-up has come": (told(planned(3), 1), 3 * DAY, Urgency.DUE),
    "nobody said what came of the follow-up": (told(planned(3), 1), 4 * DAY, Urgency.OVERDUE),
    "the follow-up is done": (after(told(planned(3), 1), Choice.CONTACTED, 3 * DAY), 4 * DAY, None),
    "do not contact": (after(asked(), Choice.DO_NOT_CONTACT, HOUR), DAY, None),
    "the customer asked another partner": (asked(code="DNC"), 1, None),
    "a test lead": (replace(asked(), is_test=True, next_reminder_at=None), 1, None),
    "of our own people": (replace(asked(), is_internal=True, next_reminder_at=None), 1, None),
}


@pytest.mark.parametrize("case", CASES)
def test_a_lead_is_as_urgent_as_its_owner_expects(case: str) -> None:
    lead, minutes, urgency = CASES[case]
    assert find_urgency(lead, now=at(minutes), policy=POLICY) is urgency


def test_today_is_the_day_of_the_people_who_read_the_page() -> None:
    tokyo = replace(POLICY, zone=ZoneInfo("Asia/Tokyo"))
    lead = planned(3)  # It is due at 08:00 UTC, which is 17:00 in Tokyo.
    assert lead.snoozed_until
    evening_before = lead.snoozed_until - timedelta(hours=10)  # 22:00 UTC, and 07:00 in Tokyo
    assert find_urgency(lead, now=evening_before, policy=POLICY) is Urgency.PLANNED
    assert find_urgency(lead, now=evening_before, policy=tokyo) is Urgency.DUE


def test_without_reminders_nothing_is_overdue() -> None:
    assert find_urgency(asked(), now=at(DAY), policy=replace(POLICY, waits=(timedelta(0),))) is Urgency.DUE


def test_what_is_due_begins_with_the_strongest_wish() -> None:
    leads = [asked(1), asked(2, minutes=5, code="StartTestDrive"), asked(3, minutes=10, code="PLT")]
    assert [lead.shown.action_code for _, lead in sort_open(leads, now=at(HOUR), policy=POLICY)] == [
        "PLT",
        "StartTestDrive",
        "INS",
    ]


def test_what_is_planned_stands_by_its_time() -> None:
    leads = [planned(5, lead=asked(1)), planned(3, lead=asked(2)), after(asked(3), Choice.LATER_7D, HOUR)]
    found = sort_open(leads, now=at(DAY), policy=POLICY)
    assert [lead.shown.first_name for _, lead in found] == ["P2", "P1", "P3"]


CHOICES = [None, *(choice for choice in Choice if choice not in {Choice.PASS, Choice.LIFT})]
LIVES = st.lists(
    st.tuples(
        st.integers(0, 10 * DAY),
        st.sampled_from(["PLT", "INS", "DNC", "WALLET"]),
        st.lists(st.sampled_from(CHOICES), max_size=5),
    ),
    max_size=6,
)


def live(number: int, minutes: int, code: str, steps: list[Choice | None]) -> Lead:
    """Return a lead after *steps*: an answer, or for None the mail that is due."""
    lead = asked(number, minutes=minutes, code=code)
    for place, choice in enumerate(steps, 1):
        then = minutes + place * HOUR
        said = {"follow_up_on": at(then + 3 * DAY).date()} if choice is Choice.CONTACTED_FOLLOW_UP else {}
        lead = after(lead, choice, then, reason="r", note="n", **said) if choice else told(lead, 1)
    return lead


@given(LIVES, st.integers(0, 20 * DAY))
@settings(max_examples=150)
def test_every_open_lead_stands_once_and_in_order(
    lives: list[tuple[int, str, list[Choice | None]]], later: int
) -> None:
    leads = [live(number, *each) for number, each in enumerate(lives)]
    now = at(10 * DAY + later)
    found = sort_open(leads, now=now, policy=POLICY)
    urgencies = [list(Urgency).index(urgency) for urgency, _ in found]
    assert urgencies == sorted(urgencies)
    is_planned = [lead for lead in leads if (lead.snoozed_until and lead.next_reminder_at) or lead.due_plan_at]
    is_open = [lead for lead in leads if lead.is_unanswered or lead in is_planned]
    assert sorted(lead.key for _, lead in found) == sorted(lead.key for lead in is_open)
    for urgency in (Urgency.OVERDUE, Urgency.RESTING):
        waits = [find_wait(lead) for each, lead in found if each is urgency and lead.is_unanswered]
        assert waits == sorted(waits)
    assert sort_open(reversed(leads), now=now, policy=POLICY) == found
