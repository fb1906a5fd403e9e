"""Every sample is a case: ``tests/expected`` says what the tables hold afterwards.

``UPDATE_EXPECTED=1 python -m local test tests/unit/test_samples.py`` writes those files anew, for a human to compare.
"""

import json
import os
from pathlib import Path

import pytest

from lead_core.adapters.tables.table import Entity
from tests.conftest import Memory
from tests.examples import NOON, message

TESTS = Path(__file__).parent.parent
SAMPLES = sorted(path for path in (TESTS / "samples").iterdir() if path.suffix in {".json", ".txt"})
SHARED = TESTS.parent.parent / "shared" / "samples"


async def stored(*contents: bytes, offer: str = "") -> Memory:
    memory = Memory()
    for number, content in enumerate(contents, start=1):
        queued = message(content, event=number, offer=offer)
        await memory.processing.process(queued, message_id="m", queued_at=NOON)
    return memory


async def lead_row(name: str, offer: str = "") -> Entity:
    memory = await stored((TESTS / "samples" / name).read_bytes(), offer=offer)
    (row,) = memory.leads.rows
    return row


def without(row: Entity, *columns: str) -> Entity:
    return {column: value for column, value in row.items() if column not in {"ActionHistory", *columns}}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
async def test_a_sample_gives_its_expected_rows(sample: Path) -> None:
    memory = await stored(sample.read_bytes())
    rows = {
        "MarketplaceLeads": memory.inbox.rows,
        "Leads": memory.leads.rows,
        "FollowUps": memory.follow_ups.rows,
        "RejectedLeads": memory.rejects.rows,
    }
    text = json.dumps(rows, default=str, indent=1, ensure_ascii=False) + "\n"
    expected = TESTS / "expected" / f"{sample.stem}.json"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.skipif(not SHARED.exists(), reason="the samples' origin is not on this machine")
def test_the_samples_are_those_that_were_handed_to_us() -> None:
    assert {path.name: path.read_bytes() for path in SHARED.iterdir()} == {
        path.name: path.read_bytes() for path in (TESTS / "samples").iterdir()
    }


def test_no_expectation_is_left_without_its_sample() -> None:
    assert {path.stem for path in (TESTS / "expected").iterdir()} == {path.stem for path in SAMPLES}


async def test_letter_case_by_level_makes_no_difference() -> None:
    pascal, camel = await lead_row("documented-pascal-case.json"), await lead_row("observed-camel-case.json")
    assert without(pascal, "Title") == without(camel, "Title")  # they differ in the title alone


async def test_an_empty_text_a_null_and_an_absent_value_are_the_same() -> None:
    assert await lead_row("gaps-as-empty-strings.json") == await lead_row("gaps-as-nulls.json")


async def test_the_same_person_in_another_spelling_is_one_lead() -> None:
    names = ("composite-contact-me.json", "same-person-other-spelling.json")
    memory = await stored(*((TESTS / "samples" / name).read_bytes() for name in names), offer="contoso.contoso-crm")
    (row,) = memory.leads.rows
    assert (row["ActionCount"], row["LastName"], row["ActionCode"]) == (2, "SMITH", "INS")
