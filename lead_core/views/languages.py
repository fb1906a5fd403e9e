"""The languages in which customers are written to, and which of them a country reads."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language, by its ISO 639 code. The drafts in it stand in a folder of that name."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"
    SPANISH = "es"
    PORTUGUESE = "pt"
    JAPANESE = "ja"
    CHINESE = "zh"
    """In simplified characters."""


NAMES: Final[Mapping[Language, str]] = {
    Language.ENGLISH: "English",
    Language.GERMAN: "Deutsch",
    Language.FRENCH: "Français",
    Language.SPANISH: "Español",
    Language.PORTUGUESE: "Português",
    Language.JAPANESE: "日本語",
    Language.CHINESE: "简体中文",
}
"""What each language calls itself."""

_COUNTRIES: Final[Mapping[Language, str]] = {
    Language.GERMAN: "AT CH DE LI",
    Language.FRENCH: (
        "BF BJ BL CD CF CG CI CM DJ DZ FR GA GF GN GP HT KM LU MA MC MF MG ML MQ MR NC NE PF PM RE SN TD TG TN WF YT"
    ),
    Language.SPANISH: "AD AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE",
    Language.PORTUGUESE: "AO BR CV GW MZ PT ST",
    Language.JAPANESE: "JP",
    Language.CHINESE: "CN",
}
"""By ISO 3166 codes.

English is for all others. So it is where no language is everyone's (Belgium, Canada), and where simplified characters
would be a mistake (Hong Kong, Taiwan).
"""
_LANGUAGE_OF: Final = {country: language for language, codes in _COUNTRIES.items() for country in codes.split()}


def find_language(country: str) -> Language:
    """Return the language for a customer in *country*, an ISO 3166 code. Without one, it is English."""
    return _LANGUAGE_OF.get(country.strip().upper(), Language.ENGLISH)
