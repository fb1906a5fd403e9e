"""A team that uses the app: it runs, its mails arrive, and the test says when the timer ticks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.mailbox import Mailbox, leads_in
from tests.system.app import App

SELDOM = "0 59 * * * *"
"""A schedule for timers that a test runs itself. One tick more changes nothing."""


@dataclass
class Team:
    """The running app with its mailbox."""

    app: App
    mailbox: Mailbox

    def tick(self, times: int = 1) -> list[EmailMessage]:
        """Let the timer tick, and return the mails that it sent."""
        before = len(self.mailbox.mails)
        for _ in range(times):
            assert self.app.run_now("send_reminders") == "done"
        return self.mailbox.mails[before:]

    def check(self) -> None:
        """Run the hourly check."""
        assert self.app.run_now("check_leads") == "done"

    def times_told(self, name: str) -> int:
        """Return how many mails are about the person of that name."""
        return sum(name in leads_in(mail) for mail in self.mailbox.mails)


@contextmanager
def running_team(connection_string: str, folder: Path, **settings: str) -> Iterator[Team]:
    """Run the app on an account until the end of the block. Its timers wait for the test."""
    mailbox = Mailbox()
    mailbox.start()
    app = App(connection_string, folder / "host.log")
    app.settings = {
        "MAIL_URL": mailbox.url,
        "PUBLIC_URL": app.url.removesuffix("/api"),
        "REMINDER_SCHEDULE": SELDOM,
        "CHECK_SCHEDULE": SELDOM,
        **settings,
    }
    try:
        app.start()
        yield Team(app, mailbox)
    finally:
        app.stop()
        mailbox.stop()
