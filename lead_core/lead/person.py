"""Who the customer is, and who is the same person.

In this order: canonical e-mail, phone with last name, full name with company, nobody.
A shared phone or domain means the same company, not the same person.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import phonenumbers
import pycountry

from lead_core.lead.addresses import canonical_email, is_role_mailbox
from lead_core.lead.values import fold_text, format_digest

TEST_LEAD_MARK = "msft_test"
"""How the person's fields begin in leads that Partner Center sends on *Validate* and *Publish*."""

_COMMON_COUNTRY_NAMES = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB"}
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
    if by is IdentifiedBy.NOBODY:
        proof = (event_id,)
    return Identity(by, format_digest("test" if contact.is_test else "real", by, *proof))


def _find_proof(contact: Contact) -> tuple[IdentifiedBy, tuple[str, ...]]:
    last_name = fold_text(contact.last_name)
    if email := canonical_email(contact.email):
        if not is_role_mailbox(email):
            return IdentifiedBy.EMAIL, (email,)
        if last_name:
            return IdentifiedBy.EMAIL, (email, last_name)
    if last_name and (phone := find_phone(contact.phone, contact.country)):
        return IdentifiedBy.PHONE, (phone, last_name)
    name, company = fold_text(f"{contact.first_name} {contact.last_name}"), fold_text(contact.company)
    # One word is not a full name: two Anas of one company must not become one person.
    if company and " " in name:
        return IdentifiedBy.NAME_AND_COMPANY, (name, company)
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
    extension = f" x{number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


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


def format_country(text: str) -> str:
    """Return the ISO 3166 code of a country's code or name in any language. Other texts stay as they came."""
    try:
        return str(pycountry.countries.lookup(text).alpha_2)
    except LookupError:
        return _country_codes_by_name().get(fold_text(text).removeprefix("the "), text)


@cache
def _country_codes_by_name() -> dict[str, str]:
    # A name with an asterisk points to another language.
    names = {fold_text(name): code for code, by_language in _load_names().items() for name in by_language.values()}
    return {name: code for name, code in names.items() if not name.startswith("*")} | _COMMON_COUNTRY_NAMES


def _load_names() -> dict[str, dict[str, str]]:
    """Return the countries' names by code and language, from Unicode's CLDR. Most leads do not need them.

    The file is loaded by its path. By its name, it loads its whole package: 190 MiB, and five seconds without bytecode.
    """
    file = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = spec_from_file_location("phonenumbers.geodata.locale", file)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    names: dict[str, dict[str, str]] = module.LOCALE_DATA
    return names
