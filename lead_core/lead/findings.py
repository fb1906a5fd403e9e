"""What an examination of the app found: each finding is right, worth a look, or wrong, and says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    LOOK = "look"
    """A person should look at it, and it may be right."""
    WRONG = "wrong"


class Section(StrEnum):
    """What a finding is about. What stands first is put right first: what follows may depend on it."""

    STORAGE = "storage"
    SETTINGS = "settings"
    APP = "the app"
    QUEUES = "queues"
    MAILS = "mails"
    LEADS = "leads"
    OFFERS = "offers"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined."""

    section: Section
    code: str
    """A short stable word."""
    verdict: Verdict
    what: str
    """What was seen, in words for people."""
    advice: str = ""
    """What to do. ``""`` if it is right."""
    about: str = ""
    """Which of several of its kind: the name of a setting, a queue, a table or an offer."""


def find_verdict(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict."""
    verdicts = {finding.verdict for finding in findings}
    return next((verdict for verdict in (Verdict.WRONG, Verdict.LOOK) if verdict in verdicts), Verdict.OK)


def find_first(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding to act on first. None if all is well."""
    order, sections = (Verdict.WRONG, Verdict.LOOK), list(Section)
    troubles = [finding for finding in findings if finding.verdict in order]
    return min(troubles, key=lambda each: (order.index(each.verdict), sections.index(each.section)), default=None)
