"""All stored leads, to find those that a file tells of.

A file says less than the marketplace posted: no ids, another spelling of an action, a time without seconds or zone. So
a row is the same action as a stored one if person, offer and time agree, and nothing else that both say contradicts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lead_core.lead.actions import is_action_code
from lead_core.lead.changes import StoredLead
from lead_core.lead.delivery import Delivery, Shown
from lead_core.lead.history import SAME_ACTION_WITHIN, Action
from lead_core.lead.lead import Lead
from lead_core.lead.lead_file import FiledLead
from lead_core.lead.person import IdentifiedBy
from lead_core.lead.values import UNKNOWN_OFFER_KEY, LeadKey, fold_text


@dataclass(frozen=True, slots=True)
class Match:
    """A row of a file, and the stored action that it tells of."""

    filed: FiledLead
    stored: StoredLead
    action: Action | None
    """None if it is one of the oldest, which were summed up."""


@dataclass(slots=True)
class KnownLeads:
    """Finds the stored action of each row. Two rows without an exact time are never the same action."""

    by_person: dict[str, list[StoredLead]] = field(default_factory=lambda: defaultdict(list))
    _nobodies: dict[tuple[str, ...], list[StoredLead]] = field(default_factory=lambda: defaultdict(list))
    _offers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _matched: set[tuple[LeadKey, str, datetime]] = field(default_factory=set)

    def add(self, stored: StoredLead) -> None:
        """Take in a stored lead."""
        lead = stored.lead
        self.by_person[lead.key.partition].append(stored)
        if lead.identified_by == IdentifiedBy.NOBODY:
            self._nobodies[_describe(lead.shown)].append(stored)
        if lead.shown.offer_id:
            for name in filter(None, (lead.shown.offer_title, lead.shown.offer_id)):
                self._offers[fold_text(name)].add(lead.key.row)

    def find_offer(self, shown: Shown) -> str:
        """Return the key of the offer that a row calls by its title, or by its id without the publisher's.

        ``""`` if the row says both ids, or if no offer has that name, or several have it.
        """
        name = "" if shown.publisher_id else shown.offer_id or shown.offer_title
        keys = self._offers.get(fold_text(name), set())
        return next(iter(keys)) if len(keys) == 1 else ""

    def match(self, filed: FiledLead) -> Match | None:
        """Find the stored action that a row tells of. Match rows with an exact time first."""
        delivered = filed.notification.delivery.action
        candidates = self._list_candidates(filed)
        for stored in candidates:
            if action := next(filter(delivered.is_same_as, stored.lead.history.actions), None):
                return self._take(filed, stored, action)
            summary = stored.lead.history.summary
            if summary and summary.may_hold(delivered):
                return Match(filed, stored, None)
        near = [
            (distance, number, action)
            for number, stored in enumerate(candidates)
            for action in stored.lead.history.actions
            if (distance := self._measure(filed, stored, action)) is not None
        ]
        if not near:
            return None
        _, number, action = min(near, key=lambda each: each[0])
        return self._take(filed, candidates[number], action)

    def is_matched(self, stored: StoredLead, action: Action) -> bool:
        """Whether a row told of that action."""
        return _mark(stored, action) in self._matched

    def _list_candidates(self, filed: FiledLead) -> list[StoredLead]:
        delivery = filed.notification.delivery
        persons = self.by_person.get(delivery.key.partition, [])
        if delivery.identity.by is IdentifiedBy.NOBODY:
            persons = [*persons, *self._nobodies.get(_describe(delivery.shown), [])]
        return [stored for stored in persons if _is_about(delivery, stored.lead)]

    def _take(self, filed: FiledLead, stored: StoredLead, action: Action) -> Match:
        self._matched.add(_mark(stored, action))
        return Match(filed, stored, action)

    def _measure(self, filed: FiledLead, stored: StoredLead, action: Action) -> timedelta | None:
        """Return how far an action is from the time of a row. None if it can't be the same."""
        earliest, latest = action.first_at - SAME_ACTION_WITHIN, action.last_at + SAME_ACTION_WITHIN
        is_near = earliest <= filed.latest and filed.earliest <= latest
        is_free = filed.is_exact or not self.is_matched(stored, action)
        if not (is_near and is_free and _agrees(filed.notification.delivery.shown.action_code, action.code)):
            return None
        return abs(filed.notification.delivery.received_at - action.first_at)


def match_all(known: KnownLeads, leads: Iterable[FiledLead]) -> list[tuple[FiledLead, Match | None]]:
    """Return each row with its match, those with an exact time first, each kind by time."""
    in_order = sorted(leads, key=lambda filed: (not filed.is_exact, filed.notification.delivery.received_at))
    return [(filed, known.match(filed)) for filed in in_order]


def _is_about(delivery: Delivery, lead: Lead) -> bool:
    """Whether a row may be about the offer of *lead*. Several offers may have the same title."""
    if delivery.row in {lead.key.row, UNKNOWN_OFFER_KEY}:
        return True
    return not delivery.shown.offer_id and fold_text(delivery.shown.offer_title) == fold_text(lead.shown.offer_title)


def _agrees(there: str, here: str) -> bool:
    return there == here or not (is_action_code(there) and is_action_code(here))


def _describe(shown: Shown) -> tuple[str, ...]:
    """Return what tells apart those whom nobody can recognise."""
    return tuple(map(fold_text, (shown.name, shown.email, shown.phone, shown.company, shown.title)))


def _mark(stored: StoredLead, action: Action) -> tuple[LeadKey, str, datetime]:
    return stored.lead.key, action.event_id, action.first_at
