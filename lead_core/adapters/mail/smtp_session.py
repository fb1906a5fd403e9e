"""A connection to an SMTP server, logged in and ready for a mail."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from lead_core.adapters.mail.timeouts import CONNECTING_GIVES_UP_AFTER
from lead_core.errors import MailNotSentError, MailUncertainError, ProviderRefusesError
from lead_core.settings import MailServer

# ValueError means a text that no command can hold, such as a password that is not ASCII.
ERRORS = (smtplib.SMTPException, OSError, ValueError)

# The first digit of an answer: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
SUCCESS, LATER, NEVER = 2, 4, 5


class SmtpSession:
    """One connection. `open` blocks. Another thread may call `abort` at any time."""

    def __init__(self, server: MailServer, own_name: str, patience_seconds: float) -> None:
        self._server = server
        self._own_name = own_name
        self._patience_seconds = patience_seconds
        self._smtp: smtplib.SMTP | None = None
        self._is_over = False

    def open(self) -> smtplib.SMTP:
        """Connect and log in. Raises: MailNotSentError."""
        with translating_errors():
            smtp = self._connect()
        try:
            with translating_errors():
                self._log_in(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def abort(self) -> None:
        """End the connection at once. Whatever the thread waits for fails."""
        self._is_over = True
        if self._smtp and (connection := self._smtp.sock):
            with suppress(OSError):
                # Not SSLSocket's own shutdown: after it, the other thread could continue unencrypted.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _connect(self) -> smtplib.SMTP:
        seconds = min(CONNECTING_GIVES_UP_AFTER.total_seconds(), self._patience_seconds)
        where = (self._server.host, self._server.port, self._own_name)
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


def expect(smtp: smtplib.SMTP, command: str, argument: str, *, code: int | None = None) -> None:
    """Send a command. Raises: MailNotSentError unless the answer is success, or *code*."""
    check(smtp.docmd(command, argument)[0], command, code=code)


def check(answer: int, command: str, *, code: int | None = None) -> None:
    """Raise MailNotSentError unless the *answer* to a command is success, or *code*."""
    if not (is_success(answer) if code is None else answer == code):
        raise _not_sent(f"{answer} to {command}", answer)


def is_success(code: int) -> bool:
    """Whether the server did what it was told."""
    return code // 100 == SUCCESS


def is_refusal(code: int) -> bool:
    """Whether the address is refused for good. False if we are at fault: no login, or a command out of turn."""
    return code // 100 == NEVER and code not in {500, 502, 503, 530, 535, 538}


@contextmanager
def translating_errors(*, is_uncertain: bool = False) -> Iterator[None]:
    """Turn the library's errors into ours, without what was sent or answered."""
    try:
        yield
    except ERRORS as error:
        code = getattr(error, "smtp_code", 0)
        detail = " ".join(filter(None, (type(error).__name__, str(code or ""))))
        raise MailUncertainError(detail) if is_uncertain else _not_sent(detail, code) from None


def _not_sent(detail: str, code: int) -> MailNotSentError:
    """Return the error for an answer before the mail. A refusal for good concerns every mail of this app."""
    return ProviderRefusesError(detail) if code // 100 == NEVER else MailNotSentError(detail)


def _open_tls(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.is_this_machine or (server.scheme == "smtp" and not server.has_login):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
