"""Names as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.views.names import write_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PIERRE", "Pierre"),
        ("pierre", "Pierre"),
        ("jean-luc", "Jean-Luc"),
        ("McDonald", "McDonald"),
        ("MCDONALD", "McDonald"),
        ("Jean-luc", "Jean-luc"),
        ("van der Berg", "van der Berg"),
        ("vincent van der berg", "Vincent van der Berg"),
        ("MARIA DE LA CRUZ", "Maria de la Cruz"),
        ("DE LA CRUZ", "De la Cruz"),
        ("O'BRIEN", "O'Brien"),
        ("d\u2019angelo", "D\u2019Angelo"),
        ("\u00c9LODIE", "\u00c9lodie"),
        ("\u0130BRAH\u0130M", "\u0130brahim"),
        ("zo\u00eb m.", "Zo\u00eb M."),
        ("JJ", "JJ"),
        ("J.R.", "J.R."),
        ("AL", "Al"),
        ("\u738b", "\u738b"),
        ("\u05dc\u05d9\u05d0\u05ea", "\u05dc\u05d9\u05d0\u05ea"),
        ("\u10d2\u10d8\u10dd\u10e0\u10d2\u10d8", "\u10d2\u10d8\u10dd\u10e0\u10d2\u10d8"),
        ("", ""),
    ],
)
def test_a_name_is_written_as_a_name(text: str, name: str) -> None:
    assert write_name(text) == name


@given(st.text("aBc\u00c9\u00e9\u738b -'.", max_size=20))
def test_writing_a_name_twice_changes_nothing_and_loses_no_letter(text: str) -> None:
    name = write_name(text)
    assert write_name(name) == name
    assert name.lower() == text.lower()
