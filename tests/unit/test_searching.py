"""Persons are found among the leads, each with all that is theirs."""

from dataclasses import replace

import pytest

from lead_core.links import LINKS_LAST, LinkSigner
from lead_core.operations.searching import FoundPerson, Searching
from tests.desk import Desk
from tests.examples import JOHN, SALES, at, body, person
from tests.steps import SIGNER


@pytest.fixture
async def desk() -> Desk:
    """Return John with two offers, two more persons of his company, and one typed row."""
    desk = Desk()
    await desk.post(body())
    await desk.post(body(offer="contoso.contoso-erp"), event=2)
    await desk.post(body(person(1)), event=3)
    await desk.post(body(person(2)), event=4)
    await desk.memory.leads.upsert({"PartitionKey": "mine", "RowKey": "1", "Name": "Grace Hopper"})
    await desk.memory.leads.upsert({"PartitionKey": "mine", "RowKey": "2", "Name": "John Smith", "Email": JOHN.email})
    return desk


async def find(desk: Desk, who: str) -> list[FoundPerson]:
    return await Searching(desk.steps.repository).find_people(who)


async def test_a_person_is_found_with_all_their_offers(desk: Desk) -> None:
    john, typed = await find(desk, JOHN.email.upper())
    assert [stored.lead.key.row for stored in john.leads] == ["contoso.contoso-crm", "contoso.contoso-erp"]
    assert [len(stored.others) for stored in john.leads] == [1, 1]
    assert john.found_by == typed.found_by == "email"
    assert john.key == john.leads[0].lead.key.partition


async def test_a_typed_row_stands_alone(desk: Desk) -> None:
    (grace,) = await find(desk, "hopper")
    assert (grace.key, grace.who, len(grace.leads)) == ("mine", "mine/1", 1)


async def test_what_is_said_to_find_a_person_finds_only_them(desk: Desk) -> None:
    for found in await find(desk, "northwind") + await find(desk, "grace"):
        (again,) = await find(desk, found.who)
        assert again.leads == found.leads


async def test_the_surest_stand_first(desk: Desk) -> None:
    (john, *_) = await find(desk, JOHN.email)
    await desk.memory.leads.upsert({"PartitionKey": "a", "RowKey": "1", "Name": "Zoe", "Company": "John Inc"})
    assert [each.found_by for each in await find(desk, "john")] == ["name", "name", "company"]
    assert [each.found_by for each in await find(desk, john.key)] == ["key"]


async def test_nobody_is_found_by_what_nobody_has(desk: Desk) -> None:
    for who in ("ada@contoso.example", "", "f" * 32, "f" * 8, "mine/3", "+44 20 7946 0000"):
        assert await find(desk, who) == []


async def test_a_link_finds_its_person_however_old_it_is(desk: Desk) -> None:
    (john, *_) = await find(desk, JOHN.email)
    link = SIGNER.sign(john.leads[0].lead.key, SALES, now=at(0) - 20 * LINKS_LAST)
    token = link.rpartition("/")[2]
    for who in (link, f"<{link}>", f"{link}?said=x", f" {token} "):
        assert await find(desk, who) == [replace(john, found_by="key")]


async def test_a_link_finds_the_person_even_if_its_lead_is_gone(desk: Desk) -> None:
    (john, *_) = await find(desk, JOHN.email)
    first, second = john.leads
    link = SIGNER.sign(first.lead.key, SALES, now=at(0))
    await desk.memory.leads.delete(*first.lead.key)
    (found,) = await find(desk, link)
    assert [stored.lead.key for stored in found.leads] == [second.lead.key]


async def test_a_link_finds_the_person_whatever_key_signed_it(desk: Desk) -> None:
    (john, *_) = await find(desk, JOHN.email)
    link = LinkSigner(("other" * 8,), "https://leads.example").sign(john.leads[0].lead.key, SALES, now=at(0))
    for who in (link, link[:-3]):  # Its signature may be cut off.
        assert [found.key for found in await find(desk, who)] == [john.key]


@pytest.mark.parametrize("token", ["", ".", "a.b", "x" * 40, "WzFd.abc", "e30.abc", ".eJx.abc", "\0.\0"])
async def test_a_link_that_says_nothing_finds_nobody(desk: Desk, token: str) -> None:
    assert await find(desk, f"https://leads.example/api/follow-up/{token}") == []


async def test_every_lead_that_was_read_is_counted(desk: Desk) -> None:
    read: list[int] = []
    await Searching(desk.steps.repository).find_people("nobody", on_read=read.append)
    assert sorted(read) == [1, 1, 1, 1, 2]
