from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.decisions import apply_hand_edits, decide
from lead_core.lead.delivery import Delivery
from lead_core.lead.follow_up import FollowUpPolicy, schedule
from lead_core.lead.lead import BY_GRID, Cells, Decision, Lead, fold
from lead_core.lead.status_words import parse_status
from lead_core.lead.values import Status, format_digest
from tests.examples import JOHN, at, delivery


def fold_all(*deliveries: Delivery, start: Lead | None = None) -> Lead:
    lead = start
    for each in deliveries:
        lead = fold(lead, each)
    assert lead is not None
    return lead


def answered(status: Status = Status.CONTACTED, *deliveries: Delivery) -> Lead:
    return decide(fold_all(*(deliveries or [delivery(0)])), Decision(status, at(30), "anna@contoso.example"))


def edited(lead: Lead, status: str) -> Lead:
    return apply_hand_edits(replace(lead, cells=replace(lead.cells, status=status)), edited_at=at(45))


def renumber_rounds(lead: Lead) -> Lead:
    """Number the rounds without gaps. Only their order counts: an empty round may have been skipped."""
    history = lead.history
    numbers = sorted({*(action.round for action in history.actions), history.round})
    actions = tuple(replace(action, round=numbers.index(action.round)) for action in history.actions)
    return replace(lead, history=replace(history, actions=actions, round=numbers.index(history.round)))


TEXTS = st.sampled_from(["", "a", "b"])
DELIVERIES = st.lists(
    st.builds(
        lambda minutes, code, title, text: delivery(
            minutes,
            code,
            contact=replace(JOHN, title=title),
            description=text,
            event=int(format_digest(str(minutes), code, title, text)[:12], 16),
        ),
        st.integers(0, 90),
        st.sampled_from(["INS", "PLT", "DNC", "Create", "WALLET", ""]),
        TEXTS,
        TEXTS,
    ),
    min_size=1,
    max_size=12,
)


@given(DELIVERIES, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_deliveries_give_the_same_row(
    deliveries: list[Delivery], random: Random
) -> None:
    shuffled = [*deliveries, *deliveries[::3]]
    random.shuffle(shuffled)
    assert fold_all(*shuffled) == fold_all(*deliveries)


@given(DELIVERIES, DELIVERIES, st.randoms(use_true_random=False))
def test_after_an_answer_the_order_still_does_not_matter(
    before: list[Delivery], after: list[Delivery], random: Random
) -> None:
    start = answered(Status.CONTACTED, *before)
    shuffled = [*after, *after, *before]
    random.shuffle(shuffled)
    one, other = fold_all(*shuffled, start=start), fold_all(*after, *before, start=start)
    assert renumber_rounds(one) == renumber_rounds(other)


def test_a_delivery_that_bridges_two_opens_no_round_twice() -> None:
    """A lead that was opened in between keeps its higher round: a mail may have been sent in it."""
    start = answered(Status.CONTACTED, delivery(0, "PLT"))
    late, bridge = delivery(11, "PLT"), delivery(1, "PLT")
    in_order, out_of_order = fold_all(bridge, late, start=start), fold_all(late, bridge, start=start)
    assert (in_order.status, out_of_order.status) == (Status.CONTACTED, Status.CONTACTED)
    assert (in_order.history.round, out_of_order.history.round) == (1, 2)
    assert renumber_rounds(in_order) == renumber_rounds(out_of_order)


@given(DELIVERIES)
def test_the_customer_has_waited_since_their_first_action(deliveries: list[Delivery]) -> None:
    lead = fold_all(*deliveries)
    own = [each.received_at for each in deliveries if each.shown.action_code != "DNC"]
    assert lead.waiting_since == min(own, default=None)
    assert lead.status is (Status.NEW if own else Status.DO_NOT_CONTACT)


def test_the_later_value_wins_and_a_blank_never_does() -> None:
    early = delivery(0, contact=replace(JOHN, title="CTO", company="Northwind"), description="first")
    late = delivery(20, contact=replace(JOHN, title="CEO", company=""))
    shown = fold_all(late, early).shown
    assert (shown.title, shown.company, shown.description) == ("CEO", "Northwind", "first")


def test_the_event_id_decides_between_values_of_one_moment() -> None:
    one = delivery(0, contact=replace(JOHN, title="one"), event=1)
    two = delivery(0, contact=replace(JOHN, title="two"), event=2)
    assert fold_all(two, one).shown.title == "two"


def test_a_notice_that_another_partner_was_asked_fills_only_blanks() -> None:
    own = delivery(0, "INS", contact=replace(JOHN, title="CTO", phone=""))
    notice = delivery(60, "DNC", contact=replace(JOHN, title="Other"))
    shown = fold_all(own, notice).shown
    assert (shown.title, shown.phone, shown.action_code) == ("CTO", JOHN.phone, "INS")


@pytest.mark.parametrize("code", ["INS", "PLT", "Create", "StartTestDrive", "WALLET", ""])
def test_an_action_of_the_customers_own_opens_a_lead_that_was_only_a_notice(code: str) -> None:
    lead = fold_all(delivery(0, "DNC"), delivery(60, code))
    assert (lead.status, lead.waiting_since, lead.cells.status) == (Status.NEW, at(60), "New")


def test_a_notice_takes_nothing_away_from_a_lead_that_waits() -> None:
    lead = fold_all(delivery(0, "PLT"), delivery(60, "DNC"))
    assert (lead.status, lead.waiting_since, lead.history.count) == (Status.NEW, at(0), 2)


@pytest.mark.parametrize("status", [Status.CONTACTED, Status.QUALIFIED, Status.DISQUALIFIED])
def test_contact_me_opens_an_answered_lead_anew(status: Status) -> None:
    lead = replace(answered(status), reminders_sent=2, snoozed_until=at(999))
    opened = fold(lead, delivery(60, "PLT"))
    assert (opened.status, opened.waiting_since) == (Status.NEW, at(60))
    assert (opened.reminders_sent, opened.snoozed_until) == (0, None)


@pytest.mark.parametrize("code", ["INS", "DNC", "Create", "WALLET"])
def test_any_other_action_on_an_answered_lead_is_only_news(code: str) -> None:
    lead = fold(answered(), delivery(60, code))
    assert (lead.status, lead.waiting_since, lead.history.count) == (Status.CONTACTED, None, 2)


def test_only_a_person_lifts_what_a_person_set_to_do_not_contact() -> None:
    closed = answered(Status.DO_NOT_CONTACT)
    assert fold(closed, delivery(60, "PLT")).status is Status.DO_NOT_CONTACT
    lifted = edited(fold(closed, delivery(60, "PLT")), "New")
    assert (lifted.status, lifted.waiting_since) == (Status.NEW, at(45))


def test_a_decision_answers_what_stood_in_the_row_and_not_what_enters_later() -> None:
    assert fold(answered(), delivery(-60, "PLT")).status is Status.NEW
    assert fold(answered(), delivery(0)) == answered()


def test_the_first_contact_is_remembered() -> None:
    twice = decide(answered(), Decision(Status.QUALIFIED, at(90), "carl@contoso.example"))
    assert (twice.first_contacted_at, twice.contacted_by) == (at(30), "anna@contoso.example")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("New", Status.NEW),
        (" contacted ", Status.CONTACTED),
        ("Contactd", Status.CONTACTED),
        ("QUALIFIED", Status.QUALIFIED),
        ("disqualifed", Status.DISQUALIFIED),
        ("do not contact", Status.DO_NOT_CONTACT),
        ("Do-Not-Contact!", Status.DO_NOT_CONTACT),
        ("", Status.NEW),
        ("asdf", None),
        ("?", None),
        ("完了", None),
    ],
)
def test_a_status_is_read_despite_typing_errors(text: str, status: Status | None) -> None:
    assert parse_status(text) is status


@given(st.text())
def test_any_cell_is_a_status_or_none(text: str) -> None:
    edited(fold_all(delivery(0)), text)


def test_a_status_edited_by_hand_is_a_decision() -> None:
    lead = edited(fold_all(delivery(0)), "contactd")
    assert lead.decisions == (Decision(Status.CONTACTED, at(45), BY_GRID, was=Status.NEW),)
    assert (lead.cells.status, lead.waiting_since) == ("Contacted", None)
    assert apply_hand_edits(lead, edited_at=at(50)) == lead


def test_another_spelling_of_the_same_status_decides_nothing() -> None:
    lead = edited(answered(), "CONTACTED ")
    assert lead == answered()


def test_an_unreadable_word_counts_as_unanswered_and_stays() -> None:
    lead = edited(answered(), "asdf")
    assert (lead.status, lead.waiting_since, lead.cells.status) == (Status.NEW, at(45), "asdf")
    assert apply_hand_edits(lead, edited_at=at(50)) == lead
    assert edited(lead, "Qualified").status is Status.QUALIFIED


def test_an_unreadable_word_on_a_lead_that_waits_starts_nothing_anew() -> None:
    lead = edited(replace(fold_all(delivery(0)), reminders_sent=2), "asdf")
    assert (lead.waiting_since, lead.reminders_sent, lead.decisions) == (at(0), 2, ())


def test_a_lead_set_back_to_new_waits_from_then_on() -> None:
    lead = edited(replace(answered(), reminders_sent=3), "New")
    assert (lead.status, lead.waiting_since, lead.reminders_sent) == (Status.NEW, at(45), 0)


def test_a_lead_set_back_to_new_waits_from_then_on_if_a_wish_turns_out_to_repeat_an_answered_one() -> None:
    lead = edited(answered(Status.CONTACTED, delivery(0, "PLT")), "New")
    asked_earlier = fold(lead, delivery(15, "PLT"))
    assert asked_earlier.waiting_since == at(15)
    assert fold(asked_earlier, delivery(8, "PLT")).waiting_since == at(45)


def test_a_resting_lead_is_answered_if_the_wish_that_opened_it_turns_out_to_repeat_an_answered_one() -> None:
    opened = fold(answered(Status.CONTACTED, delivery(20, "PLT")), delivery(5, "PLT"))
    resting = schedule(replace(opened, reminders_sent=9), FollowUpPolicy())
    assert (resting.status, resting.next_reminder_at) == (Status.NEW, None)
    bridged = schedule(fold(resting, delivery(12, "PLT")), FollowUpPolicy())
    assert (bridged.status, bridged.cells.status, bridged.history.count) == (Status.CONTACTED, "Contacted", 1)


def test_a_resting_lead_waits_as_before_if_a_wish_turns_out_to_repeat_the_first() -> None:
    resting = schedule(replace(fold_all(delivery(20, "PLT")), reminders_sent=9), FollowUpPolicy())
    asked_anew = fold(resting, delivery(5, "PLT"))
    assert asked_anew.reminders_sent == 0
    bridged = fold(asked_anew, delivery(12, "PLT"))
    assert (bridged.status, bridged.waiting_since, bridged.history.count) == (Status.NEW, at(5), 1)


def test_what_people_write_beside_the_status_stays() -> None:
    cells = Cells(status="New", owner="anna@contoso.example", note="call on Monday", disqualified_reason="-")
    lead = fold(replace(fold_all(delivery(0)), cells=cells), delivery(60, "PLT"))
    assert lead.cells == cells


def test_a_test_lead_is_marked() -> None:
    assert fold_all(delivery(0, contact=replace(JOHN, last_name="MSFT_TEST_1"))).is_test


POLICY = FollowUpPolicy()


@pytest.mark.parametrize(
    ("sent", "last_reminder", "snoozed_until", "due"),
    [
        (0, None, None, 0),
        (1, 5, None, 24 * 60 + 5),  # the first mail went out five minutes late
        (1, None, None, 24 * 60),
        (2, 24 * 60, None, 3 * 24 * 60),
        (3, 3 * 24 * 60 + 600, None, 7 * 24 * 60 + 600),
        (4, 7 * 24 * 60, None, None),
        (1, 0, 2_000, 2_000),
        (1, 0, 100, 24 * 60),
    ],
)
def test_the_next_mail_is_due_at_the_latest_of_its_waits(
    sent: int, last_reminder: int | None, snoozed_until: int | None, due: int | None
) -> None:
    lead = replace(
        fold_all(delivery(0)),
        reminders_sent=sent,
        last_reminder_at=None if last_reminder is None else at(last_reminder),
        snoozed_until=None if snoozed_until is None else at(snoozed_until),
    )
    assert schedule(lead, POLICY).next_reminder_at == (None if due is None else at(due))


@pytest.mark.parametrize(
    "lead",
    [
        answered(),
        fold_all(delivery(0, "DNC")),
        fold_all(delivery(0, contact=replace(JOHN, company="MSFT_TEST_1"))),
        fold_all(delivery(0, contact=replace(JOHN, email="anna@contoso.com"))),
    ],
    ids=["answered", "notice", "test", "internal"],
)
def test_what_is_no_work_is_never_due(lead: Lead) -> None:
    assert schedule(lead, FollowUpPolicy(internal_domains=frozenset({"contoso.com"}))).next_reminder_at is None


def test_without_the_notice_the_first_mail_is_the_first_reminder() -> None:
    policy = FollowUpPolicy(waits=POLICY.waits[1:])
    assert schedule(fold_all(delivery(0)), policy).next_reminder_at == at(24 * 60)
