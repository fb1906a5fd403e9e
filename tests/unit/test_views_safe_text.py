"""What a customer wrote, made safe to look at."""

import re
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.views.safe_text import calm, show_excerpt, show_line, show_text, show_title


@pytest.mark.parametrize(
    ("text", "calmed"),
    [("a\u202eb\u202cc", "abc"), ("\u2066x\u2069\u2067\u2068", "x"), ("שלום\u200f!", "שלום\u200f!"), ("", "")],
)
def test_no_text_reverses_its_surroundings(text: str, calmed: str) -> None:
    assert calm(text) == calmed


@pytest.mark.parametrize(
    ("text", "calmed"),
    [
        ("a" + "".join(chr(0xE0000 + ord(c)) for c in "hidden") + "b", "ab"),
        ("ev\u00adil\u200b \u2060x\ufeff\u3164", "evil x"),
        ("a" + "\u200d" * 9 + "b", "a\u200db"),
        ("a" + "\ufe0f\U000e0101" * 9 + "b", "a\ufe0fb"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("葛\U000e0100", "葛\U000e0100"),
        ("Z\u0300\u0301\u0302 algo" + "\u0335" * 500, "Z\u0300\u0301\u0302 algo" + "\u0335" * 4),
        ("Nguyễn Thị", "Nguyễn Thị"),
    ],
)
def test_no_text_hides_in_another_or_runs_over_it(text: str, calmed: str) -> None:
    assert calm(text) == calmed


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Contoso CRM 365/ERP v2.1", "Contoso CRM 365/ERP v2.1"),
        ("J. R. Smith", "J. R. Smith"),
        ("Klinik http://evil.example", "Klinik"),
        ("Klinik (hxxps://evil.example) Köln", "Klinik Köln"),
        ("www.evil.com", ""),
        ("//evil.com \\\\evil\\x evil.com/x evil.com?x 10.0.0.1/x", ""),
        ("evil.com", "evil .com"),
        ("write to eve@evil.example", "write to eve@evil .example"),
        ("全部库存。谢谢。", "全部库存。谢谢。"),
        ("evil。com ev\u200bil．com", "evil .com evil .com"),
        ("a\u200cb\u200f\ufe0f", "ab"),
    ],
)
def test_a_title_makes_no_link_and_hides_nothing(text: str, title: str) -> None:
    assert show_title(text, 80) == title


@given(st.text() | st.text("aw.:/\\ \u200c", max_size=40), st.integers(min_value=1, max_value=99))
def test_no_title_has_a_url(text: str, limit: int) -> None:
    title = show_title(text, limit)
    assert len(title) <= limit
    assert title == show_line(title, limit)
    assert not re.search(r"://|\bwww\.|\w\.[a-z]{2}", title, re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("one", ("one",)),
        ("one\r\ntwo\rthree\u2028four", ("one", "two", "three", "four")),
        ("one\n \n\n\ttwo", ("one", "", "two")),
        ("\n\none\n\n", ("one",)),
        ("x" * 30, ("x" * 19 + "…",)),
        ("\n".join("abcdef"), ("a", "b", "c", "d", "…")),
    ],
)
def test_a_text_is_cut_and_keeps_its_lines(text: str, lines: tuple[str, ...]) -> None:
    assert show_text(text, 20, max_lines=5) == lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one two three four", "one two three four"),
        ("one two three four five", "one two three four…"),
        ("one two three fourfive six", "one two three…"),
        ("one two three four\nfive six", "one two three four…"),
        ("x" * 40, "x" * 19 + "…"),
        ("家" * 40, "家" * 19 + "…"),
    ],
)
def test_a_text_that_is_cut_ends_at_a_word(text: str, shown: str) -> None:
    assert show_excerpt(text, 20, max_lines=5) == ((shown,), shown.endswith("…"))


@given(st.text(), st.integers(min_value=1, max_value=99))
def test_an_excerpt_is_never_too_long_and_says_if_there_is_more(text: str, limit: int) -> None:
    lines, is_cut = show_excerpt(text, limit, max_lines=3)
    assert len(lines) <= 3
    assert sum(map(len, lines)) <= limit
    assert is_cut == (show_text(text, 10_000, max_lines=10_000) != lines)


@given(st.text(), st.integers(min_value=1, max_value=99))
def test_a_line_fits_into_a_header(text: str, limit: int) -> None:
    line = show_line(text, limit)
    EmailMessage()["Subject"] = line
    assert len(line) <= limit
    assert line == calm(line)
