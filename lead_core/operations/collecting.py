"""Put together all that is kept on a person, for the person who asks for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from lead_core.errors import UnreadableLeadError
from lead_core.lead.delivery import Shown
from lead_core.lead.lead import Lead
from lead_core.marketplace.leads import split
from lead_core.marketplace.notification import read_notification
from lead_core.operations.belonging import Sought, list_of_others
from lead_core.ports.archive import KeptRow, Kind
from lead_core.views.dossier import Dossier, DossierLead, DossierPlace, DossierReceived
from lead_core.views.facts import collect_facts


def collect(  # noqa: PLR0913 -- what stands at the head of the page
    person: Sought,
    found: Mapping[str, Sequence[KeptRow]],
    *,
    name: str,
    account: str,
    now: datetime,
    not_reached: Sequence[str],
) -> Dossier:
    """Return what is kept on *person*. *found* are their rows, and *now* is in the zone in which times are shown."""
    rows = [row for together in found.values() for row in together]
    received = sorted(_read_received(rows, person), key=lambda each: each.at)
    return Dossier(
        name=name,
        made_at=now,
        account=account,
        leads=[_describe(lead, person.leads, now) for lead in person.leads],
        received=received,
        places=[
            DossierPlace(place, kept[0].kind, [_show(row, person) for row in kept]) for place, kept in found.items()
        ],
        not_reached=not_reached,
    )


def _describe(lead: Lead, leads: Sequence[Lead], now: datetime) -> DossierLead:
    others = [other for other in leads if other is not lead]
    assert now.tzinfo
    return DossierLead(lead, collect_facts(lead, others, now=now, zone=now.tzinfo))


def _read_received(rows: Iterable[KeptRow], person: Sought) -> Iterator[DossierReceived]:
    """Read each message once: it may be a row of two tables, or stand in a queue as well."""
    seen = set[str]()
    for row in rows:
        if row.envelope is None or row.envelope.event_id in seen:
            continue
        seen.add(row.envelope.event_id)
        shown: list[Shown | None] = []
        with suppress(UnreadableLeadError):
            others = list_of_others(row, person)
            theirs = [lead for lead in split(row.envelope) if lead not in others]
            shown = [read_notification(lead).delivery.shown for lead in theirs]
        yield from (DossierReceived(row.envelope.received_at, each) for each in shown or [None])


def _show(row: KeptRow, person: Sought) -> Mapping[str, Any]:
    """Return a row's cells. Of a mail that is being sent and of figures, the keys alone: other customers are in it.

    Of leads that were rejected together, those of others are left out.
    """
    if row.kind in {Kind.DIGESTS, Kind.REPORTS}:
        return dict(zip(("PartitionKey", "RowKey"), row.keys, strict=True))
    if row.kind is Kind.REJECTS and list_of_others(row, person):
        return {column: cell for column, cell in row.columns.items() if not column.startswith(("Body", "WouldRead"))}
    return row.columns
