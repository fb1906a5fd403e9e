"""Where a body stops being readable, as the person sees it who corrects it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.marketplace.spot import Spot, find_spot
from tests.posts import FOLDER


def spot_of(text: str) -> Spot:
    found = find_spot(text.encode(), text)
    assert found
    return found


def test_a_missing_comma_shows_the_line_before_it_too() -> None:
    spot = spot_of('{\n "a": 1\n "b": 2\n}')
    assert spot == Spot("line 3, column 2", "Expecting ',' delimiter", (' "a": 1', ' "b": 2'), 1)


def test_text_that_is_json_has_no_such_place() -> None:
    assert find_spot(b"{}", "{}") is None


def test_a_byte_order_mark_does_not_count() -> None:
    assert spot_of("\ufeff{x}").place == "line 1, column 2"


@pytest.mark.parametrize("text", ["[" * 100_000, f"[{'1' * 5_000}]"])
def test_what_is_too_complex_has_no_single_place(text: str) -> None:
    assert find_spot(text.encode(), text) is None


def test_text_that_is_cut_off_points_behind_its_last_character() -> None:
    spot = spot_of('{"a": 1')
    assert (spot.lines, spot.caret) == (('{"a": 1',), 7)


def test_of_a_long_line_the_part_around_the_fault_is_shown() -> None:
    text = '{"a": "' + "x" * 200 + '" "b": "' + "y" * 200 + '"}'
    spot = spot_of(text)
    (line,) = spot.lines
    assert line[spot.caret :].startswith('"b"')
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) == 74


def test_of_wide_letters_half_as_many_are_shown() -> None:
    (line,) = spot_of('["' + "山" * 200 + '" x]').lines
    assert len(line) == 37


def test_nothing_in_a_body_steers_the_terminal_or_moves_the_caret() -> None:
    spot = spot_of('{"a\u202e": "\x1b[31m"}')
    assert spot.lines == ('{"a·": "·[31m"}',)
    assert spot.lines[0][spot.caret] == "·"


def test_bytes_that_are_no_text_are_shown_as_bytes() -> None:
    spot = find_spot(b'{"a": "\xff\x00"}', None)
    assert spot == Spot("byte 7", "not a character", ("7b 22 61 22 3a 20 22 ff 00 22 7d",), 21)


def test_the_documented_test_lead_lacks_a_comma() -> None:
    text = (FOLDER / "documented-test-lead-invalid-json.txt").read_text(encoding="utf-8")
    spot = spot_of(text)
    assert spot.lines[-1][spot.caret :].startswith('"Description"')


@given(st.text())
def test_any_text_has_a_place_in_it_or_none(text: str) -> None:
    spot = find_spot(text.encode("utf-8", "replace"), text)
    assert spot is None or (spot.caret <= len(spot.lines[-1]) and "".join(spot.lines).isprintable())
