"""The page's question *I am …*, for those who share a mailbox."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from lead_core.lead.who import MAX_NAME_CHARACTERS, list_names
from lead_core.views.name_cookie import read_name
from lead_core.views.safe_text import show_line

_MAX_LINE_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who may be answering."""

    mailbox: str
    """Whose mailbox the link was mailed to, ``""`` if that is not known any more."""
    names: tuple[str, ...]
    """Whom the page suggests."""
    name: str
    """What stands in the field."""
    limit: int = MAX_NAME_CHARACTERS

    @classmethod
    def of(cls, mailbox: str, team: Iterable[str], *, cookie: str, entered: Mapping[str, str]) -> Self:
        """Return the question to the readers of *mailbox*. *cookie* is the browser's ``Cookie`` header."""
        return cls(
            mailbox=show_line(mailbox, _MAX_LINE_CHARACTERS),
            names=list_names(team),
            name=show_line(entered.get("i_am", read_name(cookie)), MAX_NAME_CHARACTERS),
        )
