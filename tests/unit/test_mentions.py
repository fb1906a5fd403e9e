"""Where a person is named in what is kept about others."""

import json
from dataclasses import replace

import pytest

from lead_core.adapters.tables.texts import TableTexts
from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope, RejectedFrom, RejectedLead
from lead_core.lead.search import Search
from lead_core.operations.mentions import Mention, Mentions
from tests.desk import Desk
from tests.examples import JOHN, at, body, person

BOB = replace(JOHN, first_name="Bob", last_name="Miller", email="bob@fabrikam.example", phone="", company="Fabrikam")
ADA = replace(JOHN, first_name="Ada", last_name="Lövelace", email="ada@northwind.example", phone="+44 20 7946 0000")


@pytest.fixture
async def desk() -> Desk:
    """Return a desk with leads of Bob and Ada."""
    desk = Desk()
    await desk.post(body(BOB))
    await desk.post(body(ADA), event=2)
    return desk


async def look_for_ada(desk: Desk) -> list[Mention]:
    leads = [stored.lead async for stored in desk.repository.leads.scan()]
    ada = [lead for lead in leads if lead.shown.email == ADA.email]
    tables = desk.memory
    mentions = Mentions(TableTexts(tables.leads, tables.inbox, tables.rejects))
    return await mentions.find([Search.of_person(ada)], but={lead.key for lead in ada}, on_read=lambda number: None)


async def write(desk: Desk, **cells: object) -> None:
    """Write into Bob's row."""
    row = next(row for row in desk.memory.leads.rows if row["FirstName"] == "Bob")
    await desk.memory.leads.upsert(row | cells)


async def reject(desk: Desk, content: bytes, charset: str = "") -> None:
    why = UnreadableLeadError(RejectCode.NOT_JSON, "No JSON.")
    envelope = Envelope("f" * 32, at(0), "", content, charset)
    await desk.steps.processing.rejects.upsert(RejectedLead.of(envelope, why, RejectedFrom.HTTP))


async def test_what_is_theirs_mentions_nobody(desk: Desk) -> None:
    assert await look_for_ada(desk) == []


@pytest.mark.parametrize("column", ["Note", "DisqualifiedReason", "Description", "MyOwnColumn"])
async def test_a_person_is_found_in_the_free_text_of_others(desk: Desk, column: str) -> None:
    await write(desk, **{column: "His boss is Lovelace, ADA (ask her first)"})
    (mention,) = await look_for_ada(desk)
    assert (mention.row.table, mention.row.about, mention.columns) == ("Leads", "Bob Miller", (column,))


async def test_a_person_is_found_by_phone_and_address_too(desk: Desk) -> None:
    for note in ("call +44 (0)20 7946 0000", "cc Ada+x@Northwind.example"):
        await write(desk, Note=note)
        assert len(await look_for_ada(desk)) == 1


async def test_a_person_is_found_in_what_others_wrote(desk: Desk) -> None:
    await desk.post(body(person(3), description="My colleague Ada L\u00f6velace knows you"), event=3)
    leads, inbox = await look_for_ada(desk)
    assert (leads.row.table, leads.columns) == ("Leads", ("Description",))
    assert (inbox.row.table, inbox.row.about) == ("MarketplaceLeads", "P3 Smith")
    assert inbox.row.lead == leads.row.lead
    assert set(inbox.columns) == {"Description", "Body"}


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (b'{"name": "Ada L\\u00f6velace"', ""),
        (json.dumps({"body": json.dumps({"name": "Ada L\u00f6velace"})}).encode(), ""),
        ("Ada L\u00f6velace".encode("utf-16"), ""),
        ("Ada L\u00f6velace".encode("cp1252"), "windows-1252"),
        (b"To:\\nAda\\tLovelace", ""),
        (b"\xff\x00\x01 ada@northwind.example \x00", ""),
    ],
)
async def test_a_person_is_found_in_a_rejected_body(desk: Desk, content: bytes, charset: str) -> None:
    await reject(desk, content, charset)
    (mention,) = await look_for_ada(desk)
    assert (mention.row.table, mention.row.about, mention.row.lead) == ("RejectedLeads", "not-json", None)
    assert mention.columns == ("Body",)


@pytest.mark.parametrize("cell", ["", "[]", "no JSON", 5, '{"FirstName": "", "Email": "p3@x.example"}'])
async def test_a_notification_whose_customer_cannot_be_read_is_searched(desk: Desk, cell: object) -> None:
    await desk.post(body(person(3), description="Ada L\u00f6velace"), event=3)
    row = next(row for row in desk.memory.inbox.rows if row["Description"])
    await desk.memory.inbox.upsert(row | {"CustomerInfo": cell})
    _, inbox = await look_for_ada(desk)
    assert inbox.row.about in {"", "p3@x.example"}


async def test_the_reason_of_a_decision_is_read(desk: Desk) -> None:
    row = next(row for row in desk.memory.leads.rows if row["FirstName"] == "Bob")
    decision = {"status": "New", "at": "2026-11-22T12:00:00Z", "by": "grid", "reason": "Ada Lovelace said so"}
    decisions = json.loads(row["zAppDecisions"]) | {"taken": [decision]}
    await write(desk, zAppDecisions=json.dumps(decisions))
    assert [mention.columns for mention in await look_for_ada(desk)] == [("zAppDecisions",)]


async def test_a_colleague_with_the_same_phone_is_no_mention(desk: Desk) -> None:
    await desk.post(body(replace(person(3), phone=ADA.phone)), event=3)
    assert await look_for_ada(desk) == []


async def test_a_body_that_fills_several_cells_is_one_text(desk: Desk) -> None:
    await reject(desk, b"x" * 31_990 + b" Ada " + b"y" * 40_000 + b" Lovelace ")
    assert [mention.columns for mention in await look_for_ada(desk)] == [("Body",)]


async def test_others_are_not_mentioned_by_what_is_alike(desk: Desk) -> None:
    await write(desk, Note="Adam Lovelace, adam@northwind.example, Northwind")
    await reject(desk, b"Northwind")
    assert await look_for_ada(desk) == []


async def test_a_namesakes_own_name_is_no_mention(desk: Desk) -> None:
    namesake = replace(ADA, email="ada@tailspin.example", company="Tailspin", phone="")
    await desk.post(body(namesake), event=3)
    assert await look_for_ada(desk) == []
    await desk.post(body(namesake, description="the other Ada Lövelace"), event=4)
    assert [mention.columns for mention in await look_for_ada(desk)] == [("Description",), ("Description",)]
