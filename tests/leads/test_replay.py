"""``leads replay``: leads and the to-do list are made again from what was received."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from azure.data.tables import TableClient

from lead_core.errors import UnreadableLeadError
from lead_core.lead.erasure import Erasure
from lead_core.lead.replay import ReplayChoices
from lead_core.steps.intake import Posted
from lead_core.wiring.operations import Operations
from tests.examples import ANNA, JOHN, NOON, SALES, person
from tests.operator import Operator, open_operator
from tests.posts import SAMPLES

LONG_AGO = timedelta(days=100)


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    async with open_operator(account) as operator:
        yield operator


async def post_samples(operator: Operator) -> None:
    """Post every sample, some time ago."""
    for number, sample in enumerate(SAMPLES, start=1):
        headers = {name.lower().replace("-", "_"): value for name, value in sample.headers.items()}
        posted = Posted(
            sample.content,
            "",
            is_chunked=False,
            content_type=headers.get("content_type", ""),
            content_encoding=headers.get("content_encoding", ""),
        )
        received_at = operator.now - LONG_AGO + timedelta(minutes=number)
        with suppress(UnreadableLeadError):
            await operator.services.intake.accept(posted, event_id=f"{number:032x}", now=received_at)
        for message in operator.storage.take_messages("leads"):
            await operator.services.rest.processing.process(message, message_id="m", queued_at=received_at)


def empty(operator: Operator, *tables: str) -> None:
    """Delete all rows of these tables, as someone may by mistake."""
    for table in tables:
        with TableClient.from_connection_string(operator.storage.connection_string, table) as client:
            for row in client.list_entities():
                client.delete_entity(row)


def read_tables(operator: Operator) -> list[list[dict[str, Any]]]:
    return [operator.storage.rows(table) for table in ("Leads", "FollowUps")]


async def test_all_samples_come_back_as_they_were_but_for_what_people_decided(operator: Operator) -> None:
    await post_samples(operator)
    await operator.services.rest.reconciling.check(now=NOON)
    before, listed = read_tables(operator)
    answered, corrected = before[0], before[1]
    operator.storage.edit("Leads", answered, Status="Qualified", Note="signed")
    operator.storage.edit("Leads", corrected, Company="Corrected by hand")
    await operator.services.rest.reconciling.check(now=NOON)
    assert (await operator.read("replay", "--as", "new", "--dry-run"))["differences"] == []
    empty(operator, "Leads", "FollowUps")
    ran = await operator.run("replay", "--as", "new", "--yes")
    assert ran.code == 0
    assert f"{len(before)} leads written." in ran.stdout
    said = " ".join(ran.stderr.split())
    assert "lost: status, owner, note, answers, mails sent, who is not to be contacted, and edited cells" in said
    assert read_tables(operator) == [before, listed]


async def test_running_twice_changes_nothing(operator: Operator) -> None:
    await post_samples(operator)
    empty(operator, "Leads", "FollowUps")
    await operator.run("replay", "--yes")
    before = read_tables(operator)
    ran = await operator.run("replay", "--yes")
    assert ran.code == 0
    assert "Nothing differs." in ran.stdout
    assert read_tables(operator) == before


async def test_a_dry_run_finds_what_is_wrong_and_changes_nothing(operator: Operator) -> None:
    await operator.post(ago=LONG_AGO)
    empty(operator, "Leads", "FollowUps")
    ran = await operator.run("replay", "--dry-run")
    assert ran.code == 1
    assert "To be put right: 1 lead." in ran.stdout
    assert read_tables(operator) == [[], []]


async def test_nothing_is_written_without_a_yes(operator: Operator) -> None:
    await operator.post(ago=LONG_AGO)
    empty(operator, "Leads", "FollowUps")
    ran = await operator.run("replay", typed="n\n")
    assert ran.code == 1
    assert "Do it? [y/N]" in ran.stderr
    assert read_tables(operator) == [[], []]
    assert (await operator.run("replay", typed="y\n")).code == 0
    (row,) = operator.storage.rows("Leads")
    assert row["Status"] == "Contacted"


async def test_old_leads_come_back_answered_and_those_of_today_new(operator: Operator) -> None:
    await operator.post(person(0), ago=LONG_AGO)
    await operator.post(person(1), ago=timedelta(hours=1))
    empty(operator, "Leads", "FollowUps")
    ran = await operator.run("replay", "--yes")
    said = " ".join(ran.stderr.split())
    assert "1 lead received before" in said
    assert "taken as answered, nobody is mailed" in said
    assert "1 lead to be told" in said
    rows = operator.storage.rows("Leads")
    assert {row["FirstName"]: row["Status"] for row in rows} == {"P0": "Contacted", "P1": "New"}
    assert [row["Name"] for row in operator.storage.rows("FollowUps")] == ["P1 Smith"]


async def test_from_a_day_on_leads_come_back_new(operator: Operator) -> None:
    for number, days in enumerate((30, 20, 10)):
        await operator.post(person(number), ago=timedelta(days=days))
    empty(operator, "Leads", "FollowUps")
    day = f"{operator.now - timedelta(days=21):%Y-%m-%d}"
    document = await operator.read("replay", "--new-since", day, "--yes")
    assert {each["name"]: each["status"] for each in document["differences"]} == {
        "P0 Smith": "Contacted",
        "P1 Smith": "New",
        "P2 Smith": "New",
    }


async def test_two_contradicting_options_are_wrong_use(operator: Operator) -> None:
    ran = await operator.run("replay", "--as", "new", "--new-since", "2026-01-01")
    assert ran.code == 2
    assert "Leave --new-since out." in ran.stderr


@pytest.mark.parametrize("columns", [80, 120])
async def test_a_person_reads_row_by_row_what_differs(operator: Operator, columns: int) -> None:
    for number in range(3):
        await operator.post(person(number), ago=LONG_AGO)
    rows = {row["FirstName"]: row for row in operator.storage.rows("Leads")}
    operator.edit("P0 Smith", zAppActionHistory="")
    operator.edit("P1 Smith", Company="Northwind Traders")
    with TableClient.from_connection_string(operator.storage.connection_string, "Leads") as client:
        client.delete_entity(rows["P2"])
    ran = await operator.run("replay", "--dry-run", columns=columns)
    said = " ".join(ran.stdout.split())
    assert max(map(len, ran.stdout.splitlines())) <= columns
    assert "P0 Smith" in said
    assert "Cells that only the app writes" in said
    assert "It has no row in Leads." in said
    for text in ("Cells that differ from what was received.", "company", "Northwind Traders"):
        assert text in said


async def test_all_that_differs_is_one_json_document(operator: Operator) -> None:
    await operator.post(ago=LONG_AGO)
    (row,) = operator.storage.rows("Leads")
    operator.edit("John Smith", Phone="", zAppActionHistory="")
    document = await operator.read("replay", "--yes")
    lead = {"partitionKey": row["PartitionKey"], "rowKey": row["RowKey"], "name": "John Smith", "status": "New"}
    (difference,) = document["differences"]
    assert difference.items() >= (lead | {"lack": "damaged", "statusBefore": "New"}).items()
    assert document["outcomes"] == {"written": 1}
    assert document["leads"] == document["notifications"] == 1


async def test_a_damaged_cell_is_made_again_and_an_answer_is_kept(operator: Operator) -> None:
    await operator.post(ago=LONG_AGO)
    operator.edit("John Smith", Status="Qualified", Owner=ANNA, Note="signed")
    await operator.services.rest.reconciling.check(now=NOON)
    ((before,), _) = read_tables(operator)
    operator.edit("John Smith", zAppActionHistory="{", FirstName="Johnny")
    ran = await operator.run("replay", "--yes")
    assert ran.code == 0
    ((row,), _) = read_tables(operator)
    changed = {"FirstName": "Johnny", "Name": "Johnny Smith"}
    memory = {column: row[column] for column in ("zAppActionHistory", "zAppDecisions")}
    assert row == before | changed | memory


async def test_what_people_corrected_is_undone_where_that_is_asked_for(operator: Operator) -> None:
    await operator.post(ago=LONG_AGO)
    operator.edit("John Smith", Company="Northwind Traders")
    assert (await operator.read("replay", "--yes"))["differences"] == []
    await operator.run("replay", "--undo-edits", "--yes")
    (row,) = operator.storage.rows("Leads")
    assert row["Company"] == JOHN.company


async def test_who_was_erased_stays_erased(operator: Operator) -> None:
    await operator.post(ago=LONG_AGO)
    (row,) = operator.storage.rows("Leads")
    erasures = operator.services.rest.erasures
    await erasures.remember([row["PartitionKey"]], Erasure(operator.now, "receipt"), secret="s")
    empty(operator, "Leads", "FollowUps")
    ran = await operator.run("replay", "--yes")
    assert ran.code == 0
    assert "1 of them of erased persons, who stay erased" in " ".join(ran.stdout.split())
    assert read_tables(operator) == [[], []]


async def test_a_lead_that_is_processed_before_it_is_written_stays_as_it_is(operator: Operator) -> None:
    await operator.post(ago=LONG_AGO)
    empty(operator, "Leads", "FollowUps")
    replaying = Operations(operator.services).replaying
    choices = ReplayChoices(operator.now)
    found = await replaying.compare(choices)
    await operator.post(ago=timedelta(hours=1))
    before = read_tables(operator)
    await replaying.write(found, choices)
    (row,), listed = read_tables(operator)
    assert (row["Status"], row["WaitingSince"], row["ActionCount"]) == ("New", before[0][0]["WaitingSince"], 2)
    assert listed == before[1]


async def test_without_owners_it_is_said_that_leads_come_back_without_one(operator: Operator) -> None:
    await operator.post(ago=timedelta(hours=1))
    empty(operator, "Leads", "FollowUps")
    operator.environment["OWNERS"] = ""
    ran = await operator.run("replay", "--yes")
    assert ran.code == 0
    assert "OWNERS is not set here" in ran.stderr
    ((row,), _) = read_tables(operator)
    assert row["Owner"] == ""
    await operator.services.rest.reconciling.check(now=NOON)
    ((row,), _) = read_tables(operator)
    assert row["Owner"] == SALES


async def test_nothing_that_was_ever_received_is_no_difference(operator: Operator) -> None:
    ran = await operator.run("replay")
    assert (ran.code, ran.stdout) == (0, "Nothing differs. Read 0 notifications, and 0 leads.\n")
