"""Whose mailbox an address is: one person's, a desk's, or nobody's.

Only a person's mailbox proves by itself who wrote. If a desk is taken for a person, strangers become one lead, and
nobody hears of the second. If a person is taken for a desk, their name is asked in addition. So doubt means a desk.
"""

import re
import unicodedata
from enum import Enum, auto

from lead_core.lead.mailbox_words import (
    DEAD,
    DEAD_STARTS,
    DESKS,
    FREE_SITES,
    MEANINGLESS,
    QUALIFIERS,
    SHORT_DESKS,
)

_WORD = re.compile(r"[^\W\d_]+")
_MARKS = re.compile("[\u0300-\u036f]")
_VOWEL = re.compile("[aeiouy]|[^a-z0-9]")
_SECOND_LEVEL = {"ac", "co", "com", "edu", "gob", "gov", "net", "or", "org"}
_ROWS = (
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "yxcvbnm",
    "1234567890",
    "abcdefghijk",
)
_SHORTEST_START_OF_A_ROW = 3
_SHORTEST_PART_OF_A_ROW = 5
_SHORTEST_REPEAT = 3
_INITIALS = 2
"""How many letters are no word yet: they may be a country, or a person's initials."""


class Mailbox(Enum):
    """Whose mailbox an address is."""

    PERSON = auto()
    DESK = auto()
    """Several people's, such as ``ventas@`` or ``it-support@``."""
    NOBODY = auto()
    """Made up, such as ``none@none.com``, or not read, such as ``no-reply@``."""


def judge_mailbox(email: str) -> Mailbox:
    """Return whose mailbox a canonical address is, judged by its spelling alone."""
    local, _, domain = email.rpartition("@")
    words, site = _split(local), _find_site(domain)
    letters = "".join(words) or local
    is_placeholder = _is_meaningless(letters) or (words != [] and all(map(_is_meaningless, words)))
    is_free, is_own_name = site in FREE_SITES, _find_block(letters) == _find_block(site)
    if letters in DEAD or letters.startswith(DEAD_STARTS) or letters + site in DEAD | MEANINGLESS:
        return Mailbox.NOBODY
    if is_placeholder and (is_own_name or is_free or _is_meaningless(site)):
        return Mailbox.NOBODY
    is_one_letter = len(set(letters)) == 1
    if (is_own_name and (is_one_letter or not _VOWEL.search(letters[1:]))) or (is_free and is_one_letter):
        return Mailbox.NOBODY
    # Jane Smith may have me@ or js@ at a domain of her own.
    if is_placeholder and len(letters) > _INITIALS:
        return Mailbox.DESK
    if is_own_name or len(letters) == len(site) == 1 or _is_desk(words, site):
        return Mailbox.DESK
    return Mailbox.PERSON


def _split(text: str) -> list[str]:
    """Return the words of *text* without marks and digits: ``it-support2`` is *it* and *support*."""
    return _WORD.findall(_MARKS.sub("", unicodedata.normalize("NFKD", text)))


def _find_site(domain: str) -> str:
    """Return the name of a domain: ``contoso`` of ``mail.contoso.co.uk``."""
    labels = domain.split(".")[:-1]
    if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels.pop()
    return "".join(_split(labels[-1])) or labels[-1]


def _is_meaningless(text: str) -> bool:
    """Whether people type *text* to get past a field: ``test``, ``xxx``, ``qwerty``, ``asdasd``, ``1234``."""
    return (
        text in MEANINGLESS
        or text in DEAD
        or (len(text) >= _SHORTEST_REPEAT and len(set(text)) == 1)
        or any(_is_along(text, row) for row in _ROWS)
        or _repeats_nonsense(text)
    )


def _is_along(text: str, row: str) -> bool:
    """Whether a finger typed *text* along a row of keys, from its start or in either direction."""
    if len(text) >= _SHORTEST_PART_OF_A_ROW:
        return text in row or text in row[::-1]
    return len(text) >= _SHORTEST_START_OF_A_ROW and row.startswith(text)


def _repeats_nonsense(text: str) -> bool:
    """Whether *text* is ``asdasd`` or ``testtest``. Nana and Nono are names."""
    block = _find_block(text)
    return block != text and len(block) > _INITIALS and _is_meaningless(block)


def _find_block(text: str) -> str:
    """Return what *text* repeats: ``sdf`` of ``sdfsdf``. Most texts repeat nothing and stay as they are."""
    return text[: (text + text).find(text, 1)]


def _is_desk(words: list[str], site: str) -> bool:
    if not words:
        return False
    if words[0] in DESKS or "".join(words) in DESKS:
        return True
    parts = [part for word in words for part in (_split_compound(word) or [word])]
    may_be_beside = QUALIFIERS | SHORT_DESKS | DESKS
    return any(part in DESKS or part in SHORT_DESKS for part in parts) and all(
        part in may_be_beside or len(part) <= _INITIALS or part == site for part in parts
    )


def _split_compound(word: str) -> list[str]:
    """Return the desk and its qualifiers that *word* is written of, such as *sales* and *emea*. Else nothing."""
    for end in range(len(word) - 1, _INITIALS - 1, -1):
        first, rest = word[:end], word[end:]
        if (first in DESKS and rest in DESKS | QUALIFIERS | SHORT_DESKS) or (
            rest in DESKS and first in DESKS | QUALIFIERS | SHORT_DESKS
        ):
            return [first, rest]
    return []
