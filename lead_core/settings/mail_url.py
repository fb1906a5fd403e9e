"""``MAIL_URL``: where mail is handed over.

- ``smtp://user:password@host:587``: STARTTLS if the server offers it, and never a login without it.
- ``smtps://user:password@host:465``: TLS from the first byte.
- ``acs://resource.communication.azure.com``: the machine's managed identity. ``acs://client-id@…``: another one.
- ``acs://accesskey:KEY@resource.communication.azure.com``: a key.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from lead_core.settings.storage import is_base64
from lead_core.settings.web import is_address_of_a_host, is_this_machine

_MAIL_URL = re.compile(
    r"(?P<scheme>smtps?|acs)://"
    # Split at the last @, because user names may hold one, too. Keys may hold / + = unencoded.
    r"(?:(?P<user>[^:]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[^\s@:/?#\[\]]+)(?::(?P<port>\d{1,5}))?/?",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465, "acs": 443}
_LAST_PORT = 65_535
_USUAL_PORTS = {465: "smtps", 587: "smtp"}
_CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LABEL = "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
_NAME = re.compile(rf"({_LABEL}\.)*(?!\d+\.?$){_LABEL}\.?")
"""A host's name. If its last part is a number, it is meant to be an IP address."""
_PORTS_FOR_READING = frozenset((110, 143, 993, 995))
"""POP and IMAP."""
_COMMUNICATION_SERVICES = (".communication.azure.com", ".communication.azure.us")


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail, and the login for it."""

    scheme: str
    """``smtp``, ``smtps`` or ``acs``."""
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    """For ``acs``, the key in base64."""

    @property
    def has_login(self) -> bool:
        """Whether there is something to log in with."""
        return bool(self.user or self.password)

    @property
    def has_usual_port(self) -> bool:
        """Whether the port is the scheme's own."""
        return self.port == _DEFAULT_PORTS[self.scheme]

    @property
    def is_this_machine(self) -> bool:
        """Whether the server is on this machine, so that nobody can listen on the way."""
        return is_this_machine(self.host)


def parse_mail_url(text: str) -> MailServer:
    """Read ``smtp://user:password@mail.contoso.com:587``. Only a ``%``, or a ``:`` in the user, needs encoding.

    Raises: ValueError with what to write instead. It does not quote *text*.
    """
    found = _MAIL_URL.fullmatch(text.strip())
    scheme = found["scheme"].lower() if found else ""
    port = int((found and found["port"]) or _DEFAULT_PORTS.get(scheme, 0))
    if not found or not 0 < port <= _LAST_PORT:
        raise ValueError(
            "write smtp://, smtps:// or acs:// and a host, such as smtp://user:password@mail.contoso.com:587"
        )
    user, password = (unquote(found[part] or "") for part in ("user", "password"))
    if scheme == "acs" and password and not is_base64(password):
        raise ValueError("paste the key after acs://accesskey: as the portal shows it")
    return MailServer(scheme, found["host"].strip("[]").lower(), port, user, password)


def check_mail_server(server: MailServer) -> MailServer:
    """Return *server* if mail can be handed to it. Raises: ValueError with what to write instead."""
    if server.is_this_machine:
        return server
    if not (_NAME.fullmatch(server.host) or is_address_of_a_host(server.host)):
        raise ValueError("write the host as DNS knows it, such as smtp://user:password@mail.contoso.com:587")
    if server.scheme == "acs":
        _check_communication_service(server)
    elif server.port in _PORTS_FOR_READING:
        raise ValueError("mail is read through this port, not sent: write smtp:// with port 587, or smtps:// with 465")
    elif server.user and not server.password:
        raise ValueError("write the password after the user, such as smtp://user:password@mail.contoso.com:587")
    elif server.password and not server.user:
        raise ValueError("write the user before the password, such as smtp://user:password@mail.contoso.com:587")
    elif (server.user, server.password) == ("user", "password"):
        raise ValueError("write a user and password of your own: these are the example's")
    elif not (server.user + server.password).isascii():
        raise ValueError("the user and the password need letters that a login can hold: no é, ü or ß")
    elif _USUAL_PORTS.get(server.port, server.scheme) != server.scheme:
        raise ValueError("write smtp:// with port 587, or smtps:// with port 465")
    return server


def _check_communication_service(server: MailServer) -> None:
    if not server.host.endswith(_COMMUNICATION_SERVICES):
        raise ValueError("write the host as the portal shows it, such as acs://contoso.communication.azure.com")
    if not server.has_usual_port:
        raise ValueError("leave out the port, such as acs://contoso.communication.azure.com")
    if server.user and not server.password and not _CLIENT_ID.fullmatch(server.user):
        raise ValueError("write the key as acs://accesskey:KEY@…, or the client id of an identity before the @")
