"""Lines on the console, in a narrow window, in a wide one and in none."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.console import be, join, lay_out

TEXT = "John Smith of Northwind asks to be contacted about Contoso CRM"


def cells(line: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(each) in "FW") for each in line)


def test_in_a_pipe_each_text_is_one_line() -> None:
    assert lay_out("owners", [TEXT * 9, "bob@contoso.example"], None) == [
        f"owners       {TEXT * 9}",
        "             bob@contoso.example",
    ]


@pytest.mark.parametrize("width", [40, 50, 60, 120])
def test_a_text_is_wrapped_between_words_and_stays_behind_its_label(width: int) -> None:
    first, *others = lay_out("12:30:01", [TEXT], width)
    assert first.startswith("12:30:01     John")
    assert all(line.startswith(" " * 13) and line[13] != " " for line in others)
    assert all(len(line) <= width for line in (first, *others))
    assert " ".join([first[13:], *(line[13:] for line in others)]) == TEXT


def test_an_address_longer_than_the_window_stays_whole_so_that_it_can_be_copied() -> None:
    url = f"http://127.0.0.1:7071/{'x' * 60}"
    assert lay_out("health", [f"{url} names what is wrong"], 50)[0].endswith(url)


def test_a_chinese_character_counts_twice() -> None:
    assert lay_out("New", ["示例科技 示例科技"], 33) == ["New          示例科技 示例科技"]
    assert lay_out("New", ["示例科技 示例科技 示例"], 33)[1] == f"{' ' * 13}示例"


@pytest.mark.parametrize("character", ["\x1b", "\n", "\r", "\x07", "\u202e", "\x9b"])
def test_nothing_that_a_stranger_wrote_steers_the_terminal(character: str) -> None:
    (line,) = lay_out("New", [f"Ada{character}[31mLovelace"], None)
    assert character not in line


@given(text=st.text(), width=st.integers(0, 200))
def test_no_text_and_no_width_fails_and_no_line_has_blanks_at_its_end(text: str, width: int) -> None:
    for line in lay_out("label", [text], width):
        assert line == line.rstrip()
        assert cells(line) <= max(width, 33) or " " not in line[13:]


@pytest.mark.parametrize(
    ("names", "said"), [(["A"], "A is"), (["A", "B"], "A and B are"), (["A", "B", "C"], "A, B and C are")]
)
def test_names_are_joined_as_one_says_them(names: list[str], said: str) -> None:
    assert f"{join(names)} {be(names)}" == said
