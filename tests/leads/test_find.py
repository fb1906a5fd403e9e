"""``leads find``: persons, and where else they are named."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from leads.commands.find import NOT_SEARCHED
from tests.examples import JOHN, SALES
from tests.operator import Operator, open_operator

ADA = replace(JOHN, first_name="Ada", last_name="Lovelace", email="ada@northwind.example", phone="+442079460000")


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    """Yield an operator with leads of John and of Ada, who wants two offers."""
    async with open_operator(account) as operator:
        await operator.post(JOHN, description="My boss is Ada Lovelace")
        await operator.post(ADA)
        await operator.post(ADA, offer="contoso.contoso-erp")
        yield operator


async def test_a_person_is_found_with_their_offers_and_where_else_they_are_named(operator: Operator) -> None:
    found = await operator.read("find", "ADA@Northwind.Example")
    (ada,) = found["people"]
    assert ada["foundBy"] == "email"
    assert [(lead["rowKey"], lead["status"], lead["owner"]) for lead in ada["leads"]] == [
        ("contoso.contoso-crm", "New", SALES),
        ("contoso.contoso-erp", "New", "anna@contoso.example"),
    ]
    assert [(each["table"], each["about"], each["cells"]) for each in found["mentions"]] == [
        ("Leads", "John Smith", ["Description"]),
        ("MarketplaceLeads", "John Smith", ["Description", "Body"]),
    ]


async def test_what_was_not_searched_is_said(operator: Operator) -> None:
    ran = await operator.run("find", "ada")
    for place in NOT_SEARCHED:
        assert place in " ".join(ran.stderr.split())
    assert (await operator.read("find", "ada"))["notSearched"] == [*NOT_SEARCHED]


@pytest.mark.parametrize("columns", [80, 120])
async def test_a_person_reads_who_and_where(operator: Operator, columns: int) -> None:
    ran = await operator.run("find", "lovelace,", "ada", columns=columns)
    assert ran.code == 0
    assert max(map(len, ran.stdout.splitlines())) <= columns
    for text in ("Ada Lovelace", "Northwind", "ada@northwind.example", "Contoso CRM: New", "Named in 2 other rows"):
        assert text in ran.stdout


async def test_the_key_that_is_shown_finds_the_person(operator: Operator) -> None:
    ran = await operator.run("find", "ada@northwind.example")
    key = next(word for word in ran.stdout.split() if word.isalnum() and len(word) == 12)
    (ada,) = (await operator.read("find", key))["people"]
    assert ada["key"].startswith(key)
    assert ada["foundBy"] == "key"


async def test_nobody_is_found_if_nobody_is_there(operator: Operator) -> None:
    ran = await operator.run("find", "grace hopper")
    assert (ran.code, ran.stdout) == (0, "Nobody is found by 'grace hopper', and no text names them.\n")
    assert (await operator.read("find", "grace hopper"))["people"] == []


async def test_what_is_too_much_for_a_screen_is_counted(operator: Operator) -> None:
    for number in range(52):
        row = {"PartitionKey": "mine", "RowKey": f"{number:02}", "Name": f"Eve {number}", "Note": "Zoe"}
        operator.storage.insert("Leads", row)
    for who in ("eve", "zoe"):
        assert "and 2 more: --json has all of them" in (await operator.run("find", who)).stdout


async def test_who_is_only_named_is_found_in_the_texts_alone(operator: Operator) -> None:
    operator.edit("Ada Lovelace", Note="Works with Grace Hopper")
    ran = await operator.run("find", "grace", "hopper")
    assert "Nobody is found by 'grace hopper'." in ran.stdout
    assert "Named in 2 other rows" in ran.stdout


async def test_a_find_without_anything_to_look_for_is_wrong_use(operator: Operator) -> None:
    assert (await operator.run("find")).code == 2
    assert (await operator.run("find", " ?")).code == 2
