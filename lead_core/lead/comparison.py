"""How a file of leads and the stored leads differ."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lead_core.lead.addresses import canonical_email
from lead_core.lead.delivery import Delivery
from lead_core.lead.erasure import Erasures
from lead_core.lead.history import Action
from lead_core.lead.known_leads import KnownLeads, Match, match_all
from lead_core.lead.lead import Lead
from lead_core.lead.lead_file import FiledLead, LeadFile
from lead_core.lead.values import UNKNOWN_OFFER_KEY, Status, fold_text

_COMPARED = ("name", "email", "phone", "country", "company", "title", "action_code")
_LAST_DIGITS = 8
"""Of a phone: what stands before them depends on whether the country is known."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file says of a stored lead in another way."""

    filed: FiledLead
    lead: Lead
    what: str
    there: str
    here: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands where."""

    known: KnownLeads
    matches: tuple[Match, ...] = ()
    missing: tuple[FiledLead, ...] = ()
    """Rows that are not stored."""
    erased: tuple[FiledLead, ...] = ()
    """Rows of persons who were erased since. They stay away."""
    unfiled: tuple[tuple[Lead, Action], ...] = ()
    """Actions of the file's time and offers that it says nothing of."""
    differing: tuple[Difference, ...] = ()
    lead_file: LeadFile = field(default_factory=lambda: LeadFile("", (), (), {}, ()))

    def list_arriving(self, *, as_new: bool) -> list[Delivery]:
        """Return the rows that are missing as they are to be stored."""
        return [filed.arriving(as_new=as_new).notification.delivery for filed in self.missing]


def compare(lead_file: LeadFile, known: KnownLeads, erasures: Erasures) -> Comparison:
    """Compare a file with what is stored."""
    matched = match_all(known, (filed for filed in lead_file.leads if not is_erased(filed, erasures)))
    matches = tuple(match for _, match in matched if match)
    return Comparison(
        known=known,
        matches=matches,
        missing=tuple(filed for filed, match in matched if match is None),
        erased=tuple(filed for filed in lead_file.leads if is_erased(filed, erasures)),
        unfiled=tuple(_list_unfiled(lead_file, known)),
        differing=tuple(difference for match in matches for difference in _list_differences(match)),
        lead_file=lead_file,
    )


def is_erased(filed: FiledLead, erasures: Erasures) -> bool:
    """Whether the person of a row was erased since it was received."""
    delivery = filed.notification.delivery
    erasure = erasures.find(delivery.key.partition)
    return erasure is not None and erasure.covers(delivery.received_at)


def _list_unfiled(lead_file: LeadFile, known: KnownLeads) -> Iterator[tuple[Lead, Action]]:
    """Yield the marketplace's actions that the file should have. It may hold some months, or some offers, alone."""
    offers = {filed.notification.delivery.row for filed in lead_file.leads}
    since = min((filed.latest for filed in lead_file.leads), default=None)
    until = max((filed.earliest for filed in lead_file.leads), default=None)
    if since is None or until is None:
        return
    for stored in (each for person in known.by_person.values() for each in person):
        lead = stored.lead
        is_of_file = lead.key.row in offers or UNKNOWN_OFFER_KEY in offers
        if lead.is_test or not (lead.key.names_person and is_of_file):
            continue
        for action in lead.history.actions:
            if since <= action.first_at <= until and not known.is_matched(stored, action):
                yield lead, action


def _list_differences(match: Match) -> Iterator[Difference]:
    """Yield what the lead's last action says in another way. What is older may differ by right."""
    lead, filed = match.stored.lead, match.filed
    if match.action is None or match.action != lead.history.actions[-1]:
        return
    shown = filed.notification.delivery.shown
    for name in _COMPARED:
        there, here = getattr(shown, name), getattr(lead.shown, name)
        if there and not _is_alike(name, there, here):
            yield Difference(filed, lead, name.replace("_", " "), there, here)
    # In Partner Center, most leads stay new for ever.
    if filed.said and filed.said.status not in {Status.NEW, lead.status}:
        yield Difference(filed, lead, "status", filed.said.status.value, lead.status.value)


def _is_alike(name: str, there: str, here: str) -> bool:
    if name == "email":
        return canonical_email(there) == canonical_email(here)
    if name == "phone":
        return _last_digits([there]) == _last_digits([here])
    return fold_text(there) == fold_text(here)


def _last_digits(texts: Iterable[str]) -> str:
    return re.sub(r"\D", "", "".join(texts))[-_LAST_DIGITS:]
