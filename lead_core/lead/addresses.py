"""What an e-mail address is: strict where we send mail, generous towards customers.

Whatever `parse_address` takes, `is_plausible_address`, `find_address` and `canonical_email` take as well.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from contextlib import suppress
from itertools import takewhile

from lead_core.lead.values import fold_text

MAX_ADDRESS_CHARACTERS = 254
"""https://www.rfc-editor.org/errata/eid1690"""
_MAX_LOCAL_CHARACTERS = 64
_MAX_LABEL_CHARACTERS = 63

_SHAPE = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_UNFIT_FOR_LINKS = re.compile(r'[()\[\]:\\"]')
_UNFIT_FOR_DOMAINS_OF_LINKS = re.compile("[/?#]")
_MAILBOX = re.compile(r"(?P<name>[^<>@]*)<(?P<address>[^<>]*)>")
_LOCAL_CHARACTERS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN_CHARACTERS = re.compile(r"[A-Za-z0-9.-]+")
_OUTER_OR_DOUBLE_DOT = re.compile(r"^\.|\.$|\.\.")
_OUTER_HYPHEN = re.compile(r"(^|\.)-|-(\.|$)")
# Two standards of internationalised domains make different domains of the first two. The others are full stops.
_UNFIT_FOR_DOMAINS = re.compile("[\u00df\u03c2\u3002\uff0e\uff61]")

_GMAIL = {"gmail.com", "googlemail.com"}
_ENCODED_LABEL = "xn--"

_MAX_SEARCHED_CHARACTERS = 1_000
_BETWEEN_ADDRESSES = re.compile("[,;<>()\\[\\]|\u3001\u3008-\u3011]")
_BETWEEN_WORDS = re.compile(f"{_BETWEEN_ADDRESSES.pattern}|[\\s/]")
_APOSTROPHE = "'"
_QUOTES = re.compile('["`\u00ab\u00bb\u2018-\u201f\u2039\u203a]')
_LABEL = re.compile(r"(mailto|e-?mail|mail|smtp)\s?:\s?", re.IGNORECASE)


def parse_address(text: str) -> str:
    """Return an address of our own people as every mail server takes it.

    ``sales@müller.example`` becomes ``sales@xn--mller-kva.example``. Quoted local parts and IP addresses are refused.

    Raises: ValueError with what is wrong, as it can follow a colon. It does not quote *text*.
    """
    text = text.strip()
    if len(text) > MAX_ADDRESS_CHARACTERS:
        raise ValueError(f"it is longer than {MAX_ADDRESS_CHARACTERS} characters")
    local, at, domain = text.partition("@")
    if not (local and at and domain) or "@" in domain:
        raise ValueError("an address has one @ with text on both sides")
    _check_local_part(local)
    address = f"{local}@{_encode_domain(domain)}"
    if len(address) > MAX_ADDRESS_CHARACTERS:
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


def split_mailbox(text: str) -> tuple[str, str]:
    """Return the name and the address in ``Ada Lovelace <ada@contoso.com>``. Without a name, all is the address."""
    found = _MAILBOX.fullmatch(text.strip())
    return (found["name"].strip(), found["address"]) if found else ("", text)


def is_plausible_address(text: str) -> bool:
    """Whether a customer could get mail at *text*: bare ``name@domain.tld``, without a name or a comment."""
    return (
        len(text) <= MAX_ADDRESS_CHARACTERS
        and _SHAPE.fullmatch(text) is not None
        and not _UNFIT_FOR_LINKS.search(text)
        and not _UNFIT_FOR_DOMAINS_OF_LINKS.search(text.partition("@")[2])
        and not any(unicodedata.category(c)[0] == "C" for c in text)
    )


def find_address(text: str) -> str:
    """Return the first address in what a customer wrote, in their own spelling. ``""`` if there is none.

    ``Ada <ada@x.example>; bob@y.example`` has ``ada@x.example``. So have ``mailto:ada@x.example`` and a text with
    invisible or full-width characters. An address in the middle of a sentence may be anybody's.
    """
    for bare in (text.strip(f" {_APOSTROPHE}"), text.strip()):
        if is_address(bare):
            return bare
    folded = unicodedata.normalize("NFKC", text[:_MAX_SEARCHED_CHARACTERS])
    visible = _QUOTES.sub("", "".join(c for c in folded if unicodedata.category(c) != "Cf"))
    return next(filter(None, map(_read_part, _BETWEEN_ADDRESSES.split(visible))), "")


def _read_part(part: str) -> str:
    """Return the address at the start of *part*, even with blanks round its ``@``."""
    label = _LABEL.match(part.lstrip())
    rest = part.lstrip()[label.end() if label else 0 :].strip()
    # "x@y.example Bcc: v@x.example" is an attempt at something else.
    if not rest or ":" in rest:
        return ""
    together = "@".join(each.strip() for each in rest.split("@"))
    return _read_word(rest.split()[0]) or _read_word(together.split()[0])


def _read_word(word: str) -> str:
    """Return the address that *word* starts with. What can't belong to its domain is left out."""
    local, at, rest = word.partition("@")
    domain = "".join(takewhile(_may_be_in_domain, rest))
    if not at or rest[len(domain) :].startswith("@"):
        return ""
    # Chinese and Japanese keyboards write the full stop of their own language.
    address = f"{local.lstrip(_APOSTROPHE)}@" + domain.replace("\u3002", ".").rstrip(".-_")
    return address if is_plausible_address(address) else ""


def _may_be_in_domain(character: str) -> bool:
    # Marks and signs, as in हिन्दी or ❤, but none of ASCII's.
    is_sign = not character.isascii() and unicodedata.category(character)[0] in "MS"
    return character in ".-_\u3002" or character.isalnum() or is_sign


def canonical_email(text: str) -> str:
    """Return the one spelling of a customer's address, or ``""`` if *text* has none.

    ``" JSmith+ms@Northwind.example "`` is ``jsmith@northwind.example``. Gmail ignores dots before the ``@``.
    ``xn--mnchen-3ya.example`` is ``münchen.example``.
    """
    return _canonical(find_address(text))


def list_email_keys(text: str, *, limit: int) -> list[str]:
    """Return the one spelling of each address in *text*, the person's own first, and at most *limit*.

    They are for those who look for a person. So an address in the middle of a sentence is among them.
    """
    words = _BETWEEN_WORDS.split(unicodedata.normalize("NFKC", text[:_MAX_SEARCHED_CHARACTERS]))
    found = map(canonical_email, dict.fromkeys((text, *words)))
    return list(dict.fromkeys(filter(None, found)))[:limit]


def _canonical(address: str) -> str:
    local, at, domain = fold_text(address).rpartition("@")
    if not at:
        return ""
    local, domain = local.partition("+")[0] or local, _fold_domain(domain)
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _fold_domain(domain: str) -> str:
    """Return a domain in the letters of its language, without case."""
    return ".".join(map(_decode_label, fold_text(domain).split(".")))


def _decode_label(label: str) -> str:
    if not label.startswith(_ENCODED_LABEL):
        return label
    try:
        decoded = fold_text(label.removeprefix(_ENCODED_LABEL).encode("ascii").decode("punycode"))
    except UnicodeError:
        return label
    return decoded if all(c == "-" or c.isalnum() or unicodedata.category(c)[0] == "M" for c in decoded) else label


def is_at_domain(text: str, domains: AbstractSet[str]) -> bool:
    """Whether the address *text* belongs to one of *domains* or a subdomain of it."""
    email = canonical_email(text)
    labels = email.rpartition("@")[2].split(".")
    known = set(map(_fold_domain, domains))
    return email != "" and any(".".join(labels[start:]) in known for start in range(len(labels)))
