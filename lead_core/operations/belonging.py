"""Which rows and messages are a person's: to erase them, or to hand them out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Final

from lead_core.errors import UnreadableLeadError
from lead_core.lead.answers import is_closed
from lead_core.lead.changes import StoredLead, edited
from lead_core.lead.delivery import Delivery, Shown
from lead_core.lead.erasure import list_keys_of
from lead_core.lead.lead import Lead
from lead_core.lead.person import Contact, IdentifiedBy
from lead_core.lead.received import Envelope
from lead_core.lead.search import Search
from lead_core.lead.values import LeadKey
from lead_core.marketplace.leads import split
from lead_core.marketplace.notification import read_notification
from lead_core.ports.archive import Archive, KeptRow, Kind
from lead_core.ports.storage import Inbox
from lead_core.steps.repository import LeadRepository

_MOST_KEYS: Final = 100
"""A person has a few. More would mean that what they are known by is everybody's."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A person whose rows are sought."""

    partitions: frozenset[str]
    """Each that a lead of theirs has or could have: see `list_keys_of`."""
    leads: tuple[Lead, ...]
    """Those in ``Leads``, with what people edited in them."""
    searches: tuple[Search, ...]
    """What names them in a text."""

    @property
    def objects(self) -> bool:
        """Whether a person said of any of the leads that its customer is not to be contacted."""
        return any(map(is_closed, self.leads))

    def owns(self, key: LeadKey) -> bool:
        """Whether a lead is theirs. A row that was typed under a key of its own is a person of its own."""
        return key.partition in self.partitions if key.names_person else any(lead.key == key for lead in self.leads)

    def is_named_in(self, text: str) -> bool:
        """Whether a text names them."""
        return any(search.mentions(text) for search in self.searches)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Finds what is a person's, in every table and queue."""

    archive: Archive
    repository: LeadRepository
    inbox: Inbox

    async def seek(self, leads: Iterable[StoredLead], searches: Sequence[Search]) -> Sought:
        """Return the person of *leads*, with the leads that could be theirs because all that they say is the same.

        A lead without an address, for example, is known by phone and last name, and so is another person to the app.
        """
        found = {stored.lead.key: stored for stored in leads}
        received = await self.inbox.list_of(found) if found else {}
        shown = [stored.lead.shown for stored in found.values()]
        shown += [delivery.shown for envelopes in received.values() for delivery in _read(envelopes)]
        contacts = [_find_contact(each) for each in shown]
        own = {key.partition for key in found if key.names_person}
        named = {search.key for search in searches if LeadKey(search.key, "").names_person}
        addresses = (Contact(email=email) for search in searches for email in search.emails)
        keys = (key for contact in (*contacts, *addresses) for key in list_keys_of(contact))
        partitions = frozenset(list(dict.fromkeys([*own, *named, *keys]))[:_MOST_KEYS])
        for partition in sorted(partitions):
            person = await self.repository.leads.list_person(LeadKey(partition, ""))
            found |= {stored.lead.key: stored.beside(person) for stored in person}
        current = tuple(edited(stored, self.repository.policy) for stored in found.values())
        return Sought(partitions, current, (*searches, Search.of_person(current)))

    async def find(self, sought: Sought, on_read: Callable[[int], None]) -> Mapping[str, Sequence[KeptRow]]:
        """Return all that is the person's, by table or queue. *on_read* is called with how many rows were read."""
        found: dict[str, list[KeptRow]] = defaultdict(list)
        for place in self.archive.places:
            async for row in self.archive.scan(place):
                on_read(1)
                if is_theirs(row, sought):
                    found[place].append(row)
        return found


def is_theirs(row: KeptRow, sought: Sought) -> bool:
    """Whether a row or a message is about the person.

    A message with leads of others as well is not. It is on its way, and an erasure stops theirs when it arrives.
    """
    if any(map(sought.owns, row.leads)):
        return True
    match row.kind:
        case Kind.INBOX:
            return any(delivery.key.partition in sought.partitions for delivery in _read([row.envelope]))
        case Kind.REJECTS:
            return _is_received_of(row, sought)
        case Kind.MESSAGES:
            return _is_received_of(row, sought) and not list_of_others(row, sought)
    return False


def list_of_others(row: KeptRow, sought: Sought) -> list[Envelope]:
    """Return what was received in a row or a message of the person and is surely another person's."""
    return [envelope for envelope in _split(row.envelope) if _is_of_other(envelope, sought)]


def _is_received_of(row: KeptRow, sought: Sought) -> bool:
    """Whether the person's lead is in what was received, or something that names them and is nobody else's lead."""
    received = _split(row.envelope)
    if any(delivery.key.partition in sought.partitions for delivery in _read(received)):
        return True
    is_others = received and all(_is_of_other(envelope, sought) for envelope in received)
    return not is_others and sought.is_named_in(row.text)


def _is_of_other(envelope: Envelope, sought: Sought) -> bool:
    """Whether a lead says whom it is from, and it is not the person."""
    return any(
        delivery.identity.by is not IdentifiedBy.NOBODY and delivery.key.partition not in sought.partitions
        for delivery in _read([envelope])
    )


def _split(envelope: Envelope | None) -> list[Envelope]:
    with suppress(UnreadableLeadError):
        return split(envelope) if envelope else []
    return []


def _read(received: Iterable[Envelope | None]) -> Iterator[Delivery]:
    """Read what was received, as far as it can be read."""
    for envelope in received:
        with suppress(UnreadableLeadError):
            if envelope:
                yield read_notification(envelope).delivery


def _find_contact(shown: Shown) -> Contact:
    return Contact(**{part.name: getattr(shown, part.name) for part in fields(Contact)})
