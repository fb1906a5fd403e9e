"""What could not be read as a lead, in words: why, who it seems to be from, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from lead_core.errors import RejectCode
from lead_core.views.safe_text import show_line
from lead_core.views.words import count

_MAX_NAMED = 3
_MAX_REASON_CHARACTERS = 60
_MAX_SEEMING_CHARACTERS = 240
_REASONS = {
    RejectCode.EMPTY: "nothing was in it",
    RejectCode.CHUNKED: "it was sent in chunks and arrived empty",
    RejectCode.TOO_LARGE: "it is too large for a lead",
    RejectCode.NOT_UTF8: "it is not text, or in characters that are not known here",
    RejectCode.NOT_JSON: "it is not JSON, often because a comma, a quote or a bracket is wrong",
    RejectCode.NOT_AN_OBJECT: "it is JSON, but not one lead or a list of leads",
    RejectCode.TOO_COMPLEX: "it is nested too deeply, or a number in it is too long",
    RejectCode.TOO_MANY_LEADS: "it holds too many leads for one post",
    RejectCode.UNKNOWN_ENCODING: "it is packed in a way that is not known here",
    RejectCode.BROKEN_ENCODING: "it could not be unpacked",
    RejectCode.NO_LEAD: "nothing in it says which person or offer it is about",
    RejectCode.NO_ENVELOPE: "it was put into the queue by hand, and is no lead",
    RejectCode.GAVE_UP: "it could not be stored in several tries",
    RejectCode.ROW_REFUSED: "the storage account does not take it, most likely because it is too large",
}


@dataclass(frozen=True, slots=True)
class Reject:
    """A message that could not be read as a lead."""

    reason: str
    """A `RejectCode`, or what a person typed over it."""
    seems: str = ""
    """What a lenient reader makes of it: ``Name: Ada Lovelace; Offer: Contoso CRM``."""

    @property
    def without_name(self) -> Self:
        """The same without a word of the customer's."""
        return replace(self, seems="")


def complain(rejects: Sequence[Reject]) -> str:
    """Return what to do about *rejects*, ``""`` if there are none."""
    if not rejects:
        return ""
    one = len(rejects) == 1
    return (
        f"{count(len(rejects), 'message')} could not be read as a lead. Nothing is lost:"
        f" {'it is' if one else 'all of it is'} in the table RejectedLeads, where Explanation says more."
        f" Correct the Body there, and write yes into Retry."
    )


def list_reasons(rejects: Sequence[Reject], *, is_brief: bool) -> tuple[str, ...]:
    """Return each reason with its number, and who the messages seem to be from, unless the mail is brief."""
    lines = []
    for reason in dict.fromkeys(each.reason for each in rejects):
        alike = [each for each in rejects if each.reason == reason]
        seeming = [] if is_brief else [*dict.fromkeys(each.seems for each in alike if each.seems)]
        lines += [f"{count(len(alike), 'message')}: {_say_why(reason)}."]
        lines += [f"It seems to be: {show_line(seems, _MAX_SEEMING_CHARACTERS)}" for seems in seeming[:_MAX_NAMED]]
    return tuple(lines)


def count_in_subject(rejects: Sequence[Reject]) -> str:
    """Return what the subject of a mail about leads ends with: ``; 2 could not be read``."""
    return f"; {len(rejects)} could not be read" if rejects else ""


def _say_why(reason: str) -> str:
    return _REASONS[RejectCode(reason)] if reason in set(_REASONS) else show_line(reason, _MAX_REASON_CHARACTERS)
