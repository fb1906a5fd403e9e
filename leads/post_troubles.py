"""What stops a lead on its way to the app, each in a sentence with what to do."""

import socket
import ssl
from http import HTTPStatus
from typing import Final
from urllib.error import URLError

from lead_core.settings.web import find_host, is_this_machine

GIVES_UP_AFTER: Final = 60
"""Seconds. An app that slept needs some to wake up."""
_NEW_URL: Final = "Copy it anew from the Azure portal: the function app, accept_lead, Get function URL."
_SAYINGS: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: f"the code in the URL is missing or wrong. {_NEW_URL}",
    HTTPStatus.FORBIDDEN: (
        "the function app is stopped, or its access restrictions keep this machine out. Look at Overview and "
        "Networking in the Azure portal."
    ),
    HTTPStatus.NOT_FOUND: (
        "nothing takes leads there. The address ends with /api/leads, or with /api/leads/ and an offer. If it does, "
        "the functions are not deployed or did not start: look at the function app's log."
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: f"this address takes no posts. It must end with /api/leads. {_NEW_URL}",
}
_ELSEWHERE: Final = (
    "it sends the post elsewhere, and the app has no such answer. Use the address behind it: https:// in place of "
    "http://, and the app's own host name. If it leads to a page to sign in, turn Authentication off in the function "
    "app."
)


def explain_status(host: str, status: int, detail: str) -> str:
    """Return what to do about an answer. *detail* is what the app says itself, ``""`` if it says nothing."""
    if saying := _SAYINGS.get(status):
        return f"{host} answers {status}: {saying}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"{host} answers {status}: {_ELSEWHERE}"
    if detail:
        return f"{host} answers {status}: {detail} More: leads doctor"
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return f"{host} answers {status} like a web site, not like this app. Is the URL the right one?"
    return f"{host} answers {status}. Look at the function app's log, and try: leads doctor"


def explain_silence(host: str, error: Exception) -> str:
    """Return what to do if there was no answer."""
    why = error.reason if isinstance(error, URLError) else error
    if isinstance(why, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {host} is not trusted ({why.verify_message}). The marketplace would refuse it, too. "
            "Behind a proxy of your company, name its certificate in SSL_CERT_FILE."
        )
    if isinstance(why, ssl.SSLError):
        return f"{host} speaks no TLS on this port. On this machine, write http:// in place of https://."
    if isinstance(why, socket.gaierror):
        return f"There is no host {host}. Is its name spelt right, and is the app deployed?"
    if isinstance(why, ConnectionRefusedError):
        is_here = is_this_machine(find_host(f"//{host}"))
        return f"Nobody listens at {host}.{' Is make run running?' if is_here else ''}"
    if isinstance(why, TimeoutError):
        return (
            f"{host} gives no answer within {GIVES_UP_AFTER} seconds. Is the app running, and does a firewall keep "
            "this machine out?"
        )
    return f"{host} broke the connection off ({type(why).__name__}). Try again, then: leads doctor"
