"""``leads import``: past leads come in from a file."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from azure.data.tables import TableClient

from tests.operator import Operator, open_operator

FILES = Path(__file__).parents[1] / "files"
AZURE, GERMAN, HALF = (str(FILES / name) for name in ("azure-table.csv", "excel-german.csv", "half.csv"))
TABLES = ("MarketplaceLeads", "Leads", "FollowUps", "RejectedLeads", "Digests")


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    async with open_operator(account) as operator:
        yield operator


def read_all(operator: Operator) -> dict[str, object]:
    return {table: operator.storage.rows(table) for table in TABLES}


async def test_past_leads_come_in_answered_and_nobody_is_mailed(operator: Operator) -> None:
    ran = await operator.run("import", AZURE, "--yes")
    assert (ran.code, ran.stdout) == (0, "2 leads imported.\n")
    assert "The file has 2 leads. Missing here: 2." in ran.stderr
    assert "They arrive as Contacted (2). Nobody is mailed." in ran.stderr
    assert {row["Name"]: row["Status"] for row in operator.storage.rows("Leads")} == {
        "Ada Lovelace": "Contacted",
        "Bob Lovelace": "Contacted",
    }
    assert operator.storage.rows("FollowUps") == []
    assert len(operator.storage.rows("MarketplaceLeads")) == 2


async def test_the_same_file_again_changes_nothing(operator: Operator) -> None:
    await operator.run("import", AZURE, "--yes")
    before = read_all(operator)
    ran = await operator.run("import", AZURE, "--yes")
    assert (ran.code, ran.stdout) == (0, "The file has 2 leads. Here already: 2.\n")
    assert read_all(operator) == before


async def test_what_came_by_itself_is_not_imported_again(operator: Operator) -> None:
    await operator.run("import", AZURE, "--yes")
    document = await operator.read("import", str(FILES / "azure-table.json"), "--dry-run")
    assert (document["hereAlready"], document["missing"]) == (1, 0)


async def test_a_dry_run_and_a_no_change_nothing(operator: Operator) -> None:
    for options, typed in ((("--dry-run",), ""), ((), "n\n")):
        ran = await operator.run("import", AZURE, *options, typed=typed)
        assert (ran.code, ran.stdout) == (0, "2 leads would be imported.\n")
    assert operator.storage.rows("Leads") == []
    assert operator.storage.rows("MarketplaceLeads") == []


async def test_leads_may_arrive_as_new(operator: Operator) -> None:
    ran = await operator.run("import", GERMAN, "--as", "new", "--yes")
    assert "They arrive as Contacted (1), New (1). The owners of the new ones are told." in ran.stderr
    assert [row["Name"] for row in operator.storage.rows("FollowUps")] == ["Zoë Müller"]


async def test_it_says_what_each_column_was_taken_for(operator: Operator) -> None:
    ran = await operator.run("import", GERMAN, "--dry-run", columns=300)
    assert "excel-german.csv: CSV with semicolons, windows-1252. Columns: Vorname as FirstName, Nachname" in ran.stderr
    assert "1 phone number was rounded by a spreadsheet" in ran.stderr
    document = await operator.read("import", AZURE, "--dry-run")
    assert document["columns"]["OfferDisplayName"] == "OfferTitle"
    assert document["notRead"] == ["PartitionKey", "RowKey"]


async def test_rows_that_cannot_be_read_are_listed_and_the_others_come_in(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Email,Created,Offer\nada@n.example,2026-11-01,CRM\nbob@n.example,soon,CRM\n--,2026-11-01,\n")
    ran = await operator.run("import", str(file), "--yes")
    assert (ran.code, ran.stdout) == (1, "1 lead imported.\n")
    assert "line 3   'soon' is no time. Write it as 2026-11-27 18:30." in ran.stderr
    assert "Rows that can't be read: 2." in ran.stderr
    document = await operator.read("import", str(file))
    assert [each["place"] for each in document["unreadable"]] == ["line 3", "line 4"]


async def test_leads_of_late_are_pointed_out(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(f"Email,Created\nada@n.example,{operator.now - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}\n")
    ran = await operator.run("import", str(file), "--dry-run")
    assert "1 lead of the last 7 days: if these customers still wait, say --as new." in " ".join(ran.stderr.split())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("half.csv", None, "The text in quotation marks that begins in line 2 never ends"),
        ("empty.csv", b"", "The file is empty."),
        ("leads.csv", b"%PDF-1.7", "The file is a PDF."),
        ("leads.xlsx", b"PK\x03\x04", "The file is an Excel workbook or a ZIP archive."),
        ("none.csv", None, "There is no file"),
        ("", None, "is a folder. Give a file in it."),
    ],
)
async def test_a_wrong_file_gets_a_sentence(
    operator: Operator, tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    path = FILES / name if name == "half.csv" else tmp_path / name
    if content is not None:
        path.write_bytes(content)
    ran = await operator.run("import", str(path), "--yes")
    assert ran.code == 1
    assert sentence in ran.stderr
    assert operator.storage.rows("Leads") == []


async def test_without_owners_it_is_said_that_leads_arrive_without_one(operator: Operator) -> None:
    operator.environment["OWNERS"] = ""
    assert "OWNERS is not set here" in (await operator.run("import", AZURE, "--dry-run")).stderr


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--offer", "con/toso", "'con/toso' is no offer's id: write it as contoso.contoso-crm."),
        ("--time-zone", "Berlin", "'Berlin' is no time zone: write it as Europe/Berlin."),
        ("--dates", "odd", "'odd' is not one of 'day-first', 'month-first'."),
        ("--received", "soon", "'soon' is no day: write it as 2026-11-27."),
        ("--received", "0001-01-01", "'0001-01-01' is no day of a lead: the year must be a mistake."),
        ("--received", "2062-11-27", "--received 2062-11-27 has not come yet."),
    ],
)
async def test_a_wrong_option_is_wrong_use(operator: Operator, option: str, value: str, sentence: str) -> None:
    ran = await operator.run("import", AZURE, option, value)
    assert ran.code == 2
    assert sentence in ran.stderr


async def test_what_the_file_does_not_say_may_be_said(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes("Email,First name,Created\nada@n.example,美玲,03/04/2026 10:00\nbob@n.example,,\n".encode("gbk"))
    said = ("--dates", "month-first", "--time-zone", "Europe/Berlin", "--received", "2026-03-05", "--charset", "gbk")
    ran = await operator.run("import", str(file), "--offer", "contoso.crm", *said, "--yes")
    assert ran.stdout == "2 leads imported.\n"
    rows = {row["Email"]: row for row in operator.storage.rows("Leads", RowKey="contoso.crm")}
    assert f"{rows['ada@n.example']['FirstSeenAt']:%m-%d %H:%M}" == "03-04 09:00"
    assert f"{rows['bob@n.example']['FirstSeenAt']:%m-%d %H:%M}" == "03-04 23:00"
    assert rows["ada@n.example"]["FirstName"] == "美玲"


async def test_who_is_erased_does_not_come_back_with_the_file(operator: Operator) -> None:
    await operator.run("import", AZURE, "--yes")
    assert (await operator.run("forget", "ada@northwind.example", "--yes")).code == 0
    ran = await operator.run("import", AZURE, "--yes")
    assert (ran.code, ran.stdout.split()[-1]) == (0, "1.")
    assert "Of persons who were erased, and stay away: 1." in " ".join(ran.stdout.split())
    assert [row["Name"] for row in operator.storage.rows("Leads")] == ["Bob Lovelace"]


async def test_a_replay_brings_back_what_the_file_said(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Email,Created,Status,Offer\nada@n.example,2026-11-01,Won,CRM\nbob@n.example,2026-11-01,,CRM\n")
    await operator.run("import", str(file), "--yes")
    before = {row["Email"]: row["Status"] for row in operator.storage.rows("Leads")}
    with TableClient.from_connection_string(operator.storage.connection_string, "Leads") as leads:
        leads.delete_table()
    await operator.run("replay", "--yes")
    assert {row["Email"]: row["Status"] for row in operator.storage.rows("Leads")} == before
    assert set(before.values()) == {"Qualified", "Contacted"}
    assert operator.storage.rows("FollowUps") == []
