"""Cells of ``Leads`` that follow from other cells of their row. Only the app writes them."""

from collections.abc import Mapping
from typing import Any, Final

from lead_core.adapters.tables.cells import email_to_columns, read_text
from lead_core.adapters.tables.columns import EMAIL_KEY_COLUMNS
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity
from lead_core.lead.lead import Lead
from lead_core.lead.values import Status, UnreadCell, format_digest, shorten

DERIVED_COLUMNS: Final = ("Name", "Waiting", "Offer", *EMAIL_KEY_COLUMNS)
_MARK_CHARACTERS: Final = 8


def derive(lead: Lead) -> dict[str, str]:
    """Return what the cells say, by column."""
    return {
        "Name": shorten(lead.shown.name),
        "Waiting": _say_waiting(lead),
        "Offer": lead.shown.offer_title or lead.shown.offer_id,
        **email_to_columns(lead.shown.email),
    }


def _say_waiting(lead: Lead) -> str:
    """Return since when the customer waits. It must be true whenever it is read, so it does not say how long."""
    is_waiting = lead.status is Status.NEW and not (lead.is_test or lead.is_internal)
    return f"since {lead.waiting_since:%Y-%m-%d %H:%M} UTC" if is_waiting and lead.waiting_since else ""


def derived_to_cells(texts: Mapping[str, str]) -> Entity:
    """Write the cells that `derive` returned."""
    return {column: defuse(text) for column, text in texts.items()}


def derived_to_json(texts: Mapping[str, str]) -> dict[str, str]:
    """Write a mark of each text, by which it is known whether a person changed it."""
    return {column: _mark(text) for column, text in texts.items()}


def read_derived(row: Mapping[str, Any], lead: Lead, marks: Mapping[str, str]) -> tuple[bool, tuple[UnreadCell, ...]]:
    """Return whether each cell is there and follows from the others, and the cells in which a person wrote something.

    *marks* are of what the app last wrote. In a row of the version before, it wrote none.
    """
    expected = derive(lead)
    found = {column: read_text(row, column) for column in DERIVED_COLUMNS if column in row}
    if found == expected:
        return True, ()
    return False, tuple(
        UnreadCell(column, text, expected.get(column, ""))
        for column, text in found.items()
        if text.strip() and text != expected.get(column) and _mark(text) != marks.get(column)
    )


def _mark(text: str) -> str:
    return format_digest(text)[:_MARK_CHARACTERS]
