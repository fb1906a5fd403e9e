"""The URL that leads are posted to, as it is pasted into Partner Center."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import parse_qs, quote, urlsplit

_LEADS: Final = "/api/leads"
_HEALTH: Final = "/api/health"
NO_KEY: Final = "<function key>"
"""What stands in a URL where the key must be filled in."""


@dataclass(frozen=True, slots=True)
class LeadUrl:
    """``https://contoso-leads.azurewebsites.net/api/leads/contoso.crm?code=…``."""

    base: str
    """The app's own address, without a slash at its end."""
    offer: str = ""
    """``publisher.offer``, ``""`` if it names none."""
    key: str = ""
    """The function key. ``""`` if it has none."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URL that leads are posted to, or the app's address alone. Raises: ValueError with what to write."""
        url = urlsplit(text.strip())
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ValueError("write a URL, such as https://contoso-leads.azurewebsites.net/api/leads?code=…")
        path = url.path.rstrip("/")
        offer = path.removeprefix(_LEADS).removeprefix("/")
        if path and (not path.startswith(_LEADS) or "/" in offer):
            raise ValueError(f"leads are posted to {_LEADS} or {_LEADS}/publisher.offer: write a URL with that path")
        return cls(f"{url.scheme}://{url.netloc}", offer, parse_qs(url.query).get("code", [""])[0])

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read the key."""
        return self.base.startswith("https://")

    @property
    def health(self) -> str:
        """Where the app says whether it can work."""
        return f"{self.base}{_HEALTH}"

    @property
    def without_key(self) -> str:
        """The URL without its key. It is safe to show, and takes no lead."""
        return f"{self.base}{_LEADS}" + (f"/{quote(self.offer, safe='|')}" if self.offer else "")

    def for_offer(self, offer: str) -> LeadUrl:
        """Return the URL of another offer."""
        return replace(self, offer=offer)

    def __str__(self) -> str:
        """Return the whole URL, as it is pasted."""
        key = quote(self.key, safe="") if self.key else NO_KEY
        return f"{self.without_key}?code={key}"
