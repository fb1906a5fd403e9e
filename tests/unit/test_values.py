import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.values import (
    MAX_MARKS,
    Offer,
    clean_line,
    clean_text,
    fold_text,
    format_digest,
    format_key,
    format_time,
    is_fit,
    limit_marks,
    shorten,
)
from tests.examples import NOON

ANY_TEXT = st.text(st.characters())  # surrogates and all
ILLEGAL_IN_KEYS = set("/\\#?%+\"'") | {chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]}


@given(ANY_TEXT)
def test_a_clean_line_is_one_line_that_every_table_and_mail_takes(text: str) -> None:
    line = clean_line(text)
    assert is_fit(line)
    assert line == " ".join(line.split())
    line.encode()  # no lone surrogate


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_text(clean_text(text)) == clean_text(text)


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("a\u0301\u0316\u0327"), max_size=99))
def test_no_letter_has_more_accents_than_can_be_put_in_order_quickly(text: str) -> None:
    for clean in (clean_line, clean_text):
        assert not re.search(f"[\u0301\u0316\u0327]{{{MAX_MARKS + 1}}}", clean(text))
    assert limit_marks(limit_marks(text)) == limit_marks(text)


@pytest.mark.parametrize("text", ["Zoë", "Zoe\u0308", "שָׁלוֹם", "हिन्दी", "a" + "\u0301" * MAX_MARKS, "tiếng Việt"])
def test_the_accents_of_languages_stay(text: str) -> None:
    assert limit_marks(text) == text


def test_texts_that_differ_only_in_the_order_of_accents_are_equal_still() -> None:
    assert fold_text("a\u0316\u0301") == fold_text("a\u0301\u0316")


def test_paragraphs_keep_their_line_breaks_and_tabs() -> None:
    assert clean_text(" top\r\nmiddle\rend\u2028last\tcell\x00 ") == "top\nmiddle\nend\nlast\tcell"


@pytest.mark.parametrize(("length", "kept"), [(7_999, 7_999), (8_000, 8_000), (8_001, 8_000), (90_000, 8_000)])
def test_long_texts_are_cut_with_an_ellipsis(length: int, kept: int) -> None:
    cut = shorten("x" * length)
    assert len(cut) == kept
    assert cut.endswith("…") is (length > 8_000)


@given(ANY_TEXT)
def test_a_key_is_legal_whatever_it_is_made_of(text: str) -> None:
    key = format_key(text)
    assert not ILLEGAL_IN_KEYS & set(key)
    assert len(key.encode("utf-16-le")) // 2 <= 512
    assert key == format_key(text)


@given(ANY_TEXT, ANY_TEXT)
def test_different_texts_have_different_keys(one: str, other: str) -> None:
    assert (format_key(one) == format_key(other)) is (fold_text(one) == fold_text(other))


@pytest.mark.parametrize("pair", [("a/b", "a#b"), ("x" * 201, "x" * 202), ("a/b", "a-b"), ("é", "e")])
def test_texts_that_keys_cannot_hold_still_have_different_keys(pair: tuple[str, str]) -> None:
    assert len(set(map(format_key, pair))) == 2


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_a_digest_knows_where_each_part_ends(one: list[str], other: list[str]) -> None:
    assert (format_digest(*one) == format_digest(*other)) is (one == other)


@pytest.mark.parametrize(
    ("offer", "key"),
    [
        (Offer("contoso", "contoso-crm", "Contoso CRM"), "contoso.contoso-crm"),
        (Offer("", "contoso-crm", "Contoso CRM"), "contoso-crm"),
        (Offer("", "", "Contoso  CRM"), "contoso crm"),
        (Offer(), "unknown-offer"),
    ],
)
def test_an_offer_is_known_by_its_ids_and_else_by_its_title(offer: Offer, key: str) -> None:
    assert offer.key == key


def test_times_sort_as_texts() -> None:
    assert format_time(NOON) == "2026-11-22T12:00:00.123456Z"
