"""``leads list``: who waits, the longest waiting first."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.examples import ANNA, JOHN, SALES, person
from tests.operator import Operator, open_operator

DAY = timedelta(days=1)


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    """Yield an operator of three open leads, an answered one, and a test lead."""
    async with open_operator(account) as operator:
        await operator.post(person(1), ago=3 * DAY + timedelta(hours=4))
        await operator.post(person(2), ago=timedelta(minutes=30), code="INS")
        await operator.post(person(3), ago=26 * DAY, offer="contoso.contoso-erp")
        await operator.post(person(4), ago=4 * DAY)
        await operator.post(replace(JOHN, first_name="MSFT_TEST_1"))
        operator.edit("P4 Smith", Status="Contacted")
        yield operator


async def names(operator: Operator, *options: str) -> list[str]:
    return [lead["name"] for lead in (await operator.read("list", *options))["leads"]]


async def test_who_waits_is_listed_the_longest_first(operator: Operator) -> None:
    ran = await operator.run("list")
    lines = [line.split("  ") for line in ran.stdout.splitlines() if "Smith" in line]
    assert [line[0] for line in lines] == ["26 d", "3 d 4 h", "30 min"]
    assert [name for line in lines for name in ("P1", "P2", "P3") if name in str(line)] == ["P3", "P1", "P2"]
    assert ran.code == 0


@pytest.mark.parametrize("columns", [80, 100, 120])
async def test_a_list_fits_the_terminal(operator: Operator, columns: int) -> None:
    ran = await operator.run("list", columns=columns)
    assert max(map(len, ran.stdout.splitlines())) <= columns
    assert "anna@" in ran.stdout
    assert "new: due now" in " ".join(ran.stdout.split())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--status", "contactd"], ["P4 Smith"]),
        (["--status", "new", "--status", "Contacted"], ["P3 Smith", "P1 Smith", "P2 Smith", "P4 Smith"]),
        (["--status", "any"], ["P3 Smith", "P1 Smith", "P2 Smith", "P4 Smith"]),
        (["--owner", "anna"], ["P3 Smith"]),
        (["--owner", SALES], ["P1 Smith", "P2 Smith"]),
        (["--offer", "erp"], ["P3 Smith"]),
        (["--action", "get it now"], ["P2 Smith"]),
        (["--overdue"], ["P3 Smith", "P1 Smith"]),
        (["--overdue", "--owner", ANNA], ["P3 Smith"]),
        (["--resting"], []),
        (["--test"], ["MSFT_TEST_1 Smith"]),
        (["--limit", "1"], ["P3 Smith"]),
    ],
)
async def test_options_narrow_the_list_down(operator: Operator, options: list[str], expected: list[str]) -> None:
    assert await names(operator, *options) == expected


async def test_a_day_lists_those_who_acted_since(operator: Operator) -> None:
    day = (operator.now - 10 * DAY).date().isoformat()
    assert await names(operator, "--since", day) == ["P1 Smith", "P2 Smith"]


async def test_what_is_not_shown_is_counted(operator: Operator) -> None:
    ran = await operator.run("list", "--limit", "1")
    assert "2 more leads not shown: --limit 3 shows all." in ran.stderr
    assert (await operator.read("list", "--limit", "1"))["found"] == 3


async def test_a_document_has_what_a_program_needs(operator: Operator) -> None:
    (lead,) = (await operator.read("list", "--owner", "anna"))["leads"]
    expected = {"rowKey": "contoso.contoso-erp", "status": "New", "owner": ANNA, "next": "new", "action": "PLT"}
    assert lead | expected == lead
    assert lead["waitingSince"] == lead["dueAt"] == (operator.now - 26 * DAY).isoformat()


async def test_an_empty_list_says_so(operator: Operator) -> None:
    assert (await operator.run("list", "--offer", "nothing")).stdout == "No lead is found.\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--status", "asdf"], "is no status. Write New, Tried, Contacted"),
        (["--owner", "zoe"], "names nobody in OWNERS or ESCALATE_TO. Write a whole address."),
        (["--since", "yesterday"], "write it as 2026-11-27"),
        (["--limit", "0"], "--limit"),
    ],
)
async def test_what_cannot_be_read_is_wrong_use(operator: Operator, options: list[str], says: str) -> None:
    ran = await operator.run("list", *options)
    assert ran.code == 2
    assert says in ran.stderr


async def test_an_owner_who_is_in_no_setting_is_found_by_their_leads(operator: Operator) -> None:
    await operator.run("give", "p1 smith", "--to", "zoe@contoso.example", "--yes")
    assert await names(operator, "--owner", "zoe@") == await names(operator, "--owner", "zoe") == ["P1 Smith"]
    assert (await operator.run("list", "--owner", "zo")).code == 2


async def test_what_comes_next_is_said_briefly(operator: Operator) -> None:
    await operator.tick()
    said = (await operator.run("list", "--owner", "anna", columns=120)).stdout
    assert "reminder 1 of 3 in 23 h" in said
