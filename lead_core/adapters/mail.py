"""Sending a mail: by SMTP, or through Azure Communication Services.

Three ways in which it can fail, and the caller does something else about each: certainly not sent,
perhaps sent, an address refused. None says whom the mail was for or what a provider answered in words,
which may quote it: hence ``from None`` wherever an error is translated.
"""

import asyncio
import base64
import binascii
import ipaddress
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from http import HTTPStatus
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote
from uuid import UUID

from lead_core.adapters.azure.account import open_identity
from lead_core.errors import AddressRefusedError, MailNotSentError, MailUncertainError, SettingsError
from lead_core.messages import Mail

if TYPE_CHECKING:
    import smtplib
    import ssl

    from azure.communication.email.aio import EmailClient
    from azure.core.credentials import AzureKeyCredential
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.exceptions import AzureError, HttpResponseError

    from lead_core.ports.outgoing import Mailer

CONNECTING_GIVES_UP_AFTER = timedelta(seconds=10)
"""With the server's greeting, which a careful one holds back for six seconds."""
SENDING_GIVES_UP_AFTER = timedelta(seconds=30)

_MAIL_URL = re.compile(
    r"(?P<scheme>smtps?|acs)://"
    # The last @ divides: user names have one, too, and keys may hold / + = as they are.
    r"(?:(?P<user>[^:]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[^\s@:/?#\[\]]+)(?::(?P<port>\d{1,5}))?/?",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465, "acs": 443}
_LAST_PORT = 65535

_MAILBOX = re.compile(r"(?P<name>[^<>@]*)<\s*(?P<within>[^<>]*?)\s*>|(?P<bare>[^<>]*)")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_NOT_FOR_HEADERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST_HEADER = 500

# https://learn.microsoft.com/rest/api/communication/email/email/get-send-result
_ACS_API_VERSION = "2025-09-01"
_ACS_STATUS_AFTER = tuple(timedelta(seconds=each) for each in (1, 2, 4))
_ACS_ACCEPTED: Mapping[str, Any] = {"status": "Running"}
_ACS_ALL_REFUSED = "EmailDroppedAllRecipientsSuppressed"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and who says so."""

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def has_login(self) -> bool:
        """Say whether there is something to log in with."""
        return bool(self.user or self.password)

    @property
    def is_this_machine(self) -> bool:
        """Say whether nobody can listen on the way."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_mail_url(mail_url: str) -> MailServer:
    """Read ``smtp://user:password@mail.contoso.com:587``; only a ``%``, or a ``:`` in the user, needs encoding.

    Raises: SettingsError.
    """
    found = _MAIL_URL.fullmatch(mail_url.strip())
    scheme = found["scheme"].lower() if found else ""
    port = int((found and found["port"]) or _DEFAULT_PORTS.get(scheme, 0))
    if not found or not 0 < port <= _LAST_PORT:
        raise SettingsError("MAIL_URL: write smtp://, smtps:// or acs:// and a host")
    user, password = (unquote(found[part] or "") for part in ("user", "password"))
    return MailServer(scheme, found["host"].strip("[]").lower(), port, user, password)


def open_mailer(mail_url: str, stack: AsyncExitStack, *, patience: timedelta = SENDING_GIVES_UP_AFTER) -> "Mailer":
    """Give the `Mailer` that *mail_url* asks for, closed with *stack*.

    - ``smtp://user:password@host:587``: STARTTLS where the server offers it; never a login without it.
    - ``smtps://user:password@host:465``: TLS from the first byte.
    - ``acs://resource.communication.azure.com``: the machine's managed identity; ``acs://client-id@…``: that one.
    - ``acs://accesskey:KEY@resource.communication.azure.com``: a key.

    Raises: SettingsError.
    """
    server = parse_mail_url(mail_url)
    if server.scheme == "acs":
        return AcsMailer(_open_acs(server, stack, patience))
    return SmtpMailer(server, patience=patience)


class SmtpMailer:
    """A `Mailer` that hands each mail to an SMTP server, in a thread that ends in time.

    A certificate is not checked on this machine, nor by ``smtp://`` without a login: that goes in clear where the
    server has no STARTTLS, and a relay in the house often signed its certificate itself. Everywhere else it is;
    OpenSSL's ``SSL_CERT_FILE`` names an authority of one's own.
    """

    def __init__(self, server: MailServer, *, patience: timedelta = SENDING_GIVES_UP_AFTER) -> None:
        self._server = server
        self._patience = patience.total_seconds()

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`."""
        letter = _address(mail)
        delivery = _SmtpDelivery(self._server, letter, self._patience)
        watchdog = asyncio.get_running_loop().call_later(self._patience, delivery.abort)
        try:
            await asyncio.to_thread(delivery.run)
        finally:
            watchdog.cancel()
            delivery.abort()  # Where this task was cancelled, the thread is still at it.


class AcsMailer:
    """A `Mailer` on Azure Communication Services. The mail's id is the operation's: it accepts each but once."""

    def __init__(self, client: "EmailClient", *, status_after: tuple[timedelta, ...] = _ACS_STATUS_AFTER) -> None:
        self._client = client
        self._status_after = status_after

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`. Accepted is sent, unless the provider soon says that it failed."""
        letter = _address(mail)
        status = await self._begin(letter)
        for wait in self._status_after:
            if str(status.get("status")) not in {"NotStarted", "Running"}:
                break
            await asyncio.sleep(wait.total_seconds())
            status = await self._ask(letter) or status
        if str(status.get("status")) in {"Failed", "Canceled"}:
            _raise_refusal(_mapping(status.get("error")), letter, str(status["status"]))

    async def _begin(self, letter: "_Letter") -> Mapping[str, Any]:
        from azure.core.exceptions import AzureError, HttpResponseError  # noqa: PLC0415 -- SMTP does without

        try:
            poller = await self._client.begin_send(
                _compose_request(letter), operation_id=letter.operation_id, polling=False
            )
            return _mapping(await poller.result())
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.CONFLICT:  # It has this operation since an earlier try.
                return _ACS_ACCEPTED
            _raise_unaccepted(error, letter)
        except (JSONDecodeError, UnicodeDecodeError):  # Only an accepting answer is read so.
            return _ACS_ACCEPTED
        except AzureError as error:
            if _never_connected(error):
                raise MailNotSentError(type(error).__name__) from None
            raise MailUncertainError(type(error).__name__) from None

    async def _ask(self, letter: "_Letter") -> Mapping[str, Any] | None:
        """Ask what became of an accepted mail; no answer is none, and says nothing against it."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415
        from azure.core.rest import HttpRequest  # noqa: PLC0415

        path = f"/emails/operations/{letter.operation_id}"
        with suppress(AzureError, ValueError):
            answer = await self._client.send_request(HttpRequest("GET", path, params={"api-version": _ACS_API_VERSION}))
            answer.raise_for_status()
            return _mapping(answer.json())
        return None


def _open_acs(server: MailServer, stack: AsyncExitStack, patience: timedelta) -> "EmailClient":
    from azure.communication.email.aio import EmailClient  # noqa: PLC0415 -- 110 ms

    protocol = "http" if server.is_this_machine and server.password else "https"
    # The signature covers the host as it stands in the request, which leaves a usual port out.
    authority = server.host if server.port == _DEFAULT_PORTS["acs"] else f"{server.host}:{server.port}"
    client = EmailClient(
        f"{protocol}://{authority}",
        _open_credential(server, stack),
        api_version=_ACS_API_VERSION,
        retry_total=0,  # What was not sent stays due, and the next tick is the retry.
        connection_timeout=CONNECTING_GIVES_UP_AFTER.total_seconds(),
        read_timeout=patience.total_seconds(),
    )
    stack.push_async_callback(client.close)
    return client


def _open_credential(server: MailServer, stack: AsyncExitStack) -> "AzureKeyCredential | AsyncTokenCredential":
    if server.password:
        from azure.core.credentials import AzureKeyCredential  # noqa: PLC0415

        with suppress(binascii.Error):
            base64.b64decode(server.password, validate=True)
            return AzureKeyCredential(server.password)
        raise SettingsError("MAIL_URL: paste the key after acs://accesskey: as the portal shows it")
    return open_identity(server.user, stack)


@dataclass(frozen=True, slots=True)
class _Mailbox:
    name: str
    address: str
    """In ASCII, fit to stand in an SMTP command."""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Address:
        local_part, _, domain = self.address.rpartition("@")
        return Address(self.name, local_part, domain)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail whose addresses were read."""

    mail: Mail
    sender: _Mailbox
    to: _Mailbox
    cc: _Mailbox | None

    @property
    def recipients(self) -> dict[str, str]:
        """The addresses to send to, each with the text that the caller knows it by."""
        known_as = {self.to.address: self.mail.to}
        if self.cc:
            known_as.setdefault(self.cc.address, self.mail.cc)
        return known_as

    @property
    def message_id(self) -> str:
        return f"<{self.mail.id}@{self.sender.domain}>"

    @property
    def operation_id(self) -> str:
        return str(UUID(self.mail.id))


def _address(mail: Mail) -> _Letter:
    """Read the addresses. Raises: AddressRefusedError, MailNotSentError where it is the sender's."""
    sender, to, cc = _parse_mailbox(mail.sender), _parse_mailbox(mail.to), _parse_mailbox(mail.cc)
    if not to or (mail.cc and not cc):
        unusable = {text for text, mailbox in ((mail.to, to), (mail.cc, cc)) if text and not mailbox}
        raise AddressRefusedError(frozenset(unusable))
    if not sender:
        raise MailNotSentError("MAIL_FROM is no e-mail address")
    return _Letter(mail, sender, to, cc)


def _parse_mailbox(text: str) -> _Mailbox | None:
    """Read ``ada@contoso.com`` or ``Ada Lovelace <ada@contoso.com>``, or say that it is neither."""
    found = _MAILBOX.fullmatch(_clean_header(text))
    if not found:
        return None
    local_part, _, domain = (found["within"] or found["bare"] or "").rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    if not _LOCAL_PART.fullmatch(local_part) or not _DOMAIN.fullmatch(domain):
        return None
    return _Mailbox((found["name"] or "").strip(' "'), f"{local_part}@{domain}")


def _clean_header(text: str) -> str:
    """Make of any text one that a header can hold: one line, and no encoded word that would be decoded again."""
    blank = " ".join(_NOT_FOR_HEADERS.sub(" ", text).split()).replace("=?", "= ?")
    return blank if len(blank) <= _LONGEST_HEADER else blank[: _LONGEST_HEADER - 1] + "…"


def _compose_message(letter: _Letter) -> EmailMessage:
    message = EmailMessage(policy=SMTP_POLICY)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(datetime.now(UTC))
    message["From"] = letter.sender.header
    message["To"] = letter.to.header
    if letter.cc:
        message["Cc"] = letter.cc.header
    message["Subject"] = _clean_header(letter.mail.subject)
    for name, value in _AUTOMATIC.items():
        message[name] = value
    # Quoted-printable: short lines, and not a byte that a server without 8BITMIME would spoil.
    message.set_content(_clean_body(letter.mail.text), cte="quoted-printable")
    message.add_alternative(_clean_body(letter.mail.html), subtype="html", cte="quoted-printable")
    return message


_AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""Nobody's absence notes are wanted: https://www.rfc-editor.org/rfc/rfc3834#section-5"""


def _clean_body(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # Half a surrogate pair can't be encoded.


class _SmtpDelivery:
    """One mail on one connection. `run` blocks; `abort` may be called from another thread, at any time."""

    def __init__(self, server: MailServer, letter: _Letter, patience_seconds: float) -> None:
        self._server = server
        self._letter = letter
        self._patience_seconds = patience_seconds
        self._smtp: smtplib.SMTP | None = None
        self._is_over = False

    def run(self) -> None:
        """Deliver it. Raises as `Mailer.send` does."""
        body = _encode(_compose_message(self._letter))
        with _translating_smtp_errors(MailNotSentError):
            smtp = self._connect()
        try:
            with _translating_smtp_errors(MailNotSentError):
                self._log_in(smtp)
                self._announce(smtp)
            # Whatever breaks from here on: the server may have the whole of it.
            with _translating_smtp_errors(MailUncertainError):
                smtp.send(body)
                code, _ = smtp.getreply()
            _check_accepted(code)
            with suppress(*_smtp_errors()):
                smtp.quit()
        finally:
            smtp.close()

    def abort(self) -> None:
        """End it at once: whatever it waits for fails."""
        self._is_over = True
        if self._smtp and (connection := self._smtp.sock):
            with suppress(OSError):
                # Not SSLSocket's own, after which the other thread could go on in clear.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _connect(self) -> "smtplib.SMTP":
        import smtplib  # noqa: PLC0415 -- Azure Communication Services do without

        # Named after the sender: to look up this machine's name may take long, and helps nobody.
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

    def _log_in(self, smtp: "smtplib.SMTP") -> None:
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        if server.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=_open_tls(server))
            smtp.ehlo_or_helo_if_needed()
        elif server.scheme == "smtp" and server.has_login and not server.is_this_machine:
            raise MailNotSentError("no STARTTLS, and a password never goes in clear")
        if server.has_login:
            smtp.login(server.user, server.password)

    def _announce(self, smtp: "smtplib.SMTP") -> None:
        """Say from whom and to whom, and be told to go on."""
        letter = self._letter
        _expect(smtp, "MAIL", f"FROM:<{letter.sender.address}>")
        codes = {known_as: smtp.docmd("RCPT", f"TO:<{address}>")[0] for address, known_as in letter.recipients.items()}
        if refused := frozenset(known_as for known_as, code in codes.items() if _is_refusal(code)):
            with suppress(*_smtp_errors()):
                smtp.rset()
                smtp.quit()
            raise AddressRefusedError(refused)
        for code in codes.values():
            if not _is_success(code):
                raise MailNotSentError(f"{code} to RCPT")
        _expect(smtp, "DATA", "", code=354)


def _expect(smtp: "smtplib.SMTP", command: str, argument: str, *, code: int | None = None) -> None:
    answer, _ = smtp.docmd(command, argument)
    if not (_is_success(answer) if code is None else answer == code):
        raise MailNotSentError(f"{answer} to {command}")


# The first digit of an answer: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
_SUCCESS, _LATER, _NEVER = 2, 4, 5


def _is_success(code: int) -> bool:
    return code // 100 == _SUCCESS


def _is_refusal(code: int) -> bool:
    """Say whether it is the address that is refused, for good: not us, who forgot to log in or speak out of turn."""
    return code // 100 == _NEVER and code not in {500, 502, 503, 530, 535, 538}


def _check_accepted(code: int) -> None:
    """Judge the answer to the whole mail."""
    if code // 100 in (_LATER, _NEVER):
        raise MailNotSentError(f"{code} to the mail")
    if not _is_success(code):
        raise MailUncertainError("an answer that is none")


def _encode(message: EmailMessage) -> bytes:
    """``.`` alone on a line ends a mail; so one that begins a line is doubled."""
    return re.sub(rb"(?m)^\.", b"..", message.as_bytes()).removesuffix(b"\r\n") + b"\r\n.\r\n"


def _open_tls(server: MailServer) -> "ssl.SSLContext":
    import ssl  # noqa: PLC0415

    context = ssl.create_default_context()
    if server.is_this_machine or (server.scheme == "smtp" and not server.has_login):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _smtp_errors() -> tuple[type[Exception], ...]:
    import smtplib  # noqa: PLC0415

    # ValueError: what can't be written in a command, such as a password that is not ASCII.
    return (smtplib.SMTPException, OSError, ValueError)


@contextmanager
def _translating_smtp_errors(meaning: type[MailNotSentError | MailUncertainError]) -> Iterator[None]:
    try:
        yield
    except _smtp_errors() as error:
        raise meaning(" ".join(filter(None, (type(error).__name__, str(getattr(error, "smtp_code", "")))))) from None


def _compose_request(letter: _Letter) -> dict[str, Any]:
    """Write the mail as https://learn.microsoft.com/rest/api/communication/email/email/send has it."""
    recipients = {"to": [_compose_recipient(letter.to)]}
    if letter.cc:
        recipients["cc"] = [_compose_recipient(letter.cc)]
    return {
        "senderAddress": letter.sender.address,
        "recipients": recipients,
        "content": {
            "subject": _clean_header(letter.mail.subject),
            "plainText": _clean_body(letter.mail.text),
            "html": _clean_body(letter.mail.html),
        },
        "headers": {"Message-ID": letter.message_id, **_AUTOMATIC},
        "userEngagementTrackingDisabled": True,
    }


def _compose_recipient(mailbox: _Mailbox) -> dict[str, str]:
    return {"address": mailbox.address, **({"displayName": mailbox.name} if mailbox.name else {})}


def _raise_unaccepted(error: "HttpResponseError", letter: _Letter) -> NoReturn:
    """Say what an answer other than 202 means."""
    code = error.status_code
    if code is not None and (code == HTTPStatus.REQUEST_TIMEOUT or code >= HTTPStatus.INTERNAL_SERVER_ERROR):
        raise MailUncertainError(str(code)) from None
    # Without a code there was no request: the credential got no token.
    _raise_refusal(vars(error.error) if error.error else {}, letter, str(code or type(error).__name__))


def _raise_refusal(error: Mapping[str, Any], letter: _Letter, detail: str) -> NoReturn:
    """Say whose fault it is that nothing was sent: ``code``, ``message`` and ``target`` tell, or none of them."""
    code = str(error.get("code", ""))
    if code == _ACS_ALL_REFUSED:
        raise AddressRefusedError(frozenset(letter.recipients.values())) from None
    if re.search("address|recipient", f"{code} {error.get('target')}", re.IGNORECASE):
        words = f"{error.get('message')} {error.get('target')}"
        named = {known_as for address, known_as in letter.recipients.items() if _names(words, address)}
        if named:
            raise AddressRefusedError(frozenset(named)) from None
    # The code is a word of the provider's; anything longer might quote.
    word = code if re.fullmatch(r"\w{1,60}", code) else ""
    raise MailNotSentError(f"{detail} {word}".strip()) from None


def _names(words: str, address: str) -> bool:
    return bool(re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", words, re.IGNORECASE))


def _never_connected(error: "AzureError") -> bool:
    """Say whether no byte can have left: the SDK has one error for this and for a connection that broke."""
    import aiohttp  # noqa: PLC0415

    return isinstance(error.inner_exception, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
