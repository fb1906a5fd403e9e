"""Damaged rows, and rows and messages made by hand, silence nobody: each is worked on, or answered where it stands."""

import base64
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.data.tables import TableClient, UpdateMode
from azure.storage.queue import QueueClient

from tests.mailbox import leads_in, text_of
from tests.system.app import lead
from tests.system.team import Team, running_team
from tests.waiting import wait_for

SALES, ANNA = "sales@contoso.example", "anna@contoso.example"
FIRST_WAIT_SECONDS = 3
PATIENCE_SECONDS = 30
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


@pytest.fixture(scope="module")
def team(shared_account: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    settings = {"OWNERS": f"contoso.anna: {ANNA}; {SALES}", "REMINDER_WAITS": f"{FIRST_WAIT_SECONDS}s,3d,7d"}
    with running_team(shared_account, tmp_path_factory.mktemp("app"), **settings) as team:
        yield team


def post(team: Team, number: int, what: str = "", **person: str) -> dict[str, Any]:
    """Post a lead of Anna's, and return its row."""
    assert team.app.post(lead(number, what, **person).replace(b"contoso-crm", b"anna")).status_code == 202
    let_the_queues_run_empty(team)
    (row,) = team.app.rows("Leads", FirstName=f"P{number}")
    return row


def let_the_queues_run_empty(team: Team) -> None:
    """Wait for the leads, and a little for what was parked: a message that nobody takes holds up no other test."""
    wait_for(lambda: team.app.queued() == 0, seconds=PATIENCE_SECONDS)
    with suppress(AssertionError):
        team.app.wait_until_processed(seconds=3)


def damage(team: Team, table: str, row: dict[str, Any], **cells: object) -> None:
    """Write a row anew, with these cells. A cell of None is deleted."""
    cells = row | cells
    with TableClient.from_connection_string(team.app.connection_string, table) as client:
        kept = {name: value for name, value in cells.items() if value is not None}
        client.upsert_entity(kept, UpdateMode.REPLACE)


def make(team: Team, table: str, **cells: object) -> None:
    """Make a row by hand."""
    with TableClient.from_connection_string(team.app.connection_string, table) as client:
        with suppress(ResourceExistsError):
            client.create_table()
        client.upsert_entity(cells)


def put_into_the_queue(team: Team, text: str) -> None:
    with QueueClient.from_connection_string(team.app.connection_string, "leads") as queue:
        queue.send_message(text)


def let_the_reminder_fall_due(team: Team) -> None:
    time.sleep(FIRST_WAIT_SECONDS + 0.5)
    team.check()
    team.tick(2)


def is_told_as_recorded(team: Team, number: int) -> bool:
    """Whether mails are about a lead, and as many as its row says. On a slow machine, a reminder may be due soon."""
    (row,) = team.app.rows("Leads", FirstName=f"P{number}")
    return bool(row.get("RemindersSent", 0) == team.times_told(f"P{number} Smith") > 0)


DAMAGES: list[dict[str, object]] = [
    {"zAppDecisions": ""},
    {"zAppDecisions": None},
    {"zAppActionHistory": None},
    {"zAppActionHistory": ""},
    {"zAppActionHistory": "see the other row"},
    {"zAppActionHistory": '{"actions": []}'},
    {"zAppDecisions": "{}"},
    {"zAppDecisions": None, "zAppActionHistory": None},
    {"zAppDecisions": 7, "zAppActionHistory": True},
]


@pytest.mark.parametrize(("number", "cells"), list(enumerate(DAMAGES, start=100)), ids=lambda each: str(each)[:40])
def test_a_damaged_row_is_reminded_of_or_told_to_the_default_owner(
    number: int, cells: dict[str, object], team: Team
) -> None:
    post(team, number)
    team.tick()
    (row,) = team.app.rows("Leads", FirstName=f"P{number}")
    assert row["RemindersSent"] == 1
    damage(team, "Leads", row, **cells)
    before = len(team.mailbox.mails)
    let_the_reminder_fall_due(team)
    after = team.mailbox.mails[before:]
    is_reminded = sum(f"P{number} Smith" in leads_in(mail) for mail in after)
    is_said = [mail for mail in after if mail["To"] == SALES and row["PartitionKey"] in text_of(mail)]
    assert is_reminded == 1 or is_said
    (row,) = team.app.rows("Leads", FirstName=f"P{number}")
    assert row["RemindersSent"] <= 2


def test_a_damaged_row_does_not_lose_what_a_person_decided(team: Team) -> None:
    row = post(team, 150)
    team.app.edit("Leads", row, Status="Contacted", Note="They call back on Monday")
    team.check()
    (row,) = team.app.rows("Leads", FirstName="P150")
    damage(team, "Leads", row, zAppActionHistory=None, zAppDecisions=None)
    let_the_reminder_fall_due(team)
    (row,) = team.app.rows("Leads", FirstName="P150")
    assert (row["Status"], row["Note"]) == ("Contacted", "They call back on Monday")
    assert team.times_told("P150 Smith") == 0


def test_a_repeat_on_a_damaged_row_is_not_lost(team: Team) -> None:
    row = post(team, 151)
    damage(team, "Leads", row, zAppActionHistory=None)
    assert team.app.post(lead(151, "please call").replace(b"contoso-crm", b"anna")).status_code == 202
    let_the_queues_run_empty(team)
    let_the_reminder_fall_due(team)
    said = [text_of(mail) for mail in team.mailbox.mails]
    (row,) = team.app.rows("Leads", FirstName="P151")
    assert any("P151 Smith" in text and "please call" in text for text in said) or any(
        row["PartitionKey"] in text for text in said
    )


HAND_MADE: list[dict[str, object]] = [
    {
        "PartitionKey": "1",
        "RowKey": "1",
        "LastName": "Smith",
        "Email": "hand@northwind.example",
        "Company": "Northwind",
    },
    {"PartitionKey": "fair", "RowKey": "Contoso CRM", "LastName": "Smith", "Status": "New", "Owner": ANNA},
    {"PartitionKey": "x", "RowKey": "contoso.anna", "LastName": "Smith", "Phone": "0611 1234567", "IsTest": "no"},
]


@pytest.mark.parametrize(("number", "row"), list(enumerate(HAND_MADE, start=200)), ids=lambda each: str(each)[:40])
def test_a_lead_typed_in_by_hand_is_told_or_answered_in_its_row(
    number: int, row: dict[str, object], team: Team
) -> None:
    make(team, "Leads", FirstName=f"P{number}", **row)
    team.check()
    team.tick(2)
    (typed,) = team.app.rows("Leads", FirstName=f"P{number}")
    assert is_told_as_recorded(team, number) or typed.get("Problem")
    assert (typed["PartitionKey"], typed["RowKey"]) == (row["PartitionKey"], row["RowKey"])


def test_a_lead_typed_in_as_answered_is_not_told(team: Team) -> None:
    make(team, "Leads", PartitionKey="2", RowKey="2", FirstName="P250", LastName="Smith", Status="Contacted")
    team.check()
    team.tick(2)
    assert team.times_told("P250 Smith") == 0
    assert team.app.rows("Leads", FirstName="P250")[0]["Status"] == "Contacted"


REJECTS: list[dict[str, object]] = [
    {"PartitionKey": "1", "RowKey": "1"},
    {"PartitionKey": "by hand", "RowKey": "from the fair"},
    {"PartitionKey": "27.11.2026", "RowKey": "2"},
    {"PartitionKey": "2016-01-01", "RowKey": "3", "ReceivedAt": datetime(2016, 1, 1, tzinfo=UTC)},
    {"PartitionKey": TODAY, "RowKey": "4", "ReceivedAt": "last week"},
    {"PartitionKey": "zzz", "RowKey": "5", "ReceivedAt": datetime(2300, 1, 1, tzinfo=UTC), "Retries": "many"},
]


@pytest.mark.parametrize(("number", "row"), list(enumerate(REJECTS, start=300)), ids=lambda each: str(each)[:40])
def test_a_reject_made_by_hand_is_tried(number: int, row: dict[str, object], team: Team) -> None:
    make(team, "RejectedLeads", Body=lead(number).decode(), Retry="yes", **row)
    team.tick()
    team.check()
    let_the_queues_run_empty(team)
    assert len(team.app.rows("Leads", FirstName=f"P{number}")) == 1


def test_one_bad_reject_stops_no_other_retry_and_no_mail(team: Team) -> None:
    for number in range(5):
        make(team, "RejectedLeads", PartitionKey=TODAY, RowKey=f"{number}", Body=7, Retry=True, ReceivedAt="x")
    make(team, "RejectedLeads", PartitionKey=TODAY, RowKey="z", Body=lead(350).decode(), Retry=True)
    row = post(team, 351)
    team.tick()
    let_the_queues_run_empty(team)
    assert len(team.app.rows("Leads", FirstName="P350")) == 1
    assert is_told_as_recorded(team, 351)
    assert row["Status"] == "New"


@pytest.mark.parametrize(("number", "is_base64"), [(400, True), (401, False)], ids=["in base64", "as it is"])
def test_a_lead_put_into_the_queue_as_plain_text_is_read(number: int, is_base64: bool, team: Team) -> None:
    post(team, 499)  # Now the queue is there.
    text = lead(number)
    put_into_the_queue(team, (base64.b64encode(text) if is_base64 else text).decode())
    let_the_queues_run_empty(team)
    team.tick()
    let_the_queues_run_empty(team)
    assert len(team.app.rows("Leads", FirstName=f"P{number}")) == 1


@pytest.mark.parametrize("text", ["hello", "aGVsbG8=", "{}", "ä"], ids=repr)
def test_a_message_that_nobody_can_read_is_answered_in_a_row(text: str, team: Team) -> None:
    post(team, 498)
    before = {row["RowKey"] for row in team.app.rows("RejectedLeads")}
    put_into_the_queue(team, text)
    let_the_queues_run_empty(team)
    (row,) = [row for row in team.app.rows("RejectedLeads") if row["RowKey"] not in before]
    assert row["Explanation"]
    assert not row["Retry"] or row["Retries"] == 0


DIGESTS: list[dict[str, object]] = [
    {"Leads": "[["},
    {"Leads": None},
    {"Leads": '[["p", "r", "first", 1]]'},
    {"Owner": ""},
    {"Until": "tomorrow"},
    {"Until": datetime.now(UTC) + timedelta(days=365)},
    {"DigestId": None},
]


@pytest.mark.parametrize(("number", "cells"), list(enumerate(DIGESTS, start=500)), ids=lambda each: str(each)[:40])
def test_a_damaged_claim_stops_no_mail(number: int, cells: dict[str, object], team: Team) -> None:
    post(team, number)
    team.tick()
    (claim,) = [row for row in team.app.rows("Digests") if row.get("Owner") == ANNA]
    post(team, number + 50)
    damage(team, "Digests", claim, **cells)
    try:
        team.tick()
        team.app.let_claims_run_out(before=datetime.now(UTC) - timedelta(seconds=1))
        team.tick(2)
    finally:
        damage(team, "Digests", claim)
    assert is_told_as_recorded(team, number + 50)


def test_entries_of_the_to_do_list_that_nobody_asked_for_stop_nothing(team: Team) -> None:
    make(team, "FollowUps", PartitionKey="2020-01-01T00", RowKey="1")
    make(team, "FollowUps", PartitionKey="2020-01-01T00", RowKey="2020-01-01T00:00:00.000000Z|nobody|nothing")
    make(team, "FollowUps", PartitionKey="x", RowKey="y", Owner=7)
    post(team, 600)
    team.tick()
    assert is_told_as_recorded(team, 600)
