"""Sending a mail by SMTP."""

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from lead_core.adapters.mail.address import Letter, address_letter
from lead_core.adapters.mail.message import compose_message, encode_message
from lead_core.adapters.mail.timeouts import CONNECTING_GIVES_UP_AFTER, SENDING_GIVES_UP_AFTER
from lead_core.errors import (
    AddressRefusedError,
    ContentRefusedError,
    MailNotSentError,
    MailUncertainError,
    ProviderRefusesError,
)
from lead_core.messages import Mail
from lead_core.settings import MailServer

# ValueError means a text that no command can hold, such as a password that is not ASCII.
_ERRORS = (smtplib.SMTPException, OSError, ValueError)

# The first digit of an answer: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
_SUCCESS, _LATER, _NEVER = 2, 4, 5


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
        self._server = server
        self._letter = letter
        self._patience_seconds = patience_seconds
        self._smtp: smtplib.SMTP | None = None
        self._is_over = False

    def run(self) -> None:
        """Deliver the mail. Raises as `Mailer.send` does."""
        body = encode_message(compose_message(self._letter))
        with _translating_errors():
            smtp = self._connect()
        try:
            with _translating_errors():
                self._log_in(smtp)
                self._announce(smtp)
            # From here on the server may have the whole mail, even if something breaks.
            with _translating_errors(is_uncertain=True):
                smtp.send(body)
                code, _ = smtp.getreply()
            _check_accepted(code)
            with suppress(*_ERRORS):
                smtp.quit()
        finally:
            smtp.close()

    def abort(self) -> None:
        """End the delivery at once. Whatever the thread waits for fails."""
        self._is_over = True
        if self._smtp and (connection := self._smtp.sock):
            with suppress(OSError):
                # Not SSLSocket's own shutdown: after it, the other thread could continue unencrypted.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _connect(self) -> smtplib.SMTP:
        # The sender's domain, because looking up this machine's name may take long and is of no use.
        own_name, seconds = self._letter.sender.domain, CONNECTING_GIVES_UP_AFTER.total_seconds()
        seconds = min(seconds, self._patience_seconds)
        where = (self._server.host, self._server.port, own_name)
        if self._server.scheme == "smtps":
            self._smtp = smtplib.SMTP_SSL(*where, timeout=seconds, context=_open_tls(self._server))
        else:
            self._smtp = smtplib.SMTP(*where, timeout=seconds)
        if self._is_over or not self._smtp.sock:
            self._smtp.close()
            raise TimeoutError
        self._smtp.sock.settimeout(self._patience_seconds)
        return self._smtp

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        if server.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=_open_tls(server))
            smtp.ehlo_or_helo_if_needed()
        elif server.scheme == "smtp" and server.has_login and not server.is_this_machine:
            raise ProviderRefusesError("no STARTTLS, and a password never goes in clear")
        if server.has_login:
            smtp.login(server.user, server.password)

    def _announce(self, smtp: smtplib.SMTP) -> None:
        """Tell the server the sender and the recipient, and return once it asks for the mail."""
        letter = self._letter
        _expect(smtp, "MAIL", f"FROM:<{letter.sender.address}>")
        code = smtp.docmd("RCPT", f"TO:<{letter.to.address}>")[0]
        if _is_refusal(code):
            with suppress(*_ERRORS):
                smtp.rset()
                smtp.quit()
            raise AddressRefusedError(frozenset({letter.mail.to}))
        _check(code, "RCPT")
        _expect(smtp, "DATA", "", code=354)


def _expect(smtp: smtplib.SMTP, command: str, argument: str, *, code: int | None = None) -> None:
    _check(smtp.docmd(command, argument)[0], command, code=code)


def _check(answer: int, command: str, *, code: int | None = None) -> None:
    if not (_is_success(answer) if code is None else answer == code):
        raise _not_sent(f"{answer} to {command}", answer)


def _not_sent(detail: str, code: int) -> MailNotSentError:
    """Return the error for an answer before the mail. A refusal for good concerns every mail of this app."""
    return ProviderRefusesError(detail) if code // 100 == _NEVER else MailNotSentError(detail)


def _is_success(code: int) -> bool:
    return code // 100 == _SUCCESS


def _is_refusal(code: int) -> bool:
    """Whether the address is refused for good. False if we are at fault: no login, or a command out of turn."""
    return code // 100 == _NEVER and code not in {500, 502, 503, 530, 535, 538}


def _check_accepted(code: int) -> None:
    """Raise what the answer to the whole mail means, unless that is success."""
    if code // 100 == _NEVER:
        raise ContentRefusedError(f"{code} to the mail")
    if code // 100 == _LATER:
        raise MailNotSentError(f"{code} to the mail", was_read=True)
    if not _is_success(code):
        raise MailUncertainError("an answer that is none")


def _open_tls(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.is_this_machine or (server.scheme == "smtp" and not server.has_login):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _translating_errors(*, is_uncertain: bool = False) -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        code = getattr(error, "smtp_code", 0)
        detail = " ".join(filter(None, (type(error).__name__, str(code or ""))))
        raise MailUncertainError(detail) if is_uncertain else _not_sent(detail, code) from None
