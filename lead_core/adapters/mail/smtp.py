"""Sending a mail by SMTP."""

import asyncio
import smtplib
from contextlib import suppress
from datetime import timedelta

from lead_core.adapters.mail.address import Letter, address_letter
from lead_core.adapters.mail.message import compose_message, encode_message
from lead_core.adapters.mail.smtp_session import (
    ERRORS,
    LATER,
    NEVER,
    SmtpSession,
    check,
    expect,
    is_refusal,
    is_success,
    translating_errors,
)
from lead_core.adapters.mail.timeouts import SENDING_GIVES_UP_AFTER
from lead_core.errors import AddressRefusedError, ContentRefusedError, MailNotSentError, MailUncertainError
from lead_core.messages import Mail
from lead_core.settings import MailServer


class SmtpMailer:
    """A `Mailer` that hands each mail to an SMTP server, in a thread that ends in time.

    Certificates are checked, except on this machine and for ``smtp://`` without a login. Without a login, the mail
    goes unencrypted anyway if the server has no STARTTLS, and company relays often sign their own certificates.
    OpenSSL's ``SSL_CERT_FILE`` adds an authority of your own.
    """

    def __init__(self, server: MailServer, *, patience: timedelta = SENDING_GIVES_UP_AFTER) -> None:
        self._server = server
        self._patience = patience.total_seconds()

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`."""
        letter = address_letter(mail)
        delivery = SmtpDelivery(self._server, letter, self._patience)
        watchdog = asyncio.get_running_loop().call_later(self._patience, delivery.abort)
        try:
            await asyncio.to_thread(delivery.run)
        finally:
            watchdog.cancel()
            delivery.abort()  # If this task was cancelled, the thread still runs.


class SmtpDelivery:
    """One mail on one connection. `run` blocks. Another thread may call `abort` at any time."""

    def __init__(self, server: MailServer, letter: Letter, patience_seconds: float) -> None:
        self._letter = letter
        # The sender's domain, because looking up this machine's name may take long and is of no use.
        self._session = SmtpSession(server, letter.sender.domain, patience_seconds)

    def run(self) -> None:
        """Deliver the mail. Raises as `Mailer.send` does."""
        body = encode_message(compose_message(self._letter))
        smtp = self._session.open()
        try:
            with translating_errors():
                self._announce(smtp)
            # From here on the server may have the whole mail, even if something breaks.
            with translating_errors(is_uncertain=True):
                smtp.send(body)
                code, _ = smtp.getreply()
            _check_accepted(code)
            with suppress(*ERRORS):
                smtp.quit()
        finally:
            smtp.close()

    def abort(self) -> None:
        """End the delivery at once. Whatever the thread waits for fails."""
        self._session.abort()

    def _announce(self, smtp: smtplib.SMTP) -> None:
        """Tell the server the sender and the recipient, and return once it asks for the mail."""
        letter = self._letter
        expect(smtp, "MAIL", f"FROM:<{letter.sender.address}>")
        code = smtp.docmd("RCPT", f"TO:<{letter.to.address}>")[0]
        if is_refusal(code):
            with suppress(*ERRORS):
                smtp.rset()
                smtp.quit()
            raise AddressRefusedError(frozenset({letter.mail.to}))
        check(code, "RCPT")
        expect(smtp, "DATA", "", code=354)


def _check_accepted(code: int) -> None:
    """Raise what the answer to the whole mail means, unless that is success."""
    if code // 100 == NEVER:
        raise ContentRefusedError(f"{code} to the mail")
    if code // 100 == LATER:
        raise MailNotSentError(f"{code} to the mail", was_read=True)
    if not is_success(code):
        raise MailUncertainError("an answer that is none")
