"""What people make or damage by hand, in the tables and in the queue, is worked on like any other."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.data.tables import TableClient, UpdateMode
from azure.storage.queue import QueueClient

from tests.mailbox import Mailbox, leads_in
from tests.system.app import App, lead
from tests.waiting import wait_for


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def app(account: str, mailbox: Mailbox, tmp_path: Path) -> Iterator[App]:
    app = App(account, tmp_path / "host.log")
    app.settings = {
        "MAIL_URL": mailbox.url,
        "PUBLIC_URL": app.url.removesuffix("/api"),
        "REMINDER_SCHEDULE": "* * * * * *",
        "OWNERS": "sales@contoso.example",
    }
    app.start()
    yield app
    app.stop()


def put(app: App, table: str, **columns: object) -> None:
    with TableClient.from_connection_string(app.connection_string, table) as client:
        with suppress(ResourceExistsError):
            client.create_table()
        client.upsert_entity(columns, UpdateMode.REPLACE)


def names(app: App) -> set[str]:
    return {row["FirstName"] for row in app.rows("Leads")}


def told(mailbox: Mailbox) -> set[str]:
    return {name for mail in mailbox.mails for name in leads_in(mail)}


def test_what_people_make_and_damage_by_hand_is_worked_on(app: App, mailbox: Mailbox) -> None:
    app.post(lead(1))
    app.wait_until_processed()
    wait_for(lambda: told(mailbox) == {"P1 Smith"})
    (row,) = app.rows("Leads")
    put(app, "Leads", **{name: cell for name, cell in row.items() if name != "zAppActionHistory"})
    put(app, "Leads", PartitionKey="a|b", RowKey="1", FirstName="P2", LastName="Smith", Email="p2@northwind.example")
    put(app, "RejectedLeads", PartitionKey="1", RowKey="1", Body=lead(3).decode(), Retry="yes")
    put(app, "RejectedLeads", PartitionKey="x", RowKey="", Body=lead(4).decode(), Retry=True, ReceivedAt="2016-01-01")
    with QueueClient.from_connection_string(app.connection_string, "leads") as queue:
        queue.send_message(lead(5).decode())
        queue.send_message("Please call Ada")
    wait_for(lambda: names(app) == {"P1", "P2", "P3", "P4", "P5"}, seconds=60)
    app.check()
    wait_for(lambda: told(mailbox) == {f"P{number} Smith" for number in range(1, 6)}, seconds=60)
    (unread,) = [row for row in app.rows("RejectedLeads") if row.get("Reason") == "no-envelope"]
    assert unread["Body"] == "Please call Ada"
    (again,) = [each for each in app.rows("Leads") if each["FirstName"] == "P1"]
    assert again["zAppActionHistory"] == row["zAppActionHistory"]
