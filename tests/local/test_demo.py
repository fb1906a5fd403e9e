"""What the console says of the tables, read from Azurite as they are written."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.data.tables import TableServiceClient

from local.azurite import Azurite
from local.demo import Demo

NAMES = {name: name for name in ("MarketplaceLeads", "Leads", "FollowUps", "RejectedLeads")}
LEAD = {"FirstName": "Ada", "LastName": "Lovelace", "Status": "New", "Company": "Northwind", "IsTest": False}


@pytest.fixture
def connection(node_programs: None) -> Iterator[str]:
    with Azurite() as azurite:
        yield azurite.connection_string


@pytest.fixture
def tables(connection: str) -> Iterator[TableServiceClient]:
    with TableServiceClient.from_connection_string(connection) as client:
        for name in NAMES:
            client.create_table(name)
        yield client


def put(tables: TableServiceClient, name: str, partition: str, row: str, **columns: Any) -> None:
    tables.get_table_client(name).upsert_entity({"PartitionKey": partition, "RowKey": row, **columns})


def lead(tables: TableServiceClient, person: str, offer: str, *, minute: int | None = None, **cells: Any) -> None:
    """Put a lead there, about which a mail went out at a *minute*, to the one who was *told*."""
    told, title = cells.pop("told", "sales@contoso.com"), cells.pop("title", offer)
    remembered: dict[str, Any] = {"written": {}, "taken": [], "mails": [told, told, 0]}
    sent = {} if minute is None else {"LastReminderAt": datetime(2026, 11, 27, 14, minute, tzinfo=UTC)}
    put(tables, "Leads", person, offer, **LEAD, OfferTitle=title, zAppDecisions=json.dumps(remembered), **sent, **cells)


def test_each_mail_is_told_once_with_its_leads_by_offer_and_who_really_had_it(
    tables: TableServiceClient, connection: str
) -> None:
    demo = Demo("http://127.0.0.1:7071", connection, NAMES)
    lead(tables, "before", "CRM", minute=0, Owner="eve@gmail.com")  # Nobody mails her.
    assert demo.list_mails() == ["mail to sales@contoso.com: 1 lead (CRM 1)"]
    assert demo.list_mails() == []
    for person, offer in (("a", "CRM"), ("b", "CRM"), ("c", "ERP"), ("d", "BI"), ("e", "DMS")):
        lead(tables, person, offer, minute=1)
    lead(tables, "f", "ERP", minute=1, told="anna@contoso.com")
    lead(tables, "g", "ERP")
    lead(tables, "before", "CRM", minute=2)
    assert demo.list_mails() == [
        "mail to anna@contoso.com: 1 lead (ERP 1)",
        "mail to sales@contoso.com: 5 leads (CRM 2, ERP 1, BI 1, …)",
        "mail to sales@contoso.com: 1 lead (CRM 1)",
    ]


def test_the_key_of_a_row_that_a_person_typed_is_no_offer(tables: TableServiceClient, connection: str) -> None:
    demo = Demo("http://127.0.0.1:7071", connection, NAMES)
    lead(tables, "typed", "2", minute=0, title="")
    assert demo.list_mails() == ["mail to sales@contoso.com: 1 lead (no offer 1)"]


def test_the_tables_are_printed_as_they_stand_and_at_most_ten_rows_of_each(
    tables: TableServiceClient, connection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tables, "MarketplaceLeads", "1", "1")
    for number in range(12):
        lead(tables, f"{number:02}", f"offer-{number}")
    entry = {"Name": "Ada Lovelace", "Company": "Northwind", "OfferTitle": "CRM"}
    due = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    put(tables, "FollowUps", "0-never-answered", "2026-11-20T08:00:00Z|p|r", **entry, State="never answered")
    put(tables, "FollowUps", "2026-11-27T14", "2026-11-27T14:30:00Z|p|r", **entry, State="new", DueAt=due)
    put(tables, "FollowUps", "2026-11-27T15", "2026-11-27T15:00:00Z|p|r", **entry)
    put(tables, "FollowUps", "typed", "by hand")
    Demo("http://127.0.0.1:7071", connection, NAMES).show()
    lines = capsys.readouterr().out.splitlines()
    assert lines.count("New          Ada Lovelace (Northwind), offer-3") == 1
    assert "             and 2 more" in lines
    assert [line for line in lines if line.startswith("to do ")] == [
        "to do        Ada Lovelace (Northwind), CRM: new, due 2026-11-27 14:30 UTC",
        "to do        Ada Lovelace (Northwind), CRM, due 2026-11-27 15:00 UTC",
        "to do        no name",
        "to do        Ada Lovelace (Northwind), CRM: never answered",  # First come the samples, which are new.
    ]
    assert "             none" in lines  # rejected leads
