"""Who the customer is, and who is the same person.

In this order: the e-mail address of one person, a desk's address with the name, phone with last name, full name with
company, nobody. An address that is made up proves nothing. A shared phone or domain means the same company, not the
same person.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

import phonenumbers

from lead_core.lead.addresses import canonical_email
from lead_core.lead.mailboxes import Mailbox, judge_mailbox
from lead_core.lead.values import fold_text, format_digest

TEST_LEAD_MARK = "msft_test"
"""How the person's fields begin in leads that Partner Center sends on *Validate* and *Publish*."""

_SHORTEST_INTERNATIONAL_DIGITS = 11


class IdentifiedBy(StrEnum):
    """What a person was recognised by."""

    EMAIL = "email"
    PHONE = "phone"
    NAME_AND_COMPANY = "name+company"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Contact:
    """The customer as the lead names them. ``""`` is unknown."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    company: str = ""
    title: str = ""

    @property
    def is_test(self) -> bool:
        """Whether Partner Center made this person up to try the connection."""
        return any(getattr(self, field.name).casefold().startswith(TEST_LEAD_MARK) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a lead belongs to. Equal keys are the same person. The key holds no personal data."""

    by: IdentifiedBy
    key: str


def identify(contact: Contact, *, event_id: str) -> Identity:
    """Return who a lead is from. A person who can't be recognised is known by *event_id* alone."""
    by, proof = _find_proof(contact)
    return Identity(by, format_digest("test" if contact.is_test else "real", by, *(proof or (event_id,))))


def _find_proof(contact: Contact) -> tuple[IdentifiedBy, tuple[str, ...]]:
    name, last_name = fold_text(f"{contact.first_name} {contact.last_name}"), fold_text(contact.last_name)
    email = canonical_email(contact.email)
    mailbox = judge_mailbox(email) if email else Mailbox.NOBODY
    if mailbox is Mailbox.PERSON:
        return IdentifiedBy.EMAIL, (email,)
    if mailbox is Mailbox.DESK:
        return IdentifiedBy.EMAIL, (email, name) if name else (email,)
    if last_name and (number := _parse_phone(contact.phone, contact.country)):
        return IdentifiedBy.PHONE, (_format_e164(number), last_name)
    company = fold_text(contact.company)
    # One word is not a full name: two Anas of one company must not become one person.
    if company and " " in name:
        return IdentifiedBy.NAME_AND_COMPANY, (name, company)
    if email and not name:
        # Nothing here tells two people apart. It is most likely the same lead, sent again.
        return IdentifiedBy.NOBODY, (
            email,
            *(fold_text(text) for text in (contact.phone, contact.company, contact.title)),
        )
    return IdentifiedBy.NOBODY, ()


def format_phone(text: str, country: str) -> str:
    """Return a phone in E.164, with its extension if it has one. Other texts stay as they came.

    ``(617) 555-5555`` with the country ``US`` is ``+16175555555``; ``… ext. 12`` becomes ``+16175555555 x12``.
    """
    return find_phone(text, country) or text


def find_phone(text: str, country: str) -> str:
    """Return a phone as `format_phone` does. ``""`` if *text* is not a number that a person can have."""
    number = _parse_phone(text, country)
    if number is None:
        return ""
    return _format_e164(number) + (f" x{number.extension}" if number.extension else "")


def _format_e164(number: phonenumbers.PhoneNumber) -> str:
    """Return *number* without its extension, which the same person gives in one lead and leaves out in the next."""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _parse_phone(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    """Read a phone. Most customers write only digits, with or without their country's calling code."""
    region = country if country in phonenumbers.SUPPORTED_REGIONS else None
    national = _try_phone(text, region)
    if text.lstrip().startswith(("+", "00")):
        return national
    international = _try_phone(f"+{text.lstrip()}", None)
    if international:
        own_code = region is not None and international.country_code == phonenumbers.country_code_for_region(region)
        digits = sum(c.isdigit() for c in text)
        if own_code or (national is None and digits >= _SHORTEST_INTERNATIONAL_DIGITS):
            return international
    return national


def _try_phone(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Only numbers that can be dialled. People who invent a number often write 0000000000.
    return number if phonenumbers.is_valid_number(number) else None
