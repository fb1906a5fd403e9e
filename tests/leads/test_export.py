"""`leads export` on a real storage account."""

import csv
import io
import json
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lead_core.lead.person import Contact
from lead_core.settings import load_settings
from lead_core.wiring import Services
from tests.cli import Ran, run_leads
from tests.examples import ANNA, NOON, SALES, body, message, person
from tests.storage import Storage

HOSTILE = Contact("=cmd|'/c calc'!A1", "@SUM(1)", "eve@northwind.example", "+16175555555", "DE", "-1+1|x", "%0A")
JSON_TITLES = {"FirstName", "Email", "Status", "Owner", "OfferId", "FirstSeenAt", "IsTest", "RowKey"}


@pytest.fixture
def environment(account: str) -> Mapping[str, str]:
    return {"LEADS_STORAGE": account, "OWNERS": f"contoso.erp: {ANNA}; {SALES}", "TIME_ZONE": "Europe/Berlin"}


@pytest.fixture
async def services(account: str, environment: Mapping[str, str]) -> AsyncIterator[Services]:
    services = Services(load_settings(leads_storage=account, owners=environment["OWNERS"]))
    yield services
    await services.close()


async def post(services: Services, *contents: bytes) -> None:
    for number, content in enumerate(contents):
        posted = message(content, event=number, minutes=number)
        await services.rest.processing.process(posted, message_id="m", queued_at=NOON)


@pytest.fixture
async def filled(services: Services, account: str) -> None:
    """Store five leads: P1 on two offers, P2 who may not be contacted, a test, and one full of formulas."""
    test_lead = body(replace(person(3), first_name="MSFT_TEST P3"))
    await post(
        services, body(person(1), code="PLT", description="Call, please\n“soon”; thanks"), body(person(2)),
        body(person(1), offer="contoso.erp"), test_lead, body(HOSTILE, description="=1+1"),
    )  # fmt: skip
    storage = Storage(account)
    for row in storage.rows("Leads", FirstName="P2"):
        storage.edit("Leads", row, Status="do not contact")
    for row in storage.rows("Leads", FirstName="P1", OfferId="contoso-crm"):
        storage.edit("Leads", row, Status="Qualified", Note="Wants a demo.")


def read(ran: Ran) -> list[dict[str, str]]:
    """Read what was printed as a spreadsheet does."""
    assert ran.code == 0, ran.stderr
    return list(csv.DictReader(io.StringIO(ran.stdout, newline="")))


async def test_a_csv_has_every_lead_but_tests(environment: Mapping[str, str], filled: None) -> None:
    ran = await run_leads("export", environment=environment)
    rows = read(ran)
    assert [(row["FirstName"], row["OfferId"], row["Status"], row["Owner"]) for row in rows[:3]] == [
        ("P1", "contoso-crm", "Qualified", SALES),
        ("P2", "contoso-crm", "DoNotContact", SALES),
        ("P1", "erp", "New", ANNA),
    ]
    assert rows[0]["Description"] == "Call, please\n“soon”; thanks"
    assert rows[0]["Note"] == "Wants a demo."
    assert rows[0]["FirstSeenAt"] == "2026-11-22 13:00"
    assert "4 leads exported. Left out as tests or own people: 1" in ran.stderr


async def test_no_cell_is_a_formula(environment: Mapping[str, str], filled: None) -> None:
    for target in ("csv", "dynamics", "salesforce", "hubspot"):
        for row in read(await run_leads("export", "--format", target, environment=environment)):
            assert not [cell for cell in row.values() if (cell[:1] in "=@|%" and cell) or cell.startswith("-1")]


async def test_json_has_the_same_columns_with_their_types(environment: Mapping[str, str], filled: None) -> None:
    for options in (("--format", "json"), ("--json",)):
        rows = (await run_leads("export", *options, environment=environment)).document
        assert rows[0].keys() >= JSON_TITLES
        assert rows[0]["FirstSeenAt"] == "2026-11-22T12:00:00.123456+00:00"
        assert (rows[0]["IsTest"], rows[0]["ActionCount"]) == (False, 1)
        assert rows[3]["FirstName"] == HOSTILE.first_name  # No spreadsheet reads it.


async def test_the_wizard_of_dynamics_maps_every_column(environment: Mapping[str, str], filled: None) -> None:
    rows = read(await run_leads("export", "--format", "dynamics", environment=environment))
    assert rows[0]["Topic"] == "Contoso CRM: pressed Contact me on AppSource"
    assert (rows[0]["Status"], rows[0]["Status Reason"], rows[0]["Rating"]) == ("Open", "Contacted", "Hot")
    assert (rows[1]["Status"], rows[1]["Status Reason"], rows[1]["Rating"]) == ("Open", "New", "Warm")
    assert (rows[0]["Country/Region"], rows[0]["Business Phone"]) == ("United States", "+16175555555")
    assert "They wrote: Call, please\n“soon”; thanks\nNote: Wants a demo." in rows[0]["Description"]


async def test_a_crm_gets_nobody_who_may_not_be_contacted(environment: Mapping[str, str], filled: None) -> None:
    for target in ("dynamics", "salesforce", "hubspot"):
        ran = await run_leads("export", "--format", target, environment=environment)
        assert "P2" not in {row["First Name"] for row in read(ran)}
        assert "Left out as not to be contacted: 1." in ran.stderr


@pytest.mark.parametrize(
    ("target", "opt_out"),
    [
        ("dynamics", {"Do not allow Emails": "Do Not Allow", "Do not allow Phone Calls": "Do Not Allow"}),
        ("salesforce", {"Email Opt Out": "1", "Do Not Call": "1"}),
    ],
)
async def test_or_it_gets_them_with_their_opt_out(
    environment: Mapping[str, str], filled: None, target: str, opt_out: dict[str, str]
) -> None:
    rows = read(await run_leads("export", "--format", target, "--do-not-contact", environment=environment))
    by_name = {row["First Name"]: row for row in rows}
    assert by_name["P2"].items() >= opt_out.items()
    assert not by_name["P1"].items() & opt_out.items()


async def test_hubspot_takes_opt_outs_in_another_way(environment: Mapping[str, str]) -> None:
    ran = await run_leads("export", "--format", "hubspot", "--do-not-contact", environment=environment)
    assert ran.code == 2
    assert "--status DoNotContact" in ran.stderr


async def test_a_contact_of_hubspot_is_a_person(environment: Mapping[str, str], filled: None) -> None:
    ran = await run_leads("export", "--format", "hubspot", environment=environment)
    (ada,) = [row for row in read(ran) if row["First Name"] == "P1"]
    assert (ada["Email"], ada["Contact Owner"], ada["Lead Status"]) == (person(1).email, ANNA, "New")
    assert "Contoso CRM" in ada["Message"]
    assert "2 contacts exported." in ran.stderr


async def test_salesforce_gets_a_last_name_and_a_company_in_any_case(
    services: Services, environment: Mapping[str, str]
) -> None:
    people = [Contact(first_name="Ada"), Contact(email="Bob <bob@x.example>; c@x.example"), Contact(phone="123")]
    await post(services, *map(body, people))
    rows = read(await run_leads("export", "--format", "salesforce", environment=environment))
    assert [(row["First Name"], row["Last Name"], row["Email"]) for row in rows] == [
        ("", "Ada", ""),
        ("", "bob@x.example", "bob@x.example"),
        ("", "[not provided]", ""),
    ]
    assert {row["Company"] for row in rows} == {"[not provided]"}
    assert "Address as they wrote it: Bob <bob@x.example>; c@x.example" in rows[1]["Description"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--status", "won"), {"P1"}),
        (("--status", "won", "--status", "opt-out"), {"P1", "P2"}),
        (("--offer", "CONTOSO.ERP"), {"P1"}),
        (("--offer", "erp"), {"P1"}),
        (("--owner", "anna@"), {"P1"}),
        (("--owner", SALES.upper(), "--status", "qualified"), {"P1"}),
        (("--owner", "anna"), {"P1"}),
        (("--status", "any", "--offer", "erp"), {"P1"}),
        (("--since", "2026-11-23"), set()),
        (("--since", "2026-11-22", "--offer", "erp"), {"P1"}),
        (("--with-tests", "--status", "new"), {"P1", "MSFT_TEST P3", f"'{HOSTILE.first_name}"}),
    ],
)
async def test_leads_can_be_chosen(
    environment: Mapping[str, str], filled: None, options: tuple[str, ...], names: set[str]
) -> None:
    assert {row["FirstName"] for row in read(await run_leads("export", *options, environment=environment))} == names


async def test_a_word_that_is_no_status_is_wrong_use(environment: Mapping[str, str]) -> None:
    ran = await run_leads("export", "--status", "asdf", environment=environment)
    assert ran.code == 2
    assert "New, Tried, Contacted" in ran.stderr


async def test_a_file_is_for_its_owners_eyes(environment: Mapping[str, str], filled: None, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    ran = await run_leads("export", "--to", str(file), "--excel", environment=environment)
    assert (ran.code, ran.stdout) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith("\ufeffFirstName,".encode())
    assert file.read_bytes().count(b"\r\n") == 5


async def test_a_file_is_not_written_over_by_chance(environment: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "leads.json"
    file.write_text("mine", encoding="utf-8")
    arguments = ("export", "--format", "json", "--to", str(file))
    refused = await run_leads(*arguments, environment=environment)
    assert (refused.code, file.read_text(encoding="utf-8")) == (1, "mine")
    assert "--overwrite" in refused.stderr
    file.chmod(0o644)
    assert (await run_leads(*arguments, "--overwrite", environment=environment)).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text(encoding="utf-8")) == []


async def test_a_folder_that_is_not_there_is_named(environment: Mapping[str, str], tmp_path: Path) -> None:
    ran = await run_leads("export", "--to", str(tmp_path / "nowhere" / "x.csv"), environment=environment)
    assert ran.code == 1
    assert "can't be written" in ran.stderr


async def test_without_leads_the_titles_stand_alone(environment: Mapping[str, str]) -> None:
    ran = await run_leads("export", "--format", "hubspot", environment=environment)
    assert ran.stdout.startswith("First Name,Last Name,Email,Phone Number,Company Name,Job Title,Country/Region,")
    assert ran.stdout.count("\n") == 1
