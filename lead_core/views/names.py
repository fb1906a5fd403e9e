"""Names as people write them, for letters: ``PIERRE`` is ``Pierre``."""

import re

_PARTICLES = {
    "al", "bin", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "ibn", "la",
    "las", "le", "los", "ten", "ter", "van", "von", "zu", "zum", "zur",
}  # fmt: skip
"""Words inside of a name that are written small."""
_PART = re.compile(r"[^\s'\u2019.-]+")
_SCOTTISH = re.compile(r"Mc(?=\w{3})")
_VOWELS = frozenset("aeiouy")
_MAX_INITIALS = 2


def write_name(text: str) -> str:
    """Return a person's name with capitals where names have them. A name in both cases stays as its owner wrote it.

    ``jean-luc`` is ``Jean-Luc``, ``MARIA DE LA CRUZ`` is ``Maria de la Cruz``, and ``McDonald`` stays. Scripts without
    capitals have nothing to change.
    """
    is_shouted = text == text.upper()
    if not is_shouted and text != text.lower():
        return text
    words = text.split(" ")
    return " ".join(_write_word(word, is_first=place == 0, is_shouted=is_shouted) for place, word in enumerate(words))


def _write_word(word: str, *, is_first: bool, is_shouted: bool) -> str:
    if not is_first and word.lower() in _PARTICLES:
        return word.lower()
    if is_shouted and len(word) <= _MAX_INITIALS and word.isascii() and not _VOWELS & set(word.lower()):
        return word  # J and JJ are initials.
    return _PART.sub(lambda part: _capitalize(part[0]), word)


def _capitalize(part: str) -> str:
    # In lower case, the Turkish I has a dot of its own behind it.
    written = part[:1].title() + part[1:].lower().replace("i\u0307", "i")
    return f"Mc{written[2:].title()}" if _SCOTTISH.match(written) else written
