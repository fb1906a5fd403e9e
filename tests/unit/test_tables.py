import json
from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.cells import MAX_BODY_TEXT_BYTES, PROPERTY_BYTES, body_from_columns, body_to_columns
from lead_core.adapters.tables.follow_ups import follow_up_to_row
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.marketplace_leads import notification_to_row
from lead_core.adapters.tables.table import Entity
from lead_core.lead.changes import delivered
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.history import MAX_ACTIONS, History
from lead_core.lead.lead import Cells, Decision, Lead, fold
from lead_core.lead.person import Contact
from lead_core.lead.received import Envelope
from lead_core.lead.to_do import find_follow_up
from lead_core.lead.values import Offer, Status
from lead_core.marketplace.notification import read_notification
from lead_core.steps.intake import MAX_KEPT_BODY_BYTES
from tests.examples import JOHN, NOON, at, body, delivery

TEXTS = st.text(max_size=30)
TIMES = st.none() | st.integers(0, 99_999).map(at)


def entity_bytes(row: Entity) -> int:
    """Estimate a row as Azure counts it: 2 bytes a character of names and texts, and some bytes around each."""
    return sum(8 + 2 * len(name) + cell_bytes(value) for name, value in row.items())


def cell_bytes(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-16-le"))
    return len(value) if isinstance(value, bytes) else 8


@st.composite
def leads(draw: st.DrawFn) -> Lead:
    lead = None
    for _ in range(draw(st.integers(1, 5))):
        code = draw(st.sampled_from(["INS", "PLT", "DNC", "x" * 99]))
        contact = replace(JOHN, title=draw(TEXTS), company=draw(TEXTS))
        lead = fold(lead, delivery(draw(st.integers(0, 99)), code, contact=contact, description=draw(TEXTS)))
    assert lead is not None
    return replace(
        lead,
        decisions=tuple(
            Decision(draw(st.sampled_from(Status)), at(1), draw(TEXTS)) for _ in range(draw(st.integers(0, 2)))
        ),
        cells=Cells(draw(TEXTS), draw(TEXTS), draw(TEXTS), draw(TEXTS), draw(TEXTS)),
        written_status=draw(TEXTS),
        is_internal=draw(st.booleans()),
        waiting_since=draw(TIMES),
        next_reminder_at=draw(TIMES),
        reminders_sent=draw(st.integers(0, 9)),
        last_reminder_at=draw(TIMES),
        snoozed_until=draw(TIMES),
        attempts=draw(st.integers(0, 9)),
        first_contacted_at=draw(TIMES),
        contacted_by=draw(TEXTS),
    )


@given(leads())
def test_a_lead_reads_back_as_it_was_written(lead: Lead) -> None:
    assert lead_from_row(lead_to_row(lead)) == lead


def test_a_long_history_reads_back_as_it_was_written_and_fits_into_its_cell() -> None:
    lead = None
    for number in range(MAX_ACTIONS + 20):
        code = f"{'🚀' * 90}{number}"
        lead = fold(lead, delivery(number * 20, code, source="𒀀" * 90, contact=replace(JOHN, title=f"{number}")))
        lead = fold(lead, delivery(number * 20 + 9, code, source="𒀀" * 90, contact=replace(JOHN, title=f"{number}")))
    assert lead is not None
    assert lead_from_row(lead_to_row(lead)) == lead
    assert len(lead_to_row(lead)["zAppActionHistory"].encode("utf-16-le")) <= 64 * 1024


def test_columns_that_people_added_stay() -> None:
    lead = fold(None, delivery())
    row = lead_to_row(lead) | {"Region": "EMEA", "SnoozedUntil": at(1)}
    written = lead_to_row(lead, base=row)
    assert written["Region"] == "EMEA"
    assert "SnoozedUntil" not in written


def test_a_date_typed_by_hand_is_read_and_an_error_in_it_forgiven() -> None:
    row = lead_to_row(fold(None, delivery()))
    typed = lead_from_row(row | {"SnoozedUntil": "2026-11-25"}).snoozed_until
    assert typed == NOON.replace(day=25, hour=0, minute=0, second=0, microsecond=0)
    assert lead_from_row(row | {"SnoozedUntil": "next week"}).snoozed_until is None


@pytest.mark.parametrize("column", ["zAppActionHistory", "zAppDecisions"])
@pytest.mark.parametrize("damage", ["", "{}", "[]", "null", "oops", '{"actions": 1}', None])
def test_a_row_damaged_by_hand_is_read_from_its_other_cells(column: str, damage: str | None) -> None:
    whole = fold(None, delivery())
    read = lead_from_row(lead_to_row(whole) | {column: damage}, edited_at=at(60))
    assert read.needs_writing
    assert (read.status, read.shown, read.cells) == (whole.status, whole.shown, whole.cells)
    assert (read.history.count, read.history.waiting_since) == (1, at(0))
    again = lead_from_row(lead_to_row(replace(read, needs_writing=False)))
    assert again == replace(read, needs_writing=False)


@pytest.mark.parametrize(
    "cell", ['{"round":0,"actions":[],"shown":[]}', '{"round":0,"actions":[{"at":"2026-11-22","action":"\\ud800"}]}']
)
def test_a_history_that_cannot_be_written_back_is_damaged(cell: str) -> None:
    assert lead_from_row(lead_to_row(fold(None, delivery())) | {"zAppActionHistory": cell}).needs_writing


def test_a_history_of_the_version_before_still_reads() -> None:
    actions = [delivery(20 * number).action for number in range(MAX_ACTIONS + 5)]
    history = reduce(History.add, actions, History()).settled(is_left_open=True)
    row = lead_to_row(replace(fold(None, delivery()), history=history))
    older = json.loads(row["zAppActionHistory"])
    del older["older"]["events"], older["older"]["forgotten"]
    assert older["open"] is True
    read = lead_from_row(row | {"zAppActionHistory": json.dumps(older)})
    assert (read.history.left_open_since, read.history.is_left_open) == (0, True)
    assert reduce(History.add, actions, read.history) == read.history


BODIES = st.binary(max_size=300) | st.text(max_size=300).map(str.encode)


@given(BODIES, st.sampled_from([1, 700, 3_000]))
def test_a_body_reads_back_as_it_came(content: bytes, times: int) -> None:
    columns = body_to_columns(content * times)
    assert body_from_columns(columns) == content * times
    for piece in columns.values():
        assert len(piece if isinstance(piece, bytes) else piece.encode("utf-16-le")) <= PROPERTY_BYTES


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b'{"a": 1}\r\n\t', "text"),
        ("\ufeff{}".encode(), "text"),
        ("🚀".encode() * 20_000, "text"),
        (b"\xff\xfe\x00", "base64"),
        ("\ufeff{}".encode("utf-16-le"), "utf-16-le"),
        (b'{"a": "\xe9"}', "windows-1252 (guessed)"),
        (b"nul \x00", "base64"),
        (b"x" * (MAX_BODY_TEXT_BYTES // 2), "text"),
        (b"x" * (MAX_BODY_TEXT_BYTES // 2 + 1), "binary"),
        (b"\xff" * MAX_KEPT_BODY_BYTES, "binary"),
    ],
)
def test_a_row_says_how_its_body_is_written(content: bytes, encoding: str) -> None:
    columns = body_to_columns(content)
    assert columns["BodyEncoding"] == encoding
    assert body_from_columns(columns) == content


@pytest.mark.parametrize("character", [b"x", b"\xff", "é".encode(), "🚀".encode()])
def test_the_largest_body_that_is_kept_fits_into_a_row(character: bytes) -> None:
    columns = body_to_columns((character * MAX_KEPT_BODY_BYTES)[:MAX_KEPT_BODY_BYTES])
    assert entity_bytes(columns) < 1024 * 1024 - 16 * 1024


def notification_row(minutes: float, event: str = "1") -> Entity:
    return notification_to_row(read_notification(Envelope(event * 32, at(minutes), "", body())))


def test_the_inbox_shows_the_newest_of_a_day_first() -> None:
    assert notification_row(5)["RowKey"] < notification_row(0)["RowKey"]
    assert notification_row(0)["RowKey"] == notification_row(0)["RowKey"]
    assert notification_row(0, "2")["RowKey"] != notification_row(0)["RowKey"]


@pytest.mark.parametrize(
    ("minutes", "day"),
    [
        (12 * 60 - 0.01, "2026-11-22"),
        (12 * 60, "2026-11-23"),
        (8.5 * 24 * 60 - 0.01, "2026-11-30"),
        (8.5 * 24 * 60, "2026-12-01"),
        (39.5 * 24 * 60 - 0.01, "2026-12-31"),
        (39.5 * 24 * 60, "2027-01-01"),
    ],
)
def test_the_inbox_has_a_partition_a_day(minutes: float, day: str) -> None:
    assert notification_row(minutes)["PartitionKey"] == day


def test_the_inbox_has_the_columns_of_microsofts_own_table() -> None:
    row = notification_row(0)
    assert row["CreatedTime"] == "2026-11-22T12:00:00.123456Z"
    assert row["ProductId"] == "contoso.contoso-crm"
    assert row["OfferDisplayName"] == "Contoso CRM"
    assert row["LeadSource"] == "AppSource (SPZA)-INS|contoso.contoso-crm"
    assert row["CustomerInfo"] == (
        '{"FirstName":"John","LastName":"Smith","Email":"jsmith@northwind.example","Phone":"+16175555555",'
        '"Country":"US","Company":"Northwind","Title":"CTO"}'
    )


def test_a_lead_of_longest_texts_fits_into_its_cells() -> None:
    long = "𒀀" * 9_000
    contact = Contact(*[long] * 7)
    content = body(contact, code="x" * 9_000, description=long, offer=long)
    row = notification_to_row(read_notification(Envelope("1" * 32, NOON, "o" * 200, content)))
    for name, value in row.items():
        if isinstance(value, str):
            assert len(value.encode("utf-16-le")) <= 64 * 1024, name


def test_the_to_do_list_sorts_by_time() -> None:
    def entry(minutes: float) -> Entity:
        listed = find_follow_up(delivered(None, delivery(minutes), FollowUpPolicy()), FollowUpPolicy())
        assert listed is not None
        return follow_up_to_row(listed)

    row = entry(0)
    assert row["PartitionKey"] == "2026-11-22T12"
    assert row["RowKey"].startswith("2026-11-22T12:00:00.123456Z|")
    assert (row["Name"], row["Company"], row["WaitingSince"]) == ("John Smith", "Northwind", at(0))
    assert [(e["PartitionKey"], e["RowKey"]) for e in (entry(1), entry(70))] == sorted(
        (e["PartitionKey"], e["RowKey"]) for e in (entry(70), entry(1))
    )


def test_the_longest_keys_are_legal() -> None:
    far = delivery(0, offer=Offer("", "", "𒀀" * 9_000))
    listed = find_follow_up(delivered(None, far, FollowUpPolicy()), FollowUpPolicy())
    assert listed is not None
    assert len(follow_up_to_row(listed)["RowKey"].encode("utf-16-le")) // 2 <= 512
