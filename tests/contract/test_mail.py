"""What every way of sending mail promises, on real servers: aiosmtpd, and one that answers as Azure does."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import os
import re
import ssl
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import trustme
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from azure.communication.email.aio import EmailClient
from azure.core.credentials import AzureKeyCredential
from azure.identity.aio import ManagedIdentityCredential
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.mail import open_mailer
from lead_core.adapters.mail.acs import AcsMailer, compose_request
from lead_core.adapters.mail.address import address_letter
from lead_core.adapters.mail.login import open_mail_login
from lead_core.adapters.mail.message import compose_message, encode_message
from lead_core.adapters.mail.smtp import SmtpDelivery, SmtpMailer
from lead_core.errors import (
    AddressRefusedError,
    ContentRefusedError,
    LeadError,
    MailNotSentError,
    MailUncertainError,
    ProviderRefusesError,
)
from lead_core.messages import Mail
from lead_core.settings import MailServer, parse_mail_url
from local.child import free_ports

SOON = timedelta(seconds=1)
LATE = timedelta(seconds=20)
HERE, ELSEWHERE = "127.0.0.1", "0.0.0.0"
"""Two names of this machine. The mailer knows only the first as its own."""
PASSWORD = "pa@ss/w?rd: 100%25"
MAIL = Mail(
    id="0123456789abcdef0123456789abcdef",
    sender="Contoso Leads <leads@contoso.example>",
    to="sales@contoso.example",
    subject="2 neue Anfragen für „Contoso CRM“",
    text="Ada wartet seit gestern.\n.\n.. Grüße 🙂\n",
    html="<p>Ada wartet seit gestern. Grüße 🙂</p>\n",
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HERE, ELSEWHERE).configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let OpenSSL trust the authority, as a company with its own authority does."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


Answer = str | Callable[[SMTP], object]


def drop(server: SMTP) -> None:
    """Break the connection."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


async def stall(_: SMTP) -> None:
    """Never answer."""
    await asyncio.Event().wait()


@dataclass
class Provider:
    """An SMTP server that keeps the mails it takes, and answers as the test says."""

    answers: dict[str, Answer] = field(default_factory=dict)
    """By ``MAIL``, an address, or ``DATA``."""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    was_private: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 -- aiosmtpd's name
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer(server, "MAIL")

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 -- aiosmtpd's name
        answer = await self._answer(server, address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        answer = await self._answer(server, "DATA")
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.raw.append(envelope.content)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
            self.recipients.append(envelope.rcpt_tos)
            self.was_private.append(session.ssl is not None)
        return answer

    def log_in(self, _: SMTP, __: Session, ___: Envelope, mechanism: str, given: LoginPassword) -> AuthResult:
        self.logins.append(given.password)
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)

    async def _answer(self, server: SMTP, key: str) -> str:
        answer = self.answers.get(key, "250 OK")
        if isinstance(answer, str):
            return answer
        if asyncio.iscoroutine(waiting := answer(server)):
            await waiting
        return "250 too late"


@asynccontextmanager
async def running(provider: Provider, host: str = HERE, **how: Any) -> AsyncIterator[Provider]:
    """Run *provider* in this loop, by aiosmtpd's options and asyncio's ``ssl``."""
    implicit = how.pop("ssl", None)
    how = {"auth_require_tls": False, "authenticator": provider.log_in, "hostname": "provider.example", **how}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(provider, loop=loop, **how), host, 0, ssl=implicit)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.close()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running(Provider()) as provider:
        yield provider


async def send(mail_url: str, mail: Mail = MAIL, *, patience: timedelta = LATE) -> None:
    async with AsyncExitStack() as stack:
        await open_mailer(parse_mail_url(mail_url), stack, patience=patience).send(mail)


async def send_by(provider: Provider, mail: Mail = MAIL, *, patience: timedelta = LATE) -> None:
    await send(f"smtp://{HERE}:{provider.port}", mail, patience=patience)


def read(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


# SMTP: what arrives


async def test_a_mail_arrives_as_it_was_written(provider: Provider) -> None:
    await send_by(provider)
    (message,) = provider.mails
    assert message["Message-ID"] == "<0123456789abcdef0123456789abcdef@contoso.example>"
    assert message["From"] == "Contoso Leads <leads@contoso.example>"
    assert (message["To"], message["Cc"]) == ("sales@contoso.example", None)
    assert message["Subject"] == MAIL.subject
    assert abs(message["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message.get_content_type() == "multipart/alternative"
    assert read(message, "plain") == MAIL.text
    assert read(message, "html") == MAIL.html
    assert provider.recipients == [["sales@contoso.example"]]


async def test_names_and_domains_may_be_in_any_script(provider: Provider) -> None:
    await send_by(provider, replace(MAIL, to="Jörg “Müller”, 王 <joerg@müller.example>"))
    (to,) = provider.mails[0]["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Jörg “Müller”, 王", "joerg@xn--mller-kva.example")
    assert provider.recipients == [["joerg@xn--mller-kva.example"]]


async def test_the_sender_has_a_name_and_no_line_more(provider: Provider) -> None:
    await send_by(provider, replace(MAIL, sender='"Contoso, Leads"\r\nBcc: x <leads@contoso.example>'))
    (sender,) = provider.mails[0]["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ('Contoso, Leads" Bcc: x', "leads@contoso.example")
    assert provider.mails[0]["Bcc"] is None


async def test_the_same_mail_sent_again_has_the_same_message_id(provider: Provider) -> None:
    await send_by(provider)
    await send_by(provider)
    first, second = provider.mails
    assert first["Message-ID"] == second["Message-ID"]


async def test_no_line_is_too_long_and_no_byte_needs_eight_bits(provider: Provider) -> None:
    long = replace(MAIL, subject="x" * 5_000, text="ü" * 50_000, html="<p>" + "a" * 50_000 + "</p>")
    await send_by(provider, long)
    assert max(map(len, provider.raw[0].split(b"\r\n"))) <= 998
    assert provider.raw[0].isascii()
    assert read(provider.mails[0], "plain").rstrip("\n") == long.text


@pytest.mark.parametrize(
    ("subject", "arrives_as"),
    [
        ("New lead\r\nBcc: everybody@contoso.example\r\n\r\nBody", "New lead Bcc: everybody@contoso.example Body"),
        ("a\x00b\x1b[31m\u2028c\ud800d", "a b [31m c d"),
        ("=?utf-8?q?a=0D=0ABcc:_x@contoso.example?=", "= ?utf-8?q?a=0D=0ABcc:_x@contoso.example?="),
        ("", ""),
    ],
)
async def test_a_hostile_subject_stays_one_line(provider: Provider, subject: str, arrives_as: str) -> None:
    await send_by(provider, replace(MAIL, subject=subject, text=f"{subject}\r.\r\n.\n"))
    (message,) = provider.mails
    assert message["Subject"] == arrives_as
    assert message["Bcc"] is None
    assert provider.recipients == [[MAIL.to]]


@pytest.mark.parametrize(
    "to",
    [
        "a@contoso.example\r\nRCPT TO:<b@contoso.example>",
        "a@contoso.example, b@contoso.example",
        "a@contoso.example> <b@contoso.example",
        "jörg@contoso.example",
        "nobody",
        "a@-contoso",
        "",
    ],
)
async def test_a_wrong_address_is_refused_before_anything_is_sent(provider: Provider, to: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        await send_by(provider, replace(MAIL, to=to))
    assert refused.value.addresses == {to}
    assert provider.mails == []


async def test_a_wrong_sender_address_is_not_blamed_on_a_recipient(provider: Provider) -> None:
    with pytest.raises(ProviderRefusesError):
        await send_by(provider, replace(MAIL, sender="leads"))


@given(st.text(st.characters(exclude_characters="<>@")), st.text(), st.text(), st.text())
def test_any_text_can_be_sent(name: str, subject: str, text: str, html: str) -> None:
    letter = address_letter(replace(MAIL, to=f"{name} <a@b.c>", subject=subject, text=text, html=html))
    sent = encode_message(compose_message(letter))
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    assert b"\r\n.\r\n" not in sent[:-5]
    assert sent.isascii()
    assert json.dumps(compose_request(letter)).encode()
    arrived = message_from_bytes(sent, policy=policy.default)
    assert sorted(map(str.lower, arrived.keys())) == HEADERS
    assert [address.addr_spec for address in arrived["To"].addresses] == ["a@b.c"]


HEADERS = sorted(
    {"message-id", "date", "from", "to", "subject", "mime-version", "content-type"}
    | {"auto-submitted", "x-auto-response-suppress"}
)


# SMTP: who can listen


async def test_starttls_is_used_if_it_is_offered(tls: ssl.SSLContext) -> None:
    async with running(Provider(), tls_context=tls) as provider:
        await send_by(provider)
    assert provider.was_private == [True]


async def test_a_relay_elsewhere_may_have_signed_its_certificate_itself(tls: ssl.SSLContext) -> None:
    async with running(Provider(), ELSEWHERE, tls_context=tls) as provider:
        await send(f"smtp://{ELSEWHERE}:{provider.port}")
    assert provider.was_private == [True]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_login_goes_only_to_a_server_with_a_trusted_certificate(scheme: str, tls: ssl.SSLContext) -> None:
    how = {"tls_context": tls} if scheme == "smtp" else {"ssl": tls}
    async with running(Provider(), ELSEWHERE, **how) as provider:
        with pytest.raises(MailNotSentError) as error:
            await send(login_url(scheme, ELSEWHERE, provider.port))
    assert "SSLCertVerificationError" in error.value.explanation
    assert not provider.logins
    assert not provider.mails


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_login_opens_a_private_connection(scheme: str, tls: ssl.SSLContext) -> None:
    how = {"tls_context": tls} if scheme == "smtp" else {"ssl": tls}
    async with running(Provider(), ELSEWHERE, **how) as provider:
        await send(login_url(scheme, ELSEWHERE, provider.port))
    assert provider.logins == [PASSWORD.encode()]
    assert len(provider.mails) == 1


async def test_a_password_never_goes_in_clear_to_another_machine() -> None:
    async with running(Provider(), ELSEWHERE) as provider:
        with pytest.raises(ProviderRefusesError):
            await send(login_url("smtp", ELSEWHERE, provider.port))
    assert not provider.logins
    assert not provider.mails


async def test_on_this_machine_a_login_needs_no_tls(provider: Provider) -> None:
    await send(login_url("smtp", HERE, provider.port))
    assert provider.logins == [PASSWORD.encode()]


@pytest.mark.parametrize("password", ["wrong", "日本"])
async def test_a_login_that_fails_sends_nothing_and_tells_nothing(provider: Provider, password: str) -> None:
    with pytest.raises(MailNotSentError) as error:
        await send(f"smtp://leads:{password}@{HERE}:{provider.port}")
    assert provider.mails == []
    assert password not in everything_said(error.value)


def login_url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://leads@contoso.example:{PASSWORD.replace('%25', '%2525')}@{host}:{port}"


# SMTP: what goes wrong


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "553 no"])
async def test_when_the_address_is_refused_nobody_gets_anything(provider: Provider, answer: str) -> None:
    provider.answers = {MAIL.to: answer}
    with pytest.raises(AddressRefusedError) as error:
        await send_by(provider)
    assert error.value.addresses == {MAIL.to}
    assert provider.mails == []


@pytest.mark.parametrize(
    "answers",
    [
        {"MAIL": "451 4.7.0 too many mails, try later"},
        {"MAIL": "550 5.7.1 not your address: leads@contoso.example"},
        {"sales@contoso.example": "450 mailbox busy"},
        {"sales@contoso.example": "452 too many recipients"},
        {"sales@contoso.example": "530 5.7.0 log in first"},
        {"DATA": "421 closing"},
        {"DATA": "451 try later"},
        {"DATA": "554 this looks like spam"},
        {"MAIL": drop},
        {"sales@contoso.example": drop},
    ],
)
async def test_what_the_provider_did_not_take_was_not_sent(provider: Provider, answers: dict[str, Answer]) -> None:
    provider.answers = answers
    with pytest.raises(MailNotSentError) as error:
        await send_by(provider)
    assert provider.mails == []
    assert "contoso" not in everything_said(error.value)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"MAIL": "550 5.7.1 not your address"}, ProviderRefusesError),
        ({"MAIL": "451 too many mails"}, MailNotSentError),
        ({"sales@contoso.example": "530 5.7.0 log in first"}, ProviderRefusesError),
        ({"sales@contoso.example": "450 mailbox busy"}, MailNotSentError),
        ({"DATA": "554 this looks like spam"}, ContentRefusedError),
        ({"DATA": "550 refused"}, ContentRefusedError),
        ({"DATA": "552 too large"}, ContentRefusedError),
        ({"DATA": "451 try later"}, MailNotSentError),
    ],
)
async def test_a_refusal_says_whom_it_concerns(
    provider: Provider, answers: dict[str, Answer], kind: type[MailNotSentError]
) -> None:
    provider.answers = answers
    with pytest.raises(MailNotSentError) as error:
        await send_by(provider)
    assert type(error.value) is kind
    assert error.value.was_read is (answers == {"DATA": "451 try later"})


async def test_a_greeting_or_a_login_that_is_refused_for_good_concerns_every_mail(provider: Provider) -> None:
    with pytest.raises(ProviderRefusesError):
        await send(f"smtp://leads:wrong@{HERE}:{provider.port}")

    async def refuse_all(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service for you\r\n")
        writer.close()

    async with await asyncio.start_server(refuse_all, HERE, 0) as server:
        with pytest.raises(ProviderRefusesError, match="provider-refuses"):
            await send(f"smtp://{HERE}:{server.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_provider_that_is_down_was_sent_nothing(scheme: str) -> None:
    with pytest.raises(MailNotSentError):
        await send(f"{scheme}://{HERE}:{free_ports(1)[0]}")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_provider_that_keeps_silent_was_sent_nothing(scheme: str) -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_silent, HERE, 0)
    async with server:
        started = time.monotonic()
        with pytest.raises(MailNotSentError):
            await send(f"{scheme}://{HERE}:{server.sockets[0].getsockname()[1]}", patience=SOON)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("waits_for", ["MAIL", "sales@contoso.example"])
async def test_a_provider_that_stalls_before_the_mail_was_sent_nothing(provider: Provider, waits_for: str) -> None:
    provider.answers = {waits_for: stall}
    with pytest.raises(MailNotSentError):
        await send_by(provider, patience=SOON)


@pytest.mark.parametrize("is_dropped", [False, True])
async def test_a_provider_that_does_not_ask_for_the_mail_was_sent_nothing(is_dropped: bool) -> None:
    """Between DATA and the mail's text, it is still certain that nothing was sent."""
    came = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            came.extend(line)
            if line == b"DATA\r\n" and is_dropped:
                break
            if line != b"DATA\r\n":
                writer.write(b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0)
    async with server:
        with pytest.raises(MailNotSentError):
            await send(f"smtp://{HERE}:{server.sockets[0].getsockname()[1]}", patience=SOON)
    assert came.endswith(b"DATA\r\n")


@pytest.mark.parametrize("how", [stall, drop, "999 what?", "what?"])
async def test_no_answer_to_the_whole_mail_leaves_it_uncertain(provider: Provider, how: Answer) -> None:
    provider.answers = {"DATA": how}
    with pytest.raises(MailUncertainError):
        await send_by(provider, patience=SOON)


async def test_a_provider_that_drips_does_not_hold_the_thread() -> None:
    """Each byte comes in time, but the answer never ends. A socket's time-out does not notice."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 hello\r\n")
            while True:
                writer.write(b"2")
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, HERE, 0)
    async with server:
        started = time.monotonic()
        with pytest.raises(MailNotSentError):
            await send(f"smtp://{HERE}:{server.sockets[0].getsockname()[1]}", patience=SOON)
    assert time.monotonic() - started < 10


async def test_an_accepted_mail_is_sent_however_the_farewell_goes() -> None:
    class Rude(Provider):
        async def handle_QUIT(self, server: SMTP, _: Session, __: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
            drop(server)
            return "221 bye"

    async with running(Rude()) as rude:
        await send_by(rude)
    assert len(rude.mails) == 1


async def test_a_delivery_that_was_ended_does_not_begin(provider: Provider) -> None:
    delivery = SmtpDelivery(MailServer("smtp", HERE, provider.port), address_letter(MAIL), LATE.total_seconds())
    delivery.abort()
    with pytest.raises(MailNotSentError):
        await asyncio.to_thread(delivery.run)
    assert provider.mails == []


async def test_a_task_that_is_cancelled_sends_nothing_later(provider: Provider) -> None:
    came = asyncio.Event()

    async def hold_back(_: SMTP) -> None:
        came.set()
        await asyncio.sleep(0.2)

    provider.answers = {"MAIL": hold_back}
    task = asyncio.create_task(send_by(provider))
    await came.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.5)
    assert provider.mails == []


@asynccontextmanager
async def stopping_to_read() -> AsyncIterator[tuple[str, asyncio.Event, asyncio.Future[bool]]]:
    """Run a server that asks for the mail, then reads only when it is told to, and counts what still comes."""
    asked, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while (line := await reader.readline()) and line != b"DATA\r\n":
            writer.write(b"250 OK\r\n")
        writer.write(b"354 go on\r\n")
        asked.set()
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        await go_on.wait()
        writer.transport.resume_reading()
        read = b""
        with suppress(ConnectionError):
            read = await reader.read()
        ended.set_result(read.endswith(b"\r\n.\r\n"))
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0)
    async with server:
        yield f"smtp://{HERE}:{server.sockets[0].getsockname()[1]}", asked, ended
        go_on.set()
        await asyncio.wait_for(ended, 10)


LARGE = replace(MAIL, text="x" * 12_000_000)


async def test_a_provider_that_stops_reading_leaves_it_uncertain_and_gets_no_more() -> None:
    async with stopping_to_read() as (url, _, ended):
        started = time.monotonic()
        with pytest.raises(MailUncertainError):
            await send(url, LARGE, patience=timedelta(seconds=4))
        assert time.monotonic() - started < 10
    assert not ended.result()


async def test_a_task_that_is_cancelled_amid_a_mail_sends_no_more_of_it() -> None:
    async with stopping_to_read() as (url, asked, ended):
        task = asyncio.create_task(send(url, LARGE))
        await asked.wait()
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not ended.result()


# Azure Communication Services

HOST = "mail.contoso.com"
CLIENT_ID = "11111111-2222-3333-4444-555555555555"

KEY = base64.b64encode(b"\xff\xef\xbe" * 10 + b"\xfa").decode()


@dataclass
class Azure:
    """The mail API of Azure Communication Services, as documented, and App Service's identity endpoint."""

    begin: Callable[[web.Request], web.Response] = field(default=lambda _: accepted())
    statuses: list[web.Response] = field(default_factory=list)
    unknown_operation: int = 404
    messages: list[dict[str, Any]] = field(default_factory=list)
    operation_ids: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    tokens_asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    async def take(self, request: web.Request) -> web.Response:
        await self._check_signature(request)
        answer = self.begin(request)
        self.operation_ids.append(request.headers["Operation-Id"])
        self.messages.append(await request.json())
        return answer

    async def tell(self, request: web.Request) -> web.Response:
        await self._check_signature(request)
        if request.match_info["id"] not in self.operation_ids:
            return web.json_response({"error": {"code": "NotFound"}}, status=self.unknown_operation)
        return self.statuses.pop(0) if self.statuses else status("Succeeded")

    async def give_token(self, request: web.Request) -> web.Response:
        self.tokens_asked.append(dict(request.query))
        return web.json_response(
            {
                "access_token": "a-token",
                "expires_on": str(int(time.time()) + 3600),
                "resource": "r",
                "token_type": "Bearer",
            }
        )

    async def _check_signature(self, request: web.Request) -> None:
        """https://learn.microsoft.com/azure/communication-services/tutorials/hmac-header-tutorial."""
        self.authorizations.append(request.headers["Authorization"])
        if request.headers["Authorization"].startswith("Bearer "):
            return
        content = base64.b64encode(hashlib.sha256(await request.read()).digest()).decode()
        signed = f"{request.method}\n{request.path_qs}\n{request.headers['x-ms-date']};{request.host};{content}"
        signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), signed.encode(), "sha256")).decode()
        if not request.headers["Authorization"].endswith(f"&Signature={signature}"):
            raise web.HTTPUnauthorized(text='{"error": {"code": "Denied"}}', content_type="application/json")

    @property
    def url(self) -> str:
        return f"acs://accesskey:{KEY}@{HERE}:{self.port}"


def accepted(word: str = "Succeeded", **error: str) -> web.Response:
    return web.json_response({"id": "x", "status": word, "error": error}, status=202, headers={"retry-after": "30"})


def status(word: str, **error: str) -> web.Response:
    return web.json_response({"id": "x", "status": word, "error": error or None}, headers={"retry-after": "30"})


def refuse(http_code: int, **error: str) -> Callable[[web.Request], web.Response]:
    return lambda _: web.json_response({"error": error}, status=http_code)


@asynccontextmanager
async def running_azure(tls: ssl.SSLContext | None = None) -> AsyncIterator[Azure]:
    azure = Azure()
    app = web.Application()
    app.router.add_post("/emails:send", azure.take)
    app.router.add_get("/emails/operations/{id}", azure.tell)
    app.router.add_get("/msi/token", azure.give_token)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, HERE, 0, ssl_context=tls)
    await site.start()
    azure.port = runner.addresses[0][1]
    try:
        yield azure
    finally:
        await runner.cleanup()


@pytest.fixture
async def azure() -> AsyncIterator[Azure]:
    async with running_azure() as azure:
        yield azure


async def test_azure_gets_the_mail_signed_and_under_its_own_id(azure: Azure) -> None:
    await send(azure.url, replace(MAIL, to="Ada <sales@contoso.example>"))
    assert [UUID(each) for each in azure.operation_ids] == [UUID(MAIL.id)]
    assert "HMAC-SHA256" in azure.authorizations[0]
    assert azure.messages == [
        {
            "senderAddress": "leads@contoso.example",
            "recipients": {"to": [{"address": "sales@contoso.example", "displayName": "Ada"}]},
            "content": {"subject": MAIL.subject, "plainText": MAIL.text, "html": MAIL.html},
            "headers": {
                "Message-ID": "<0123456789abcdef0123456789abcdef@contoso.example>",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
            },
            "userEngagementTrackingDisabled": True,
        }
    ]


async def test_accepted_is_sent_even_if_the_status_is_never_told(azure: Azure) -> None:
    azure.begin = lambda _: accepted("Running")
    azure.statuses = [web.Response(status=500), web.Response(text="what?"), status("Running")]
    waits = (timedelta(0),) * 3
    async with AsyncExitStack() as stack:
        await AcsMailer(client_of(azure, stack), status_after=waits).send(MAIL)
    assert len(azure.authorizations) == 4


@pytest.mark.parametrize(
    "answer",
    [
        refuse(409, code="Conflict"),
        lambda _: web.Response(status=202),
        lambda _: web.Response(status=202, text="what?"),
        lambda _: web.Response(status=202, text="what?", content_type="application/json"),
        lambda _: web.json_response([], status=202),
    ],
)
async def test_what_azure_has_is_sent(azure: Azure, answer: Callable[[web.Request], web.Response]) -> None:
    azure.begin = answer
    await send(azure.url)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (refuse(429, code="TooManyRequests", message="sales@contoso.example"), "429 TooManyRequests"),
        (refuse(401, code="Denied"), "401 Denied"),
        (refuse(404, code="DomainNotLinked", message="contoso.example is not linked"), "404 DomainNotLinked"),
        (refuse(400, code="InvalidEmailAddress", message="leads@contoso.example"), "400 InvalidEmailAddress"),
        (refuse(400, code="sales@contoso.example is bad"), "400"),
        (lambda _: web.Response(status=413, text="too large"), "413"),
        (lambda _: accepted("Failed", code="OutboundQuota"), "Failed OutboundQuota"),
        (lambda _: accepted("Canceled"), "Canceled"),
    ],
)
async def test_what_azure_did_not_accept_was_not_sent(
    azure: Azure, answer: Callable[[web.Request], web.Response], detail: str
) -> None:
    azure.begin = answer
    with pytest.raises(MailNotSentError) as error:
        await send(azure.url)
    assert f"({detail})" in error.value.explanation
    assert "contoso" not in everything_said(error.value)
    assert KEY not in everything_said(error.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refuse(429, code="TooManyRequests"), MailNotSentError),
        (refuse(400, code="OutboundQuotaExceeded"), MailNotSentError),
        (refuse(401, code="Denied"), ProviderRefusesError),
        (refuse(403), ProviderRefusesError),
        (refuse(404, code="DomainNotLinked"), ProviderRefusesError),
        (refuse(400, code="InvalidSenderUserName"), ProviderRefusesError),
        (refuse(400, code="InvalidEmailAddress", message="leads@contoso.example"), ProviderRefusesError),
        (refuse(400, code="InvalidContent"), ContentRefusedError),
        (refuse(413), ContentRefusedError),
        (lambda _: accepted("Failed", code="MessageBlocked"), ContentRefusedError),
        (lambda _: accepted("Failed"), ContentRefusedError),
        (lambda _: accepted("Canceled"), ContentRefusedError),
    ],
)
async def test_a_refusal_of_azure_says_whom_it_concerns(
    azure: Azure, answer: Callable[[web.Request], web.Response], kind: type[MailNotSentError]
) -> None:
    azure.begin = answer
    with pytest.raises(MailNotSentError) as error:
        await send(azure.url)
    assert type(error.value) is kind


async def test_a_recipient_that_azure_refuses_without_naming_it_is_the_one_of_the_mail(azure: Azure) -> None:
    azure.begin = lambda _: accepted("Failed", code="InvalidRecipient")
    with pytest.raises(AddressRefusedError) as error:
        await send(azure.url)
    assert error.value.addresses == {MAIL.to}


async def test_an_azure_that_remembers_an_operation_tells_what_became_of_it(azure: Azure) -> None:
    azure.begin = refuse(409, code="Conflict")
    azure.statuses = [status("Failed", code="MessageBlocked")]
    async with AsyncExitStack() as stack:
        with pytest.raises(ContentRefusedError) as error:
            await AcsMailer(client_of(azure, stack), status_after=(timedelta(0),)).send(MAIL)
    assert error.value.is_final


async def test_an_azure_that_drips_its_status_does_not_hold_the_tick(azure: Azure) -> None:
    """The mail was accepted, so it counts as sent."""
    azure.begin = lambda _: accepted("Running")
    azure.statuses = [status("Running")] * 100
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        waits = (timedelta(seconds=0.3),) * 100
        await AcsMailer(client_of(azure, stack), patience=SOON, status_after=waits).send(MAIL)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "error",
    [
        {"code": "EmailDroppedAllRecipientsSuppressed"},
        {"code": "InvalidEmailAddress", "message": "Not valid: SALES@contoso.example."},
        {"code": "BadRequest", "target": "recipients", "message": "sales@contoso.example"},
    ],
)
@pytest.mark.parametrize("is_at_once", [True, False])
async def test_an_address_that_azure_refuses_is_told(azure: Azure, error: dict[str, str], is_at_once: bool) -> None:
    if is_at_once:
        azure.begin = refuse(400, **error)
    else:
        azure.begin = lambda _: accepted("Running")
        azure.statuses = [status("Failed", **error)]
    with pytest.raises(AddressRefusedError) as raised:
        await send(azure.url)
    assert raised.value.addresses == {MAIL.to}
    assert "contoso" not in everything_said(raised.value)


def break_off(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize("answer", [break_off, refuse(500), refuse(503), refuse(408)])
async def test_a_request_without_an_answer_leaves_it_uncertain(
    azure: Azure, answer: Callable[[web.Request], web.Response]
) -> None:
    azure.begin = answer
    with pytest.raises(MailUncertainError):
        await send(azure.url)
    azure.begin = lambda _: accepted()
    await send(azure.url)
    assert len(set(azure.operation_ids)) == 1


async def test_an_azure_that_stalls_leaves_it_uncertain() -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_silent, HERE, 0)
    async with server:
        with pytest.raises(MailUncertainError):
            await send(f"acs://:{KEY}@{HERE}:{server.sockets[0].getsockname()[1]}", patience=SOON)


async def test_an_azure_that_is_down_was_sent_nothing() -> None:
    with pytest.raises(MailNotSentError):
        await send(f"acs://:{KEY}@{HERE}:{free_ports(1)[0]}")


@pytest.fixture
def identity(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine have a managed identity, as App Service gives it to a function app."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://{HERE}:{azure.port}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "any-secret")


@pytest.mark.usefixtures("identity")
async def test_a_managed_identity_needs_no_key(tls: ssl.SSLContext, trusted: Path) -> None:
    async with running_azure(tls) as private, AsyncExitStack() as stack:
        await AcsMailer(client_of(private, stack, trusted)).send(MAIL)
    assert set(private.authorizations) == {"Bearer a-token"}
    assert len(private.messages) == 1


@pytest.mark.usefixtures("identity")
async def test_the_mail_url_can_name_the_identity(azure: Azure, tls: ssl.SSLContext) -> None:
    async with running_azure(tls) as private:
        with pytest.raises(MailNotSentError):  # aiohttp does not trust our authority
            await send(f"acs://{CLIENT_ID}@{HERE}:{private.port}")
    assert [(asked["client_id"], asked["resource"]) for asked in azure.tokens_asked] == [
        (CLIENT_ID, "https://communication.azure.com/")
    ]


@pytest.mark.usefixtures("identity")
async def test_a_machine_without_an_identity_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", os.environ["IDENTITY_ENDPOINT"] + "/nowhere")
    with pytest.raises(MailNotSentError):
        await send(f"acs://{CLIENT_ID}@contoso.communication.azure.com")


def client_of(azure: Azure, stack: AsyncExitStack, authority: Path | None = None) -> EmailClient:
    if authority is None:
        client = EmailClient(f"http://{HERE}:{azure.port}", AzureKeyCredential(KEY), retry_total=0)
    else:
        identity = ManagedIdentityCredential()
        stack.push_async_callback(identity.close)
        client = EmailClient(f"https://{HERE}:{azure.port}", identity, connection_verify=str(authority))
    stack.push_async_callback(client.close)
    return client


def everything_said(error: LeadError) -> str:
    """What a log could hold: the error as it is printed, with its causes."""
    return "".join(traceback.format_exception(error)) + error.explanation


async def test_no_log_names_anybody(provider: Provider, azure: Azure, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("mail.log", "asyncio"):  # aiosmtpd's log and the loop's: Azure runs neither
        caplog.set_level(logging.CRITICAL, name)
    provider.answers = {"sales@contoso.example": "550 sales@contoso.example"}
    with pytest.raises(AddressRefusedError):
        await send_by(provider)
    azure.begin = refuse(400, code="InvalidEmailAddress", message="sales@contoso.example")
    with pytest.raises(AddressRefusedError):
        await send(azure.url)
    assert not re.search(rf"sales|leads@|{re.escape(KEY)}|Signature", caplog.text)


def test_the_two_ways_are_known_by_their_scheme() -> None:
    assert isinstance(open_mailer(MailServer("smtps", HOST, 465), AsyncExitStack()), SmtpMailer)


# A login without a mail


async def try_login(
    mail_url: str, *recipients: str, sender: str = MAIL.sender, patience: timedelta = LATE
) -> list[str]:
    async with AsyncExitStack() as stack:
        return await open_mail_login(parse_mail_url(mail_url), stack, patience=patience).find_refused(
            sender, recipients
        )


async def test_a_login_can_be_tried_without_a_mail(provider: Provider) -> None:
    assert await try_login(login_url("smtp", HERE, provider.port), MAIL.to) == []
    assert provider.logins == [PASSWORD.encode()]
    assert provider.mails == []


async def test_without_a_mail_a_server_says_which_addresses_it_refuses(provider: Provider) -> None:
    provider.answers = {"bob@contoso.example": "550 no such user", "anna@contoso.example": "450 mailbox busy"}
    recipients = ("sales@contoso.example", "bob@contoso.example", "anna@contoso.example", "no address")
    refused = await try_login(f"smtp://{HERE}:{provider.port}", *recipients)
    assert refused == ["bob@contoso.example", "no address"]
    assert provider.mails == []


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 not your address", ProviderRefusesError), ("451 later", MailNotSentError)]
)
async def test_without_a_mail_a_server_says_that_it_refuses_the_sender(
    provider: Provider, answer: str, kind: type[MailNotSentError]
) -> None:
    provider.answers = {"MAIL": answer}
    with pytest.raises(MailNotSentError) as error:
        await try_login(f"smtp://{HERE}:{provider.port}", MAIL.to)
    assert type(error.value) is kind


async def test_a_wrong_password_or_sender_is_said_without_a_mail(provider: Provider) -> None:
    with pytest.raises(ProviderRefusesError):
        await try_login(f"smtp://leads:wrong@{HERE}:{provider.port}", MAIL.to)
    with pytest.raises(ProviderRefusesError):
        await try_login(f"smtp://{HERE}:{provider.port}", MAIL.to, sender="nobody")


async def test_a_login_at_a_server_that_keeps_silent_ends_in_time(provider: Provider) -> None:
    provider.answers = {"MAIL": stall}
    with pytest.raises(MailNotSentError):
        await try_login(f"smtp://{HERE}:{provider.port}", MAIL.to, patience=SOON)


async def test_azure_says_without_a_mail_whether_it_takes_the_key(azure: Azure) -> None:
    assert await try_login(azure.url, MAIL.to) == []
    assert "HMAC-SHA256" in azure.authorizations[0]
    assert azure.messages == []


@pytest.mark.parametrize(
    ("status", "kind"), [(403, ProviderRefusesError), (429, MailNotSentError), (503, MailNotSentError)]
)
async def test_azure_that_takes_no_login_says_so(azure: Azure, status: int, kind: type[MailNotSentError]) -> None:
    azure.unknown_operation = status
    with pytest.raises(MailNotSentError) as error:
        await try_login(azure.url, MAIL.to)
    assert (type(error.value), error.value.detail) == (kind, str(status))


async def test_azure_refuses_a_replaced_key_without_a_mail(azure: Azure) -> None:
    with pytest.raises(ProviderRefusesError):
        await try_login(azure.url.replace(KEY, base64.b64encode(b"another key").decode()), MAIL.to)
    with pytest.raises(MailNotSentError):
        await try_login(f"acs://:{KEY}@{HERE}:{free_ports(1)[0]}", MAIL.to)
