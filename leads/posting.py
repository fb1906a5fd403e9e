"""Post a lead to the app as the marketplace does, and say in a sentence what to do if that fails."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

import click

from lead_core.lead.values import shorten
from lead_core.settings.web import find_host, is_this_machine, is_web_address
from leads.command import Refused
from leads.post_troubles import GIVES_UP_AFTER, explain_silence, explain_status
from leads.printing import make_text

_PATH: Final = "/api/leads"
_PAGES: Final = ("partner.microsoft.com", "portal.azure.com", "appsource.microsoft.com", "marketplace.microsoft.com")
_MOST_READ: Final = 65_536
_MOST_SAID: Final = 500


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
            raise click.UsageError("This is no URL. A right one begins with https:// and holds /api/leads.")
        if not text.isascii() or " " in text:  # As in an example: ``code=…``
            raise click.UsageError("Paste the whole URL, with its code, as the Azure portal shows it.")
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
        except (OSError, HTTPException) as error:
            raise Refused(explain_silence(self.host, error)) from None
        said = _read_json(content)
        if status == HTTPStatus.ACCEPTED and "id" in said:
            return Answer(said["id"])
        if status in _REFUSALS and "code" in said:
            return Answer("", f"{said['code']}: {said.get('detail', '')}")
        raise Refused(explain_status(self.host, status, said.get("detail", "")))

    def _open(self) -> OpenerDirector:
        handlers: list[Any] = [_NoRedirects(), HTTPSHandler(context=ssl.create_default_context())]
        if is_this_machine(find_host(self.url)):
            handlers.append(ProxyHandler({}))
        return build_opener(*handlers)


class _NoRedirects(HTTPRedirectHandler):
    """Follows none, because a redirected POST becomes a GET."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return no request to go on with."""


_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST, HTTPStatus.LENGTH_REQUIRED, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}  # fmt: skip
"""What the app answers to a lead that it can't read."""


def _read_json(content: bytes) -> dict[str, str]:
    """Return what a server says, as texts that may be printed. Any server may stand at a URL."""
    try:
        said = json.loads(content)
    except (RecursionError, ValueError):
        return {}
    texts = said.items() if isinstance(said, dict) else ()
    return {name: shorten(make_text(text).plain, _MOST_SAID) for name, text in texts if isinstance(text, str) and text}
