"""Who answers, if several people read the mailbox that a mail went to: their word for it."""

import re
from collections.abc import Iterable

from lead_core.lead.addresses import canonical_email
from lead_core.lead.mailboxes import Mailbox, judge_mailbox
from lead_core.lead.values import clean_line

MAX_NAME_CHARACTERS = 60
_BETWEEN_NAMES = re.compile(r"[^\w'-]+|[\d_]+")


def is_shared(address: str) -> bool:
    """Whether several people may read a mailbox, so that its address does not say who answers. Doubt means yes."""
    email = canonical_email(address)
    return not email or judge_mailbox(email) is not Mailbox.PERSON


def clean_name(text: str) -> str:
    """Return a name as it is kept: on one line, and no longer than a cell of 50 decisions can hold."""
    return clean_line(text)[:MAX_NAME_CHARACTERS].strip()


def guess_name(address: str) -> str:
    """Return the name that a person's address spells: ``Anna Schmidt`` of ``anna.schmidt@contoso.com``."""
    words = _BETWEEN_NAMES.split(address.partition("@")[0].partition("+")[0])
    return clean_name(" ".join(word.capitalize() if word.isalpha() else word.title() for word in words if word))


def list_names(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the people among *addresses*. Two people of one name stay addresses."""
    people = [address for address in dict.fromkeys(addresses) if not is_shared(address)]
    names = [guess_name(address) for address in people]
    return tuple(
        name if name and names.count(name) == 1 else address for address, name in zip(people, names, strict=True)
    )
