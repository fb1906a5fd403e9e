"""Read leads for a file: for a spreadsheet, another program, or a CRM."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import TypeAlias

from lead_core.adapters.tables.formulas import defuse
from lead_core.lead.changes import edited
from lead_core.lead.lead import Lead
from lead_core.lead.selection import Selection
from lead_core.lead.values import Status, clean_text
from lead_core.steps.repository import LeadRepository
from lead_core.views.exported import ExportedLead
from lead_core.views.exports import Format
from lead_core.views.moments import format_moment

Row: TypeAlias = dict[str, object]
"""The cells by the titles of their columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which leads are exported."""

    selection: Selection
    with_tests: bool = False
    """Whether test leads, and leads of the own people, are exported as well."""
    with_objections: bool = False
    """Whether a CRM gets people who are not to be contacted. Every other format has them."""


@dataclass(slots=True)
class Export:
    """The rows of a file, those first whose customers came first."""

    format: Format
    rows: list[Row] = field(default_factory=list)
    tests_left_out: int = 0
    objections_left_out: int = 0

    def format_csv(self, zone: tzinfo) -> str:
        """Write the rows as a table with a title for each column. No cell is a formula. Times are in *zone*.

        https://www.rfc-editor.org/rfc/rfc4180
        """
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(self.format.columns)
        writer.writerows([_format_cell(cell, zone) for cell in row.values()] for row in self.rows)
        return file.getvalue()


@dataclass(frozen=True, slots=True)
class Exporting:
    """Reads leads for a file. It changes nothing."""

    repository: LeadRepository

    async def export(
        self, target: Format, wanted: Wanted, *, now: datetime, on_read: Callable[[int], None] = lambda _: None
    ) -> Export:
        """Return the rows of all *wanted* leads. *on_read* is called with the number of leads just read."""
        export, found, policy = Export(target), list[ExportedLead](), self.repository.policy
        selection = replace(wanted.selection, is_test=None)  # Test leads that are left out are counted.
        async for person in self.repository.scan_people():
            on_read(len(person))
            current = (edited(stored, policy) for stored in person)
            leads = [lead for lead in current if selection.takes(lead, now=now, policy=policy)]
            taken, zone = list(_leave_out(leads, wanted, export)), policy.zone
            if taken and target.is_of_people:
                latest, *others = sorted(taken, key=lambda lead: lead.history.last_at, reverse=True)
                found.append(ExportedLead.of(latest, others, now=now, zone=zone))
            else:
                found += (ExportedLead.of(lead, (), now=now, zone=zone) for lead in taken)
        found.sort(key=lambda each: each.lead.history.first_at)
        export.rows = [{title: write(each) for title, write in target.columns.items()} for each in found]
        return export


def _leave_out(leads: list[Lead], wanted: Wanted, export: Export) -> Iterator[Lead]:
    """Yield the *leads* that are exported, and count the others."""
    for lead in leads:
        if (lead.is_test or lead.is_internal) and not wanted.with_tests:
            export.tests_left_out += 1
        elif export.format.is_for_crm and lead.status is Status.DO_NOT_CONTACT and not wanted.with_objections:
            export.objections_left_out += 1
        else:
            yield lead


def _format_cell(cell: object, zone: tzinfo) -> str:
    if isinstance(cell, datetime):
        return format_moment(cell, zone)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else defuse(clean_text(str(cell)))
