"""What an e-mail address is: strict where we send mail, generous towards customers.

Whatever `parse_address` takes, `is_plausible_address` and `canonical_email` take as well.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from contextlib import suppress

from lead_core.lead.values import fold_text

MAX_ADDRESS_CHARACTERS = 254
"""https://www.rfc-editor.org/errata/eid1690"""
_MAX_LOCAL_CHARACTERS = 64
_MAX_LABEL_CHARACTERS = 63

_SHAPE = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_UNFIT_FOR_LINKS = re.compile(r'[()\[\]:\\"]|@.*[/?#]')
_LOCAL_CHARACTERS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN_CHARACTERS = re.compile(r"[A-Za-z0-9.-]+")
_OUTER_OR_DOUBLE_DOT = re.compile(r"^\.|\.$|\.\.")
_OUTER_HYPHEN = re.compile(r"(^|\.)-|-(\.|$)")
# Two standards of internationalised domains make different domains of the first two. The others are full stops.
_UNFIT_FOR_DOMAINS = re.compile("[\u00df\u03c2\u3002\uff0e\uff61]")

_GMAIL = {"gmail.com", "googlemail.com"}
_ROLE_MAILBOXES = frozenset(
    """
    accounting accounts admin administrator billing contact enquiries enquiry finance hello help helpdesk hr info
    inquiries it kontakt mail marketing no-reply noreply office operations orders postmaster procurement purchasing
    reception sales security service support team webmaster
    """.split()  # noqa: SIM905 -- words read better without quotes
)


def parse_address(text: str) -> str:
    """Return an address of our own people as every mail server takes it.

    ``sales@müller.example`` becomes ``sales@xn--mller-kva.example``. Quoted local parts and IP addresses are refused.

    Raises: ValueError with what is wrong, as it can follow a colon. It does not quote *text*.
    """
    text = text.strip()
    local, at, domain = text.partition("@")
    if not (local and at and domain) or "@" in domain:
        raise ValueError("an address has one @ with text on both sides")
    _check_local_part(local)
    address = f"{local}@{_encode_domain(domain)}"
    if max(len(text), len(address)) > MAX_ADDRESS_CHARACTERS:
        raise ValueError(f"it is longer than {MAX_ADDRESS_CHARACTERS} characters")
    return address


def _check_local_part(local: str) -> None:
    if not _LOCAL_CHARACTERS.fullmatch(local):
        raise ValueError("the part before the @ has a character that mail servers do not take, such as é or a space")
    if _OUTER_OR_DOUBLE_DOT.search(local):
        raise ValueError("the part before the @ has a dot at its start or end, or two dots in a row")
    if len(local) > _MAX_LOCAL_CHARACTERS:
        raise ValueError(f"the part before the @ is longer than {_MAX_LOCAL_CHARACTERS} characters")


def _encode_domain(text: str) -> str:
    """Return a domain in ASCII. Raises: ValueError as `parse_address`."""
    if _OUTER_OR_DOUBLE_DOT.search(text):
        raise ValueError("the domain has a dot at its start or end, or two dots in a row")
    domain = text
    if text.isprintable() and not text.isascii() and not _UNFIT_FOR_DOMAINS.search(text):
        with suppress(UnicodeError):
            domain = text.encode("idna").decode("ascii")
    labels = domain.split(".")
    if not _DOMAIN_CHARACTERS.fullmatch(domain):
        raise ValueError("the domain has a character other than letters, digits, hyphens and dots")
    if _OUTER_HYPHEN.search(domain):
        raise ValueError("a part of the domain starts or ends with a hyphen")
    if max(map(len, labels)) > _MAX_LABEL_CHARACTERS:
        raise ValueError(f"a part of the domain is longer than {_MAX_LABEL_CHARACTERS} characters")
    if len(labels) == 1 or labels[-1].isdecimal():
        raise ValueError("the domain does not end as contoso.com does")
    return domain


def find_mistake(text: str) -> str:
    """Return why `parse_address` refuses *text*, as it can follow a colon. ``""`` if it takes it."""
    try:
        parse_address(text)
    except ValueError as error:
        return str(error)
    return ""


def is_address(text: str) -> bool:
    """Whether `parse_address` takes *text*."""
    return not find_mistake(text)


def is_plausible_address(text: str) -> bool:
    """Whether a customer could get mail at *text*: bare ``name@domain.tld``, without a name or a comment."""
    return (
        len(text) <= MAX_ADDRESS_CHARACTERS
        and _SHAPE.fullmatch(text) is not None
        and not _UNFIT_FOR_LINKS.search(text)
        and not any(unicodedata.category(c)[0] == "C" for c in text)
    )


def canonical_email(text: str) -> str:
    """Return the one spelling of a customer's address, or ``""`` if *text* is none.

    ``" JSmith+ms@Northwind.example "`` is ``jsmith@northwind.example``; Gmail ignores dots before the ``@``.
    """
    # Mail programs paste names, schemes and invisible characters along.
    visible = "".join(c for c in fold_text(text) if unicodedata.category(c) != "Cf")
    email = re.sub(r"^[^<>]*<([^<>]*)>$", r"\1", visible).removeprefix("mailto:").rstrip(".")
    # Odd characters are harmless here: the same odd text is the same person.
    if not _SHAPE.fullmatch(email):
        return ""
    local, _, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def is_role_mailbox(email: str) -> bool:
    """Whether a canonical address belongs to a desk and not to a person, such as ``info@``."""
    return email.partition("@")[0] in _ROLE_MAILBOXES


def is_at_domain(text: str, domains: AbstractSet[str]) -> bool:
    """Whether the address *text* belongs to one of *domains* or a subdomain of it."""
    email = canonical_email(text)
    labels = email.rpartition("@")[2].split(".")
    return email != "" and any(".".join(labels[start:]) in domains for start in range(len(labels)))
