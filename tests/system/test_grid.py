"""What people type into the table, and what a spreadsheet does to it, seen from outside."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.mailbox import Mailbox
from tests.system.app import App, lead
from tests.waiting import wait_for

TYPED = {
    "Unqualified": "Disqualified",
    "Open - Not Contacted": "New",
    "To be contacted": "New",
    "Kontaktiert": "Contacted",
    "Won": "Qualified",
    "Do not call": "DoNotContact",
    "Can't contact": "Can't contact",
}


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
        "CHECK_SCHEDULE": "* * * * * *",
    }
    app.start()
    yield app
    app.stop()


def test_status_words_in_a_table_that_was_in_a_spreadsheet(app: App, mailbox: Mailbox) -> None:
    for who in range(len(TYPED)):
        app.post(lead(who))
    wait_for(lambda: [row["RemindersSent"] for row in app.rows("Leads")] == [1] * len(TYPED))
    mails = len(mailbox.mails)
    typed = dict(zip((f"P{who}" for who in range(len(TYPED))), TYPED, strict=True))
    for row in app.rows("Leads"):
        texts = {
            column: f"{cell:%d.%m.%Y %H:%M}" if isinstance(cell, datetime) else str(cell).upper()
            for column, cell in row.items()
            if isinstance(cell, bool | int | datetime)
        }
        app.edit("Leads", row, **texts | {"Status": typed[row["FirstName"]]})
    meant = {name: TYPED[word] for name, word in typed.items()}
    wait_for(lambda: {row["FirstName"]: row["Status"] for row in app.rows("Leads")} == meant)
    wait_for(lambda: [row["FirstName"] for row in app.rows("Leads") if row["Problem"]] == ["P6"])
    waiting = [row for row in app.rows("Leads") if row["Status"] in {"New", "Can't contact"}]
    assert {str(row["RemindersSent"]) for row in waiting} == {"1"}
    wait_for(lambda: len(app.rows("FollowUps")) == len(waiting))
    assert len(mailbox.mails) == mails
