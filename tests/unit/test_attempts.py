"""The plan of attempts, pure: which one comes next, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.attempts import (
    Plan,
    explain_no_answer,
    find_attempts,
    find_next_attempt,
    find_plan,
    is_awaiting_attempt,
    join_taps,
    make_plan,
)
from lead_core.lead.changes import StoredLead, answered, delivered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.decisions import decide
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.values import TOUCHES, Status
from lead_core.views.attempt_words import explain_tap, refuse_no_answer, tell_plan
from tests.examples import ANNA, NOON, at, delivery

POLICY = FollowUpPolicy()
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")

plans = st.lists(st.integers(1, 60), max_size=7).map(lambda days: tuple(accumulate((0, *days), lambda a, b: a + b)))
touches = plans.map(lambda days: tuple(timedelta(days=day) for day in days))
taps = st.lists(st.integers(0, 40 * 24 * 60), max_size=12).map(lambda minutes: [at(minute) for minute in minutes])


def days(*numbers: float) -> tuple[datetime, ...]:
    return tuple(NOON + number * DAY for number in numbers)


def say(lead: Lead, choice: Choice, minutes: float, **said: Any) -> Lead:
    answer = Answer(choice=choice, click=f"{choice}{minutes}", **said)
    return answered(StoredLead(lead, "v", at(minutes)), answer, by=ANNA, at=at(minutes), policy=POLICY)


def receive(lead: Lead | None, minutes: float, code: str = "PLT") -> Lead:
    return delivered(StoredLead(lead, "v", at(minutes)) if lead else None, delivery(minutes, code), POLICY)


@pytest.mark.parametrize(
    ("made", "number", "due"),
    [
        (days(0), 2, 3),
        (days(0, 3), 3, 7),
        (days(0, 3, 7), 4, 14),
        (days(0, 1), 3, 7),  # The second one came early. The third stays where it was.
        (days(0, 5), 3, 9),  # It came late. The third keeps its distance.
        (days(0, 30), 3, 34),
        (days(0, 3, 7, 14), 5, 21),  # All are made. A last gap later, someone asks.
        (days(0, 3, 7, 14, 21), 6, 28),
    ],
)
def test_the_next_attempt_is_never_closer_than_planned(made: tuple[datetime, ...], number: int, due: float) -> None:
    plan = make_plan(made, TOUCHES)
    assert plan == Plan(number - 1, 4, NOON + due * DAY)
    assert (plan.number, plan.has_run) == (number, number > 4)


def test_without_an_attempt_or_a_plan_nothing_is_planned() -> None:
    assert make_plan((), TOUCHES) is None
    assert make_plan(days(0), ()) is None


def test_a_plan_of_one_attempt_asks_after_a_week() -> None:
    assert make_plan(days(0), (timedelta(0),)) == Plan(1, 1, NOON + 7 * DAY)


@given(touches, taps)
def test_any_attempts_keep_the_distances_of_any_plan(touches: tuple[timedelta, ...], taps: list[datetime]) -> None:
    made = join_taps(taps)
    plan = make_plan(made, touches)
    if plan is None:
        assert not made
    elif plan.has_run:
        assert len(made) >= len(touches)
        assert plan.at >= made[-1] + DAY
    else:
        assert plan.at - made[0] >= touches[len(made)]
        assert plan.at - made[-1] >= touches[len(made)] - touches[len(made) - 1]
        assert plan.at in {made[0] + touches[len(made)], made[-1] + touches[len(made)] - touches[len(made) - 1]}


@given(touches)
def test_who_keeps_to_the_plan_tries_at_its_times(touches: tuple[timedelta, ...]) -> None:
    made = [NOON]
    while (plan := make_plan(made, touches)) and not plan.has_run:
        made.append(plan.at)
    assert made == [NOON + touch for touch in touches]


@pytest.mark.parametrize(
    ("minutes", "joined"),
    [([], []), ([0], [0]), ([0, 10], [10]), ([0, 10.1], [0, 10.1]), ([0, 9, 18, 40], [18, 40]), ([9, 0], [9])],
)
def test_a_call_and_a_mail_right_after_it_are_one_attempt(minutes: list[float], joined: list[float]) -> None:
    assert join_taps(map(at, minutes)) == tuple(map(at, joined))


@given(taps)
def test_attempts_lie_apart_and_the_order_of_taps_does_not_matter(taps: list[datetime]) -> None:
    joined = join_taps(taps)
    assert joined == join_taps(reversed(taps)) == join_taps(joined)
    assert all(later - earlier > timedelta(minutes=10) for earlier, later in pairwise(joined))
    assert set(joined) <= set(taps)


def test_attempts_count_since_the_customer_asked_or_was_answered() -> None:
    lead = receive(None, 0, "INS")
    assert (find_attempts(lead), find_next_attempt(lead)) == ((), 1)
    lead = say(say(lead, Choice.TRIED, 30), Choice.TRIED, 60)
    assert (find_attempts(lead), find_next_attempt(lead)) == ((at(30), at(60)), 3)
    asked = receive(lead, 90)
    assert find_next_attempt(asked) == 1
    again = say(asked, Choice.TRIED, 120)
    assert find_next_attempt(again) == 2
    assert find_next_attempt(receive(again, 130, "INS")) == 2, "only Contact me asks anew"
    closed = say(again, Choice.CONTACTED, 150)
    assert find_next_attempt(closed) == 1
    assert find_next_attempt(say(closed, Choice.TRIED, 180)) == 1, "it is recorded beside the answer"
    assert find_next_attempt(receive(say(closed, Choice.TRIED, 180), 200)) == 1
    assert find_attempts(decide(closed, Decision(Status.NEW, at(240), "grid", Choice.TRIED))) == (at(240),)


def test_a_lead_awaits_its_attempt_until_something_else_is_decided() -> None:
    tried = say(receive(None, 0), Choice.TRIED, 30)
    assert is_awaiting_attempt(tried)
    assert is_awaiting_attempt(say(tried, Choice.PASS, 60, colleague=ANNA))
    others = (Choice.CONTACTED, Choice.LATER_3D, Choice.DO_NOT_CONTACT, Choice.SPAM)
    assert not any(is_awaiting_attempt(say(tried, choice, 60)) for choice in others)
    assert not is_awaiting_attempt(receive(tried, 60))


def test_an_attempt_beside_a_delay_leaves_the_delay_as_it_is() -> None:
    off = replace(POLICY, touches=())
    later = say(receive(None, 0), Choice.LATER_3D, 30)
    answer = Answer(choice=Choice.TRIED, click="c")
    beside = answered(StoredLead(later, "v", at(40)), answer, by=ANNA, at=at(40), policy=off)
    assert not is_awaiting_attempt(beside)
    assert beside.next_reminder_at == later.next_reminder_at


def test_the_date_is_the_one_of_the_mail_even_if_the_plan_was_changed_since() -> None:
    tried = say(receive(None, 0), Choice.TRIED, 30)
    assert find_plan(tried, (timedelta(0), 30 * DAY)) == Plan(1, 2, at(30) + 3 * DAY)
    moved = replace(tried, next_reminder_at=at(30) + 5 * DAY)
    assert find_plan(moved, TOUCHES) == Plan(1, 4, at(30) + 5 * DAY)
    assert find_plan(tried, ()) is None


def test_the_reason_counts_the_attempts() -> None:
    assert [explain_no_answer(number) for number in (1, 4)] == [
        "no answer after 1 attempt",
        "no answer after 4 attempts",
    ]


@pytest.mark.parametrize(
    ("tried_at", "now", "said"),
    [
        ("2026-11-27T09:00", "2026-11-27T09:00", "Next: attempt 2 of 4, on Mon 30 November."),
        ("2026-11-28T22:59", "2026-11-29T09:00", "Next: attempt 2 of 4, on Tue 1 December."),  # 23:59 in Berlin
        ("2026-11-27T23:00", "2026-11-28T09:00", "Next: attempt 2 of 4, on Tue 1 December."),  # midnight
        ("2026-12-30T09:00", "2026-12-30T09:00", "Next: attempt 2 of 4, on Sat 2 January 2027."),
        ("2028-02-26T09:00", "2028-02-26T09:00", "Next: attempt 2 of 4, on Tue 29 February."),
        ("2026-10-22T22:30", "2026-10-23T09:00", "Next: attempt 2 of 4, on Sun 25 October."),  # Clocks go back.
        ("2026-03-27T22:30", "2026-03-28T09:00", "Next: attempt 2 of 4, on Tue 31 March."),  # Clocks go forward.
        ("2026-11-27T09:00", "2026-11-30T09:00", "Attempt 2 of 4 is due."),
    ],
)
def test_the_day_is_the_readers(tried_at: str, now: str, said: str) -> None:
    plan = make_plan([datetime.fromisoformat(tried_at).replace(tzinfo=UTC)], TOUCHES)
    assert tell_plan(plan, now=datetime.fromisoformat(now).replace(tzinfo=UTC), zone=BERLIN) == said


def test_the_end_of_the_plan_is_said() -> None:
    ended, one = make_plan(days(0, 3, 7, 14), TOUCHES), make_plan(days(0), TOUCHES[:1])
    assert tell_plan(None, now=NOON, zone=UTC) == ""
    assert tell_plan(ended, now=NOON + 14 * DAY, zone=UTC) == (
        "All 4 attempts are made. On Sun 13 December, you are asked whether to close it."
    )
    assert tell_plan(ended, now=NOON + 21 * DAY, zone=UTC) == "All 4 attempts are made."
    assert tell_plan(one, now=NOON + 7 * DAY, zone=UTC) == "The only attempt is made."


def test_the_button_says_which_attempt_it_counts() -> None:
    said = [explain_tap(plan, now=NOON, zone=UTC) for plan in (Plan(1, 4, at(0)), Plan(4, 4, at(0)), Plan(5, 4, at(0)))]
    assert said == [
        "Counts as attempt 1 of 4. You are reminded of the next on Sun 22 November.",
        "Counts as attempt 4 of 4. You are asked whether to close it on Sun 22 November.",
        "Counts as an attempt. You are asked whether to close it on Sun 22 November.",
    ]


def test_a_lead_is_not_closed_before_its_plan_has_run() -> None:
    assert refuse_no_answer(None, now=NOON, zone=UTC) == (
        "Not all attempts are made yet. Say what came of the first one with “Tried, no answer”."
    )
    refused = refuse_no_answer(make_plan(days(0), TOUCHES), now=NOON, zone=UTC)
    assert refused == "Not all attempts are made yet. Next: attempt 2 of 4, on Wed 25 November."
