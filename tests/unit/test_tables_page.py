"""The docs say what may be typed into each cell. What they say is tried."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from lead_core.adapters.tables.cells import is_yes
from lead_core.adapters.tables.derived import DERIVED_COLUMNS
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.steering import COLUMNS
from lead_core.lead.changes import StoredLead, delivered, edited
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.problems import HINTS
from lead_core.lead.status_words import Word, parse_word
from lead_core.settings import load_settings
from tests.examples import NOON, delivery

PAGE = (Path(__file__).parents[2] / "docs/tables.md").read_text(encoding="utf-8")
WORDS = re.findall(
    r"^\| (`.+`) \| (?:`(\w+)`|unknown).* \|$", PAGE.split("### Words for a status")[1].split("\n### ")[0], re.MULTILINE
)
CELLS = re.findall(
    r"^\| `(\w+)` \| (`.+`) \| (?:`(.+?)`|not obeyed).* \|$",
    PAGE.split("### What comes back")[1].split("\n### ")[0],
    re.MULTILINE,
)


def quoted(text: str) -> list[str]:
    return re.findall("`(.+?)`", text)


def typed(column: str, text: str) -> Lead:
    row = lead_to_row(delivered(None, delivery(), FollowUpPolicy())) | {column: text}
    return edited(StoredLead(lead_from_row(row, edited_at=NOON), "v1", NOON), FollowUpPolicy())


def test_the_page_has_these_tables() -> None:
    assert [meant for _, meant in WORDS] == [*(word.status for word in Word), ""]
    assert {column for column, *_ in CELLS} == {*HINTS, "RemindersSent"}


@pytest.mark.parametrize(("line", "word"), [*zip(WORDS, [*Word, None], strict=True)], ids=[*Word, "unknown"])
def test_a_status_word_means_what_the_page_says(line: tuple[str, str], word: Word | None) -> None:
    words, meant = line
    assert {each: parse_word(each) for each in quoted(words)} == dict.fromkeys(quoted(words), word)
    for each in quoted(words):
        assert (typed("Status", each).problem == "") is bool(meant)


@pytest.mark.parametrize(("column", "texts", "read"), CELLS)
def test_a_cell_is_read_as_the_page_says(column: str, texts: str, read: str) -> None:
    (name,) = (each.name for each in COLUMNS if each.column == column)
    before = getattr(typed("Note", ""), name)
    for text in quoted(texts):
        lead = typed(column, text)
        assert str(getattr(lead, name)) == (read or str(before)), text
        assert (lead.problem == "") is bool(read), text


def test_the_page_names_each_column_that_the_app_keeps_for_itself() -> None:
    (sentence,) = re.findall(r"Only the app writes (.+?)\.", PAGE)
    assert quoted(sentence) == [each.column for each in COLUMNS if each.column not in HINTS]


def test_the_page_names_each_column_that_follows_from_others() -> None:
    (sentence,) = re.findall(r"\n(`Name`.+?) follow from other cells", PAGE)
    assert {*quoted(sentence)} == {*DERIVED_COLUMNS}


def test_the_page_names_the_first_columns_in_their_order() -> None:
    (sentence,) = re.findall(r"what you read and edit \((.+?)\)", PAGE)
    row = lead_to_row(delivered(None, delivery(), FollowUpPolicy()))
    assert list(row)[2 : 2 + len(quoted(sentence))] == quoted(sentence)


def test_the_schedule_that_the_page_proposes_is_one() -> None:
    (schedule,) = re.findall(r"is `CHECK_SCHEDULE` `(.+?)`", PAGE)
    assert load_settings(check_schedule=schedule).check_schedule == schedule


def test_each_word_for_retry_is_a_yes() -> None:
    (sentence,) = re.findall(r"Set `Retry` to true\. Typing (.+?)\.\n", PAGE)
    assert [word for word in quoted(sentence) if not is_yes(word)] == []


def test_an_example_is_within_the_year_that_a_snooze_may_last() -> None:
    assert all(typed("SnoozedUntil", f"{NOON + timedelta(days):%Y-%m-%d}").problem == "" for days in (1, 365))
