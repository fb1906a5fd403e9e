from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.history import MAX_ACTIONS, MAX_SUMMED_EVENTS, Action, History
from tests.examples import at, delivery


def history_of(*actions: Action) -> History:
    history = History()
    for action in actions:
        history = history.add(action)
    return history


def action(minutes: float, code: str = "INS", description: str = "", event: int | None = None) -> Action:
    return delivery(minutes, code, description=description, event=event).action


@pytest.mark.parametrize(("minutes", "count"), [(0, 1), (9.99, 1), (10, 1), (10.01, 2), (600, 2)])
def test_the_same_content_within_ten_minutes_is_one_action(minutes: float, count: int) -> None:
    assert history_of(action(0), action(minutes, event=7)).count == count


def test_different_content_at_the_same_time_is_two_actions() -> None:
    assert history_of(action(0), action(0, description="please call", event=7)).count == 2


def test_a_delivery_in_between_makes_one_action_of_two() -> None:
    apart = history_of(action(0), action(15))
    assert apart.count == 2
    assert apart.add(action(8)).count == 1


@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["INS", "PLT", "DNC"])), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_repetition_give_the_same_history(deliveries: list[tuple[int, str]], random: Random) -> None:
    actions = [action(minutes, code, event=number) for number, (minutes, code) in enumerate(deliveries)]
    shuffled = [*actions, *actions[::2]]
    random.shuffle(shuffled)
    assert history_of(*shuffled) == history_of(*actions)


def test_a_long_history_sums_up_its_oldest_actions() -> None:
    history = history_of(*(action(20 * number) for number in range(MAX_ACTIONS + 50)))
    assert len(history.actions) == MAX_ACTIONS
    assert history.count == MAX_ACTIONS + 50
    assert (history.first_at, history.waiting_since) == (at(0), at(0))
    assert history.last_at == at(20 * (MAX_ACTIONS + 49))


def test_a_hundred_actions_are_not_summed_up_yet() -> None:
    assert history_of(*(action(20 * number) for number in range(MAX_ACTIONS))).summary is None


def test_what_was_summed_up_is_not_counted_again() -> None:
    actions = [action(20 * number) for number in range(MAX_ACTIONS + 5)]
    history = history_of(*actions)
    assert history_of(*actions, *actions) == history


def test_a_wish_that_comes_late_behind_a_hundred_actions_still_asks() -> None:
    history = history_of(*(action(20 * number, "PLT", f"{number}") for number in range(MAX_ACTIONS + 50))).settled()
    late = action(5, "PLT", "late")
    asked = history.add(late)
    assert (asked.count, asked.waiting_since) == (history.count + 1, at(5))
    assert asked.add(late) == asked


def test_of_a_very_long_history_the_oldest_events_are_forgotten_and_never_come_back() -> None:
    actions = [action(20 * number) for number in range(MAX_ACTIONS + MAX_SUMMED_EVENTS + 20)]
    history = history_of(*actions)
    assert history.count == len(actions)
    assert history_of(*actions, *actions) == history


def test_as_many_summed_events_as_are_kept_forget_nothing() -> None:
    full = history_of(*(action(20 * number) for number in range(MAX_ACTIONS + MAX_SUMMED_EVENTS)))
    assert full.summary
    assert full.summary.forgotten_at is None
    over = full.add(action(20 * (MAX_ACTIONS + MAX_SUMMED_EVENTS)))
    assert over.summary
    assert over.summary.forgotten_at == full.summary.last_at


def test_a_lead_left_open_by_a_wish_that_turns_out_to_be_answered_is_open_no_more() -> None:
    answered = history_of(action(0, "PLT")).settled()
    reopened = answered.add(action(15, "PLT")).reopened()
    resting = reopened.settled(is_left_open=True)
    assert resting.is_left_open
    assert not resting.add(action(8, "PLT")).is_left_open


def test_a_wish_that_was_summed_up_leaves_the_lead_open() -> None:
    resting = history_of(action(0)).settled().add(action(60, "PLT")).reopened().settled(is_left_open=True)
    for number in range(MAX_ACTIONS + 5):
        resting = resting.add(action(120 + 20 * number, "DNC"))
    assert resting.is_left_open


def test_an_answer_settles_what_stands_summed_up_or_not() -> None:
    history = history_of(*(action(20 * number) for number in range(MAX_ACTIONS + 5))).settled()
    assert history.waiting_since is None
    assert history.has_own_action


def test_after_an_answer_only_contact_me_asks_again() -> None:
    answered = history_of(action(0)).settled()
    assert answered.add(action(60, "INS")).waiting_since is None
    assert answered.add(action(60, "PLT")).waiting_since == at(60)


def test_a_duplicate_of_what_was_answered_is_answered() -> None:
    answered = history_of(action(0, "PLT")).settled()
    again = answered.add(action(5, "PLT"))
    assert (again.count, again.waiting_since) == (1, None)


def test_what_was_received_before_an_answer_and_came_after_it_is_new() -> None:
    answered = history_of(action(60, "INS")).settled()
    assert answered.add(action(0, "PLT")).waiting_since == at(0)


def test_a_notice_that_another_partner_was_asked_is_no_action_of_the_customers_own() -> None:
    notice = history_of(action(0, "DNC"))
    assert (notice.has_own_action, notice.waiting_since) == (False, None)
