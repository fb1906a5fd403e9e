"""Who is found by what, whatever the spelling."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.changes import delivered
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.person import Contact
from lead_core.lead.search import Search
from lead_core.lead.values import LeadKey
from tests.examples import JOHN, delivery

ADA = Contact("Ada", "Lovelace", "ada@northwind.example", "+16175555555 x12", "US", "Northwind Traders")


def lead(contact: Contact = ADA) -> Lead:
    return delivered(None, delivery(contact=contact), FollowUpPolicy())


@pytest.mark.parametrize(
    ("text", "contact", "kind"),
    [
        (" ADA+ms@Northwind.Example ", ADA, "email"),
        ("Ada Lovelace <ada@northwind.example>", ADA, "email"),
        ("mailto:ada@northwind.example", ADA, "email"),
        ("b@y.example", replace(ADA, email="a@x.example; b@y.example"), "email"),
        ("a.da@gmail.com", replace(ADA, email="ada@googlemail.com"), "email"),
        ("jsmith", JOHN, "email"),
        ("northwind.example", replace(JOHN, company=""), "email"),
        ("+1 617 555 5555", ADA, "phone"),
        ("(617) 555-5555", ADA, "phone"),
        ("001.617.555.5555 ext. 4", ADA, "phone"),
        ("617/5555555", ADA, "phone"),
        ("+49 (0)30 1234567", replace(ADA, phone="+49301234567"), "phone"),
        ("030 1234567", replace(ADA, phone="+49301234567"), "phone"),
        ("+1 617 555 5555", replace(ADA, phone="617-555-5555", country=""), "phone"),
        ("617 555 5555", replace(ADA, phone="office 030 1234567, mobile 617 555 5555"), "phone"),
        ("ada lovelace", ADA, "name"),
        ("Lovelace, Ada", ADA, "name"),
        ("ADA", ADA, "name"),
        ("Ada Northwind", ADA, "name"),
        ("Jose Nunez", replace(ADA, first_name="José", last_name="Núñez"), "name"),
        ("josé", replace(ADA, first_name="Jose"), "name"),
        ("Mueller", replace(ADA, last_name="Müller"), "name"),
        ("Muller", replace(ADA, last_name="Müller"), "name"),
        ("MÜLLER", replace(ADA, last_name="Mueller"), "name"),
        ("Soren", replace(ADA, first_name="Søren"), "name"),
        ("Strasse", replace(ADA, last_name="Straße"), "name"),
        ("Jean Luc", replace(ADA, first_name="Jean-Luc"), "name"),
        ("O’Brien", replace(ADA, last_name="O'Brien"), "name"),
        ("山田", replace(ADA, first_name="", last_name="山田太郎"), "name"),
        ("northwind", ADA, "company"),
        ("traders NORTHWIND", ADA, "company"),
    ],
)
def test_a_person_is_found_in_any_spelling(text: str, contact: Contact, kind: str) -> None:
    assert Search.of(text).finds(lead(contact)) == kind


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?!", "/", "@", "grace", "ad", "Ada Hopper", "adam", "eda@northwind.example", "+1 617 555 5556",
        "555 5555 1", "12345678", "deadbeef", "adalovelace",
    ],
)  # fmt: skip
def test_nobody_else_is_found(text: str) -> None:
    assert Search.of(text).finds(lead()) == ""


def test_a_person_is_found_by_the_key_of_a_lead_or_its_beginning() -> None:
    found = lead()
    partition, row = found.key
    for text in (f"{partition}/{row}", partition, partition.upper(), f" {partition[:8]} ", partition[:20]):
        assert Search.of(text).finds(found) == "key"
    for text in (partition[:7], partition[1:], f"{partition}/another-offer", f"{partition[:8]}/{row}"):
        assert Search.of(text).finds(found) == ""
    assert Search.of_key(found.key).finds(found) == "key"


def test_a_row_that_was_typed_is_found_by_its_whole_key_only() -> None:
    typed = replace(lead(), key=LeadKey("My Leads 2026", "1/2"))
    for text in ("My Leads 2026", "My Leads 2026/1/2"):
        assert Search.of(text).finds(typed) == "key"
    assert Search.of("My Leads").finds(typed) == ""
    assert Search.of("deadbeef").finds(replace(typed, key=LeadKey("deadbeef-2", "1"))) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Spoke with her boss, Lovelace (Ada), today",
        "cc: <Ada+work@northwind.example>.",
        '{"firstName": "ADA", "lastName": "LOVELACE"}',
        "call +1-617-555-5555, or mail",
        "Ada's mother is Mrs Lovelace",
    ],
)
def test_a_text_that_names_a_person_mentions_them(text: str) -> None:
    assert Search.of_person([lead()]).mentions(text)


@pytest.mark.parametrize("text", ["", "Ada", "Northwind Traders", "Adam Lovelace", "ada@contoso.example", "5555555 1"])
def test_a_first_name_and_a_company_alone_mention_nobody(text: str) -> None:
    assert not Search.of_person([lead()]).mentions(text)


def test_what_is_looked_for_is_mentioned() -> None:
    found = lead()
    assert Search.of("Ada").mentions("Ask Ada")
    assert Search.of("Northwind").mentions("They bought it for northwind")
    assert Search.of(found.key.partition).mentions(f"PartitionKey {found.key.partition}, RowKey x")
    assert not Search.of("").mentions("anything")


def test_a_person_without_a_name_and_an_address_is_mentioned_nowhere() -> None:
    nobody = lead(Contact())
    assert Search.of_person([nobody]) == Search()
    assert not Search.of_person([nobody]).mentions("anything")


@given(st.text(), st.text())
def test_any_text_can_be_looked_for_in_any_other(text: str, other: str) -> None:
    search = Search.of(text)
    found = lead(Contact(first_name=other))
    assert search.finds(found) in {"", "key", "email", "phone", "name", "company"}
    assert search.mentions(other) in {True, False}


@given(st.text(min_size=1))
def test_a_person_is_found_by_their_own_name(name: str) -> None:
    search = Search.of(name)
    if search.names:
        assert search.finds(lead(Contact(first_name=name)))


def test_a_desks_address_is_anybodys_unless_nothing_else_names_the_person() -> None:
    text = "info@northwind.example wants a call"
    named = lead(contact=replace(JOHN, email="info@northwind.example"))
    assert not Search.of_person([named]).mentions(text)
    assert Search.of_person([lead(contact=replace(JOHN, email="info@northwind.example", first_name=""))]).mentions(text)
