"""All leads counted, and compared with the to-do list, without a change."""

from collections import Counter

from lead_core.operations.census import MAX_READ_AGAIN, Census, take_census
from tests.desk import Desk
from tests.examples import ANNA, NOON, at, body, person
from tests.weather import Exposed


async def census_of(desk: Desk) -> tuple[Census, int]:
    census, read = Census(), []
    await take_census(desk.repository, census, lambda: read.append(1))
    return census, len(read)


async def post(desk: Desk, *numbers: int, offer: str = "contoso.contoso-crm") -> None:
    for number in numbers:
        await desk.post(body(person(number), offer=offer), event=number, minutes=number)


async def test_without_leads_all_counts_are_nothing(desk: Desk) -> None:
    assert await census_of(desk) == (Census(), 0)


async def test_leads_are_counted_by_offer_and_nothing_is_changed(desk: Desk) -> None:
    await post(desk, 1, 2)
    await post(desk, 3, offer="contoso.erp")
    before = [table.rows for table in desk.memory.tables.values()]
    census, read = await census_of(desk)
    assert (census.leads, census.test_leads, census.last_at, read) == (3, 0, at(3), 3)
    assert census.offers == Counter({"contoso.contoso-crm": 2, "contoso.erp": 1})
    assert (census.missing, census.resting, census.damaged, census.with_problems) == ([], 0, 0, 0)
    assert sorted(census.due_at) == [at(1), at(2), at(3)]
    assert [table.rows for table in desk.memory.tables.values()] == before


async def test_an_entry_that_is_missing_is_found(desk: Desk) -> None:
    await post(desk, 1, 2)
    entry = desk.memory.follow_ups.rows[0]
    await desk.memory.follow_ups.delete(entry["PartitionKey"], entry["RowKey"])
    census, _ = await census_of(desk)
    (missing,) = census.missing
    assert missing.row == "contoso.contoso-crm"
    assert missing.partition in entry["RowKey"]


async def test_many_missing_entries_are_not_each_read_again(desk: Desk) -> None:
    await post(desk, *range(MAX_READ_AGAIN + 5))
    for entry in desk.memory.follow_ups.rows:
        await desk.memory.follow_ups.delete(entry["PartitionKey"], entry["RowKey"])
    asked = Counter[str]()

    async def ask() -> None:
        asked["requests"] += 1

    async def nothing() -> None:
        return

    steps = desk.make_steps(lambda table: Exposed(table, ask, nothing))
    census = Census()
    await take_census(steps.repository, census, lambda: None)
    assert len(census.missing) == MAX_READ_AGAIN + 5
    assert asked["requests"] == 4 + 2 * MAX_READ_AGAIN


async def test_an_entry_that_another_worker_wrote_meanwhile_is_not_missing(desk: Desk) -> None:
    await post(desk, 1)
    (entry,) = desk.memory.follow_ups.rows
    await desk.memory.follow_ups.delete(entry["PartitionKey"], entry["RowKey"])
    reads = Counter[str]()

    async def write_it_before_the_lead_is_read_again() -> None:
        reads["tables"] += 1
        if reads["tables"] > 3:
            await desk.memory.follow_ups.upsert(entry)

    async def nothing() -> None:
        return

    steps = desk.make_steps(lambda table: Exposed(table, write_it_before_the_lead_is_read_again, nothing))
    census = Census()
    await take_census(steps.repository, census, lambda: None)
    assert census.missing == []


async def test_a_lead_that_was_never_answered_is_counted_with_its_wait(desk: Desk) -> None:
    await post(desk, 1, 2)
    for days in (0, 1, 3, 7, 8, 9):
        await desk.tick(days * 24 * 60 + 10)
    census, _ = await census_of(desk)
    assert (census.resting, census.resting_since, census.due_at) == (2, at(1), [])


async def test_test_leads_are_counted_apart(desk: Desk) -> None:
    await desk.post(body(person(1)))
    row = desk.row
    await desk.post(body(person(2)), event=2, minutes=5)
    await desk.memory.leads.upsert(row | {"IsTest": True})
    census, _ = await census_of(desk)
    assert (census.leads, census.test_leads, census.last_at, census.last_test_at) == (1, 1, at(5), NOON)


async def test_a_row_that_a_person_has_just_typed_is_not_missing_on_the_list(desk: Desk) -> None:
    await desk.memory.leads.upsert({"PartitionKey": "me", "RowKey": "1", "Name": "Ada", "Email": "ada@x.example"})
    census, _ = await census_of(desk)
    assert (census.leads, census.missing, census.without_offer) == (1, [], 1)


async def test_damage_and_problems_are_counted(desk: Desk) -> None:
    await post(desk, 1)
    await desk.edit(Status="asdf", SnoozedUntil="next week")
    await desk.steps.reconciling.check(now=NOON)
    await desk.edit(zAppActionHistory="{")
    census, _ = await census_of(desk)
    assert (census.with_problems, census.damaged) == (1, 1)


async def test_an_owner_whom_the_provider_refused_is_counted(desk: Desk) -> None:
    await post(desk, 1, 2, offer="contoso.erp")
    desk.outbox.refuses = {ANNA}
    await desk.tick(5)
    census, _ = await census_of(desk)
    assert census.refused_owners == Counter({ANNA: 2})
