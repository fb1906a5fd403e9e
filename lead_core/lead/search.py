"""Who is looked for: a person, by what someone knows of them. Spelling, order and letter case do not matter."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from lead_core.lead.addresses import canonical_email, list_email_keys
from lead_core.lead.lead import Lead
from lead_core.lead.mailboxes import Mailbox, judge_mailbox
from lead_core.lead.values import LeadKey, limit_marks

MAX_ADDRESSES = 20
_SHORTEST_BEGINNING_OF_A_KEY = 8
_SHOWN_DIGITS_OF_A_KEY = 12
"""Of a million persons, hardly two have the same."""
_FEWEST_DIGITS_OF_A_PHONE = 7
_OWN_KEY = re.compile(f"[0-9a-f]{{{_SHORTEST_BEGINNING_OF_A_KEY},32}}")
_PHONE = re.compile(r"[+(]{0,2}\d[\d\s()./\u2010-\u2015-]{5,30}\d")
_EXTENSION = re.compile(r"[\s,;]{0,5}(ext\.?|extension|x)\s{0,5}\d{1,10}$", re.IGNORECASE)
_TRUNK_ZERO = "(0)"
_ADDRESS = re.compile(r"[^\s,;:<>()\[\]|\"\\]{1,200}@[^\s,;:<>()\[\]|\"\\]{1,200}")
_ASCII_WORD = re.compile("[a-z0-9]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_IN_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_IN_ONE_LETTER = str.maketrans({"ø": "o", "ł": "l", "đ": "d"})

Name: TypeAlias = tuple[frozenset[str], ...]
"""A name's words, each in all its spellings."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is known of a person who is looked for. Any part of it finds them."""

    key: str = ""
    """The key of a lead or a person, or how a person's key begins."""
    emails: frozenset[str] = frozenset()
    """Addresses, each in its one spelling."""
    numbers: frozenset[str] = frozenset()
    """The digits of phones."""
    names: tuple[Name, ...] = ()
    """Names of the person or of their company."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Return a search for whom *text* names: by an e-mail address, a phone, a name, a company or a lead's key.

        A text without a letter or a digit names nobody.
        """
        key = _read_key(text)
        if email := canonical_email(text):
            return cls(key, emails=frozenset({email}))
        if number := _read_number(text):
            return cls(key, numbers=frozenset({number}))
        name = _read_name(text)
        return cls(key, names=(name,) if name else ())

    @classmethod
    def of_key(cls, key: LeadKey) -> Self:
        """Return a search for the person of a lead."""
        return cls(key.partition if key.names_person else f"{key.partition}/{key.row}")

    @classmethod
    def of_person(cls, leads: Iterable[Lead]) -> Self:
        """Return a search for every text that names the person of *leads*: their addresses, phones and full names.

        A single word and a company may be anybody's. So may a desk's address, unless nothing else names them.
        """
        shown = [lead.shown for lead in leads]
        names = tuple(name for name in dict.fromkeys(_read_name(each.name) for each in shown) if len(name) > 1)
        emails = {email for each in shown for email in list_email_keys(each.email, limit=MAX_ADDRESSES)}
        return cls(
            emails=frozenset(email for email in emails if not names or judge_mailbox(email) is not Mailbox.DESK),
            numbers=frozenset(filter(None, (_read_number(each.phone) for each in shown))),
            names=names,
        )

    def finds(self, lead: Lead) -> str:
        """Return by what *lead* is found: ``key``, ``email``, ``phone``, ``name`` or ``company``. ``""`` if it is not.

        Words are looked for in the address too, because some people leave no name.
        """
        shown = lead.shown
        if self._is_key_of(lead.key):
            return "key"
        if self.emails and not self.emails.isdisjoint(list_email_keys(shown.email, limit=MAX_ADDRESSES)):
            return "email"
        if self._has_number(shown.phone):
            return "phone"
        if not self.names:
            return ""
        name, company = find_words(shown.name), find_words(shown.company)
        # The last but one is "Ada Northwind": a first name with the company.
        for words, kind in (
            (name, "name"),
            (company, "company"),
            (name | company, "name"),
            (find_words(shown.email), "email"),
        ):
            if self._has_name(words):
                return kind
        return ""

    def mentions(self, text: str) -> bool:
        """Whether *text*, of any length, names whom is looked for. A name's words may stand in any order."""
        return (
            (_OWN_KEY.match(self.key) is not None and self.key in text)
            or ("@" in text and not self.emails.isdisjoint(map(canonical_email, _ADDRESS.findall(text))))
            or self._has_number(text)
            or (bool(self.names) and self._has_name(find_words(text)))
        )

    def beside(self, name: str) -> Self:
        """Return the search for a text of someone of that *name*, in which their own name and phone stand.

        Colleagues may share a phone, and others may have the same name.
        """
        words = find_words(name)
        names = tuple(each for each in self.names if not all(_is_among(spellings, words) for spellings in each))
        return replace(self, numbers=frozenset(), names=names)

    def _is_key_of(self, key: LeadKey) -> bool:
        if not self.key:
            return False
        is_begun = _OWN_KEY.fullmatch(self.key) is not None and key.names_person
        is_whole = self.key in {key.partition, f"{key.partition}/{key.row}"}
        return is_whole or (is_begun and key.partition.startswith(self.key))

    def _has_number(self, text: str) -> bool:
        """Whether one of the numbers stands in *text*, with or without its country's calling code."""
        found = [_read_number(phone) for phone in _PHONE.findall(text)] if self.numbers else []
        return any(
            number.endswith(other) or other.endswith(number) for number in self.numbers for other in found if other
        )

    def _has_name(self, words: frozenset[str]) -> bool:
        """Whether all words of one of the names are among *words*."""
        return any(all(_is_among(spellings, words) for spellings in name) for name in self.names)


def name_person(key: LeadKey) -> str:
    """Return what finds the person of a lead and nobody else, short enough to be typed."""
    return key.partition[:_SHOWN_DIGITS_OF_A_KEY] if key.names_person else f"{key.partition}/{key.row}"


def _read_key(text: str) -> str:
    """Return *text* as a key. The app's own keys are in small letters."""
    partition, slash, row = text.strip().partition("/")
    return f"{partition.lower()}{slash}{row}" if _OWN_KEY.fullmatch(partition.lower()) else text.strip()


def _read_number(text: str) -> str:
    """Return the digits of a phone without the zeros and the extension. ``""`` if *text* is no phone."""
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", text).replace(_TRUNK_ZERO, "").strip())
    digits = "".join(c for c in plain if c.isdecimal()).lstrip("0") if _PHONE.fullmatch(plain) else ""
    return digits if len(digits) >= _FEWEST_DIGITS_OF_A_PHONE else ""


def _read_name(text: str) -> Name:
    """Return the words of a name, each once."""
    spellings = zip(*(_split(text, letters) for letters in (_IN_ONE_LETTER, _IN_TWO_LETTERS)), strict=True)
    return tuple(dict.fromkeys(map(frozenset, spellings)))


def find_words(text: str) -> frozenset[str]:
    """Return the words of *text* in small letters, without accents. *Müller* is there as *muller* and as *mueller*."""
    if text.isascii():
        return frozenset(_ASCII_WORD.findall(text.lower()))
    return frozenset(_split(text, _IN_ONE_LETTER)) | frozenset(_split(text, _IN_TWO_LETTERS))


def has_words(text: str, wanted: str) -> bool:
    """Whether all words of *wanted* stand in *text*, in any order and spelling."""
    words = find_words(text)
    return all(_is_among(spellings, words) for spellings in _read_name(wanted))


def _split(text: str, letters: dict[int, str]) -> list[str]:
    folded = unicodedata.normalize("NFKC", limit_marks(text)).casefold().translate(letters)
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain).split()


def _is_among(spellings: frozenset[str], words: frozenset[str]) -> bool:
    """Whether a word is one of *words*. Scripts without blanks, such as Chinese, have it within a longer one."""
    if not spellings.isdisjoint(words):
        return True
    return any(
        _has_no_blanks(spelling) and any(spelling in word for word in words if not word.isascii())
        for spelling in spellings
    )


def _has_no_blanks(word: str) -> bool:
    return all(unicodedata.category(c) == "Lo" for c in word)
