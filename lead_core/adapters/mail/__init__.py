"""Sending a mail: by SMTP, or through Azure Communication Services.

It can fail in three ways, and the caller does something else about each: certainly not sent, perhaps sent, an
address refused. No error says whom the mail was for, or what a provider answered in words, which may quote it.
Hence ``from None`` wherever an error is translated.
"""

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

from lead_core.settings import MailServer

if TYPE_CHECKING:
    from lead_core.ports.outgoing import Mailer

SENDING_GIVES_UP_AFTER = timedelta(seconds=30)


def open_mailer(server: MailServer, stack: AsyncExitStack, *, patience: timedelta = SENDING_GIVES_UP_AFTER) -> "Mailer":
    """Return the `Mailer` that hands mail to *server*, closed with *stack*."""
    if server.scheme == "acs":
        from lead_core.adapters.mail.acs import open_acs_mailer  # noqa: PLC0415 -- 110 ms that SMTP does without

        return open_acs_mailer(server, stack, patience=patience)
    from lead_core.adapters.mail.smtp import SmtpMailer  # noqa: PLC0415 -- Azure Communication Services do without

    return SmtpMailer(server, patience=patience)
