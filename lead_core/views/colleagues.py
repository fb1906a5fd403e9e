"""The page's field for a colleague, and whom it suggests."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from lead_core.lead.who import guess_name, is_shared


class Colleague(NamedTuple):
    """An address that leads may be passed on to, with the name that it spells."""

    address: str
    name: str

    @classmethod
    def list_of(cls, team: Iterable[str], *, owner: str) -> tuple[Self, ...]:
        """Return all of *team* but the *owner* of the lead."""
        others = (address for address in team if address != owner)
        return tuple(cls(address, "" if is_shared(address) else guess_name(address)) for address in others)
