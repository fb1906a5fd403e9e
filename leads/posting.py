"""Post a lead to the app as the marketplace does, and say in a sentence what to do if that fails."""

import asyncio
import json
import socket
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

import click

from lead_core.lead.values import shorten
from lead_core.settings.web import find_host, is_this_machine, is_web_address
from leads.command import Refused
from leads.printing import make_text

GIVES_UP_AFTER: Final = 60
"""Seconds. An app that slept needs some to wake up."""
_PATH: Final = "/api/leads"
_PAGES: Final = ("partner.microsoft.com", "portal.azure.com", "appsource.microsoft.com", "marketplace.microsoft.com")
_MOST_READ: Final = 65_536
_MOST_SAID: Final = 500
_NEW_URL: Final = "Copy it anew from the Azure portal: the function app, accept_lead, Get function URL."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app said to a lead."""

    event_id: str
    """``""`` if it refused the lead."""
    refusal: str = ""
    """Why, in the app's own words."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where leads are posted."""

    url: str
    """With the function's key in it, which is secret."""

    @classmethod
    def parse(cls, text: str) -> "Door":
        """Read what a person pasted: the URL of `accept_lead`, or of the app alone.

        Raises: click.UsageError with what to paste instead.
        """
        text = text.strip()
        if not is_web_address(text):
            raise click.UsageError("This is no URL. It begins with https:// and holds /api/leads.")
        parts = urlsplit(text)
        host = find_host(text)
        if any(host == page or host.endswith(f".{page}") for page in _PAGES):
            raise click.UsageError(
                f"{host} is a web site for people. Paste the URL that leads are posted to: in Partner Center it stands "
                f"as the URL of the HTTPS endpoint, such as https://contoso-leads.azurewebsites.net{_PATH}?code=…"
            )
        if ".scm." in host:
            raise click.UsageError(f"{host} is the site for deployments. Leave out .scm.")
        if parts.path.strip("/") in {"", "api"}:
            parts = parts._replace(path=_PATH)
        return cls(urlunsplit(parts._replace(fragment="")))

    def __str__(self) -> str:
        """Return the address without the key."""
        return urlunsplit(urlsplit(self.url)._replace(query=""))

    @property
    def host(self) -> str:
        """The host, with its port if it has one."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    async def post(self, body: bytes) -> Answer:
        """Post one lead. Raises: Refused with what to do, if there is no app that takes leads."""
        return await asyncio.to_thread(self._post, body)

    def _post(self, body: bytes) -> Answer:
        request = Request(self.url, data=body, headers={"Content-Type": "application/json"}, method="POST")  # noqa: S310 -- `parse` let only http and https in
        try:
            with self._open().open(request, timeout=GIVES_UP_AFTER) as answer:
                status, content = answer.status, answer.read(_MOST_READ)
        except HTTPError as error:
            with error:
                status, content = error.code, error.read(_MOST_READ)
        except (OSError, ValueError) as error:  # URLError is an OSError. The others rise from a socket.
            raise Refused(self._explain_silence(error)) from None
        said = _read_json(content)
        if status == HTTPStatus.ACCEPTED and "id" in said:
            return Answer(said["id"])
        if status in _REFUSALS and "code" in said:
            return Answer("", f"{said['code']}: {said.get('detail', '')}")
        raise Refused(self._explain(status, said.get("detail", "")))

    def _open(self) -> OpenerDirector:
        handlers: list[Any] = [_NoRedirects(), HTTPSHandler(context=ssl.create_default_context())]
        if is_this_machine(find_host(self.url)):
            handlers.append(ProxyHandler({}))
        return build_opener(*handlers)

    def _explain(self, status: int, detail: str) -> str:
        if saying := _SAYINGS.get(status):
            return f"{self.host} answers {status}: {saying}"
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return (
                f"{self.host} answers {status}: it sends the post elsewhere, and the marketplace does not follow. Use "
                "the address behind it: https:// in place of http://, and the app's own host name. A page to sign in "
                "there means that the function app asks for a sign-in (Authentication): turn that off."
            )
        if detail:
            return f"{self.host} answers {status}: {detail} More: leads doctor"
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return f"{self.host} answers {status} like a web site, not like this app. Is the URL the right one?"
        return f"{self.host} answers {status}. Look at the function app's log, and try: leads doctor"

    def _explain_silence(self, error: Exception) -> str:
        """Return what to do if there was no answer."""
        why = error.reason if isinstance(error, URLError) else error
        if isinstance(why, ssl.SSLCertVerificationError):
            return (
                f"The certificate of {self.host} is not trusted ({why.verify_message}). The marketplace would refuse "
                "it, too. Behind a proxy of your company, name its certificate in SSL_CERT_FILE."
            )
        if isinstance(why, ssl.SSLError):
            return f"{self.host} speaks no TLS on this port. On this machine, write http:// in place of https://."
        if isinstance(why, socket.gaierror):
            return f"There is no host {self.host}. Is its name spelt right, and is the app deployed?"
        if isinstance(why, ConnectionRefusedError):
            here = " Is make run running?" if is_this_machine(find_host(self.url)) else ""
            return f"Nobody listens at {self.host}.{here}"
        if isinstance(why, TimeoutError):
            return (
                f"{self.host} gives no answer within {GIVES_UP_AFTER} seconds. Is the app running, and does a firewall "
                "keep this machine out?"
            )
        return f"{self.host} broke the connection off ({type(why).__name__}). Try again, then: leads doctor"


class _NoRedirects(HTTPRedirectHandler):
    """A redirected POST becomes a GET. So none is followed, and its status is seen."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return no request to go on with."""


_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST, HTTPStatus.LENGTH_REQUIRED, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}  # fmt: skip
"""What the app answers to a lead that it can't read."""
_SAYINGS: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: f"the code in the URL is missing or wrong. {_NEW_URL}",
    HTTPStatus.FORBIDDEN: (
        "the function app is stopped, or its access restrictions keep this machine out. Look at Overview and "
        "Networking in the Azure portal."
    ),
    HTTPStatus.NOT_FOUND: (
        f"nothing takes leads there. The address ends with {_PATH}, or with {_PATH}/ and an offer. If it does, the "
        "functions are not deployed or did not start: look at the function app's log."
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: f"this address takes no posts. The address ends with {_PATH}. {_NEW_URL}",
}


def _read_json(content: bytes) -> dict[str, str]:
    """Return what a server says, as texts that may be printed. Any server may stand at a URL."""
    try:
        said = json.loads(content)
    except (RecursionError, ValueError):
        return {}
    texts = said.items() if isinstance(said, dict) else ()
    return {name: shorten(make_text(text).plain, _MOST_SAID) for name, text in texts if isinstance(text, str) and text}
