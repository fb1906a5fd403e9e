"""Every sample is a case: ``tests/expected`` says what the tables hold afterwards.

``UPDATE_EXPECTED=1 python -m local test tests/unit/test_samples.py`` writes those files anew, for a human to compare.
"""

import json
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest

from lead_core.adapters.tables.table import Entity
from lead_core.errors import UnreadableLeadError
from lead_core.marketplace.envelope import MAX_BODY_BYTES
from lead_core.marketplace.leads import MAX_LEADS
from lead_core.steps.intake import Posted
from tests.conftest import Memory
from tests.examples import NOON
from tests.posts import SAMPLES, Sample

TESTS = Path(__file__).parent.parent
SHARED = TESTS.parent.parent / "shared" / "samples"
PAGE = (TESTS.parent / "docs" / "what-is-read.md").read_text(encoding="utf-8")


async def stored(*samples: Sample, offer: str = "") -> Memory:
    """Return what the tables hold after the samples were posted and processed."""
    memory = Memory()
    for number, sample in enumerate(samples, start=1):
        headers = sample.headers
        posted = Posted(
            sample.content,
            offer,
            is_chunked=False,
            content_type=headers.get("Content-Type", ""),
            content_encoding=headers.get("Content-Encoding", ""),
        )
        with suppress(UnreadableLeadError):
            await memory.intake.accept(posted, event_id=f"{number:032x}", now=NOON)
    for queued in memory.queue.messages:
        await memory.processing.process(queued, message_id="m", queued_at=NOON)
    return memory


def sample_of(name: str) -> Sample:
    return Sample(TESTS / "samples" / name)


async def lead_row(name: str, offer: str = "") -> Entity:
    memory = await stored(sample_of(name), offer=offer)
    (row,) = memory.leads.rows
    return row


def without(row: Entity, *columns: str) -> Entity:
    return {column: value for column, value in row.items() if column not in {"zAppActionHistory", *columns}}


def expected(sample: Sample) -> Path:
    return TESTS / "expected" / f"{sample.name}.json"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
async def test_a_sample_gives_its_expected_rows(sample: Sample) -> None:
    memory = await stored(sample)
    rows = {
        "MarketplaceLeads": memory.inbox.rows,
        "Leads": memory.leads.rows,
        "FollowUps": memory.follow_ups.rows,
        "RejectedLeads": memory.rejects.rows,
    }
    text = json.dumps(rows, default=str, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_EXPECTED"):
        expected(sample).write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(expected(sample).read_text(encoding="utf-8"))


@pytest.mark.skipif(not SHARED.exists(), reason="the samples' origin is not on this machine")
def test_the_samples_that_were_handed_to_us_are_as_they_were() -> None:
    for path in SHARED.iterdir():
        assert path.suffix == ".md" or path.read_bytes() == (TESTS / "samples" / path.name).read_bytes(), path.name


def test_no_expectation_and_no_headers_are_left_without_their_sample() -> None:
    assert {path.stem for path in (TESTS / "expected").iterdir()} == {sample.name for sample in SAMPLES}
    headers = (TESTS / "samples").glob("*.headers")
    assert {path.stem for path in headers} <= {sample.path.name for sample in SAMPLES}


def told(section: str) -> dict[str, str]:
    """Return what a table of the page says about each sample that it names."""
    table = PAGE.partition(f"## {section}")[2].partition("\n## ")[0]
    lines = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    return {name: outcome for *_, outcome, names in lines for name in re.findall("`(.+?)`", names)}


def test_the_page_names_every_sample_and_says_what_becomes_of_it() -> None:
    read, refused = told("What is read"), told("What is refused")
    assert read.keys() | refused.keys() == {sample.path.name for sample in SAMPLES}
    for sample in SAMPLES:
        rows = json.loads(expected(sample).read_text(encoding="utf-8"))
        reasons = {row["Reason"] for row in rows["RejectedLeads"]}
        assert bool(rows["Leads"]) == (sample.path.name in read), sample.name
        assert reasons == set(re.findall("`([a-z0-9-]+)`", refused.get(sample.path.name, ""))), sample.name


def test_the_page_has_the_limits_of_the_code() -> None:
    assert set(re.findall(r"(\d+) leads", PAGE)) == {str(MAX_LEADS)}
    assert set(re.findall(r"(\d+) KiB", PAGE)) == {str(MAX_BODY_BYTES // 1024)}


async def test_letter_case_by_level_makes_no_difference() -> None:
    pascal, camel = await lead_row("documented-pascal-case.json"), await lead_row("observed-camel-case.json")
    assert without(pascal, "Title") == without(camel, "Title")  # they differ in the title alone


async def test_an_empty_text_a_null_and_an_absent_value_are_the_same() -> None:
    assert await lead_row("gaps-as-empty-strings.json") == await lead_row("gaps-as-nulls.json")


async def test_the_same_person_in_another_spelling_is_one_lead() -> None:
    names = ("composite-contact-me.json", "same-person-other-spelling.json")
    memory = await stored(*map(sample_of, names), offer="contoso.contoso-crm")
    (row,) = memory.leads.rows
    assert (row["ActionCount"], row["LastName"], row["ActionCode"]) == (2, "SMITH", "INS")
