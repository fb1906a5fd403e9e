"""``PUBLIC_URL``, and what else names a place on the web."""

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
_ADVICE = "write the app's address alone, such as https://contoso-leads.azurewebsites.net"


_NOBODY_IS_THERE = (".example", ".invalid", ".test", ".localhost")
"""Reserved endings, which the sample has. https://www.rfc-editor.org/rfc/rfc2606"""


def is_reserved(place: str) -> bool:
    """Whether nobody can have this host or e-mail address."""
    return place.lower().rstrip(".").endswith(_NOBODY_IS_THERE)


def is_web_address(text: str, schemes: tuple[str, ...] = ("http", "https")) -> bool:
    """Whether *text* is a URL of one of *schemes* with a host."""
    try:
        url = urlsplit(text)
        return url.scheme in schemes and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def is_this_machine(host: str) -> bool:
    """Whether a host's name or IP address, with or without a port, means the machine that reads it."""
    name = re.sub(r":\d+$", "", host) if host.count(":") == 1 or host.startswith("[") else host
    name = name.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def find_host(url: str) -> str:
    """Return the host of *url*, ``""`` if it has none."""
    return urlsplit(url).hostname or ""


def check_public_url(text: str) -> str:
    """Return the app's address without a slash at its end. Raises: ValueError with what to write instead."""
    if not text:
        return text
    if not is_web_address(text):
        raise ValueError(_ADVICE)
    url = urlsplit(text)
    host = find_host(text)
    if "@" in url.netloc or "?" in text or "#" in text:
        raise ValueError(f"{_ADVICE}, without a user, a query or a fragment")
    if url.path.strip("/") or len(url.path) > 1:
        raise ValueError(f"{_ADVICE}, without a path: the pages stand under /api of the host itself")
    if not (_HOST.fullmatch(host) or is_address_of_a_host(host)) or host == "0.0.0.0":  # noqa: S104 -- refused, not bound
        raise ValueError(f"{_ADVICE}: nobody can open this host")
    if ".scm." in host:
        raise ValueError(f"{_ADVICE}, without .scm: that is the site for deployments")
    return f"{url.scheme}://{url.netloc.lower()}"


def is_address_of_a_host(text: str) -> bool:
    """Whether *text* is an IP address that a host can have."""
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False
