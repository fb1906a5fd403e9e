import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.digests import claim_to_row, read_digest
from lead_core.adapters.tables.follow_ups import follow_up_to_row
from lead_core.adapters.tables.formulas import defuse, undo_defuse
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.marketplace_leads import notification_to_row
from lead_core.lead.changes import StoredLead, answered, delivered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.person import Contact
from lead_core.lead.received import Envelope
from lead_core.lead.to_do import FollowUp, Place
from lead_core.lead.values import LeadKey, Offer
from lead_core.marketplace.notification import read_notification
from lead_core.ports.outgoing import Claim, OwnersDigest
from tests.desk import Desk
from tests.examples import NOON, at, body, delivery

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://x.example")',
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "- 1+cmd|' /C calc'!A0",
    "\uff1d1+1",
    "\uff0bcmd|' /C calc'!A0",
    "\uff201+1",
    "\u22121+cmd|' /C calc'!A0",
    " \t\r\n=1+1",
    "\u00a0\u200b\ufeff=1+1",
    "\u202e\u2066\U000e0041=1+1",
    "''=1+1",
    "|calc",
    "%0A=1+1",
    "- a list",
]
TEXTS = st.text(st.sampled_from("'=+-@|%1a(\uff1d\u200b \t"), max_size=6) | st.text(max_size=20)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert defuse(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    ["", "John", "+16175555555", "+972 52-0000000 x12", "+44 (0)20 7946 0958", "-", "--", "a=b", "O'Neil", "'s-H"],
)
def test_what_no_spreadsheet_runs_stays(text: str) -> None:
    assert defuse(text) == text


@given(TEXTS)
def test_what_is_written_reads_back_the_same(text: str) -> None:
    assert undo_defuse(defuse(text)) == text


@given(TEXTS)
def test_a_written_text_never_runs(text: str) -> None:
    assert defuse(text).startswith("'") or defuse(defuse(text)) == defuse(text)


def hostile_lead() -> Lead:
    contact = Contact("=1+1", "Smith", "a@x.example", "+44 20 7946 0958", "US", "- 1+cmd|' /C calc'!A0", "\uff1d1+1")
    return delivered(None, delivery(contact=contact, offer=Offer("", "", "@SUM(A1)"), code="|calc"), FollowUpPolicy())


def test_an_apostrophe_stands_in_the_table_alone() -> None:
    lead = hostile_lead()
    assert (lead.shown.first_name, lead.shown.offer_title) == ("=1+1", "@SUM(A1)")
    row = lead_to_row(lead)
    assert [row[column] for column in ("FirstName", "Company", "Title", "OfferTitle", "ActionCode", "Phone")] == [
        "'=1+1",
        "'- 1+cmd|' /C calc'!A0",
        "'\uff1d1+1",
        "'@SUM(A1)",
        "'|calc",
        "+44 20 7946 0958",
    ]
    assert lead_from_row(row) == lead


async def test_no_apostrophe_is_shown_in_a_mail_and_its_links() -> None:
    desk = Desk()
    contact = Contact("=Ann", "Smith", "a@x.example", "+44 20 7946 0958", "GB", "- Ltd", "@CTO")
    await desk.post(body(contact, description="=please call"))
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert [text for text in ("=Ann Smith", "- Ltd", "@CTO", "=please call") if text not in mail.text] == []
    assert [
        sign for sign in ("'=", "'-", "'@", "'+", "&#39;=", "%27=") if sign in mail.subject + mail.text + mail.html
    ] == []
    assert "tel:+442079460958" in mail.html


def test_a_row_of_the_version_before_reads_without_its_apostrophe() -> None:
    lead = hostile_lead()
    before = lead_to_row(lead) | {"Company": "- 1+cmd|' /C calc'!A0", "Title": "\uff1d1+1", "ActionCode": "|calc"}
    assert lead_from_row(before) == lead


def test_what_the_page_sends_is_defused_too() -> None:
    stored = StoredLead(delivered(None, delivery(), FollowUpPolicy()), "v1", NOON)
    answer = Answer(choice=Choice.NOT_A_FIT, reason="=1+1", note="@SUM(A1)", click="c")
    lead = answered(stored, answer, by="+a|b@x.example", at=at(1), policy=FollowUpPolicy())
    row = lead_to_row(lead, base=lead_to_row(stored.lead))
    assert (row["DisqualifiedReason"], row["Note"]) == ("'=1+1", "'@SUM(A1)")
    assert lead_from_row(row) == lead
    assert lead_to_row(lead, base=row) == row


def test_a_formula_that_a_person_types_into_a_cell_stays() -> None:
    lead = delivered(None, delivery(), FollowUpPolicy())
    row = lead_to_row(lead) | {"Note": "=A1"}
    typed = lead_from_row(row)
    assert typed.cells.note == "=A1"
    assert lead_to_row(typed, base=row)["Note"] == "=A1"


def test_a_name_is_defused_after_its_parts_are_joined() -> None:
    entry = FollowUp(
        Place(NOON), LeadKey("p", "r"), name="=1+1 Smith", company="\uff1dx", offer_title="-1+1", owner="@x"
    )
    row = follow_up_to_row(entry)
    assert [row[column] for column in ("Name", "Company", "OfferTitle", "Owner")] == [
        "'=1+1 Smith",
        "'\uff1dx",
        "'-1+1",
        "'@x",
    ]


def test_the_inbox_and_the_claims_hold_no_formula_but_the_body() -> None:
    content = body(Contact("=1+1", "b", "c@x.example", "", "", "", ""), code="=1+1", description="\t=1+1", offer="=1+1")
    row = notification_to_row(read_notification(Envelope("1" * 32, NOON, "", content)))
    own = {column: value for column, value in row.items() if not column.startswith("Body") and isinstance(value, str)}
    assert [column for column, value in own.items() if defuse(value) != value and not value.startswith("'")] == []
    claim = claim_to_row(Claim(OwnersDigest("=a@x.example")))
    assert claim["Owner"] == "'=a@x.example"
    assert (digest := read_digest(claim))
    assert digest.owner == "=a@x.example"


def test_an_action_that_the_version_before_stored_does_not_count_twice() -> None:
    """The digest of a content knows the apostrophe, as it did when texts were kept with it."""
    assert (
        delivery(contact=Contact("=1+1", "Smith", "a@x.example", "", "", "", "")).action.content == "a4b075b83c26d325"
    )
