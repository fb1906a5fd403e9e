"""Which country a customer means: its ISO 3166 code, from a code or a name in any language."""

import re
import struct
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pycountry

from lead_core.lead.country_names import AMBIGUOUS_NAMES, OTHER_CODES, OTHER_NAMES
from lead_core.lead.values import fold_text

CLDR_NAMES = Path(__file__).with_name("country_names.txt")
_LONGEST_NAME_CHARACTERS = 120
_SHORTEST_LATIN_NAME_CHARACTERS = 3

_LETTERS = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe"}
    # Arabic and Persian keyboards differ. A lengthened letter is the same letter.
    | {"\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647", "\u0640": ""}
)
# Accents, vowel points and dots.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u05b0-\u05c7\u064b-\u065f\u0670\u3099\u309a.]")
_OF_A_PEOPLE = re.compile(r"['\u2019]s\b")
_BETWEEN_WORDS = re.compile(
    "[!-/:-@\\[-`{-~\u00a1-\u00bf\u02b0-\u02ff\u05be\u05f3\u05f4\u060c"
    "\u2000-\u20ff\u3000-\u303f\u30fb\U0001f1e6-\U0001f1ff]+"
)
_ARABIC_ARTICLE = "ال"
_SMALL_WORDS = frozenset(
    """
    a al and d da das de degli dei della den der det di die do dos du e el en et i il l la las le les lo los och of og
    the und y
    """.split()  # noqa: SIM905 -- words read better without quotes
)
_SHORT_WORDS = {"st": "saint", "ste": "saint", "rep": "republic", "dem": "democratic", "is": "islands"}
_SHORT_WORDS |= {"n": "north", "s": "south"}
_BETWEEN_NAMES = re.compile(r"[/()\[\],;|:\n]|\s[-\u2013\u2014]\s")


def format_country(text: str) -> str:
    """Return the ISO 3166 code of a country's code or name in any language. Other texts stay as they came.

    ``U.S.A.``, ``Korea (the Republic of)``, ``Deutschland / Germany`` and ``TÜRKİYE`` are read. A name that several
    countries share, such as *Congo*, is not: a wrong country would choose a wrong owner.
    """
    return _find_country(text) or text


def _find_country(text: str) -> str:
    if not text or len(text) > _LONGEST_NAME_CHARACTERS:
        return ""
    if code := _read_one(text):
        return code
    # Each part must say the same: "Lebanon, New Hampshire" is not in Lebanon.
    parts = [part for part in _BETWEEN_NAMES.split(text) if part.strip()]
    codes = set(map(_read_one, parts))
    return codes.pop() if len(parts) > 1 and len(codes) == 1 else ""


def _read_one(text: str) -> str:
    """Return the code of one code or name, or ``""``."""
    name = normalise(text)
    if name in _ambiguous_names():
        return ""
    if code := _read_code(text.strip()) or _english_names().get(name, ""):
        return code
    # Two Latin letters are no name in a language that a customer would choose: "RU" is the United Kingdom in Spanish.
    if text.isascii() and len(name) < _SHORTEST_LATIN_NAME_CHARACTERS:
        return ""
    return _names_of_unicode().get(name, "") or _translated_names().get(name, "")


def _read_code(text: str) -> str:
    """Return the code that *text* is: ``de``, ``DEU``, ``276`` or a flag."""
    code = fold_text(text).upper()
    if code in OTHER_CODES:
        return OTHER_CODES[code]
    known = pycountry.countries
    found = known.get(alpha_2=code) or known.get(alpha_3=code) or known.get(numeric=code) or known.get(flag=code)
    return str(found.alpha_2) if found else ""


def normalise(text: str) -> str:
    """Return what the spellings of one name have in common: its words, without case, marks and order.

    ``Korea, Republic of`` and ``the REPUBLIC of Korea`` are ``korea republic``. Small words do not count.
    """
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS))
    words = _BETWEEN_WORDS.sub(" ", _OF_A_PEOPLE.sub("s", plain)).split()
    if words and all(len(word) == 1 and word.isascii() for word in words):
        return "".join(words)
    words = [_SHORT_WORDS.get(word, word) for word in words]
    words = [word.removeprefix(_ARABIC_ARTICLE) or word for word in words if word not in _SMALL_WORDS]
    return " ".join(sorted(words))


@cache
def _ambiguous_names() -> frozenset[str]:
    return frozenset(map(normalise, AMBIGUOUS_NAMES.split(" | ")))


def _names_of_iso() -> dict[str, str]:
    return {
        getattr(country, field): country.alpha_2
        for field in ("name", "official_name", "common_name")
        for country in pycountry.countries
        if hasattr(country, field)
    }


@cache
def _english_names() -> dict[str, str]:
    """Return the names in English, and what people call countries besides."""
    names = {normalise(name): code for name, code in _names_of_iso().items()}
    return names | {normalise(name): code for code, others in OTHER_NAMES.items() for name in others.split(" | ")}


@cache
def _names_of_unicode() -> dict[str, str]:
    """Return the countries' short names in the languages of Unicode's CLDR."""
    lines = CLDR_NAMES.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {normalise(name): code for code, *names in rows for name in names}


@cache
def _translated_names() -> dict[str, str]:
    """Return the countries' short and official names in all languages of ISO's translators. Few leads need them."""
    codes = _names_of_iso()
    catalogs = sorted(Path(pycountry.LOCALES_DIR).glob("*/LC_MESSAGES/iso3166-1.mo"))
    return _agree(
        (translation, codes[name])
        for catalog in catalogs
        for name, translation in _read_catalog(catalog.read_bytes())
        if name in codes
    )


def _read_catalog(content: bytes) -> Iterator[tuple[str, str]]:
    """Read the texts and translations of a catalog. `gettext` would need its language, and takes three times as long.

    https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
    """
    _, _, count, texts_at, translations_at = struct.unpack_from("<5I", content)
    for number in range(count):
        pair = []
        for table_at in (texts_at, translations_at):
            length, at = struct.unpack_from("<2I", content, table_at + 8 * number)
            pair.append(content[at : at + length].decode())
        yield pair[0], pair[1]


def _agree(names: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Return the country that most languages mean by a name. Some translators mixed up two lines."""
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, code in names:
        votes[normalise(name)][code] += 1
    return {
        name: ranked[0][0]
        for name, counter in votes.items()
        if len(ranked := counter.most_common(2)) == 1 or ranked[0][1] > ranked[1][1]
    }
