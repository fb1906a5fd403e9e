"""The page on drafts: what it says of files, placeholders and languages is tried."""

import re
from pathlib import Path

from lead_core.lead.values import MAX_TOUCHES
from lead_core.views.draft_files import _ACTIONS, AGAIN, FOLLOW_UP, LAST, PLACEHOLDERS, parse_draft, parse_draft_name
from lead_core.views.languages import Language

PAGE = (Path(__file__).parents[2] / "docs/drafts.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """Return what stands in quotes in the first cell of each line of the tables under a heading."""
    tables = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [text for cell in re.findall(r"^\| (`.+?) \|", tables, re.MULTILINE) for text in re.findall("`(.+?)`", cell)]


def test_the_example_is_a_file_that_can_be_used() -> None:
    (example,) = re.findall(r"```\n(.+?)```", PAGE, re.DOTALL)
    assert parse_draft(example.encode()).subject == "Your interest in {offer}"


def test_every_placeholder_is_explained() -> None:
    assert sorted(first_cells("A file")) == sorted(f"{{{name}}}" for name in PLACEHOLDERS)


def test_every_name_of_a_file_is_explained() -> None:
    names = first_cells("The name of a file")
    attempts = ["1", "2", str(MAX_TOUCHES), LAST, AGAIN, FOLLOW_UP]
    assert names == [*_ACTIONS, *attempts]
    assert [parse_draft_name("en", f"any-{attempt}").attempt for attempt in attempts] == attempts


def test_every_language_has_its_line() -> None:
    assert set(re.findall(r"^\| .+? \| `(\w\w)` \|", PAGE, re.MULTILINE)) == set(Language)
