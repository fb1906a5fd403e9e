import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.person import (
    Contact,
    IdentifiedBy,
    find_phone,
    format_country,
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
    ("text", "code"),
    [
        ("US", "US"),
        ("usa", "US"),
        ("United States", "US"),
        ("the Netherlands", "NL"),
        ("UK", "GB"),
        ("South Korea", "KR"),
        ("Russia", "RU"),
        ("Czech Republic", "CZ"),
        ("Deutschland", "DE"),
        ("中国", "CN"),
        ("Atlantis", "Atlantis"),
        ("", ""),
        ("*aa", "*aa"),
    ],
)
def test_a_known_country_becomes_its_iso_code(text: str, code: str) -> None:
    assert format_country(text) == code


@pytest.mark.parametrize(
    "same",
    [
        {"email": " JSmith+ms@Northwind.example "},
        {"first_name": "Johnny", "last_name": "S.", "phone": "", "company": "Other"},
    ],
)
def test_one_address_is_one_person(same: dict[str, str]) -> None:
    assert identity_of(JOHN) == identity_of(replace(JOHN, **same))


def test_a_role_mailbox_is_one_person_only_together_with_the_last_name() -> None:
    desk = replace(JOHN, email="info@northwind.example")
    assert identity_of(desk)[0] == IdentifiedBy.EMAIL
    assert identity_of(desk) == identity_of(replace(desk, first_name="J.", last_name="SMITH"))
    assert identity_of(desk) != identity_of(replace(desk, last_name="Jones"))
    assert identity_of(replace(desk, last_name=""))[0] == IdentifiedBy.NOBODY


def test_without_an_address_phone_and_last_name_are_one_person() -> None:
    caller = replace(JOHN, email="")
    assert identity_of(caller)[0] == IdentifiedBy.PHONE
    assert identity_of(caller) == identity_of(replace(caller, first_name="J", phone="(617) 555-5555", company=""))
    assert identity_of(caller) != identity_of(replace(caller, phone="(617) 555-5555 x7"))
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


def test_a_country_that_is_known_by_name_alone_does_not_load_the_places_of_all_phone_numbers() -> None:
    """They are next to the names, and loading them holds the whole worker for seconds."""
    program = (
        "import sys; from lead_core.lead.person import format_country\n"
        "assert format_country('Deutschland') == 'DE'; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert not [name for name in loaded.stdout.split() if name.startswith("phonenumbers.geodata.")]
