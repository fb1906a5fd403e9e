"""Logging in to the mail server without sending a mail."""

import asyncio
import smtplib
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from lead_core.adapters.mail.address import Mailbox, parse_mailbox
from lead_core.adapters.mail.smtp_session import ERRORS, SmtpSession, expect, is_refusal, translating_errors
from lead_core.errors import ProviderRefusesError
from lead_core.settings import MailServer

if TYPE_CHECKING:
    from lead_core.ports.examining import MailLogin

TRYING_GIVES_UP_AFTER: Final = timedelta(seconds=20)


def open_mail_login(
    server: MailServer, stack: AsyncExitStack, *, patience: timedelta = TRYING_GIVES_UP_AFTER
) -> "MailLogin":
    """Return the `MailLogin` of *server*, closed with *stack*."""
    if server.scheme == "acs":
        from lead_core.adapters.mail.acs import open_acs_client  # noqa: PLC0415 -- see `open_mailer`
        from lead_core.adapters.mail.acs_login import AcsLogin  # noqa: PLC0415 -- see `open_mailer`

        return AcsLogin(open_acs_client(server, stack, patience=patience))
    return SmtpLogin(server, patience=patience)


class SmtpLogin:
    """A `MailLogin` on an SMTP server."""

    def __init__(self, server: MailServer, *, patience: timedelta = TRYING_GIVES_UP_AFTER) -> None:
        self._server, self._patience = server, patience.total_seconds()

    async def find_refused(self, sender: str, recipients: Sequence[str]) -> list[str]:
        """See `MailLogin.find_refused`. It names the sender and the recipients, and then takes all back (RSET)."""
        mailbox = parse_mailbox(sender)
        if mailbox is None:
            raise ProviderRefusesError("MAIL_FROM is no e-mail address")
        session = SmtpSession(self._server, mailbox.domain, self._patience)
        watchdog = asyncio.get_running_loop().call_later(self._patience, session.abort)
        try:
            return await asyncio.to_thread(_ask, session, mailbox, recipients)
        finally:
            watchdog.cancel()
            session.abort()


def _ask(session: SmtpSession, sender: Mailbox, recipients: Sequence[str]) -> list[str]:
    smtp = session.open()
    try:
        with translating_errors():
            expect(smtp, "MAIL", f"FROM:<{sender.address}>")
            refused = [each for each in recipients if _is_refused(smtp, each)]
        with suppress(*ERRORS):
            smtp.rset()
            smtp.quit()
        return refused
    finally:
        smtp.close()


def _is_refused(smtp: smtplib.SMTP, recipient: str) -> bool:
    """Whether the server refuses an address for good. What it puts off, it may take at the next try."""
    mailbox = parse_mailbox(recipient)
    return mailbox is None or is_refusal(smtp.docmd("RCPT", f"TO:<{mailbox.address}>")[0])
