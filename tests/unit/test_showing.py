"""All that is known of a person's leads."""

import pytest

from lead_core.operations.searching import Searching
from lead_core.operations.showing import Showing, ShownLead
from tests.desk import Desk
from tests.examples import JOHN, SALES, at, body


@pytest.fixture
async def desk() -> Desk:
    """Return John with two offers."""
    desk = Desk()
    await desk.post(body(code="PLT"))
    await desk.post(body(offer="contoso.contoso-erp"), event=2, minutes=10)
    return desk


async def show(desk: Desk, minutes: float = 60) -> list[ShownLead]:
    (john,) = await Searching(desk.repository).find_people(JOHN.email)
    return await Showing(desk.repository).show(john.leads, now=at(minutes))


async def test_each_lead_is_shown_beside_the_others(desk: Desk) -> None:
    crm, erp = await show(desk)
    assert [shown.lead.key.row for shown in (crm, erp)] == ["contoso.contoso-crm", "contoso.contoso-erp"]
    assert crm.facts.other_offers == ("Contoso CRM: pressed Get it now or Free trial on AppSource, not answered yet",)
    assert crm.told.sentences == ("Waiting for 1 hour.",)


async def test_what_is_due_is_shown_and_whether_the_to_do_list_has_it(desk: Desk) -> None:
    crm, _ = await show(desk)
    assert crm.entry
    assert (crm.entry.state, crm.entry.owner, crm.is_listed) == ("new", SALES, True)
    for row in desk.memory.follow_ups.rows:
        await desk.memory.follow_ups.delete(row["PartitionKey"], row["RowKey"])
    assert [shown.is_listed for shown in await show(desk)] == [False, False]


async def test_what_was_edited_and_not_noticed_yet_is_shown_and_not_written(desk: Desk) -> None:
    row = desk.memory.leads.rows[0] | {"Status": "DNC"}
    await desk.memory.leads.upsert(row)
    rows = desk.memory.leads.rows
    assert [shown.lead.status for shown in await show(desk)] == ["DoNotContact", "DoNotContact"]
    assert [shown.entry for shown in await show(desk)] == [None, None]
    assert desk.memory.leads.rows == rows
