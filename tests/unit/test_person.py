from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.person import (
    Contact,
    IdentifiedBy,
    find_phone,
    format_phone,
    identify,
)
from tests.examples import JOHN


def identity_of(contact: Contact, event_id: str = "1") -> tuple[str, str]:
    identity = identify(contact, event_id=event_id)
    return identity.by, identity.key


@pytest.mark.parametrize(
    ("text", "country", "phone"),
    [
        ("16175555555", "US", "+16175555555"),
        ("(617) 555-5555", "US", "+16175555555"),
        ("+1 617 555 5555", "", "+16175555555"),
        ("+86 138 0000 0000", "CN", "+8613800000000"),
        ("030 123456", "DE", "+4930123456"),
        ("4915112345678", "DE", "+4915112345678"),
        ("00442079460958", "DE", "+442079460958"),
        ("0000000000", "US", "0000000000"),
        ("555-1234", "US", "555-1234"),
        ("972-52-0000000 x12", "US", "+972520000000 x12"),
        ("4915112345678", "", "+4915112345678"),
        ("2025550123", "", "2025550123"),  # without a country it could be anybody's
        ("' or 1=1--", "US", "' or 1=1--"),
        ("", "US", ""),
        ("1" * 300, "US", "1" * 300),
    ],
)
def test_a_phone_becomes_e164_if_it_can_be_read(text: str, country: str, phone: str) -> None:
    assert format_phone(text, country) == phone
    assert format_phone(phone, country) == phone


@given(st.text(), st.sampled_from(["", "US", "DE", "AE", "Atlantis"]))
def test_any_text_is_a_phone_or_stays_as_it_came(text: str, country: str) -> None:
    assert format_phone(text, country) == (find_phone(text, country) or text)


@pytest.mark.parametrize(
    "same",
    [
        {"email": " JSmith+ms@Northwind.example "},
        {"first_name": "Johnny", "last_name": "S.", "phone": "", "company": "Other"},
    ],
)
def test_one_address_is_one_person(same: dict[str, str]) -> None:
    assert identity_of(JOHN) == identity_of(replace(JOHN, **same))


@pytest.mark.parametrize(
    "desk", ["info@northwind.example", "ventas@x.example", "it-support@x.example", "test@x.example"]
)
def test_a_desk_is_one_person_only_together_with_their_name(desk: str) -> None:
    writer = replace(JOHN, email=desk)
    assert identity_of(writer)[0] == IdentifiedBy.EMAIL
    assert identity_of(writer) == identity_of(replace(writer, first_name="JOHN", phone="", company=""), "2")
    assert identity_of(writer) != identity_of(replace(writer, first_name="Jane"))
    assert identity_of(writer) != identity_of(replace(writer, last_name="Jones"))
    assert identity_of(writer) != identity_of(replace(writer, first_name=""))


def test_a_desk_without_a_name_is_one_lead() -> None:
    nameless = Contact(email="info@northwind.example")
    assert identity_of(nameless, "1") == identity_of(replace(nameless, company="Northwind"), "2")


MADE_UP = ["none@none.com", "test@test.com", "donotreply@northwind.example", "a@a.com", "asdf@gmail.com"]


@pytest.mark.parametrize("address", MADE_UP)
def test_two_people_who_made_up_the_same_address_are_two_people(address: str) -> None:
    one = Contact("Ana", "Silva", address)
    other = Contact("Bruno", "Costa", address)
    assert identity_of(one, "1") != identity_of(other, "2")
    assert identity_of(one, "1") != identity_of(replace(one), "2")
    assert identity_of(one)[0] == IdentifiedBy.NOBODY


@pytest.mark.parametrize("address", MADE_UP)
def test_behind_a_made_up_address_the_next_proof_counts(address: str) -> None:
    caller = replace(JOHN, email=address)
    assert identity_of(caller) == identity_of(replace(JOHN, email=""))
    assert identity_of(replace(caller, phone="")) == identity_of(replace(JOHN, email="", phone=""))


def test_the_same_nameless_lead_behind_a_made_up_address_is_one_lead() -> None:
    nameless = Contact(email="none@none.com", company="Northwind")
    assert identity_of(nameless, "1") == identity_of(replace(nameless, company=" NORTHWIND"), "2")
    assert identity_of(nameless, "1") != identity_of(replace(nameless, company="Wingtip"), "2")


def test_without_an_address_phone_and_last_name_are_one_person() -> None:
    caller = replace(JOHN, email="")
    assert identity_of(caller)[0] == IdentifiedBy.PHONE
    assert identity_of(caller) == identity_of(replace(caller, first_name="J", phone="(617) 555-5555", company=""))
    assert identity_of(caller) == identity_of(replace(caller, phone="(617) 555-5555 x7"))
    assert identity_of(caller) != identity_of(replace(caller, last_name="Jones"))


def test_without_address_and_phone_full_name_and_company_are_one_person() -> None:
    named = replace(JOHN, email="", phone="")
    assert identity_of(named)[0] == IdentifiedBy.NAME_AND_COMPANY
    assert identity_of(named) == identity_of(replace(named, first_name="JOHN", company="northwind"))
    assert identity_of(named) != identity_of(replace(named, company="Wingtip"))


@pytest.mark.parametrize(
    "known", [{}, {"first_name": "Ana", "company": "Northwind"}, {"company": "Northwind"}, {"country": "US"}]
)
def test_two_unknown_people_are_never_the_same(known: dict[str, str]) -> None:
    contact = Contact(**known)
    assert identity_of(contact, "1")[0] == IdentifiedBy.NOBODY
    assert identity_of(contact, "1") == identity_of(contact, "1")
    assert identity_of(contact, "1") != identity_of(contact, "2")


def test_a_test_lead_never_merges_with_a_real_one() -> None:
    tester = replace(JOHN, title="MSFT_TEST_636573304831318844")
    assert tester.is_test
    assert identity_of(tester) != identity_of(JOHN)
