"""What is nearly JSON is shown to a person, and is never a lead by itself."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope, RejectedFrom
from lead_core.marketplace.lenient import read_leniently
from lead_core.marketplace.suggestion import reject, suggest
from tests.examples import NOON

PLAIN = '{"email": "ada@b.example", "lastName": "O\'Brien", "offerTitle": "CRM"}'
READ = "Name: O'Brien; Email: ada@b.example; Offer: CRM"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("}", ",}"),
        PLAIN.replace(",", ",,"),
        PLAIN.replace(",", ""),
        PLAIN.replace(",", ";").replace(";", "", 1),
        PLAIN.replace('"', "“").replace("“:", "”:"),
        PLAIN.replace('"', "„").replace("„:", "“:").replace("„,", "“,").replace("„}", "“}"),
        PLAIN[:-1],
        PLAIN[:-2],
        PLAIN + "}",
        "// lead\n" + PLAIN,
        "# lead\n" + PLAIN,
        PLAIN.replace(",", ", /* next, */"),
        "{email: ada@b.example, lastName: O'Brien, offerTitle: CRM}",
        '{email: ada@b.example // hers\n, lastName: "O\'Brien", offerTitle: CRM /* ours */}',
        "{'email': 'ada@b.example', 'lastName': 'O'Brien', 'offerTitle': 'CRM'}",
        "{'email': 'ada@b.example' 'lastName': 'O\\'Brien' 'offerTitle': 'CRM'}",
        f"lead = {PLAIN};",
        f"callback([{PLAIN}])",
        PLAIN.replace('"CRM"', '"CRM", "x": undefined'),
        PLAIN.replace('"CRM"', '"CRM", "x": , "y":'),
        PLAIN.replace("}", ', "company": None, "phone": NaN, title: Null, "country": undefined,}'),
        PLAIN.replace('"CRM"', '"CRM", "x": [1, 2,, {"a": ]'),
    ],
)
def test_what_is_nearly_json_is_shown(text: str) -> None:
    assert suggest(text.encode()) == READ


@pytest.mark.parametrize("text", ["", "no JSON", "{", "[]", "{}", "{{{{", '{"a"', "<lead/>", "\x00\xff"])
def test_nothing_is_shown_of_what_says_nothing(text: str) -> None:
    assert suggest(text.encode()) == ""


def test_twenty_brackets_in_one_another_are_opened_and_no_more() -> None:
    for opening in ("[", '{"a":'):
        held: object = read_leniently(opening * 21 + "x")
        depth = 0
        while isinstance(held, list | dict):
            held = next(iter(held if isinstance(held, list) else held.values()), None)
            depth += 1
        assert (depth, held) == (20, "")


def test_the_first_of_several_are_shown() -> None:
    assert suggest(f"[{PLAIN} {PLAIN} {PLAIN} {PLAIN}]".encode()) == " | ".join([READ] * 3)


def test_only_text_that_is_no_json_gets_a_suggestion() -> None:
    envelope = Envelope("1" * 32, NOON, "", PLAIN.encode())
    for code, shown in ((RejectCode.NOT_JSON, READ), (RejectCode.DAMAGED_ROW, "")):
        assert reject(envelope, UnreadableLeadError(code, ""), RejectedFrom.HTTP).would_read == shown


SCALARS = st.text() | st.integers().map(str)
JSON = st.dictionaries(
    st.text(), st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
)


@given(JSON, st.booleans(), st.sampled_from([None, 1]))
def test_json_reads_as_it_is(value: object, is_ascii: bool, indent: int | None) -> None:
    assert read_leniently(json.dumps(value, ensure_ascii=is_ascii, indent=indent)) == value


@given(st.binary() | st.text(alphabet="{}[]:,\"'“”/*\\#\n a1").map(str.encode))
def test_any_bytes_are_shown_or_not(body: bytes) -> None:
    suggest(body)
    suggest(b"{" + body)


def seconds(text: bytes) -> float:
    """Return the least time that reading *text* takes, of three tries."""

    def measure() -> float:
        began = time.process_time()
        suggest(text)
        return time.process_time() - began

    return min(measure() for _ in range(3))


@pytest.mark.measures_time
@pytest.mark.parametrize(
    "piece",
    ["{", "[", "'", '"', '{"a":', "{'a' ", "/*", "//", "' ", "\\", "“", "{'", "'\\", "{'a': ", "/", "*", " ", "a "],
)
def test_the_time_grows_with_the_length_of_hostile_text_alone(piece: str) -> None:
    short, long = (b"{" + (piece * length).encode()[:length] for length in (5_000, 40_000))
    assert seconds(long) < 24 * (seconds(short) + 0.002)
