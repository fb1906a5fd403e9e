"""Sending a mail: by SMTP, or through Azure Communication Services.

It can fail in three ways, and the caller acts differently on each: certainly not sent, perhaps sent, address
refused. No error names a recipient or quotes the provider, whose words may quote the mail. So every error is
translated with ``from None``.
"""

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

from lead_core.adapters.mail.timeouts import SENDING_GIVES_UP_AFTER
from lead_core.settings import MailServer

if TYPE_CHECKING:
    from lead_core.ports.outgoing import Mailer


def open_mailer(server: MailServer, stack: AsyncExitStack, *, patience: timedelta = SENDING_GIVES_UP_AFTER) -> "Mailer":
    """Return the `Mailer` that hands mail to *server*, closed with *stack*."""
    if server.scheme == "acs":
        from lead_core.adapters.mail.acs import open_acs_mailer  # noqa: PLC0415 -- 110 ms that SMTP does without

        return open_acs_mailer(server, stack, patience=patience)
    from lead_core.adapters.mail.smtp import SmtpMailer  # noqa: PLC0415 -- Azure Communication Services do without

    return SmtpMailer(server, patience=patience)
