"""How long customers wait, how far leads came, and which leads are counted apart."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.lead import changes
from lead_core.lead.changes import StoredLead, answered, delivered, edited, mailed
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.decisions import MAX_DECISIONS
from lead_core.lead.delivery import Delivery
from lead_core.lead.follow_up import FollowUpPolicy, find_turn
from lead_core.lead.history import MAX_ACTIONS
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.past import BY_REPLAY
from lead_core.lead.status_words import Word
from lead_core.lead.values import Status
from lead_core.lead.waits import Apart, Milestones, find_apart, find_milestones, find_waits
from tests.examples import ANNA, JOHN, SALES, at, delivery

POLICY = FollowUpPolicy(
    owners=Owners.parse(f"contoso.erp: {ANNA}; {SALES}"), internal_domains=frozenset({"own.example"})
)
DAY = 24 * 60


def stored(lead: Lead, minutes: float = 0) -> StoredLead:
    return StoredLead(lead, version=None, changed_at=at(minutes))


def deliver(lead: Lead | None, each: Delivery) -> Lead:
    return delivered(stored(lead) if lead else None, each, POLICY)


def say(lead: Lead, choice: Choice, minutes: float, **said: Any) -> Lead:
    answer = Answer(choice=choice, click=f"{choice} {minutes}", **{"colleague": ANNA, "reason": "No.", **said})
    return answered(stored(lead), answer, by=SALES, at=at(minutes), policy=POLICY)


def type_status(lead: Lead, status: str, minutes: float) -> Lead:
    return edited(stored(replace(lead, cells=replace(lead.cells, status=status)), minutes), POLICY)


def mail(lead: Lead, minutes: float) -> Lead:
    return mailed(stored(lead), find_turn(lead), to=SALES, at=at(minutes), policy=POLICY)


def live(*happenings: tuple[float, str]) -> Lead:
    """Return the lead to which something happened at some minutes: a code, a choice, *mail*, or a typed status."""
    lead: Lead | None = None
    for number, (minutes, what) in enumerate(happenings):
        if lead is None or what in {"INS", "PLT", "DNC", "Create"}:
            lead = deliver(lead, delivery(minutes, what, event=number))
        elif what == "mail":
            lead = mail(lead, minutes)
        elif what.startswith("type "):
            lead = type_status(lead, what.removeprefix("type "), minutes)
        else:
            lead = say(lead, Choice(what), minutes)
    assert lead
    return lead


def minute(moment: datetime | None) -> float | None:
    return (moment - at(0)).total_seconds() / 60 if moment else None


def waits(lead: Lead) -> list[tuple[float | None, float | None]]:
    return [(minute(wait.since), minute(wait.answered_at)) for wait in find_waits(lead)]


@pytest.mark.parametrize(
    ("happenings", "expected"),
    [
        ([(0, "INS")], [(0, None)]),
        ([(0, "DNC")], []),
        ([(0, "DNC"), (5, "INS")], [(5, None)]),
        ([(0, "INS"), (20, "PLT"), (60, "Create")], [(0, None)]),
        ([(0, "INS"), (0, "contacted")], [(0, 0)]),
        ([(0, "INS"), (30, "contacted")], [(0, 30)]),
        ([(0, "INS"), (30, "qualified")], [(0, 30)]),
        ([(0, "INS"), (30, "not-a-fit")], [(0, 30)]),
        ([(0, "INS"), (30, "type Contacted")], [(0, 30)]),
        # The first answer ends it. What is said later does not.
        ([(0, "INS"), (30, "contacted"), (90, "qualified")], [(0, 30)]),
        # An attempt, a delay and a pass end nothing.
        ([(0, "INS"), (10, "tried"), (11, "later-3d"), (12, "pass"), (40, "contacted")], [(0, 40)]),
        ([(0, "INS"), (10, "tried"), (11, "later-3d"), (12, "pass")], [(0, None)]),
        ([(0, "INS"), (10, "type Tried")], [(0, None)]),
        # Only *Contact me* opens an answered lead. All else is news.
        ([(0, "INS"), (30, "contacted"), (90, "PLT")], [(0, 30), (90, None)]),
        ([(0, "INS"), (30, "contacted"), (90, "PLT"), (95, "contacted")], [(0, 30), (90, 95)]),
        ([(0, "INS"), (30, "contacted"), (90, "Create")], [(0, 30)]),
        ([(0, "INS"), (30, "contacted"), (90, "Create"), (95, "PLT")], [(0, 30), (95, None)]),
        ([(0, "INS"), (30, "contacted"), (90, "PLT"), (95, "pass")], [(0, 30), (90, None)]),
        # A person set it to *New*: the customer asked nothing. When they ask, they wait from then on.
        ([(0, "INS"), (30, "contacted"), (60, "type New")], [(0, 30)]),
        ([(0, "INS"), (30, "contacted"), (60, "type New"), (70, "mail"), (80, "later-1d")], [(0, 30)]),
        ([(0, "INS"), (30, "contacted"), (60, "type New"), (90, "PLT")], [(0, 30), (90, None)]),
        ([(0, "INS"), (30, "contacted"), (60, "type New"), (90, "PLT"), (95, "pass")], [(0, 30), (90, None)]),
        ([(0, "INS"), (30, "contacted"), (60, "type New"), (90, "contacted")], [(0, 30)]),
        # After the last reminder they still wait.
        ([(0, "INS"), (1, "mail"), (2, "mail"), (3, "mail"), (4, "mail")], [(0, None)]),
        ([(0, "INS"), (1, "mail"), (2, "mail"), (3, "mail"), (4, "mail"), (50, "PLT")], [(0, None)]),
        ([(0, "INS"), (1, "mail"), (2, "mail"), (3, "mail"), (4, "mail"), (50, "contacted")], [(0, 50)]),
        # What was received before the answer and came in after it goes on waiting.
        ([(5, "INS"), (30, "contacted"), (3, "PLT")], [(5, 30), (3, None)]),
        ([(5, "INS"), (30, "contacted"), (3, "PLT"), (40, "later-1d")], [(5, 30), (3, None)]),
        ([(5, "INS"), (3, "PLT"), (30, "contacted")], [(3, 30)]),
        # *Do not contact* answers nothing. If it is lifted, the customer has waited all along.
        ([(0, "INS"), (30, "do-not-contact"), (60, "lift")], [(0, None)]),
        ([(0, "INS"), (30, "do-not-contact"), (60, "lift"), (70, "contacted")], [(0, 70)]),
        ([(0, "INS"), (30, "do-not-contact"), (60, "type Contacted")], [(0, 60)]),
    ],
)
def test_a_wait_goes_from_the_customers_action_to_a_persons_answer(
    happenings: list[tuple[float, str]], expected: list[tuple[float, float | None]]
) -> None:
    assert waits(live(*happenings)) == expected


WHATS = [
    "INS",
    "PLT",
    "DNC",
    "Create",
    "mail",
    "type New",
    "type Contacted",
    "type Tried",
    *set(Choice) - {Choice.NOTE},
]
any_story = st.tuples(
    st.sampled_from(["INS", "PLT", "DNC"]),
    st.lists(st.tuples(st.integers(-40, 400), st.sampled_from(WHATS)), max_size=12),
)


@given(any_story)
@settings(max_examples=100)
def test_whatever_happens_one_wait_at_most_goes_on_and_only_of_a_new_lead(
    story: tuple[str, list[tuple[float, str]]],
) -> None:
    first, others = story
    lead = live((0, first), *others)
    found = find_waits(lead)
    going_on = [wait for wait in found if wait.answered_at is None]
    assert going_on in ([], [found[-1]] if found else [])
    assert lead.status is Status.NEW or not going_on
    assert going_on or not (lead.status is Status.NEW and (lead.history.waiting_since or lead.history.is_left_open))
    assert all(wait.since <= wait.answered_at for wait in found if wait.answered_at)
    assert {wait.since for wait in found} <= {action.first_at for action in lead.history.actions if action.is_own}


def test_a_wait_knows_the_action_that_opened_it() -> None:
    lead = deliver(None, delivery(0, "INS", source="AppSource"))
    lead = say(lead, Choice.CONTACTED, 30)
    lead = deliver(lead, delivery(60, "PLT", source="AzurePortal"))
    assert [(wait.action_code, wait.source) for wait in find_waits(lead)] == [
        ("INS", "AppSource"),
        ("PLT", "AzurePortal"),
    ]


def test_a_delivery_that_comes_again_is_no_new_wait() -> None:
    lead = live((0, "INS"), (5, "contacted"))
    assert waits(deliver(lead, delivery(8, "INS"))) == [(0, 5)]


def test_another_owner_by_command_ends_no_wait() -> None:
    lead = changes.given(stored(live((0, "INS"))), ANNA, at=at(9), is_confirmed=False, policy=POLICY)
    assert waits(lead) == [(0, None)]


def past(minutes: float, code: str = "INS", word: Word = Word.CONTACTED) -> Delivery:
    return replace(delivery(minutes, code), past=word)


def test_nobody_measured_how_long_a_customer_of_the_past_waited() -> None:
    lead = deliver(None, past(0))
    assert (find_waits(lead), find_apart(lead)) == ((), Apart.PAST)
    assert find_milestones(lead) == Milestones(at(0))


def test_an_answer_that_is_only_assumed_ends_a_wait_that_is_not_counted() -> None:
    lead = live((0, "INS"), (30, "contacted"))
    lead = replace(lead, decisions=tuple(replace(taken, by=BY_REPLAY) for taken in lead.decisions))
    assert (find_waits(lead), find_apart(lead)) == ((), Apart.PAST)


def test_a_customer_of_the_past_who_asks_again_is_counted_from_then_on() -> None:
    lead = deliver(deliver(None, past(0)), delivery(60, "PLT"))
    assert (waits(lead), find_apart(lead)) == ([(60, None)], None)
    assert waits(say(lead, Choice.CONTACTED, 90)) == [(60, 90)]


@pytest.mark.parametrize(
    ("lead", "apart"),
    [
        (live((0, "INS")), None),
        (live((0, "DNC")), Apart.DO_NOT_CONTACT),
        (live((0, "INS"), (5, "do-not-contact")), Apart.DO_NOT_CONTACT),
        (live((0, "INS"), (5, "spam")), Apart.SPAM),
        (live((0, "INS"), (5, "type Junk")), Apart.SPAM),
        (live((0, "INS"), (5, "spam"), (9, "PLT")), None),
        (live((0, "INS"), (5, "not-a-fit")), None),
        (deliver(None, delivery(0, contact=replace(JOHN, first_name="MSFT_TEST_1"))), Apart.TEST),
        (deliver(None, delivery(0, contact=replace(JOHN, email="jo@own.example"))), Apart.INTERNAL),
    ],
)
def test_what_is_no_customers_lead_is_counted_apart(lead: Lead, apart: Apart | None) -> None:
    assert find_apart(lead) == apart


def test_the_milestones_of_a_lead_have_the_times_of_the_first_time() -> None:
    lead = live((0, "INS"), (4, "mail"), (20, "tried"), (25, "mail"), (30, "contacted"), (60, "qualified"), (90, "PLT"))
    lead = say(mail(lead, 95), Choice.NOT_A_FIT, 99)
    assert find_milestones(lead) == Milestones(at(0), at(4), at(20), at(30), at(60))


def test_an_answer_is_an_attempt_and_a_lead_that_is_no_fit_was_not_contacted() -> None:
    assert find_milestones(live((0, "INS"), (30, "not-a-fit"))) == Milestones(at(0), None, at(30), None, at(30))


def test_when_an_owner_was_first_told_stays_in_the_row() -> None:
    lead = mail(live((0, "INS"), (4, "mail")), DAY)
    again = lead_from_row(lead_to_row(lead))
    assert (again.first_told_at, again.last_reminder_at) == (at(4), at(DAY))
    assert again == lead


def test_of_a_row_of_the_version_before_the_last_mail_is_known() -> None:
    lead = replace(live((0, "INS"), (4, "mail")), first_told_at=None)
    assert find_milestones(lead).told_at == at(4)
    assert mail(lead, DAY).first_told_at == at(4)


def test_news_of_an_answered_lead_tells_nobody_of_the_lead() -> None:
    assert live((0, "INS"), (3, "contacted"), (50, "Create"), (55, "mail")).first_told_at is None


def test_a_long_history_forgets_its_oldest_waits_and_counts_no_half_ones() -> None:
    lead = live((0, "INS"), (30, "contacted"), (60, "PLT"))
    for number in range(MAX_ACTIONS):
        lead = deliver(lead, delivery(70 + number * 20, "Create", event=900 + number))
    assert lead.history.summary
    assert waits(lead) == [(60, None)]
    lead = say(lead, Choice.CONTACTED, 5_000)
    assert waits(deliver(lead, delivery(6_000, "PLT"))) == [(6_000, None)]
    assert waits(say(deliver(lead, delivery(6_000, "PLT")), Choice.CONTACTED, 6_030)) == [(6_000, 6_030)]


def test_many_decisions_forget_the_oldest_waits_and_no_one_who_waits() -> None:
    lead = live((0, "INS"), (30, "contacted"), (60, "PLT"))
    for number in range(MAX_DECISIONS):
        lead = say(lead, Choice.LATER_1D, 100 + number)
    assert waits(lead) == [(60, None)]
    lead = say(lead, Choice.CONTACTED, 500)
    assert waits(lead) == []
    lead = say(deliver(lead, delivery(600, "PLT")), Choice.CONTACTED, 630)
    assert waits(lead) == [(600, 630)]
    assert lead.status is Status.CONTACTED
