"""Sending a mail through Azure Communication Services."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any, NoReturn

import aiohttp
from azure.communication.email.aio import EmailClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.core.rest import HttpRequest

from lead_core.adapters.azure.account import open_identity
from lead_core.adapters.azure.transport import open_transport
from lead_core.adapters.mail.address import Letter, Mailbox, address_letter
from lead_core.adapters.mail.message import AUTOMATIC
from lead_core.adapters.mail.text import clean_body, clean_header
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

# https://learn.microsoft.com/rest/api/communication/email/email/get-send-result
API_VERSION = "2025-09-01"
_STATUS_AFTER = tuple(timedelta(seconds=each) for each in (1, 2, 4))
_ACCEPTED: Mapping[str, Any] = {"status": "Running"}
_ENDED_BADLY = {"Failed", "Canceled"}
_ALL_REFUSED = "EmailDroppedAllRecipientsSuppressed"
_LATER = re.compile("quota|limit|throttl|toomany|busy|timeout|unavailable|internal", re.IGNORECASE)
_NOBODY_MAY = re.compile("domain|sender|denied|unauthor|forbidden|notfound|subscription|resource", re.IGNORECASE)
"""Codes that concern every mail of this app. Their list is not documented, so their words decide."""


def open_acs_mailer(server: MailServer, stack: AsyncExitStack, *, patience: timedelta) -> "AcsMailer":
    """Return a mailer on *server*, closed with *stack*."""
    return AcsMailer(open_acs_client(server, stack, patience=patience), patience=patience)


def open_acs_client(server: MailServer, stack: AsyncExitStack, *, patience: timedelta) -> EmailClient:
    """Return a client of *server*, closed with *stack*."""
    protocol = "http" if server.is_this_machine and server.password else "https"
    # The signature covers the Host header, which does not name the usual port.
    authority = server.host if server.has_usual_port else f"{server.host}:{server.port}"
    client = EmailClient(
        f"{protocol}://{authority}",
        AzureKeyCredential(server.password) if server.password else open_identity(server.user, stack),
        api_version=API_VERSION,
        retry_total=0,  # What was not sent stays due, and the next tick is the retry.
        transport=open_transport(
            connect_seconds=CONNECTING_GIVES_UP_AFTER.total_seconds(), read_seconds=patience.total_seconds()
        ),
    )
    stack.push_async_callback(client.close)
    return client


class AcsMailer:
    """A `Mailer` on Azure Communication Services. Each operation is accepted once, and its id is the mail's."""

    def __init__(
        self,
        client: EmailClient,
        *,
        patience: timedelta = SENDING_GIVES_UP_AFTER,
        status_after: tuple[timedelta, ...] = _STATUS_AFTER,
    ) -> None:
        self._client = client
        self._patience_seconds = patience.total_seconds()
        self._status_after = status_after

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`. A mail that was accepted counts as sent, unless the provider soon reports a failure."""
        letter = address_letter(mail)
        try:
            async with asyncio.timeout(self._patience_seconds):
                status = await self._begin(letter)
        except TimeoutError:
            raise MailUncertainError("TimeoutError") from None
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience_seconds):
                status = await self._follow(letter, status)
        if str(status.get("status")) in _ENDED_BADLY:
            _raise_refusal(_mapping(status.get("error")), letter, str(status["status"]))

    async def _begin(self, letter: Letter) -> Mapping[str, Any]:
        try:
            poller = await self._client.begin_send(
                compose_request(letter), operation_id=letter.operation_id, polling=False
            )
            return _mapping(await poller.result())
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.CONFLICT:  # An earlier try was accepted.
                return _ACCEPTED
            _raise_unaccepted(error, letter)
        except (JSONDecodeError, UnicodeDecodeError):  # The SDK parses only the answer that accepts.
            return _ACCEPTED
        except AzureError as error:
            if _never_connected(error):
                raise MailNotSentError(type(error).__name__) from None
            raise MailUncertainError(type(error).__name__) from None

    async def _follow(self, letter: Letter, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what soon became of an accepted mail."""
        for wait in self._status_after:
            if str(status.get("status")) not in {"NotStarted", "Running"}:
                break
            await asyncio.sleep(wait.total_seconds())
            status = await self._ask(letter) or status
        return status

    async def _ask(self, letter: Letter) -> Mapping[str, Any] | None:
        """Ask what became of an accepted mail. None if there is no answer. The mail still counts as sent."""
        path = f"/emails/operations/{letter.operation_id}"
        with suppress(AzureError, ValueError):
            answer = await self._client.send_request(HttpRequest("GET", path, params={"api-version": API_VERSION}))
            answer.raise_for_status()
            return _mapping(answer.json())
        return None


def compose_request(letter: Letter) -> dict[str, Any]:
    """Write the mail as a request: https://learn.microsoft.com/rest/api/communication/email/email/send."""
    return {
        # Azure takes no name here. The one that readers see is set where the sender's address is kept.
        "senderAddress": letter.sender.address,
        "recipients": {"to": [_compose_recipient(letter.to)]},
        "content": {
            "subject": clean_header(letter.mail.subject),
            "plainText": clean_body(letter.mail.text),
            "html": clean_body(letter.mail.html),
        },
        "headers": {"Message-ID": letter.message_id, **AUTOMATIC},
        "userEngagementTrackingDisabled": True,
    }


def _compose_recipient(mailbox: Mailbox) -> dict[str, str]:
    return {"address": mailbox.address, **({"displayName": mailbox.name} if mailbox.name else {})}


def _raise_unaccepted(error: HttpResponseError, letter: Letter) -> NoReturn:
    """Raise the error for an answer other than 202."""
    code = error.status_code
    if isinstance(error, ClientAuthenticationError) and code != HTTPStatus.UNAUTHORIZED:
        raise MailNotSentError(type(error).__name__) from None  # The credential got no token, so there was no request.
    if code is not None and (code == HTTPStatus.REQUEST_TIMEOUT or code >= HTTPStatus.INTERNAL_SERVER_ERROR):
        raise MailUncertainError(str(code)) from None
    _raise_refusal(vars(error.error) if error.error else {}, letter, str(code or type(error).__name__))


def _raise_refusal(error: Mapping[str, Any], letter: Letter, detail: str) -> NoReturn:
    """Raise the error that says why nothing was sent. ``code``, ``message`` and ``target`` may be missing."""
    code = str(error.get("code", ""))
    if code == _ALL_REFUSED:
        raise AddressRefusedError(frozenset({letter.mail.to})) from None
    if re.search("address|recipient", f"{code} {error.get('target')}", re.IGNORECASE):
        words = f"{code} {error.get('message')} {error.get('target')}"
        is_senders = re.search("sender", words, re.IGNORECASE) or _names(words, letter.sender.address)
        if _names(words, letter.to.address) or not is_senders:
            raise AddressRefusedError(frozenset({letter.mail.to})) from None
    # The code is one word. A longer text might quote the mail.
    word = code if re.fullmatch(r"\w{1,60}", code) else ""
    is_operations = detail in _ENDED_BADLY
    raise _find_meaning(detail, word)(f"{detail} {word}".strip(), is_final=is_operations) from None


def _find_meaning(status: str, code: str) -> type[MailNotSentError]:
    """Return the error for a mail that was refused by *status* and *code*."""
    if status == str(int(HTTPStatus.TOO_MANY_REQUESTS)) or _LATER.search(code):
        return MailNotSentError
    if status in {"401", "403", "404"} or code == "InvalidEmailAddress" or _NOBODY_MAY.search(code):
        return ProviderRefusesError  # An invalid address that is no recipient's is the sender's.
    return ContentRefusedError if status in {"400", "413", *_ENDED_BADLY} else MailNotSentError


def _names(words: str, address: str) -> bool:
    return bool(re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", words, re.IGNORECASE))


def _never_connected(error: AzureError) -> bool:
    """Whether certainly nothing was sent. The SDK raises the same error for a connection that broke later."""
    return isinstance(error.inner_exception, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
