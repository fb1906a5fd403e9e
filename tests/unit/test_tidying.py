"""Rows of ``Digests`` that nobody needs any more go, and never one that is in use."""

from dataclasses import replace

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.table import Entity
from lead_core.errors import MailUncertainError
from lead_core.lead.values import format_key
from lead_core.ports.outgoing import IDLE_FOR
from lead_core.steps.tidying import MAX_REMOVED_PER_TICK
from tests.desk import Desk
from tests.examples import ANNA, NOON, SALES, at, body, person


class SameRows(MemoryTable):
    """A table on the rows of another, so that a test can make one verb its own."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._rows = desk.memory.digests._rows


A_DAY = IDLE_FOR.total_seconds() / 60


def owners(desk: Desk) -> set[str]:
    return {row["Owner"] for row in desk.memory.digests.rows if row["PartitionKey"] == "owners"}


async def answer_everything(desk: Desk) -> None:
    for row in desk.memory.leads.rows:
        await desk.memory.leads.upsert(row | {"Status": "Contacted"})
    await desk.steps.reconciling.check(now=NOON)


async def tell_two_owners(desk: Desk) -> None:
    await desk.post(body(person(1)), event=1)
    await desk.post(body(person(2), offer="contoso.erp"), event=2)
    await desk.tick(0)
    await answer_everything(desk)


@pytest.mark.parametrize(("minutes", "left"), [(A_DAY - 1, {SALES, ANNA}), (A_DAY, set())])
async def test_an_owner_without_mails_for_a_day_has_no_row(desk: Desk, minutes: float, left: set[str]) -> None:
    await tell_two_owners(desk)
    await desk.tick(minutes)
    assert owners(desk) == left


async def test_an_owner_whose_row_went_gets_their_next_mail(desk: Desk) -> None:
    await tell_two_owners(desk)
    await desk.tick(A_DAY)
    await desk.post(body(person(3)), event=3, minutes=A_DAY)
    assert await desk.tick(A_DAY + 5) == {"sent": 1}
    assert owners(desk) == {SALES}


async def test_a_mail_that_may_be_on_its_way_keeps_its_row(desk: Desk) -> None:
    await desk.post(body())
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(0)
    (row,) = desk.memory.digests.rows
    desk.outbox.fails_with = [MailUncertainError("test")]
    await desk.tick(A_DAY)
    assert desk.memory.digests.rows[0]["DigestId"] == row["DigestId"]


@pytest.mark.parametrize(
    "cells",
    [
        {"LastFullAt": at(A_DAY - 60)},
        {"Mails": 48, "MailsSince": at(60)},
        {"Until": at(A_DAY + 10)},
        {"Leads": '[["p","r",0,1]]'},
    ],
    ids=["full", "many", "held", "lead"],
)
async def test_a_row_that_decides_about_the_next_mail_stays(desk: Desk, cells: Entity) -> None:
    await desk.memory.digests.upsert(
        {"PartitionKey": "owners", "RowKey": format_key(ANNA), "Owner": ANNA, "Leads": "[]", **cells}
    )
    await desk.tick(A_DAY)
    assert owners(desk) == {ANNA}


async def test_a_row_that_another_worker_claims_meanwhile_stays(desk: Desk) -> None:
    await tell_two_owners(desk)

    class Claimed(SameRows):
        async def delete(self, partition: str, row: str, etag: str | None = None) -> bool:
            claimed = await desk.memory.digests.get(partition, row)
            if claimed and row == format_key(ANNA):
                await desk.memory.digests.upsert(claimed.columns | {"Until": at(A_DAY + 10)})
            return await desk.memory.digests.delete(partition, row, etag)

    await replace(desk.steps, tables={**desk.steps.tables, "digests": Claimed(desk)}).tick(at(A_DAY), desk.ids)
    assert owners(desk) == {ANNA}


async def test_a_worker_that_claims_a_row_that_just_went_loses_no_lead(desk: Desk) -> None:
    await tell_two_owners(desk)
    await desk.post(body(person(3)), event=3, minutes=A_DAY)

    class Gone(SameRows):
        async def replace(self, row: Entity, etag: str) -> str | None:
            await desk.memory.digests.delete(row["PartitionKey"], row["RowKey"])
            return await desk.memory.digests.replace(row, etag)

    slow = replace(desk.steps, tables={**desk.steps.tables, "digests": Gone(desk)})
    assert (await slow.tick(at(A_DAY + 5), desk.ids))["someone-was-first"] == 1
    assert await desk.tick(A_DAY + 10) == {"sent": 1}
    assert [mail.to for mail in desk.outbox.mails].count(SALES) == 2


async def test_a_tick_removes_a_few_and_the_next_goes_on(desk: Desk) -> None:
    for number in range(MAX_REMOVED_PER_TICK + 5):
        owner = f"p{number}@contoso.example"
        row = {"PartitionKey": "owners", "RowKey": format_key(owner), "Owner": owner, "Leads": "[]"}
        await desk.memory.digests.upsert(row)
    await desk.tick(A_DAY)
    assert len(owners(desk)) == 5
    await desk.tick(A_DAY + 5)
    assert owners(desk) == set()
