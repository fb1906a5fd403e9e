"""Whose lead it is: what people write into ``OWNERS`` and into an owner cell."""

from dataclasses import replace

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.addresses import is_address
from lead_core.lead.condition_words import COUNTRY_CODES
from lead_core.lead.owner_cell import SEVERAL_PEOPLE, Meaning, read_owner_cell
from lead_core.lead.owners import Owners

ANNA, BOB, SALES = "anna@contoso.com", "bob@contoso.com", "sales@contoso.com"
OWNERS = replace(Owners.parse(f"contoso.* DE: {ANNA}, {BOB}; {SALES}"), escalate_to="Boss@fabrikam.com")


@pytest.mark.parametrize(
    ("cell", "owner"),
    [
        ("anna@contoso.com", ANNA),
        (" ANNA@Contoso.com ", ANNA),
        ("anna@contoso.com;", ANNA),
        ("mailto:anna@contoso.com", ANNA),
        ("<anna@contoso.com>", ANNA),
        ("'anna@contoso.com'", ANNA),
        ("Anna Schmidt <anna@contoso.com>", ANNA),
        ('"Schmidt, Anna" <anna@contoso.com>', ANNA),
        ("Anna Schmidt (anna@contoso.com)", ANNA),
        ("[Anna](mailto:anna@contoso.com)", ANNA),
        ("an\u200bna@contoso.com\ufeff", ANNA),
        ("anna＠contoso.com", ANNA),
        ("anna @ contoso.com", ANNA),
        ("anna@contoso", ANNA),
        ("anna@", ANNA),
        ("anna@contosocom", ANNA),
        ("Anna", ANNA),
        ("Anna Schmidt", ANNA),
        ("Schmidt, Anna", ANNA),
        ("bob", BOB),
        ("boss@fabrikam.com", "boss@fabrikam.com"),
    ],
)
def test_a_cell_is_understood_as_people_write_it(cell: str, owner: str) -> None:
    assert OWNERS.read(cell) == owner
    assert OWNERS.explain(cell) == ""


@pytest.mark.parametrize(
    ("cell", "because"),
    [
        ("???", "names nobody"),
        ("Maria", "names nobody"),
        ("not Anna", "names nobody"),
        ("anna or bob", "can mean several people"),
        ("anna@contso.com", "is at a domain that neither OWNERS nor ESCALATE_TO names and resembles anna@contoso.com"),
        ("anna@gmail.com", "is at a domain that neither"),
        ("eve@contoso.com.evil.example", "is at a domain that neither"),
        ("eve@evilcontoso.com", "is at a domain that neither"),
        ("Carl@contoso.com", "is in neither OWNERS nor ESCALATE_TO"),
        ("carl@eu.fabrikam.com", "is in neither OWNERS nor ESCALATE_TO"),
        ("annna", "names nobody in OWNERS or ESCALATE_TO and resembles anna@contoso.com"),
        ("ana@contoso.com", "is in neither OWNERS nor ESCALATE_TO and resembles anna@contoso.com"),
        ("nana@contoso.com", "is in neither OWNERS nor ESCALATE_TO and resembles anna@contoso.com"),
        ("bób@contoso.com", "is no address for mail: the part before the @ has a character"),
        ("x@@contoso.com", "is no address for mail"),
        ("x" * 9_000, "names nobody"),
        ("eve@a.example, eve@b.example", "names several people"),
    ],
)
def test_a_cell_that_is_not_clear_goes_to_the_default_owner_who_is_told_why(cell: str, because: str) -> None:
    assert OWNERS.read(cell) == ""
    said = OWNERS.explain(cell)
    assert because in said
    assert said.startswith(f"The Owner cell says “{cell[:39]}")
    assert f"Mails go to {SALES}." in said
    assert cell not in OWNERS.explain(cell, quotes=False)


def test_of_several_addresses_the_first_that_is_known_is_the_owner() -> None:
    assert OWNERS.read(f"eve@evil.example; {BOB}, {ANNA}") == BOB
    assert f"names several people, and a lead has one owner. Mails go to {BOB}." in OWNERS.explain(f"{BOB} {ANNA}")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Anna Schmidt", "anna.schmidt@contoso.com"),
        ("Schmidt, Anna", "anna.schmidt@contoso.com"),
        ("Anna Schmidt", "schmidt_anna@contoso.com"),
        ("Anna Schmidt", "annaschmidt@contoso.com"),
        ("Anna Schmidt", "aschmidt@contoso.com"),
        ("Anna Schmidt", "a.schmidt@contoso.com"),
        ("Anna Schmidt", "annas@contoso.com"),
        ("anna", "anna.schmidt@contoso.com"),
        ("SCHMIDT", "anna.schmidt@contoso.com"),
        ("José Müller", "jose.mueller@contoso.com"),
        ("Anna Lena Schmidt", "anna-lena.schmidt@contoso.com"),
    ],
)
def test_a_name_is_the_one_person_whose_address_it_fits(name: str, address: str) -> None:
    assert Owners.parse(f"DE: {address}; {SALES}").read(name) == address
    twins = f"DE: {address}, {address.replace('contoso.com', 'contoso.de')}; {SALES}"
    assert "can mean several people" in Owners.parse(twins).explain(name)


def test_whoever_is_at_a_public_mailbox_is_known_by_address_alone() -> None:
    owners = Owners.parse("contoso@gmail.com")
    assert owners.read("contoso@gmail.com") == "contoso@gmail.com"
    assert owners.read("eve@gmail.com") == ""


def test_short_addresses_resemble_each_other_by_nature() -> None:
    assert Owners.parse("jo@contoso.com").interpret("joe@contoso.com").alike == ()


@pytest.mark.parametrize(
    ("confirmed", "owner"),
    [
        ("carl@contoso.com", "carl@contoso.com"),
        ("carl@eu.contoso.com", ""),
        ("", ""),
        (None, ""),
        ("no address", ""),
    ],
)
def test_an_address_of_the_domain_counts_once_a_person_confirmed_it(confirmed: str | None, owner: str) -> None:
    assert OWNERS.read(" Carl@contoso.com", confirmed) == owner
    assert (OWNERS.explain("carl@contoso.com", confirmed) == "") is bool(owner)


@pytest.mark.parametrize("stranger", ["eve@evil.example", "anna@gmail.com", "eve@contoso.com.evil.example"])
def test_nobody_can_confirm_a_stranger(stranger: str) -> None:
    assert OWNERS.read(stranger, stranger) == ""
    assert OWNERS.interpret(stranger).to_confirm == ""


def test_a_confirmed_address_is_forgotten_with_its_domain() -> None:
    assert Owners.parse("sales@fabrikam.com").read("carl@contoso.com", "carl@contoso.com") == ""


def test_who_types_an_address_that_nobody_named_is_told_how_to_confirm_it() -> None:
    assert "pass the lead on from its page, which asks once more" in OWNERS.explain("carl@contoso.com")
    assert "have this one added there" in OWNERS.explain("eve@evil.example")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            "Anna, Bob",
            "names several people, and a lead has one owner. Mails go to sales@contoso.com. Write one address",
        ),
        (f"carla@contoso.com, {BOB.partition('@')[0]}", "names several people, and a lead has one owner."),
        (
            "@carla",
            "names nobody in OWNERS or ESCALATE_TO. Mails go to sales@contoso.com. Write an address of OWNERS, or",
        ),
        (
            "me",
            "names nobody, because the app does not know who wrote it. Mails go to sales@contoso.com. Write your own",
        ),
        ("carla@", "is no address for mail: "),
    ],
)
def test_a_cell_that_names_no_one_person_is_told_what_to_write(cell: str, said: str) -> None:
    assert said in OWNERS.explain(cell)
    assert "have this one added" not in OWNERS.explain(cell)
    assert OWNERS.explain(cell, quotes=False).startswith(f"The text in the Owner cell {said.partition('.')[0]}")


def test_a_mention_is_a_name() -> None:
    assert OWNERS.read(f"@{BOB.partition('@')[0]}") == BOB


def test_a_name_with_a_typing_error_is_hinted_at() -> None:
    assert f"resembles {ANNA}. Mails go to" in OWNERS.explain("annna")


def test_without_rules_nothing_is_wrong_with_a_cell() -> None:
    assert Owners().explain("Anna") == ""


CELLS = (
    st.text()
    | st.text("abno@.,;<> ", max_size=30)
    | st.sampled_from([ANNA, BOB]).flatmap(
        lambda address: st.tuples(st.text(max_size=3), st.text(max_size=3)).map(address.join)
    )
)


@given(CELLS)
def test_mails_go_only_to_the_team(cell: str) -> None:
    address = OWNERS.read(cell)
    assert not address or (is_address(address) and address.endswith(("@contoso.com", "@fabrikam.com", ".contoso.com")))
    assert address or OWNERS.explain(cell) or not cell.strip()


def test_every_country_has_its_code() -> None:
    assert {country.alpha_2 for country in pycountry.countries} | {"XK"} == COUNTRY_CODES


def test_two_colleagues_with_a_comma_are_no_first_and_last_name() -> None:
    known = ["anna.schmidt@contoso.com", "bob@contoso.com"]
    for cell in ("Anna, Bob", "Bob, Anna"):
        assert read_owner_cell(cell, known) == Meaning(problem=SEVERAL_PEOPLE, alike=tuple(sorted(known)))
    assert read_owner_cell("Schmidt, Anna", known) == Meaning("anna.schmidt@contoso.com")
