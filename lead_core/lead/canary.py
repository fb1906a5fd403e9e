"""The canary: a test lead that the app posts to itself, to see whether leads still arrive.

It names no person, and it is a test lead by the same mark as Partner Center's. So it can never stand for a customer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from lead_core.lead.lead import Lead
    from lead_core.lead.values import LeadKey

ARRIVES_WITHIN: Final = timedelta(minutes=10)
"""A canary that does not stand in ``Leads`` after so long has failed."""
POSTED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""Longer than one post may take, so that no second post begins beside it."""
GOES_AFTER: Final = timedelta(hours=23)
"""The next canary removes it. Less than a day, so that a daily canary removes the one before."""
AWAITED_FOR: Final = timedelta(days=7)
"""A canary that failed may still come out of a queue. It is removed if it comes within this time."""

_ADDRESS: Final = "canary-{}@canary.invalid"
"""A reserved domain: nobody can have this address. https://www.rfc-editor.org/rfc/rfc2606"""
_ANY_ADDRESS: Final = re.compile(_ADDRESS.format("[0-9a-f]{32}").replace(".", r"\."))


class CanaryTrouble(StrEnum):
    """Why a canary did not arrive."""

    NOT_SEEN = "answer-not-seen"
    """The process ended while it posted."""
    NO_HOST = "no-host"
    NO_TLS = "no-tls"
    TOO_SLOW = "too-slow"
    NO_ANSWER = "no-answer"
    KEY_REFUSED = "key-refused"
    KEPT_OUT = "kept-out"
    NOT_FOUND = "not-found"
    SENT_ELSEWHERE = "sent-elsewhere"
    APP_FAILS = "app-fails"
    NOT_THE_APP = "not-the-app"
    NOT_STORED = "not-stored"
    """The app took it. That is all right as long as it may still be on its way."""
    REJECTED = "rejected"


_TROUBLE_OF_STATUS: Final[dict[int, CanaryTrouble]] = {
    HTTPStatus.UNAUTHORIZED: CanaryTrouble.KEY_REFUSED,
    HTTPStatus.FORBIDDEN: CanaryTrouble.KEPT_OUT,
    HTTPStatus.NOT_FOUND: CanaryTrouble.NOT_FOUND,
}
_TROUBLE_OF_ERROR: Final = {
    "DNS": CanaryTrouble.NO_HOST,
    "Certificate": CanaryTrouble.NO_TLS,
    "SSL": CanaryTrouble.NO_TLS,
    "Timeout": CanaryTrouble.TOO_SLOW,
}
"""By a part of the error's name."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A test lead that the app posted to itself."""

    id: str
    """32 hexadecimal digits."""
    posted_at: datetime
    """When it was posted first."""
    lead: LeadKey
    """Where it stands in ``Leads`` once it is there."""
    trouble: CanaryTrouble = CanaryTrouble.NOT_SEEN
    """What is wrong as long as it does not stand there."""
    event_id: str = ""
    """``""`` as long as the app did not take it."""
    failed_at: datetime | None = None
    """When it was seen that it did not come in time."""
    arrived_at: datetime | None = None
    """When it was seen in ``Leads``."""

    @property
    def is_known(self) -> bool:
        """Whether it is known what became of it."""
        return bool(self.arrived_at or self.failed_at)

    def answered(self, status: int, document: Mapping[str, Any]) -> Canary:
        """Return it after the app answered."""
        event_id = document.get("id")
        if status == HTTPStatus.ACCEPTED and isinstance(event_id, str) and re.fullmatch("[0-9a-f]{32}", event_id):
            return replace(self, trouble=CanaryTrouble.NOT_STORED, event_id=event_id)
        return replace(self, trouble=_judge_status(status))

    def unanswered(self, error: str) -> Canary:
        """Return it after no answer came. *error* is the name of the error."""
        found = (trouble for part, trouble in _TROUBLE_OF_ERROR.items() if part in error)
        return replace(self, trouble=next(found, CanaryTrouble.NO_ANSWER))

    def may_be_posted_again(self, now: datetime) -> bool:
        """Whether the app did not take it, and there is time for another try. A short fault is no news."""
        return not self.event_id and POSTED_AGAIN_AFTER <= now - self.posted_at < ARRIVES_WITHIN


def _judge_status(status: int) -> CanaryTrouble:
    if trouble := _TROUBLE_OF_STATUS.get(status):
        return trouble
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return CanaryTrouble.SENT_ELSEWHERE
    return CanaryTrouble.APP_FAILS if status >= HTTPStatus.INTERNAL_SERVER_ERROR else CanaryTrouble.NOT_THE_APP


def is_awaited(canaries: Sequence[Canary], now: datetime) -> bool:
    """Whether it is still to be seen what becomes of the last canary. *canaries* are in the order of their posts."""
    last = canaries[-1] if canaries else None
    return last is not None and not last.is_known and now - last.posted_at < 2 * ARRIVES_WITHIN


def find_failed(canaries: Sequence[Canary]) -> Canary | None:
    """Return the last canary of which anything is known, if it failed. *canaries* are in the order of their posts."""
    last = next((canary for canary in reversed(canaries) if canary.is_known), None)
    return last if last and not last.arrived_at else None


def format_address(canary_id: str) -> str:
    """Return the address that a canary has in place of a customer's."""
    return _ADDRESS.format(canary_id)


def is_canary(lead: Lead) -> bool:
    """Whether a lead is a canary. A customer's lead never is, whatever it says: it has no mark of a test."""
    return lead.is_test and _ANY_ADDRESS.fullmatch(lead.shown.email) is not None
