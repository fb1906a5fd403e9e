"""A real SMTP server for tests, which keeps its mails."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from local.child import HOST, free_ports

NEVER_ANSWERED = "NEVER ANSWERED"
"""The heading of those whose reminders have ended, below the leads that a mail is about."""


class Mailbox:
    """Takes mails, refuses addresses, and can be down."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses: set[str] = set()
        self.on_first_mail: Callable[[], None] | None = None
        self._port = free_ports(1)[0]
        self._controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name and arguments
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        self.mails.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
        if self.on_first_mail:
            self.on_first_mail()
            self.on_first_mail = None
        return "250 OK"

    def start(self) -> None:
        self._controller = Controller(self, hostname=HOST, port=self._port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self._port}"

    def link(self) -> str:
        """Return the link of the last mail."""
        html = self.mails[-1].get_body(("html",))
        assert html is not None
        found = re.search(r'href="(http://127[^"]+/api/follow-up/[^"]+)"', html.get_content())
        assert found is not None
        return found[1]


def leads_in(mail: EmailMessage) -> set[str]:
    """Return the names of the people that a mail is about, without those that it lists as never answered."""
    return set(re.findall(r"\bP\d+ Smith", text_of(mail).partition(NEVER_ANSWERED)[0]))


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    text = mail.get_body(("plain",))
    assert text is not None
    return str(text.get_content())
