"""What a customer wrote, made safe to look at."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.views.safe_text import calm, show_line, show_text


@pytest.mark.parametrize(
    ("text", "calmed"),
    [("a\u202eb\u202cc", "abc"), ("\u2066x\u2069\u2067\u2068", "x"), ("שלום\u200f!", "שלום\u200f!"), ("", "")],
)
def test_no_text_reverses_its_surroundings(text: str, calmed: str) -> None:
    assert calm(text) == calmed


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


@given(st.text(), st.integers(min_value=1, max_value=99))
def test_a_line_fits_into_a_header(text: str, limit: int) -> None:
    line = show_line(text, limit)
    EmailMessage()["Subject"] = line
    assert len(line) <= limit
    assert line == calm(line)
