"""Which language a customer is written to in."""

import pycountry
import pytest

from lead_core.views.languages import _LANGUAGE_OF, NAMES, Language, find_language


@pytest.mark.parametrize(
    ("country", "language"),
    [
        ("DE", "de"), ("AT", "de"), ("CH", "de"), ("LI", "de"),
        ("FR", "fr"), ("LU", "fr"), ("SN", "fr"),
        ("ES", "es"), ("MX", "es"), ("PR", "es"),
        ("BR", "pt"), ("PT", "pt"), ("AO", "pt"), ("MZ", "pt"),
        ("JP", "ja"), ("CN", "zh"), (" cn ", "zh"),
        ("US", "en"), ("BE", "en"), ("CA", "en"), ("TW", "en"), ("HK", "en"), ("SG", "en"),
        ("", "en"), ("Zürich", "en"),
    ],
)  # fmt: skip
def test_the_country_chooses_the_language(country: str, language: str) -> None:
    assert find_language(country) == language


def test_every_country_of_the_list_is_one() -> None:
    assert all(pycountry.countries.get(alpha_2=code) for code in _LANGUAGE_OF)


def test_every_language_has_a_name_of_its_own() -> None:
    assert len({NAMES[language] for language in Language}) == len(Language)
