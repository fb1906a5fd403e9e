"""``MAIL_URL``: where mail is handed over.

- ``smtp://user:password@host:587``: STARTTLS if the server offers it, and never a login without it.
- ``smtps://user:password@host:465``: TLS from the first byte.
- ``acs://resource.communication.azure.com``: the machine's managed identity. ``acs://client-id@…``: another one.
- ``acs://accesskey:KEY@resource.communication.azure.com``: a key.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from lead_core.settings.storage import is_base64

_MAIL_URL = re.compile(
    r"(?P<scheme>smtps?|acs)://"
    # Split at the last @, because user names may hold one, too. Keys may hold / + = unencoded.
    r"(?:(?P<user>[^:]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[^\s@:/?#\[\]]+)(?::(?P<port>\d{1,5}))?/?",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465, "acs": 443}
_LAST_PORT = 65_535


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
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


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
