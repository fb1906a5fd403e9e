"""What people and spreadsheets do to the cells that steer the app, and what it goes by then."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.columns import DECISIONS, HISTORY
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.steering import COLUMNS, LONGEST_SNOOZE
from lead_core.adapters.tables.table import Entity
from lead_core.lead.changes import StoredLead, answered, delivered, edited
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.problems import HINTS
from lead_core.lead.values import Status
from tests.desk import Desk
from tests.examples import JOHN, NOON, at, body, delivery

POLICY = FollowUpPolicy()
TIMES = st.none() | st.integers(0, 9_999_999).map(lambda seconds: at(seconds / 60))


class Wrapped(NamedTuple):
    """A 64-bit number as the SDK reads it: with its type."""

    value: int
    edm_type: str = "Edm.Int64"


def write_text(value: object, write_time: Callable[[datetime], str], yes: str, no: str) -> object:
    if isinstance(value, bool):
        return yes if value else no
    return write_time(value) if isinstance(value, datetime) else str(value)


def through_csv(row: Entity) -> Entity:
    """Return a row after it was written as CSV and read again: every cell is a text."""
    file = io.StringIO()
    csv.writer(file).writerows([list(row), list(row.values())])
    names, cells = csv.reader(io.StringIO(file.getvalue(), newline=""))
    return dict(zip(names, cells, strict=True))


def quote_json(row: Entity) -> Entity:
    """Return a row whose JSON was quoted once too often."""
    quoted = {column: '"{}"'.format(row[column].replace('"', '""')) for column in (HISTORY, DECISIONS)}
    return row | quoted


def number_of(moment: datetime) -> str:
    days: float = (moment - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)
    return f"{days:.6f}".replace(".", ",")


DIALECTS: list[Callable[[Entity], Entity]] = [
    lambda row: {column: write_text(value, datetime.isoformat, "true", "false") for column, value in row.items()},
    lambda row: {
        column: write_text(value, lambda time: f"{time:%m/%d/%Y %H:%M}", "TRUE", "FALSE")
        for column, value in row.items()
    },
    lambda row: {
        column: write_text(value, lambda time: f"{time:%d.%m.%Y %H:%M:%S}", "WAHR", "FALSCH")
        for column, value in row.items()
    },
    lambda row: quote_json({column: write_text(value, number_of, "VRAI", "FAUX") for column, value in row.items()}),
    lambda row: {
        column: Wrapped(value) if type(value) is int else str(value).upper() if isinstance(value, bool) else value
        for column, value in row.items()
    },
    lambda row: {column: float(value) if type(value) is int else value for column, value in row.items()},
]


@st.composite
def leads(draw: st.DrawFn) -> Lead:
    contact = replace(
        JOHN, title=draw(st.text(max_size=9)), company=draw(st.sampled_from(["=1+1", "- a", "'x", "'=", 'a,b"c']))
    )
    lead = delivered(
        None, delivery(draw(st.integers(0, 99)), contact=contact, description=draw(st.text(max_size=9))), POLICY
    )
    return replace(
        lead,
        is_test=draw(st.booleans()),
        is_internal=draw(st.booleans()),
        reminders_sent=draw(st.integers(0, 9)),
        attempts=draw(st.integers(0, 9)),
        waiting_since=draw(TIMES),
        next_reminder_at=draw(TIMES),
        last_reminder_at=draw(TIMES),
        snoozed_until=draw(TIMES),
        first_contacted_at=draw(TIMES),
        refused_at=draw(TIMES),
    )


@given(leads(), st.sampled_from(DIALECTS))
def test_a_lead_that_was_in_a_spreadsheet_is_the_same_lead(lead: Lead, dialect: Callable[[Entity], Entity]) -> None:
    typed = dialect(lead_to_row(lead))
    assert replace(lead_from_row(typed), needs_writing=False) == lead
    assert lead_to_row(lead_from_row(typed), base=typed) == lead_to_row(lead)


@given(leads(), st.sampled_from(DIALECTS[:4]))
def test_a_lead_that_was_in_a_file_is_the_same_lead(lead: Lead, dialect: Callable[[Entity], Entity]) -> None:
    assert replace(lead_from_row(through_csv(dialect(lead_to_row(lead)))), needs_writing=False) == lead


GARBAGE = ["two", -3, 2499, 99, "", None, "2499-01-01", b"x", 1.5, True, "no", "-", Wrapped(7), "31.02.2026", "=1+1"]
APP_ONLY = [each for each in COLUMNS if each.column not in HINTS]


@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
@pytest.mark.parametrize("each", APP_ONLY, ids=lambda each: each.column)
def test_what_only_the_app_writes_is_not_obeyed_and_written_again(each: Any, garbage: object) -> None:
    lead = replace(
        delivered(None, delivery(), POLICY),
        reminders_sent=1,
        attempts=2,
        last_reminder_at=at(1),
        first_contacted_at=at(2),
        refused_at=at(2),
    )
    row = lead_to_row(lead) | {each.column: garbage}
    read = lead_from_row(row, edited_at=at(5))
    assert getattr(read, each.name) == getattr(lead, each.name)
    again = edited(StoredLead(read, "v1", at(5)), POLICY)
    assert (
        lead_to_row(again, base=row)[each.column]
        == lead_to_row(edited(StoredLead(lead, "v1", at(5)), POLICY))[each.column]
    )


@pytest.mark.parametrize("each", COLUMNS, ids=lambda each: each.column)
def test_a_cell_that_is_gone_takes_nothing_from_what_the_app_knew(each: Any) -> None:
    lead = replace(
        delivered(None, delivery(), POLICY),
        is_test=True, is_internal=True, reminders_sent=1, attempts=2,
        last_reminder_at=at(1), snoozed_until=at(2), first_contacted_at=at(3), refused_at=at(3),
    )  # fmt: skip
    row = lead_to_row(lead)
    for emptied in ({column: cell for column, cell in row.items() if column != each.column}, row | {each.column: ""}):
        read = lead_from_row(emptied)
        assert getattr(read, each.name) == getattr(lead, each.name)
        again = edited(StoredLead(read, "v1", NOON), POLICY)
        whole = edited(StoredLead(lead, "v1", NOON), POLICY)
        assert lead_to_row(again, base=emptied) == lead_to_row(whole)


@pytest.mark.parametrize(
    ("column", "typed", "field", "read"),
    [
        ("IsTest", "TRUE", "is_test", True),
        ("IsTest", "ja", "is_test", True),
        ("IsTest", Wrapped(1), "is_test", True),
        ("SnoozedUntil", "2026-11-25", "snoozed_until", datetime(2026, 11, 25, tzinfo=UTC)),
        ("SnoozedUntil", "11/25/2026 10:00", "snoozed_until", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("SnoozedUntil", "2020-01-01", "snoozed_until", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_a_person_can_mean_is_obeyed(column: str, typed: object, field: str, read: object) -> None:
    lead = lead_from_row(lead_to_row(delivered(None, delivery(), POLICY)) | {column: typed}, edited_at=at(5))
    assert getattr(lead, field) == read
    assert edited(StoredLead(lead, "v1", at(5)), POLICY).problem == ""


@pytest.mark.parametrize(
    "cell", ["16175555555", 16175555555, Wrapped(16175555555), 1.6175555555e10, "1.61756E+10", "1,61756E+10"]
)
def test_a_phone_that_a_spreadsheet_made_a_number_of_is_still_a_phone(cell: object) -> None:
    row = lead_to_row(delivered(None, delivery(), POLICY)) | {"Phone": cell}
    assert lead_from_row(row).shown.phone == "+16175555555"


@pytest.mark.parametrize("cell", ["16175555556", "+16175555556", "", "ask Ann", "1.71756E+10", "nan"])
def test_a_phone_that_a_person_corrects_is_theirs(cell: str) -> None:
    row = lead_to_row(delivered(None, delivery(), POLICY)) | {"Phone": cell}
    assert lead_from_row(row).shown.phone == cell


def test_a_test_lead_can_be_made_work_by_hand() -> None:
    lead = delivered(None, delivery(contact=replace(JOHN, last_name="MSFT_TEST_1")), POLICY)
    typed = edited(StoredLead(lead_from_row(lead_to_row(lead) | {"IsTest": "no"}), "v1", NOON), POLICY)
    assert (typed.is_test, typed.next_reminder_at) == (False, at(0))


@pytest.mark.parametrize("typed", ["two", -3, "-3", None, ""])
def test_a_row_of_the_version_before_is_read_without_the_apps_own_copy(typed: object) -> None:
    row = lead_to_row(delivered(None, delivery(), POLICY)) | {"RemindersSent": "2", "Attempts": typed}
    decided = json.loads(row["zAppDecisions"])
    decided["written"] = {column: decided["written"][column] for column in ("Status", "Owner", "OwnerNoticed")}
    read = lead_from_row(row | {"zAppDecisions": json.dumps(decided)})
    assert (read.reminders_sent, read.attempts, read.waiting_since) == (2, 0, at(0))


def test_a_snooze_beyond_a_year_is_not_obeyed() -> None:
    row = lead_to_row(delivered(None, delivery(), POLICY))
    last = NOON + LONGEST_SNOOZE
    assert lead_from_row(row | {"SnoozedUntil": last}, edited_at=NOON).snoozed_until == last
    assert lead_from_row(row | {"SnoozedUntil": last + timedelta(1)}, edited_at=NOON).snoozed_until is None
    assert lead_from_row(row | {"SnoozedUntil": "2499-01-01"}, edited_at=NOON).snoozed_until is None


# In the running app


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("typed", ["two", -3, 2499, 99, "0", None])
async def test_a_typed_number_of_mails_brings_no_second_notice_and_no_silence(desk: Desk, typed: object) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(RemindersSent=typed)
    for minutes in (5, 60, 65):
        await desk.tick(minutes)
        await desk.steps.reconciling.check(now=NOON)
    assert len(desk.outbox.mails) == 1
    assert desk.row["RemindersSent"] == 1
    await desk.tick(24 * 60)
    assert len(desk.outbox.mails) == 2


@pytest.mark.parametrize("typed", ["TRUE", "WAHR", 1, "x"])
async def test_a_lead_that_is_marked_as_a_test_in_a_spreadsheet_is_told_to_nobody(desk: Desk, typed: object) -> None:
    await desk.post(body())
    await desk.edit(IsTest=typed)
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(0)
    assert (desk.outbox.mails, desk.row["IsTest"]) == ([], True)


async def test_a_problem_quotes_the_owner_cell(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Owner="somebody else")
    await desk.steps.reconciling.check(now=NOON)
    assert "The Owner cell says “somebody else”" in desk.row["Problem"]


async def test_a_problem_stands_in_the_row_until_it_is_put_right(desk: Desk) -> None:
    await desk.post(body())
    await desk.steps.reconciling.check(now=NOON)
    await desk.edit(SnoozedUntil="next week", IsTest="maybe", Status="asdf")
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Problem"] == (
        "Status says “asdf”, which the app does not know, so the lead counts as unanswered. "
        "Write one of New, Contacted, Qualified, Disqualified, DoNotContact. "
        "IsTest says “maybe”. Write true or false. SnoozedUntil says “next week”. "
        "Write a day within the next year as yyyy-mm-dd: the year, the month, the day."
    )
    assert (desk.row["SnoozedUntil"], desk.row["IsTest"], desk.row["Status"]) == ("next week", "maybe", "asdf")
    assert (await desk.steps.reconciling.check(now=NOON))["edited"] == 0
    await desk.edit(SnoozedUntil="2026-11-25", IsTest="no", Status="Qualified")
    await desk.steps.reconciling.check(now=NOON)
    assert (desk.row["Problem"], desk.row["IsTest"], desk.row["Status"]) == ("", False, "Qualified")


@pytest.mark.parametrize("typed", ["2030-01-31", datetime(2030, 1, 31, tzinfo=UTC)])
async def test_a_day_that_is_too_far_away_is_told_so(desk: Desk, typed: object) -> None:
    await desk.post(body())
    await desk.edit(SnoozedUntil=typed)
    await desk.steps.reconciling.check(now=NOON)
    assert "which is more than a year away. Write a day within the next year as yyyy-mm-dd" in desk.row["Problem"]
    assert (await desk.steps.reconciling.check(now=NOON))["edited"] == 0


@pytest.mark.parametrize("status", ["New", "Contacted"])
async def test_a_reason_alone_closes_nothing_and_the_row_says_so(desk: Desk, status: str) -> None:
    await desk.post(body())
    await desk.edit(DisqualifiedReason="too small", Status=status)
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Problem"] == f"There is a DisqualifiedReason, but Status still says {status}: write Disqualified."
    await desk.edit(Status="Disqualified")
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Problem"] == ""
    await desk.post(body(code="PLT"), event=2, minutes=60)
    assert (desk.row["Status"], desk.row["DisqualifiedReason"], desk.row["Problem"]) == ("New", "too small", "")


async def test_the_row_says_what_the_app_wrote_again_until_the_lead_is_answered(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Attempts="many")
    await desk.steps.reconciling.check(now=NOON)
    said = "Attempts said “many”. Only the app writes there, so it wrote its own value again."
    assert (desk.row["Attempts"], desk.row["Problem"]) == (0, said)
    before = desk.memory.leads.rows
    await desk.steps.reconciling.check(now=NOON)
    assert desk.memory.leads.rows == before
    await desk.edit(Status="Contacted")
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Problem"] == ""


async def test_a_row_in_other_types_is_written_in_its_own_at_the_next_check(desk: Desk) -> None:
    await desk.post(body())
    before = desk.row
    await desk.edit(IsTest="FALSE", Attempts="0", WaitingSince=before["WaitingSince"].isoformat())
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row == before


def test_an_answer_ends_a_snooze_that_was_not_understood() -> None:
    row = lead_to_row(delivered(None, delivery(), POLICY)) | {"SnoozedUntil": "next week"}
    stored = StoredLead(lead_from_row(row), "v1", NOON)
    later = answered(stored, Answer(choice=Choice.LATER_3D, click="c"), by="a@x.example", at=NOON, policy=POLICY)
    written = lead_to_row(later, base=row)
    assert (written["SnoozedUntil"], written["Problem"]) == (NOON + timedelta(3), "")


def test_a_word_that_the_version_before_did_not_know_is_read_now() -> None:
    lead = delivered(None, delivery(), POLICY)
    before = replace(lead, cells=replace(lead.cells, status="Perdu"), written_status="Perdu")
    after = edited(StoredLead(before, "v1", at(9)), POLICY)
    assert (after.status, after.cells.status, after.decisions[-1].at) == (Status.DISQUALIFIED, "Disqualified", at(9))
