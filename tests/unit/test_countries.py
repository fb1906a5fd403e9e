"""Which country a customer means."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.condition_words import COUNTRY_CODES
from lead_core.lead.countries import format_country, normalise
from lead_core.lead.country_names import OTHER_NAMES

NAMES = {
    "AE": "UAE | U.A.E. | the United Arab Emirates | الإمارات | إمارات | الإمارات العربية المتحدة | VAE | ОАЭ",
    "AL": "Shqipëria | Albanien",
    "AT": "Österreich | OSTERREICH | Oesterreich | AUT | Áo",
    "BA": "Bosnia | Bosnia & Herzegovina",
    "BO": "Bolivia (Plurinational State of) | Bolivia, Plurinational State of",
    "BS": "The Bahamas | Bahamas, The",
    "CD": "DR Congo | Congo, Democratic Republic of the | Congo (Kinshasa) | Democratic Republic of Congo",
    "CG": "Republic of the Congo | Congo-Brazzaville",
    "CH": "Schweiz / Suisse / Svizzera | die Schweiz",
    "CI": "Ivory Coast | Côte d'Ivoire | COTE D’IVOIRE | Elfenbeinküste",
    "CN": "中国 | China | P.R. China | People's Republic of China",
    "CV": "Cape Verde | Cabo Verde",
    "CZ": "Czech Republic | Czechia | Česko | Чехия",
    "DE": "DE | deu | 276 | Deutschland / Germany | DE - Germany | \U0001f1e9\U0001f1ea | \U0001f1e9\U0001f1ea Germany "
    "| Bundesrepublik Deutschland | Allemagne",
    "DO": "República Dominicana | Dominican Republic",
    "EG": "مصر | Egypt",
    "FR": "République française | la France",
    "GB": "UK | U.K. | Great Britain | England "
    "| Northern Ireland | Scotland | United Kingdom (UK) | R.U. | Reino Unido",
    "GE": "Georgia",
    "GN": "Guinea",
    "GR": "Ελλάδα | Greece",
    "HK": "Hong Kong SAR | Hong Kong | China, Hong Kong | 香港",
    "IE": "Éire | Republic of Ireland",
    "IR": "Iran | Iran, Islamic Republic of | Iran (Islamic Republic of)",
    "JP": "日本 | 日本国 | Japan",
    "KP": "North Korea | N. Korea",
    "KR": "Korea | Korea (the Republic of) | Korea, Republic of | South Korea | 대한민국 | 한국 | KOR",
    "KN": "St. Kitts | St. Kitts & Nevis",
    "LA": "Laos | Lao P.D.R.",
    "LK": "Ceylon | Sri Lanka",
    "MK": "Macedonia | North Macedonia",
    "MM": "Burma | Myanmar",
    "MX": "México | Méjico | Mejico",
    "NL": "the Netherlands | Holland | The NETHERLANDS | Nederland",
    "PR": "Puerto Rico",
    "RU": "Russia | Российская Федерация | РОССИЯ | Rusya | روسيا",
    "SA": "السعودية | المملكة العربية السعودية | K.S.A.",
    "SS": "South Sudan | S. Sudan",
    "SZ": "Swaziland | Eswatini",
    "TH": "ไทย | ประเทศไทย",
    "TR": "TÜRKİYE | Türkiye | türkiye | Turkey | TURKIYE",
    "TW": "Taiwan | Taiwan, R.O.C. | 臺灣",
    "US": "USA | U.S.A. | U S A | u.s. | USA (United States) | the United States of America | EE. UU. | Mỹ",
    "VN": "Viet Nam | Vietnam | Việt Nam",
    "XK": "XK | XKX | Kosovo | KOSOVO | Republic of Kosovo | Kosova | Косово",
}


@pytest.mark.parametrize(
    ("code", "text"), [("GB", "uk"), ("GR", "EL"), ("VG", "BVI"), ("GB", "GBR"), ("GB", "826"), ("GB", "🇬🇧")]
)
def test_a_code_in_wide_use_is_the_countrys(code: str, text: str) -> None:
    assert format_country(text) == code


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in NAMES.items() for name in names.split(" | ")]
)
def test_a_known_country_becomes_its_iso_code(code: str, name: str) -> None:
    assert format_country(name) == code


@pytest.mark.parametrize(
    "text",
    [
        "Congo",
        "Kongo",
        "Virgin Islands",
        "Saint Martin",
        "Lebanon, New Hampshire",
        "Georgia, USA",
        "USA, Canada",
        "Atlantis",
        "Africa",
        "EU",
        "D",
        "A",
        "n/a",
        "-",
        ".",
        "",
        "*aa",
        "New Mexico",
        "Germany" * 30,
    ],
)
def test_what_may_be_another_country_or_none_stays_as_it_came(text: str) -> None:
    assert format_country(text) == text


COUNTRIES = list(pycountry.countries)
FIELDS = ("name", "official_name", "common_name")
ENGLISH = [
    (name, each.alpha_2)
    for each in COUNTRIES
    for field in FIELDS
    if (name := getattr(each, field, "")) not in {"", "Congo"}
]


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.alpha_2)
def test_every_code_is_read(country: pycountry.db.Country) -> None:
    for code in (country.alpha_2, country.alpha_3, country.numeric, country.flag, country.alpha_2.lower()):
        assert format_country(code) == country.alpha_2


SPELLINGS = ["{}", "the {}", " {}.", "{} (the)", "({})", "{}\u200b", "\u201c{}\u201d"]


@given(st.sampled_from(ENGLISH), st.sampled_from([str, str.upper, str.lower, str.title]), st.sampled_from(SPELLINGS))
def test_every_spelling_of_a_name_is_the_same_country(
    named: tuple[str, str], case: Callable[[str], str], spelling: str
) -> None:
    name, code = named
    assert format_country(spelling.format(case(name))) == code


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_stays_as_it_came(text: str) -> None:
    found = format_country(text)
    assert found == text or found in COUNTRY_CODES
    assert format_country(found) == found


@given(st.text())
def test_a_normal_name_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_our_own_names_are_read_and_belong_to_codes_that_rules_know() -> None:
    for code, names in OTHER_NAMES.items():
        assert code in COUNTRY_CODES
        assert {format_country(name) for name in names.split(" | ")} == {code}


def test_a_code_reads_no_file_of_names() -> None:
    """Most leads have a code. A name in another language takes a tenth of a second, once."""
    program = """if True:
        from lead_core.lead import countries
        assert countries.format_country("US") == "US"
        print(countries._names_of_unicode.cache_info().misses, countries._translated_names.cache_info().misses)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout == "0 0\n"
