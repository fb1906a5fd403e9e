"""A file of leads, as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from lead_core.lead.received import Notification
from lead_core.lead.status_words import Word
from lead_core.lead.values import Status

_EXACT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FiledLead:
    """One row of a file, read as a notification."""

    place: str
    """Where it stands: ``line 12``."""
    notification: Notification
    earliest: datetime
    latest: datetime
    """Between which times it was received. A file may say no time zone, no seconds, or no time of the day."""
    said: Word | None = None
    """What the file says became of it. None if it says nothing that is understood."""

    @property
    def is_exact(self) -> bool:
        """Whether the file says exactly when it was received."""
        return self.latest - self.earliest < _EXACT

    def arriving(self, *, as_new: bool) -> Self:
        """Return the lead as it is to be stored: as answered, or *as_new* if the file does not say that it was."""
        answered = self.said if self.said and self.said.status is not Status.NEW else None
        past = answered or (None if as_new else Word.CONTACTED)
        notification = self.notification
        return replace(
            self,
            notification=replace(
                notification,
                envelope=replace(notification.envelope, past=past),
                delivery=replace(notification.delivery, past=past),
            ),
        )


class UnreadRow(NamedTuple):
    """A row that says no lead."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeadFile:
    """What stands in a file."""

    form: str
    """``CSV with semicolons, utf-8``."""
    leads: tuple[FiledLead, ...]
    unread: tuple[UnreadRow, ...]
    taken: Mapping[str, str]
    """What each column that was read was taken for."""
    ignored: tuple[str, ...]
    """The columns that say nothing of a lead."""
    remarks: tuple[str, ...] = ()
    """What was read with a doubt, in sentences."""
