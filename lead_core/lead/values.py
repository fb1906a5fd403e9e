"""What leads are made of: safe texts, keys, statuses and offers."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from typing import NamedTuple

MAX_TEXT_CHARACTERS = 8_000
MAX_KEY_CHARACTERS = 200
MAX_MARKS = 30
MAX_LEGAL_KEY_CHARACTERS = 512
_DIGEST = re.compile("[0-9a-f]{32}")
_ILLEGAL_IN_KEYS = re.compile("[/\\\\#?\x00-\x1f\x7f-\x9f\ud800-\udfff]")

REMINDER_WAITS = (timedelta(hours=24), timedelta(days=3), timedelta(days=7))
"""How long after the customer's action each reminder is due by default."""
TOUCHES = (timedelta(0), timedelta(days=3), timedelta(days=7), timedelta(days=14))
"""How long after the first attempt each attempt to reach a customer is due by default."""
MAX_TOUCHES = 8
"""How many attempts a plan may have, and drafts may be written for."""
MAX_QUESTION_CHARACTERS = 80
"""How long a question of ``QUALIFICATION`` may be. What is ticked is cut there."""

UNKNOWN_OFFER_KEY = "unknown-offer"

# Control characters except tab and line feed, lone surrogates, and code points that Unicode keeps for internal use.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)


class Status(StrEnum):
    """Where the conversation with a customer stands, in the words that CRMs use."""

    NEW = "New"
    CONTACTED = "Contacted"
    QUALIFIED = "Qualified"
    DISQUALIFIED = "Disqualified"
    DO_NOT_CONTACT = "DoNotContact"


class LeadKey(NamedTuple):
    """Where a lead stands in the table ``Leads``: the digest of its person, and its offer."""

    partition: str
    row: str

    @property
    def names_person(self) -> bool:
        """Whether the app found out who the person is. What people type as ``PartitionKey`` says nothing of that."""
        return is_digest(self.partition)


def is_same_person(one: LeadKey, other: LeadKey) -> bool:
    """Whether two leads are of one person. A row that was typed under a key of its own stands alone."""
    return one.partition == other.partition and one.names_person


@dataclass(frozen=True, slots=True)
class Offer:
    """What the customer looked at. Ids are lower case. Both are empty if only a title is known."""

    publisher_id: str = ""
    offer_id: str = ""
    title: str = ""

    @property
    def key(self) -> str:
        """Return the offer's row key: ``contoso.contoso-crm``, ``contoso-crm``, or a title such as ``contoso crm``."""
        if self.offer_id:
            return format_key(".".join(filter(None, (self.publisher_id, self.offer_id))))
        return format_key(self.title) or UNKNOWN_OFFER_KEY


def is_fit(text: str) -> bool:
    """Whether a table can hold *text* unchanged."""
    return not _UNFIT.search(text)


def clean_text(text: str) -> str:
    """Return *text* as it may be shown: no unreadable characters, line feeds for line breaks, ends trimmed."""
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    return limit_marks(shorten(_UNFIT.sub(" ", text).strip()))


def clean_line(text: str) -> str:
    """Return *text* on one line, with single blanks."""
    return limit_marks(shorten(" ".join(_UNFIT.sub(" ", text).split())))


def limit_marks(text: str) -> str:
    """Leave out accents after the thirtieth on one letter.

    Normalising takes time that grows with the square of their number. No language has as many.
    https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
    """
    if text.isascii():
        return text
    runs = groupby(text, lambda c: unicodedata.combining(c) != 0)
    return "".join("".join(islice(run, MAX_MARKS) if is_marks else run) for is_marks, run in runs)


def shorten(text: str, limit: int = MAX_TEXT_CHARACTERS) -> str:
    """Cut *text* to *limit* characters. A text that was cut ends with ``…``."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fold_text(text: str) -> str:
    """Return the form in which two spellings of the same text are equal: ``JOHN  Smith`` is ``john smith``."""
    text = limit_marks(text)
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def format_key(text: str) -> str:
    """Return *text* as a table key: readable, legal on Azure, equal for equal texts and different for different ones.

    Letters, digits, blanks and ``. _ - |`` stay. If anything else was removed, ``~`` and a digest follow:
    ``X/Y#Z?`` is ``x-y-z-~1b3b44ee1c5d``.
    https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
    """
    folded = fold_text(text)
    safe = "".join(c if c in " ._-|" or unicodedata.category(c)[0] in "LMN" else "-" for c in folded)
    safe = safe[:MAX_KEY_CHARACTERS]
    return safe if safe == folded else f"{safe}~{format_digest(folded)[:12]}"


def is_legal_key(text: str) -> bool:
    """Whether a row may have *text* as one of its keys."""
    return len(text) <= MAX_LEGAL_KEY_CHARACTERS and not _ILLEGAL_IN_KEYS.search(text)


def is_digest(text: str) -> bool:
    """Whether *text* may be what `format_digest` returns."""
    return _DIGEST.fullmatch(text) is not None


def format_digest(*parts: str) -> str:
    """Return 32 hexadecimal digits that stand for *parts*, in this order."""
    # A length before each part keeps ("ab", "c") and ("a", "bc") apart.
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def format_time(moment: datetime) -> str:
    """Write a UTC time so that texts sort as times do: ``2026-11-22T08:15:30.123456Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class UnreadCell:
    """A cell that says something else than what the app goes by."""

    column: str
    text: str
    """What stands there, ``""`` if it was emptied."""
    instead: object
    """What the app goes by."""
    is_too_late: bool = False
    """Whether it is a day that is too far away."""
