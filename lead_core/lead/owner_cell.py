"""What a person means by an owner cell: an address as mail programs paste it, or a colleague's name.

Mails hold customers' data. So a cell is never guessed into the address of another colleague, or of a stranger. An
address of the team's domains that nobody named may be a typing error. It counts once a person confirms it on the page.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

from lead_core.lead.addresses import find_mistake, parse_address
from lead_core.lead.mail_domains import is_open_to_all

_MAX_CHARACTERS = 500
"""Enough for two addresses with their names. More is a text that slipped into the wrong cell."""
_APART = r"\s<>\[\]()\"“”„,;:|@"
_ADDRESS = re.compile(rf"(?<![^{_APART}])[^{_APART}]+@[^{_APART}]+")
_ROUND_ADDRESSES = "'.`\u00b4\u2018\u2019"
_MENTION = re.compile(r"@[\w-]+")
_MYSELF = frozenset({"me", "myself", "i", "ich", "mich", "moi", "yo", "io", "ik", "eu", "я", "我", "私"})
_WORD = re.compile(r"[^\W_]+")
_SHORTEST_TO_RESEMBLE = 4
"""``jo`` and ``joe`` are two colleagues. ``anna`` and ``ana`` may be one, with a typing error."""
_SHORTEST_NAME_TO_RESEMBLE = 3
"""A name that nobody has is only asked about, so ``bbo`` may be ``bob``."""

UNKNOWN_NAME = "names nobody in OWNERS or ESCALATE_TO"
SEVERAL_NAMES = "can mean several people in OWNERS"
SEVERAL_PEOPLE = "names several people, and a lead has one owner"
MYSELF = "names nobody, because the app does not know who wrote it"
UNCONFIRMED = "is in neither OWNERS nor ESCALATE_TO"
NO_ADDRESS = "is no address for mail"
STRANGER = "is at a domain that neither OWNERS nor ESCALATE_TO names"


class Meaning(NamedTuple):
    """What a cell means."""

    address: str = ""
    """Where the mails go. ``""``: to the default owner."""
    problem: str = ""
    """What is wrong with the cell, as it can follow *The Owner cell says “…”, which*. ``""`` if it is clear."""
    to_confirm: str = ""
    """An address of the team's domains that nobody named. A person may confirm it."""
    alike: tuple[str, ...] = ()
    """The known addresses that it resembles, or could mean."""


def read_owner_cell(cell: str, known: Collection[str]) -> Meaning:
    """Return what *cell* means to a team whose addresses are *known*, in small letters.

    ``Anna Schmidt <anna@contoso.com>``, ``mailto:anna@contoso.com;`` and, if she is the only Anna, ``Anna`` are
    ``anna@contoso.com``.
    """
    text = _clean(cell)
    if not text or len(text) > _MAX_CHARACTERS:
        return Meaning(problem=UNKNOWN_NAME if cell.strip() else "")
    found = dict.fromkeys(address.strip(_ROUND_ADDRESSES) for address in _ADDRESS.findall(text))
    addresses = list(dict.fromkeys(_find_known(address, known) or address for address in found))
    if not addresses:
        name = text.removeprefix("@") if _MENTION.fullmatch(text) else text
        return _read_begun_address(text, known) if "@" in name else _read_name(name, known)
    if len(addresses) == 1 and not _names_another(text, addresses[0], known):
        return _read_address(addresses[0], known)
    meant = tuple(address for address in addresses if address in known)
    return Meaning(next(iter(meant), ""), SEVERAL_PEOPLE, alike=meant)


def _clean(cell: str) -> str:
    visible = (c for c in unicodedata.normalize("NFKC", cell[: 4 * _MAX_CHARACTERS]) if unicodedata.category(c) != "Cf")
    return "".join(visible).strip().lower().removeprefix("mailto:").strip(" \t\n;,'\"“”„<>")


def _find_known(address: str, known: Collection[str]) -> str:
    """Return the known spelling of *address*, or ``""``. ``müller.example`` is ``xn--mller-kva.example``."""
    if address in known:
        return address
    try:
        parsed = parse_address(address)
    except ValueError:
        return ""
    return next((each for each in known if parse_address(each) == parsed), "")


def _names_another(text: str, address: str, known: Collection[str]) -> bool:
    """Whether a colleague's name stands beside an address, as in ``anna@contoso.com, Bob``."""
    parts = [part.strip() for part in re.split("[,;]", text)]
    if not any(part.strip(_ROUND_ADDRESSES + "<> ") == address for part in parts):
        return False  # ``Schmidt, Anna <anna@contoso.com>``
    return bool({_read_name(part, known).address for part in parts if "@" not in part} - {"", address})


def _read_address(address: str, known: Collection[str]) -> Meaning:
    if address in known:
        return Meaning(address)
    alike = tuple(each for each in known if _resemble(address, each))
    if wrong := find_mistake(address):
        begun = [each for each in known if each.startswith((f"{address}.", f"{address}@"))]
        meant = [*alike] or begun
        return Meaning(meant[0]) if len(meant) == 1 else Meaning(problem=f"{NO_ADDRESS}: {wrong}", alike=tuple(meant))
    if not is_at_team_domain(address, known):
        return Meaning(problem=f"{STRANGER}{_suggest(alike)}", alike=alike)
    return Meaning(problem=f"{UNCONFIRMED}{_suggest(alike)}", to_confirm=address, alike=alike)


def is_at_team_domain(address: str, known: Iterable[str]) -> bool:
    """Whether *address* belongs to a domain, or a subdomain of it, at which the team alone has addresses."""
    domains = {domain for each in known if not is_open_to_all(domain := _domain_of(each))}
    labels = _domain_of(address).split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def _domain_of(address: str) -> str:
    return parse_address(address).rpartition("@")[2].lower()


def _suggest(alike: tuple[str, ...]) -> str:
    return f" and resembles {alike[0]}" if len(alike) == 1 else ""


def _read_begun_address(text: str, known: Iterable[str]) -> Meaning:
    """Read ``anna@`` and ``anna @ contoso.com``."""
    begun = [each for each in known if each == "".join(text.split()) or each.startswith(text)]
    wrong = f"{NO_ADDRESS}: {find_mistake(text)}"
    return Meaning(begun[0]) if len(begun) == 1 else Meaning(problem=wrong, alike=tuple(begun))


def _read_name(text: str, known: Collection[str]) -> Meaning:
    last, comma, first = text.partition(",")
    parts = {_read_name(part, known).address for part in (first, last)} - {""} if comma else set()
    if len(parts) > 1:
        return Meaning(problem=SEVERAL_PEOPLE, alike=tuple(sorted(parts)))  # ``Anna, Bob``, not ``Schmidt, Anna``.
    words = [_spell(word) for word in _WORD.findall(f"{first} {last}" if comma else text)]
    if not words:
        return Meaning(problem=UNKNOWN_NAME)
    local_words = {address: [_spell(word) for word in _WORD.findall(address.partition("@")[0])] for address in known}
    for fits in _WAYS_TO_WRITE:
        meant = [address for address, local in local_words.items() if fits(local, words)]
        if len(meant) > 1:
            return Meaning(problem=SEVERAL_NAMES, alike=tuple(meant))
        # Not the one name in a sentence: ``not Anna``.
        if meant and (fits is not _is_part or words[0] in local_words[meant[0]] or len(words) == 1):
            return Meaning(meant[0])
    if text in _MYSELF:
        return Meaning(problem=MYSELF)
    alike = tuple(address for address, local in local_words.items() if _is_nearly(local, words))
    return Meaning(problem=f"{UNKNOWN_NAME}{_suggest(alike)}", alike=alike)


def _spell(word: str) -> str:
    """Return *word* as an address spells it: ``jürgen`` is ``juergen``, ``josé`` is ``jose``."""
    for letter, letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"}.items():
        word = word.replace(letter, letters)
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _is_whole(local: list[str], name: list[str]) -> bool:
    """``Anna Schmidt``, or ``Schmidt, Anna``, is ``anna.schmidt@`` or ``annaschmidt@``."""
    return sorted(local) == sorted(name) or "".join(local) in {"".join(name), "".join(reversed(name))}


def _is_short(local: list[str], name: list[str]) -> bool:
    """``Anna Schmidt`` is ``aschmidt@``, ``a.schmidt@`` or ``anna.s@``."""
    orders = (name, name[::-1]) if len(name) > 1 else ()
    forms = {form for first, *_, last in orders for form in (first[0] + last, first + last[0])}
    return "".join(local) in forms


def _is_part(local: list[str], name: list[str]) -> bool:
    """``Anna Schmidt`` is ``anna@``, and ``Anna`` is ``anna.schmidt@``."""
    return bool(local) and (set(local) <= set(name) or set(name) <= set(local))


def _is_nearly(local: list[str], name: list[str]) -> bool:
    """Whether each word of a *name* is a word of an address, but for one typing error: ``bobb`` is nearly ``bob@``."""
    return all(any(_is_nearly_word(word, known) for known in local) for word in name)


def _is_nearly_word(one: str, other: str) -> bool:
    is_long = min(len(one), len(other)) >= _SHORTEST_NAME_TO_RESEMBLE
    return one == other or (is_long and _differ_by_one_error(one, other))


_WAYS_TO_WRITE = (_is_whole, _is_short, _is_part)
"""The first of these that fits anybody counts. It has to fit one person only."""


def _resemble(one: str, other: str) -> bool:
    """Whether two addresses are so long that one typing error may make one of the other."""
    is_long = max(len(each.partition("@")[0]) for each in (one, other)) >= _SHORTEST_TO_RESEMBLE
    return is_long and one != other and _differ_by_one_error(one, other)


def _differ_by_one_error(one: str, other: str) -> bool:
    """Whether one typing error makes *one* of *other*: a letter that is wrong, missing, too much or swapped."""
    shorter, longer = sorted((one, other), key=len)
    start = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    swapped = longer[start : start + 2][::-1]
    return shorter[start + 1 :] == longer[start + 1 :] or (
        shorter[start : start + 2] == swapped and shorter[start + 2 :] == longer[start + 2 :]
    )
