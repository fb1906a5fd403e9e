"""``leads reconcile``: Partner Center's list of leads against the tables."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lead_core.lead.person import Contact
from tests.examples import JOHN
from tests.operator import Operator, open_operator

HEAD = "First Name,Last Name,Email,Company Name,Offer Name,Action Code,Created Date (UTC)"
ADA = replace(JOHN, first_name="Ada", last_name="Lovelace", email="ada@northwind.example", phone="")
BOB = replace(JOHN, first_name="Bob", last_name="Jones", email="bob@northwind.example", phone="")


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    """Yield an operator of an app that knows John and Ada, and has lost Bob."""
    async with open_operator(account) as operator:
        await operator.post(JOHN, ago=timedelta(days=30))
        await operator.post(ADA, ago=timedelta(days=20))
        yield operator


def write(folder: Path, operator: Operator, *rows: tuple[Contact, int], **said: str) -> str:
    """Write a file of leads, each with how many days ago it came, and return its path."""
    lines = [_write_row(contact, operator.now - timedelta(days=days), said) for contact, days in rows]
    path = folder / "partner-center.csv"
    path.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8-sig")
    return str(path)


def _write_row(contact: Contact, at: datetime, said: dict[str, str]) -> str:
    cells: Sequence[str] = (
        contact.first_name,
        contact.last_name,
        contact.email,
        said.get("company", contact.company),
        "Contoso CRM",
        "PLT",
        f"{at:%m/%d/%Y %I:%M %p}",
    )
    return ",".join(cells)


async def test_a_file_that_agrees_is_nothing_wrong(operator: Operator, tmp_path: Path) -> None:
    ran = await operator.run("reconcile", write(tmp_path, operator, (JOHN, 30), (ADA, 20)), "--yes")
    assert (ran.code, ran.stdout) == (0, "The file has 2 leads. Here already: 2.\n")


async def test_what_is_missing_here_is_shown_and_imported_once(operator: Operator, tmp_path: Path) -> None:
    file = write(tmp_path, operator, (JOHN, 30), (BOB, 25), (ADA, 20))
    ran = await operator.run("reconcile", file, "--dry-run")
    assert ran.code == 1
    assert "Missing here: 1" in ran.stdout
    assert "Bob Jones" in ran.stdout
    ran = await operator.run("reconcile", file, "--yes")
    assert (ran.code, ran.stdout) == (0, "1 lead imported.\n")
    (bob,) = operator.storage.rows("Leads", Name="Bob Jones")
    assert (bob["Status"], bob["RowKey"]) == ("Contacted", "contoso.contoso-crm")
    assert (await operator.run("reconcile", file)).code == 0


async def test_what_was_lost_may_be_told(operator: Operator, tmp_path: Path) -> None:
    await operator.run("reconcile", write(tmp_path, operator, (BOB, 1)), "--as", "new", "--yes")
    assert "Bob Jones" in {row["Name"] for row in operator.storage.rows("FollowUps")}


async def test_what_is_missing_in_the_file_is_found_within_its_time(operator: Operator, tmp_path: Path) -> None:
    await operator.post(BOB, ago=timedelta(days=100))
    document = await operator.read("reconcile", write(tmp_path, operator, (JOHN, 30), (BOB, 10)), "--dry-run")
    assert [each["name"] for each in document["missingThere"]] == ["Ada Lovelace"]
    assert [each["email"] for each in document["missingHere"]] == ["bob@northwind.example"]


async def test_what_is_said_otherwise_is_shown(operator: Operator, tmp_path: Path) -> None:
    file = write(tmp_path, operator, (JOHN, 30), company="Southwind")
    ran = await operator.run("reconcile", file)
    assert ran.code == 1
    for text in ("Said otherwise: 1", "John Smith", "company", "Southwind", "Northwind"):
        assert text in ran.stdout
    (difference,) = (await operator.read("reconcile", file))["saidOtherwise"]
    assert (difference["what"], difference["there"], difference["here"]) == ("company", "Southwind", "Northwind")


@pytest.mark.parametrize("columns", [80, 120])
async def test_the_tables_fit_the_terminal(operator: Operator, tmp_path: Path, columns: int) -> None:
    long = replace(BOB, last_name="Wolfeschlegelsteinhausenbergerdorff " * 5)
    file = write(tmp_path, operator, (JOHN, 30), (long, 25), company="Southwind " * 10)
    ran = await operator.run("reconcile", file, "--dry-run", columns=columns)
    assert max(map(len, ran.stdout.splitlines())) <= columns


async def test_a_list_of_thousands_is_shown_in_part(operator: Operator, tmp_path: Path) -> None:
    lost = [(replace(BOB, email=f"bob{number}@northwind.example"), 5) for number in range(60)]
    file = write(tmp_path, operator, *lost)
    ran = await operator.run("reconcile", file, "--dry-run")
    assert "and 10 more: --json has all of them" in ran.stdout
    assert len((await operator.read("reconcile", file, "--dry-run"))["missingHere"]) == 60
