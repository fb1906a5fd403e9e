"""The app posts a test lead to itself through its own door, finds it in the table, and removes it a day later."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from local.child import HOST, free_ports
from tests.mailbox import Mailbox
from tests.system.app import App

KEY = "vq7canary"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def app(account: str, tmp_path: Path, mailbox: Mailbox) -> Iterator[App]:
    (port,) = free_ports(1)
    url = f"http://{HOST}:{port}/api/leads/contoso.contoso-crm?code={KEY}"
    app = App(account, tmp_path / "host.log", {"CANARY_URL": url, "MAIL_URL": mailbox.url}, port)
    app.start()
    yield app
    app.stop()


def test_a_canary_goes_round_and_goes(app: App, mailbox: Mailbox) -> None:
    assert app.run_now("send_canary") == "done"
    app.wait_until_processed()
    assert app.run_now("send_reminders") == "done"
    (lead,) = app.rows("Leads")
    assert (lead["IsTest"], lead["RowKey"]) == (True, "contoso.contoso-crm")
    (note,) = [row for row in app.rows("Digests") if row["PartitionKey"] == "canaries"]
    assert note["ArrivedAt"]
    assert httpx.get(f"{app.url}/health", timeout=30).json() == {"status": "healthy"}
    yesterday = datetime.now(UTC) - timedelta(days=1)
    app.edit("Digests", note, PostedAt=yesterday)
    assert app.run_now("send_canary") == "done"
    app.wait_until_processed()
    (left,) = app.rows("Leads")
    assert left["PartitionKey"] != lead["PartitionKey"]
    assert not mailbox.mails
    assert KEY not in app.log.read_text()
