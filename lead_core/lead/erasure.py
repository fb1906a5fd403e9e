"""What is remembered of persons who were erased: that they were, when, and whether they had asked for no contact.

A person is remembered under a name that nobody can read back: see `name_person`. So a lead that was received before
the erasure is known when it comes again, and an objection is obeyed, without any data of the person.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from lead_core.lead.addresses import list_email_keys
from lead_core.lead.answers import find_closing
from lead_core.lead.choices import Choice
from lead_core.lead.lead import Lead
from lead_core.lead.person import Contact, IdentifiedBy, identify

MAX_ADDRESSES = 20


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a person was erased. It holds no data of theirs."""

    at: datetime
    receipt: str
    """The id of the receipt. All names of one person have the same."""
    objects: bool = False
    """Whether they had asked not to be contacted, and nobody has lifted that since."""

    def covers(self, received_at: datetime, *, written_at: datetime | None = None) -> bool:
        """Whether what was received then was erased, so that it must not come back.

        What storage wrote before the erasure was received before it, even if another clock or an editor says later.
        """
        return received_at <= self.at or (written_at is not None and written_at < self.at)

    def is_lifted(self, person: Iterable[Lead]) -> bool:
        """Whether someone lifted *do not contact* on any of the person's leads since, and nobody said it again."""
        leads = list(person)
        lifts = [taken.at for lead in leads for taken in lead.decisions if taken.choice == Choice.LIFT]
        closings = [closing.at for closing in map(find_closing, leads) if closing]
        return bool(lifts) and max(lifts) >= max([self.at, *closings])

    def joined(self, other: "Erasure") -> "Erasure":
        """Return what two erasures of the same person say together. An objection outlives the second one."""
        latest = max(self, other, key=lambda erasure: erasure.at)
        return replace(latest, objects=self.objects or other.objects)


@dataclass(frozen=True, slots=True)
class Erasures:
    """All erasures, to look up many persons at once."""

    key: str = ""
    by_name: Mapping[str, Erasure] = field(default_factory=dict)

    @property
    def is_blind(self) -> bool:
        """Whether persons were erased and nobody can be looked up, because the key is gone."""
        return bool(self.by_name) and not self.key

    def find(self, partition: str) -> Erasure | None:
        """Return the erasure of the person whose leads have that partition. None if they were never erased."""
        return self.by_name.get(name_person(self.key, partition)) if self.key else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the privacy officer signs: what went, when and why. It holds no data of the person."""

    id: str
    reason: str = ""
    objects: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many rows or messages went, by table or queue."""
    at: datetime | None = None
    """When the erasure began, by the clock of storage. None until it is stored."""
    is_done: bool = False


def name_person(key: str, partition: str) -> str:
    """Return under which name a person is remembered: 32 hexadecimal digits.

    *partition* is a digest of an address or a name. Who has a list of addresses could compute it for each of them. So
    a secret *key* goes into the name.
    """
    return hmac.new(key.encode(), partition.encode(), hashlib.sha256).hexdigest()[:32]


def list_keys_of(contact: Contact) -> Iterator[str]:
    """Return each partition that a lead of this person could have: with another of their addresses, or with less."""
    addresses = list_email_keys(contact.email, limit=MAX_ADDRESSES)
    known = [replace(contact, email=email) for email in addresses]
    for each in (contact, *known, replace(contact, email=""), replace(contact, email="", phone="")):
        identity = identify(each, event_id="")
        if identity.by is not IdentifiedBy.NOBODY:  # That is known by its event alone.
            yield identity.key
