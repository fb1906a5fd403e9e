from dataclasses import replace

import pytest

from lead_core.lead.erasure import Erasure, Erasures, list_keys_of, name_person
from lead_core.lead.person import Contact, identify
from tests.examples import JOHN, at

KEY = "k" * 64


def key_of(contact: Contact) -> str:
    return identify(contact, event_id="e").key


@pytest.mark.parametrize(("minutes", "is_covered"), [(-1, True), (0, True), (0.001, False)])
def test_what_was_received_up_to_the_erasure_is_covered(minutes: float, *, is_covered: bool) -> None:
    assert Erasure(at(0), "r").covers(at(minutes)) is is_covered


@pytest.mark.parametrize(
    "known",
    [
        JOHN,
        replace(JOHN, email=""),
        replace(JOHN, email="", phone=""),
        replace(JOHN, email="JSmith+ms@Northwind.example", phone="", last_name="Miller"),
    ],
    ids=["as it was", "by phone", "by name and company", "by e-mail alone"],
)
def test_a_person_is_known_by_each_way_in_which_they_could_be_recognised(known: Contact) -> None:
    assert key_of(known) in set(list_keys_of(JOHN))


@pytest.mark.parametrize(
    "other",
    [
        replace(JOHN, email="other@northwind.example"),
        replace(JOHN, email="", last_name="Miller"),
        replace(JOHN, email="", phone="", company="Fabrikam"),
    ],
)
def test_a_colleague_with_the_same_phone_or_name_is_another_person(other: Contact) -> None:
    assert key_of(other) not in set(list_keys_of(JOHN))


def test_each_address_of_a_cell_counts() -> None:
    both = replace(JOHN, email="jsmith@northwind.example; john@home.example")
    assert key_of(replace(JOHN, email="john@home.example")) in set(list_keys_of(both))


def test_a_person_who_cannot_be_recognised_has_no_key() -> None:
    assert list(list_keys_of(Contact(first_name="John"))) == []


def test_a_test_lead_is_no_real_person() -> None:
    tester = replace(JOHN, first_name="MSFT_TEST_1")
    assert set(list_keys_of(tester)).isdisjoint(list_keys_of(JOHN))


def test_a_name_follows_from_the_key_and_shows_nothing() -> None:
    assert name_person(KEY, "a") == name_person(KEY, "a") != name_person("other", "a")
    assert len(name_person(KEY, "a")) == 32


def test_many_persons_are_looked_up_at_once() -> None:
    erasure = Erasure(at(0), "r")
    erasures = Erasures(KEY, {name_person(KEY, "a"): erasure})
    assert (erasures.find("a"), erasures.find("b"), Erasures().find("a")) == (erasure, None, None)
