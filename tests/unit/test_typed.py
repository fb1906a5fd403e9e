from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.cells import is_yes
from lead_core.adapters.tables.typed import parse_count, parse_json, parse_moment, parse_yes, unwrap_text


class Wrapped(NamedTuple):
    """A 64-bit number as the SDK reads it: with its type."""

    value: Any
    edm_type: str = "Edm.Int64"


ANY_CELL = st.text() | st.integers() | st.floats() | st.booleans() | st.none() | st.binary() | st.datetimes()
KNOWN = datetime(2026, 11, 12, 10, 0, 30, 123456, tzinfo=UTC)


YES = [
    "TRUE",
    "true",
    "'TRUE",
    "1",
    "1.0",
    "1,0",
    "yes",
    "Y",
    "x",
    "✓",
    "✔️",
    "✅",
    "WAHR",
    "ja",
    "VRAI",
    "oui",
    "Oui!",
    "VERDADERO",
    "sí",
    "si",
    "VERO",
    "sì",
    "SIM",
    "WAAR",
    "PRAWDA",
    "tak",
    "SANT",
    "SAND",
    "SANN",
    "TOSI",
    "DOĞRU",
    "ИСТИНА",
    "да",
    "はい",
    "是",
    "ＴＲＵＥ",
]
NO = [
    "FALSE",
    "false",
    "0",
    "0.0",
    "no",
    "N",
    "FALSCH",
    "nein",
    "FAUX",
    "non",
    "FALSO",
    "não",
    "ONWAAR",
    "nee",
    "FAŁSZ",
    "nie",
    "FALSKT",
    "USANN",
    "EPÄTOSI",
    "ЛОЖЬ",
    "нет",
    "いいえ",
    "否",
    "❌",
]


@pytest.mark.parametrize("cell", [True, 1, 1.0, Wrapped(1), " True ", *YES])
def test_a_yes_is_read_in_the_usual_languages_and_types(cell: object) -> None:
    assert parse_yes(cell) is True
    assert is_yes(cell)


@pytest.mark.parametrize("cell", [False, 0, 0.0, Wrapped(0), *NO])
def test_a_no_is_read_in_the_usual_languages_and_types(cell: object) -> None:
    assert parse_yes(cell) is False
    assert not is_yes(cell)


@pytest.mark.parametrize("cell", [None, "", "  ", "maybe", "2", 7, "not true", b"x"])
def test_what_is_neither_yes_nor_no_is_no_answer(cell: object) -> None:
    assert parse_yes(cell) is None
    assert not is_yes(cell)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (2, 2),
        (2.0, 2),
        (Wrapped(2), 2),
        ("2", 2),
        ("'2", 2),
        (" 2.0 ", 2),
        ("2,00", 2),
        ("2E+00", 2),
        ("２", 2),
        ("0", 0),
        ("two", None),
        (-3, None),
        ("-3", None),
        (2.5, None),
        ("", None),
        (None, None),
        (True, None),
        ("nan", None),
        ("1e300", None),
        (float("inf"), None),
    ],
)
def test_a_number_is_read_from_any_type(cell: object, count: int | None) -> None:
    assert parse_count(cell) == count


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26T10:00:00Z",
        "2026-11-26 10:00:00Z",
        "2026-11-26 10:00",
        "2026-11-26T10:00:00.0000000Z",
        "2026-11-26T11:00:00+01:00",
        "2026/11/26 10:00",
        "11/26/2026 10:00",
        "11/26/2026 10:00:00 AM",
        "26/11/2026 10:00",
        "26.11.2026 10:00",
        "26.11.26, 10:00 Uhr",
        "26. 11. 2026 10:00",
        "26.11.2026 10.00",
        "26-11-2026 10:00",
        "26-Nov-2026 10:00",
        "Nov 26, 2026 10:00 AM",
        "Thursday, November 26, 2026 10:00",
        "Thu, 26 Nov 2026 10:00:00 GMT",
        "26 novembre 2026 10:00",
        "26 de noviembre de 2026, 10:00",
        "2026年11月26日 10:00",
        "46352.4166666667",
        "46352,4166666667",
        46352.4166666667,
        "'2026-11-26 10:00",
        datetime(2026, 11, 26, 10, tzinfo=UTC).replace(tzinfo=None),
        datetime(2026, 11, 26, 12, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_time_is_read_as_spreadsheets_and_people_write_it(text: object) -> None:
    read = parse_moment(text)
    assert read is not None
    assert abs(read - datetime(2026, 11, 26, 10, tzinfo=UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "cell", [
        "2026-11-26", "26.11.2026", "11/26/2026", "46352", 46352, "November 26th, 2026", "26-11-2026", "11-26-2026",
        "Nov-26-2026", "2026. 11. 26.", "2026年 11月 26日",
    ],
)  # fmt: skip
def test_a_day_alone_is_its_start(cell: object) -> None:
    assert parse_moment(cell) == datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "next week",
        "11/12/2026",
        "12/11/2026 10:00",
        "31.02.2026",
        "26.11.2026 25:00",
        "1899-01-01",
        "9999",
        True,
    ],
)
def test_what_is_no_time_or_may_be_two_is_none(cell: object) -> None:
    assert parse_moment(cell) is None


@pytest.mark.parametrize(
    "text", ["11/12/2026 10:00", "12/11/2026 10:00", "12/11/26", "12.11.2026 10:00:30", "46338.41702"]
)
def test_a_time_that_the_app_wrote_is_that_time_in_any_form(text: str) -> None:
    assert parse_moment(text, known=KNOWN) == KNOWN


@pytest.mark.parametrize("text", ["2026-11-12 10:01", "2026-11-12T10:00:32Z", "2026-11-13", "46338.5"])
def test_another_time_than_the_app_wrote_is_an_edit(text: str) -> None:
    assert parse_moment(text, known=KNOWN) not in {None, KNOWN}


MOMENTS = st.integers(0, 15_000_000_000_000_000).map(
    lambda part: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(microseconds=part)
)
FORMS = [
    "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y", "%d-%b-%Y %H:%M", "%B %d, %Y %I:%M %p", "%a, %d %b %Y %H:%M:%S GMT",
]  # fmt: skip


@given(MOMENTS, st.sampled_from(FORMS))
def test_every_form_of_a_known_time_reads_back_as_that_time(moment: datetime, form: str) -> None:
    assert parse_moment(moment.strftime(form), known=moment) == moment


@given(ANY_CELL)
def test_any_cell_is_read_or_not(cell: object) -> None:
    for parse in (parse_yes, parse_count, parse_moment, unwrap_text):
        parse(cell)


@pytest.mark.parametrize(
    "cell", ['{"round": 1}', '"{""round"": 1}"', '"{\\"round\\": 1}"', '\'{"round": 1}', ' {"round": 1}\n']
)
def test_json_is_read_as_a_spreadsheet_quotes_it(cell: str) -> None:
    assert parse_json(cell) == {"round": 1}


@pytest.mark.parametrize(("cell", "text"), [(None, ""), (2.0, "2"), (Wrapped(16175555555), "16175555555"), ("a", "a")])
def test_a_text_is_read_from_any_type(cell: object, text: str) -> None:
    assert unwrap_text(cell) == text
