"""``leads give``: another owner, for one lead or for all open ones of a colleague."""

from collections.abc import AsyncIterator

import pytest

from tests.examples import ANNA, BOSS, JOHN, SALES, person
from tests.operator import Operator, open_operator

CARL = "carl@contoso.example"


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    """Yield an operator of three leads of the sales team, who was told. One of them is answered. Anna has one."""
    async with open_operator(account) as operator:
        await operator.post(person(1))
        await operator.post(person(2))
        await operator.post(person(3))
        await operator.post(JOHN, offer="contoso.contoso-erp")
        operator.edit("P3 Smith", Status="Contacted")
        await operator.tick()
        yield operator


def owners(operator: Operator) -> dict[str, str]:
    return {row["FirstName"]: row["Owner"] for row in operator.storage.rows("Leads")}


async def test_a_lead_is_given_and_the_new_owner_is_told(operator: Operator) -> None:
    ran = await operator.run("give", "p1 smith", "--to", "anna", "--yes")
    assert ran.code == 0
    assert ran.stdout.startswith(f"1 lead given to {ANNA}. They are told of 1 lead at the next tick")
    assert owners(operator) == {"P1": ANNA, "P2": SALES, "P3": SALES, "John": ANNA}
    (mail,) = await operator.tick()
    assert (mail.to, "Passed to you by a colleague" in mail.text) == (ANNA, True)


async def test_all_open_leads_of_a_colleague_are_given(operator: Operator) -> None:
    ran = await operator.run("give", "--from", SALES, "--to", ANNA, "--yes")
    assert owners(operator) == {"P1": ANNA, "P2": ANNA, "P3": SALES, "John": ANNA}
    assert f"New leads still go to {SALES}: OWNERS says so." in ran.stderr


async def test_without_owners_nobody_can_get_a_lead(operator: Operator) -> None:
    rows = operator.storage.rows("Leads")
    operator.environment["OWNERS"] = ""
    ran = await operator.run("give", "p1 smith", "--to", ANNA, "--yes")
    assert (ran.code, "OWNERS is not set here" in ran.stderr) == (2, True)
    assert operator.storage.rows("Leads") == rows


async def test_a_second_time_changes_nothing(operator: Operator) -> None:
    await operator.run("give", "p1 smith", "--to", ANNA, "--yes")
    rows = operator.storage.rows("Leads")
    ran = await operator.run("give", "p1 smith", "--to", ANNA, "--yes")
    assert (ran.code, ran.stdout) == (0, f"Nothing to give: {ANNA} has them already.\n")
    assert operator.storage.rows("Leads") == rows


async def test_what_would_be_given_is_shown_first(operator: Operator) -> None:
    rows = operator.storage.rows("Leads")
    for options, typed in ((["--dry-run"], ""), ([], "n\n")):
        ran = await operator.run("give", "--from", SALES, "--to", ANNA, *options, typed=typed, columns=80)
        assert ran.code == 0
        assert "P1 Smith, Northwind" in ran.stderr
        assert "P3 Smith" not in ran.stderr
        assert "Nothing was changed" in ran.stderr
        assert ran.stdout == ""
    assert operator.storage.rows("Leads") == rows


async def test_who_waits_longest_is_shown_first(operator: Operator) -> None:
    waits = [lead["name"] for lead in (await operator.read("list"))["leads"]]
    ran = await operator.read("give", "--from", SALES, "--to", "zoe@contoso.example", "--dry-run")
    given = [lead["name"] for lead in ran["leads"]]
    assert given == [name for name in waits if name in given]


async def test_a_colleague_who_is_in_no_setting_any_more_gives(operator: Operator) -> None:
    await operator.run("give", "p1 smith", "--to", "zoe@contoso.example", "--yes")
    assert (await operator.run("give", "--from", "zoe@", "--to", ANNA, "--yes")).code == 0
    assert owners(operator)["P1"] == ANNA


async def test_a_person_agrees(operator: Operator) -> None:
    ran = await operator.run("give", "p1 smith", "--to", ANNA, typed="y\n")
    assert f"Give 1 lead to {ANNA}?" in ran.stderr
    assert owners(operator)["P1"] == ANNA


async def test_an_answered_lead_stays_answered(operator: Operator) -> None:
    await operator.run("give", "p3 smith", "--to", ANNA, "--yes")
    (row,) = operator.storage.rows("Leads", FirstName="P3")
    assert (row["Owner"], row["Status"]) == (ANNA, "Contacted")
    assert await operator.tick() == []


async def test_only_leads_on_an_offer_are_given(operator: Operator) -> None:
    assert (await operator.read("give", JOHN.email, "--to", SALES, "--offer", "pro", "--yes"))["given"] == 0
    assert (await operator.read("give", JOHN.email, "--to", SALES, "--offer", "erp", "--yes"))["given"] == 1


async def test_a_document_says_what_was_given(operator: Operator) -> None:
    given = await operator.read("give", "p1 smith", "p2 smith", "--to", ANNA, "--yes")
    assert (given["to"], given["given"], given["gone"], given["busy"]) == (ANNA, 2, 0, 0)
    assert [(lead["name"], lead["owner"]) for lead in given["leads"]] == [("P1 Smith", SALES), ("P2 Smith", SALES)]
    would = await operator.read("give", "p1 smith", "--to", BOSS, "--dry-run")
    assert (len(would["leads"]), would["given"]) == (1, 0)


async def test_an_unknown_address_of_the_company_is_asked_about(operator: Operator) -> None:
    ran = await operator.run("give", "p1 smith", "--to", CARL, typed="n\n")
    assert f"{CARL} gets no leads so far." in ran.stderr
    assert owners(operator)["P1"] == SALES
    await operator.run("give", "p1 smith", "--to", CARL, "--yes")
    (mail,) = await operator.tick()
    assert mail.to == CARL


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["p1 smith", "--to", "eve@elsewhere.example"], "A lead can only be passed on within your company."),
        (["p1 smith", "--to", "zoe"], "Nobody of that name gets leads so far."),
        (["p1 smith"], "--to"),
        (["--to", ANNA], "Name persons, or a colleague with --from."),
        (["p1 smith", "--from", SALES, "--to", ANNA], "Name persons, or a colleague with --from."),
        (["--from", "zoe", "--to", ANNA], "--from 'zoe' names nobody in OWNERS or ESCALATE_TO."),
        (["p1 smith", "--to", ANNA], "Nobody can answer here: add --yes to do it"),
    ],
)
async def test_what_cannot_be_is_wrong_use(operator: Operator, arguments: list[str], says: str) -> None:
    ran = await operator.run("give", *arguments)
    assert ran.code == 2
    assert says in " ".join(ran.stderr.split())
    assert owners(operator)["P1"] == SALES


async def test_who_is_not_the_only_one_gives_nothing(operator: Operator) -> None:
    ran = await operator.run("give", "smith", "--to", ANNA, "--yes")
    assert ran.code == 1
    assert "4 persons are found by 'smith'." in ran.stderr
    assert owners(operator)["P1"] == SALES


async def test_a_colleague_without_open_leads_gives_nothing(operator: Operator) -> None:
    ran = await operator.run("give", "--from", CARL, "--to", ANNA, "--yes")
    assert (ran.code, ran.stdout) == (0, "Nothing to give: No lead is found.\n")
