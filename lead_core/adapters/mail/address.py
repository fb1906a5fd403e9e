"""The sender and the recipient of a mail, as a provider takes them."""

from dataclasses import dataclass
from uuid import UUID

from lead_core.adapters.mail.text import clean_header
from lead_core.errors import AddressRefusedError, ProviderRefusesError
from lead_core.lead.addresses import parse_address, split_mailbox
from lead_core.messages import Mail


@dataclass(frozen=True, slots=True)
class Mailbox:
    """``Ada Lovelace <ada@contoso.com>``."""

    name: str
    address: str
    """In ASCII, fit to stand in an SMTP command."""

    @property
    def domain(self) -> str:
        """The part after the ``@``."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with its addresses parsed."""

    mail: Mail
    sender: Mailbox
    to: Mailbox

    @property
    def message_id(self) -> str:
        """The Message-ID header."""
        return f"<{self.mail.id}@{self.sender.domain}>"

    @property
    def operation_id(self) -> str:
        """The mail's id, written as a UUID."""
        return str(UUID(self.mail.id))


def address_letter(mail: Mail) -> Letter:
    """Read a mail's addresses.

    Raises: AddressRefusedError, or ProviderRefusesError if the sender's address is wrong.
    """
    sender, to = parse_mailbox(mail.sender), parse_mailbox(mail.to)
    if not to:
        raise AddressRefusedError(frozenset({mail.to}))
    if not sender:
        raise ProviderRefusesError("MAIL_FROM is no e-mail address")
    return Letter(mail, sender, to)


def parse_mailbox(text: str) -> Mailbox | None:
    """Read ``ada@contoso.com`` or ``Ada Lovelace <ada@contoso.com>``. None if it is neither."""
    name, address = split_mailbox(text)
    try:
        return Mailbox(clean_header(name).strip(' "'), parse_address(address))
    except ValueError:
        return None
