"""The columns of ``Leads``: their order, those that only the app writes, and rows of the version before."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.columns import DECISIONS, EMAIL_KEY_COLUMNS, HISTORY, IDENTIFIED_BY, OLD_NAMES
from lead_core.adapters.tables.derived import DERIVED_COLUMNS
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.table import Entity
from lead_core.lead.addresses import canonical_email, list_email_keys
from tests.desk import Desk
from tests.examples import JOHN, NOON, body

READ_FIRST = ["PartitionKey", "RowKey", "Name", "Status", "Owner", "Waiting", "Offer", "Note", "Problem"]


def of_the_version_before(row: Entity) -> Entity:
    """Return *row* as the version before wrote it: with other names, and without the cells that follow from others."""
    row = {OLD_NAMES.get(column, column): cell for column, cell in row.items() if column not in DERIVED_COLUMNS}
    decided = json.loads(row["Decisions"])
    del decided["derived"]
    return row | {"Decisions": json.dumps(decided)}


async def test_what_people_read_and_edit_comes_first_and_what_is_the_apps_alone_comes_last(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Region="EMEA")
    await desk.post(body(description="more"), event=2, minutes=1)
    columns = list(desk.row)
    assert columns[: len(READ_FIRST)] == READ_FIRST
    assert columns[-4:] == ["Region", IDENTIFIED_BY, HISTORY, DECISIONS]


async def test_what_is_the_apps_alone_comes_last_by_name_as_well(desk: Desk) -> None:
    await desk.post(body())
    own = {column for column in desk.row if column.startswith("zApp")}
    for key in (None, str.casefold):
        assert set(sorted(desk.row, key=key)[-len(own) :]) == own


async def test_a_row_says_who_waits_for_what_and_since_when(desk: Desk) -> None:
    await desk.post(body())
    assert [desk.row[column] for column in ("Name", "Waiting", "Offer", "EmailKey")] == [
        "John Smith",
        "since 2026-11-22 12:00 UTC",
        "Contoso CRM",
        "jsmith@northwind.example",
    ]
    await desk.edit(Status="Contacted")
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Waiting"] == ""


@pytest.mark.parametrize(
    ("column", "instead"),
    [("Name", "Change FirstName and LastName."), ("Waiting", "Change Status."), ("Offer", "Change OfferTitle.")],
)
async def test_an_edit_where_only_the_app_writes_is_undone_and_said_until_the_lead_is_answered(
    desk: Desk, column: str, instead: str
) -> None:
    await desk.post(body())
    before = desk.row
    await desk.edit(**{column: "=call Jim"})
    for _ in range(2):
        await desk.steps.reconciling.check(now=NOON)
        assert desk.row[column] == before[column]
        said = f"{column} said “=call Jim”. Only the app writes there, so it wrote its own value again. {instead}"
        assert desk.row["Problem"] == said
    await desk.edit(Status="Contacted")
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Problem"] == ""


@pytest.mark.parametrize("column", EMAIL_KEY_COLUMNS)
async def test_a_key_of_an_address_that_was_typed_over_says_to_change_the_address(desk: Desk, column: str) -> None:
    await desk.post(body())
    await desk.edit(**{column: "kim@northwind.example"})
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Problem"].endswith("Only the app writes there, so it wrote its own value again. Change Email.")


async def test_a_name_that_was_corrected_is_followed_and_is_no_problem(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(FirstName="Joan", Email="Joan+ms@Northwind.example; jim@northwind.example")
    await desk.steps.reconciling.check(now=NOON)
    keys = [desk.row[column] for column in EMAIL_KEY_COLUMNS[:2]]
    assert [desk.row["Name"], *keys] == ["Joan Smith", "joan@northwind.example", "jim@northwind.example"]
    assert desk.row["Problem"] == ""
    await desk.edit(Email="joan@northwind.example")
    await desk.steps.reconciling.check(now=NOON)
    assert "EmailKey2" not in desk.row
    assert desk.row["Problem"] == ""


async def test_a_row_of_the_version_before_is_written_anew_once_and_told_nothing_twice(desk: Desk) -> None:
    await desk.post(body())
    await desk.tick(0)
    after = desk.row
    await desk.memory.leads.upsert(of_the_version_before(after))
    outcomes = [(await desk.steps.reconciling.check(now=NOON))["updated"] for _ in range(2)]
    assert outcomes == [1, 0]
    assert (list(desk.row), desk.row) == (list(after), after)
    await desk.tick(5)
    assert len(desk.outbox.mails) == 1


async def test_a_row_of_the_version_before_is_written_anew_by_whatever_touches_it(desk: Desk) -> None:
    await desk.post(body())
    await desk.memory.leads.upsert(of_the_version_before(desk.row))
    await desk.post(body(description="more"), event=2, minutes=1)
    assert desk.row["ActionCount"] == 2
    assert not {*OLD_NAMES.values()} & desk.row.keys()
    assert desk.row["Name"] == "John Smith"


async def test_what_the_version_before_wrote_into_a_newer_row_counts(desk: Desk) -> None:
    await desk.post(body())
    newer = desk.row
    await desk.tick(0)
    older = of_the_version_before(desk.row)
    own = {column: newer[column] for column in (*OLD_NAMES, *DERIVED_COLUMNS) if column in newer}
    own["Waiting"] = "since 2026-11-20 08:00 UTC"  # The version before knows nothing of this cell.
    await desk.memory.leads.upsert(own | older)
    await desk.tick(5)
    await desk.steps.reconciling.check(now=NOON)
    assert len(desk.outbox.mails) == 1
    assert (desk.row["RemindersSent"], desk.row["Problem"]) == (1, "")


async def test_a_column_of_a_persons_own_that_has_a_name_of_the_apps_now_is_quoted_before_it_goes(desk: Desk) -> None:
    await desk.post(body())
    await desk.memory.leads.upsert(of_the_version_before(desk.row) | {"Offer": "10% for a year"})
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Offer"] == "Contoso CRM"
    assert desk.row["Problem"].startswith("Offer said “10% for a year”.")


@pytest.mark.parametrize("name", ["Ada Lovelace", "Lovelace, Ada"])
async def test_a_lead_can_be_typed_with_a_name_and_an_offer_alone(desk: Desk, name: str) -> None:
    await desk.memory.leads.upsert({"PartitionKey": "1", "RowKey": "1", "Name": name, "Offer": "Contoso CRM"})
    await desk.steps.reconciling.check(now=NOON)
    said = [desk.row[column] for column in ("Name", "FirstName", "LastName", "Offer", "OfferTitle", "Problem")]
    assert said == ["Ada Lovelace", "Ada", "Lovelace", "Contoso CRM", "Contoso CRM", ""]


async def test_every_row_of_a_person_has_the_same_key_for_their_address(desk: Desk) -> None:
    for number, email in enumerate(("JSmith@Northwind.example", "mailto:jsmith+crm@northwind.example")):
        await desk.post(body(replace(JOHN, email=email), offer=f"contoso.{number}"), event=number + 1)
    for table in (desk.memory.leads, desk.memory.inbox):
        assert [row["EmailKey"] for row in table.rows] == ["jsmith@northwind.example"] * 2


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        ("", []),
        ("nobody", []),
        ("Ada <Ada+x@Contoso.example>", ["ada@contoso.example"]),
        ("ada@contoso.example; BOB@contoso.example", ["ada@contoso.example", "bob@contoso.example"]),
        ("ada@contoso.example/bob@contoso.example", ["ada@contoso.example", "bob@contoso.example"]),
        ("please ask ada@contoso.example or bob@contoso.example", ["ada@contoso.example", "bob@contoso.example"]),
        ("a.b@gmail.com ab@googlemail.com", ["ab@gmail.com"]),
        (" ".join(f"p{number}@contoso.example" for number in range(9)), [f"p{n}@contoso.example" for n in range(5)]),
    ],
)
def test_each_address_in_a_cell_has_a_key(cell: str, keys: list[str]) -> None:
    assert list_email_keys(cell, limit=len(EMAIL_KEY_COLUMNS)) == keys


@given(st.text(alphabet="ab@.;, /<>x", max_size=60))
def test_the_address_by_which_a_person_is_recognised_is_the_first_key(text: str) -> None:
    keys = list_email_keys(text, limit=5)
    assert not canonical_email(text) or keys[0] == canonical_email(text)


def test_a_row_reads_back_as_it_was_written_whatever_its_texts_are() -> None:
    lead = lead_from_row({"PartitionKey": "1", "RowKey": "1", "Name": "=1+1", "Email": "=x@y.example"}, edited_at=NOON)
    row = lead_to_row(lead)
    assert row["EmailKey"] == "'=x@y.example"
    assert not lead_from_row(row).needs_writing
