"""In which forms a mail is tried, if the provider refuses what it says."""

from hypothesis import given
from hypothesis import strategies as st

from lead_core.views.card import Detail
from lead_core.views.forms import MAX_GROUPS, list_forms

NUMBERS = st.integers(0, 60)


@given(NUMBERS, st.booleans())
def test_the_first_form_says_all_and_the_last_has_no_word_of_a_customer(number: int, is_brief: bool) -> None:
    first, *_, last = [*list_forms(number, is_brief=is_brief)] * 2
    assert set(first) <= {Detail.BRIEF if is_brief else Detail.FULL}
    assert set(last) <= {Detail.BARE}


@given(NUMBERS, st.booleans())
def test_a_few_tries_are_enough_and_none_is_made_twice(number: int, is_brief: bool) -> None:
    forms = list_forms(number, is_brief=is_brief)
    assert len(forms) == len(set(forms)) <= 3 + 2 * MAX_GROUPS
    assert {len(form) for form in forms} == {number}


@given(st.integers(1, MAX_GROUPS), st.data())
def test_one_lead_among_few_is_found_exactly(number: int, data: st.DataObject) -> None:
    bad = data.draw(st.integers(0, number - 1))
    taken = next(form for form in list_forms(number, is_brief=False) if form[bad] is not Detail.FULL)
    assert [detail is Detail.FULL for detail in taken] == [place != bad for place in range(number)]


@given(st.sets(st.integers(0, 24), min_size=1), st.sampled_from([Detail.BRIEF, Detail.BARE]))
def test_whatever_leads_are_refused_some_form_is_taken(bad: set[int], needed: Detail) -> None:
    shorter = {Detail.BRIEF: {Detail.BRIEF, Detail.BARE}, Detail.BARE: {Detail.BARE}}[needed]
    assert any(all(form[place] in shorter for place in bad) for form in list_forms(25, is_brief=False))
