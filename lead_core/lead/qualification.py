"""What makes a customer worth the time: the questions of ``QUALIFICATION`` that a salesperson ticked.

They stand in one cell, ``Has a budget; Decides this year``, which people may edit.
"""

import re
from collections.abc import Collection, Iterable

from lead_core.lead.lead import Lead
from lead_core.lead.values import MAX_QUESTION_CHARACTERS, Status, clean_line, fold_text, shorten

MAX_TICKED = 20
_BETWEEN = re.compile("[;\uff1b\n]")


def list_qualified(lead: Lead) -> tuple[str, ...]:
    """Return what is ticked of a qualified lead, or was typed into its cell. Of any other lead, nothing."""
    return parse_ticked(lead.cells.qualification) if lead.status is Status.QUALIFIED else ()


def parse_ticked(cell: str) -> tuple[str, ...]:
    """Read a cell. Each text is short, and is returned once. Of very many, the first are returned."""
    texts = (shorten(clean_line(part), MAX_QUESTION_CHARACTERS) for part in _BETWEEN.split(cell))
    return tuple({fold_text(text): text for text in texts if text}.values())[:MAX_TICKED]


def find_ticked(cell: str, questions: Iterable[str]) -> tuple[str, ...]:
    """Return the *questions* that are ticked in a cell, in whatever letter case a person wrote them there."""
    ticked = {fold_text(text) for text in parse_ticked(cell)}
    return tuple(question for question in questions if fold_text(question) in ticked)


def tick(cell: str, *, ticked: Collection[str], unticked: Collection[str]) -> str:
    """Return a cell with questions that were ticked, and without those that were unticked. All else in it stays."""
    if not (ticked or unticked):
        return cell
    dropped = {fold_text(question) for question in (*ticked, *unticked)}
    kept = [part.strip() for part in _BETWEEN.split(cell) if part.strip() and fold_text(part) not in dropped]
    return "; ".join((*kept, *ticked))
