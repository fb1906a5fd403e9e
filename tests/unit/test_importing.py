"""Leads that a file tells of are stored once, as answered, and nobody is mailed."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from lead_core.adapters.files.layout import Reading
from lead_core.adapters.files.leads import read_leads
from lead_core.adapters.memory import MemoryTable
from lead_core.lead.comparison import Comparison
from lead_core.lead.erasure import Erasure
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owner_rules import OwnerRule
from lead_core.lead.owners import Owners
from lead_core.lead.received import Envelope
from lead_core.marketplace.notification import read_notification
from tests.examples import JOHN, NOON, SALES, body, message
from tests.outbox import Outbox
from tests.steps import TABLES, Steps
from tests.weather import CrashError, Exposed

NOW = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
HEAD = "First name,Last name,Email,Company,Offer,Action code,Created,Status\n"
JOHNS = "John,Smith,jsmith@northwind.example,Northwind,contoso.contoso-crm,INS,2026-11-22T12:00:00Z,\n"
ADAS = "Ada,Lovelace,ada@northwind.example,Northwind,contoso.contoso-crm,PLT,2026-11-20T12:00:00Z,\n"
POLICY = FollowUpPolicy(owners=Owners((OwnerRule((SALES,)),)))


class World:
    """The steps on tables in memory, and the mails that went out."""

    def __init__(self) -> None:
        self.tables: dict[str, Any] = {name: MemoryTable(lambda: NOW) for name in TABLES}
        self.mailer = Outbox()
        self._ids = (f"{number:032x}" for number in count(1))

    @property
    def steps(self) -> Steps:
        return Steps(self.tables, mailer=self.mailer, policy=POLICY)

    @property
    def leads(self) -> list[dict[str, Any]]:
        return list(self.tables["leads"].rows)

    async def post(self, *, minutes: float = 0, event: int = 1, **said: Any) -> None:
        posted = message(body(**said), event=event, minutes=minutes)
        await self.steps.processing.process(posted, message_id="m", queued_at=NOON)

    async def compare(self, rows: str, head: str = HEAD) -> Comparison:
        found = read_leads((head + rows).encode(), Reading(NOW))
        assert not found.unread
        return await self.steps.comparing.compare(found)

    async def take_in(self, rows: str, *, as_new: bool = False, head: str = HEAD) -> Counter[str]:
        compared = await self.compare(rows, head)
        return await self.steps.importing.store(compared, as_new=as_new, now=NOW)

    async def tick(self, now: datetime = NOW) -> int:
        """Tick, and return how many mails went out until now."""
        await self.steps.tick(now, self._ids)
        return len(self.mailer.mails)


@pytest.fixture
def world() -> World:
    return World()


async def test_a_lead_of_a_file_stands_in_the_inbox_and_is_answered(world: World) -> None:
    assert await world.take_in(JOHNS) == {"imported": 1}
    (lead,), (notification,) = world.leads, world.tables["inbox"].rows
    assert (lead["Status"], lead["Name"], lead["ActionCode"]) == ("Contacted", "John Smith", "INS")
    assert (lead["FirstSeenAt"], lead["Owner"]) == (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), SALES)
    assert "FirstContactedAt" not in lead
    assert lead["ContactedBy"] == ""
    assert (notification["LeadPartition"], notification["LeadRow"]) == (lead["PartitionKey"], lead["RowKey"])
    assert (notification["PartitionKey"], notification["ImportedAs"]) == ("2026-11-22", "Contacted")
    assert world.tables["follow_ups"].rows == []


async def test_the_same_file_again_changes_nothing(world: World) -> None:
    await world.take_in(JOHNS + ADAS)
    before = {name: table.rows for name, table in world.tables.items()}
    assert await world.take_in(ADAS + JOHNS) == {}
    assert {name: table.rows for name, table in world.tables.items()} == before


async def test_nobody_is_mailed_about_past_leads(world: World) -> None:
    await world.take_in(JOHNS + ADAS)
    assert await world.tick() == 0
    await world.steps.reconciling.check(now=NOON)
    assert await world.tick(NOW + timedelta(days=30)) == 0


async def test_leads_that_arrive_as_new_are_told_as_usual(world: World) -> None:
    await world.take_in(JOHNS + ADAS, as_new=True)
    assert {lead["Status"] for lead in world.leads} == {"New"}
    assert len(world.tables["follow_ups"].rows) == 2
    assert await world.tick() == 1


async def test_what_the_file_says_was_answered_is_not_told_as_new(world: World) -> None:
    await world.take_in(JOHNS.replace("Z,\n", "Z,Won\n") + ADAS.replace("Z,\n", "Z,Open\n"), as_new=True)
    assert {lead["FirstName"]: lead["Status"] for lead in world.leads} == {"John": "Qualified", "Ada": "New"}


async def test_a_past_lead_that_the_file_calls_open_arrives_answered_all_the_same(world: World) -> None:
    await world.take_in(JOHNS.replace("Z,\n", "Z,Open\n"))
    assert world.leads[0]["Status"] == "Contacted"


async def test_a_lead_that_the_marketplace_posted_is_the_same_action(world: World) -> None:
    await world.post()
    before = {name: table.rows for name, table in world.tables.items()}
    assert await world.take_in(JOHNS) == {}
    assert {name: table.rows for name, table in world.tables.items()} == before


@pytest.mark.parametrize(
    ("created", "is_same"),
    [
        ("2026-11-22T12:09:00Z", True),
        ("2026-11-22T12:11:00Z", False),
        ("2026-11-22 12:00", True),
        ("2026-11-22 04:00", True),
        ("2026-11-22", True),
        ("11/22/2026 8:00 PM", True),
        ("2026-11-24", False),
    ],
)
async def test_the_same_action_may_be_told_with_another_time(world: World, created: str, is_same: bool) -> None:
    await world.post()
    compared = await world.compare(JOHNS.replace("2026-11-22T12:00:00Z", created))
    assert (len(compared.matches), len(compared.missing)) == ((1, 0) if is_same else (0, 1))


async def test_of_two_clicks_on_a_day_a_day_alone_finds_each_once(world: World) -> None:
    await world.post()
    await world.post(minutes=120, event=2)
    day = JOHNS.replace("2026-11-22T12:00:00Z", "2026-11-22")
    compared = await world.compare(day + day.replace("John", "john") + day.replace("Smith", "SMITH"))
    assert (len(compared.matches), len(compared.missing)) == (2, 1)


async def test_another_action_of_the_day_is_another_one(world: World) -> None:
    await world.post()
    compared = await world.compare(JOHNS.replace("INS", "PLT"))
    assert (len(compared.matches), len(compared.missing)) == (0, 1)


async def test_an_offer_is_known_by_its_title(world: World) -> None:
    await world.post()
    assert await world.take_in(JOHNS.replace("contoso.contoso-crm", "CONTOSO crm")) == {}
    await world.take_in(ADAS.replace("contoso.contoso-crm", "Contoso CRM"))
    assert {lead["RowKey"] for lead in world.leads} == {"contoso.contoso-crm"}
    assert {row["LeadRow"] for row in world.tables["inbox"].rows} == {"contoso.contoso-crm"}


async def test_an_offer_is_known_by_its_id_without_the_publishers(world: World) -> None:
    await world.post()
    assert await world.take_in(JOHNS.replace(",contoso.contoso-crm", ",contoso-crm")) == {}
    await world.take_in(ADAS.replace("contoso.contoso-crm", "contoso-crm"), head=HEAD.replace("Offer", "Offer id"))
    assert {lead["RowKey"] for lead in world.leads} == {"contoso.contoso-crm"}


async def test_of_two_offers_with_one_title_the_one_of_the_time_is_meant(world: World) -> None:
    await world.post()
    await world.post(offer="contoso.contoso-erp", minutes=60, event=2)
    row = JOHNS.replace("contoso.contoso-crm", "Contoso CRM")
    compared = await world.compare(row + row.replace("12:00", "13:00"))
    assert [match.stored.lead.key.row for match in compared.matches] == ["contoso.contoso-crm", "contoso.contoso-erp"]


async def test_a_file_without_offers_is_compared_by_person_and_time(world: World) -> None:
    await world.post()
    head = "Email,Created\n"
    compared = await world.compare("jsmith@northwind.example,2026-11-22T12:01:00Z\n", head)
    assert len(compared.matches) == 1


async def test_who_cannot_be_recognised_is_found_by_all_that_is_known(world: World) -> None:
    unknown = replace(JOHN, first_name="", last_name="Smith", email="", phone="")
    await world.post(contact=unknown)
    head = "Last name,Company,Country,Title,Offer,Created\n"
    row = "Smith,Northwind,US,CTO,contoso.contoso-crm,2026-11-22T12:00:00Z\n"
    assert len((await world.compare(row, head)).matches) == 1
    assert len((await world.compare(row.replace("Smith", "Jones"), head)).matches) == 0


async def test_an_older_action_joins_a_lead_that_waits_and_its_wait_stays(world: World) -> None:
    await world.post()
    before = world.leads[0]
    assert await world.take_in(JOHNS.replace("2026-11-22", "2026-10-01").replace("Smith", "Smythe")) == {"imported": 1}
    (after,) = world.leads
    assert after["ActionCount"] == 2
    unchanged = ("Status", "WaitingSince", "NextReminderAt", "LastName", "Owner")
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert len(world.tables["follow_ups"].rows) == 1


async def test_several_rows_of_a_person_are_one_lead_for_each_offer(world: World) -> None:
    rows = JOHNS + JOHNS.replace("2026-11-22", "2026-10-01") + JOHNS.replace("contoso-crm", "contoso-erp")
    assert await world.take_in(rows) == {"imported": 3}
    assert [(lead["RowKey"], lead["ActionCount"]) for lead in world.leads] == [
        ("contoso.contoso-crm", 2),
        ("contoso.contoso-erp", 1),
    ]


async def test_who_is_not_to_be_contacted_stays_so_on_another_offer(world: World) -> None:
    await world.post()
    (lead,) = world.leads
    await world.tables["leads"].merge(lead | {"Status": "Do not contact"})
    await world.steps.reconciling.check(now=NOON)
    await world.take_in(JOHNS.replace("contoso-crm", "contoso-erp"), as_new=True)
    assert {lead["Status"] for lead in world.leads} == {"DoNotContact"}
    assert world.tables["follow_ups"].rows == []


async def test_an_objection_in_the_file_holds_for_all_offers_of_the_person(world: World) -> None:
    await world.post()
    await world.take_in(JOHNS.replace("contoso-crm", "contoso-erp").replace("Z,\n", "Z,Do not contact\n"))
    assert {lead["Status"] for lead in world.leads} == {"DoNotContact"}
    assert await world.tick() == 0


async def erase_john(world: World, at_time: datetime, *, objects: bool = False) -> None:
    john = read_notification(Envelope("1" * 32, NOON, "", body())).delivery.key.partition
    await world.steps.erasures.remember({john}, Erasure(at_time, "receipt", objects=objects), secret="s" * 64)


async def test_who_was_erased_does_not_come_back(world: World) -> None:
    await erase_john(world, NOW)
    compared = await world.compare(JOHNS + ADAS)
    assert (len(compared.erased), len(compared.missing)) == (1, 1)
    assert await world.take_in(JOHNS + ADAS) == {"imported": 1}
    assert "jsmith" not in str({name: table.rows for name, table in world.tables.items()})


async def test_who_is_erased_while_the_question_stands_does_not_come_back(world: World) -> None:
    compared = await world.compare(JOHNS + ADAS)
    await erase_john(world, NOW)
    assert await world.steps.importing.store(compared, as_new=False, now=NOW) == {"imported": 1, "erased": 1}
    assert [lead["FirstName"] for lead in world.leads] == ["Ada"]


async def test_an_objection_outlives_the_erasure(world: World) -> None:
    await erase_john(world, NOON - timedelta(days=1), objects=True)
    await world.take_in(JOHNS, as_new=True)
    assert world.leads[0]["Status"] == "DoNotContact"
    assert await world.tick() == 0


async def test_a_lead_that_came_in_the_meantime_is_joined(world: World) -> None:
    compared = await world.compare(JOHNS.replace("2026-11-22", "2026-10-01"))
    await world.post()
    assert await world.steps.importing.store(compared, as_new=False, now=NOW) == {"imported": 1}
    (lead,) = world.leads
    assert (lead["ActionCount"], lead["Status"]) == (2, "New")


async def test_a_lead_that_was_edited_in_the_meantime_keeps_its_edit(world: World) -> None:
    await world.post()
    compared = await world.compare(JOHNS.replace("2026-11-22", "2026-10-01"))
    await world.tables["leads"].merge(world.leads[0] | {"Note": "Call again."})
    await world.steps.importing.store(compared, as_new=False, now=NOW)
    (lead,) = world.leads
    assert (lead["ActionCount"], lead["Note"]) == (2, "Call again.")


async def test_wherever_the_process_ends_the_next_import_stores_the_rest_and_nobody_is_mailed() -> None:
    rows = JOHNS + ADAS + JOHNS.replace("contoso-crm", "contoso-erp").replace("Z,\n", "Z,Do not contact\n")
    whole = World()
    await whole.take_in(rows)
    for calls in range(40):
        world = World()
        has_ended = await end_after(calls, world, rows)
        assert await world.tick() == 0
        await world.take_in(rows)
        await world.steps.reconciling.check(now=NOON)
        assert await world.tick() == 0
        assert say_all(world) == say_all(whole)
        if not has_ended:
            break
    else:
        pytest.fail("It never came to its end.")


async def end_after(calls: int, world: World, rows: str) -> bool:
    """Import *rows*, and end the process after some calls to storage. Return whether it came to that."""
    calm, left = world.tables, iter(range(calls))

    async def end() -> None:
        if next(left, None) is None:
            raise CrashError

    world.tables = {name: Exposed(table, go_on, end) for name, table in calm.items()}
    try:
        await world.take_in(rows)
    except CrashError:
        return True
    finally:
        world.tables = calm
    return False


async def go_on() -> None:
    """Do nothing before or after a call to storage."""


def say_all(world: World) -> list[Any]:
    columns = ("PartitionKey", "RowKey", "Status", "ActionCount", "FirstSeenAt")
    return [*(tuple(lead[name] for name in columns) for lead in world.leads), *world.tables["inbox"].rows]


async def test_two_imports_at_once_store_each_lead_once(world: World) -> None:
    compared = await world.compare(JOHNS + ADAS)
    await asyncio.gather(*(world.steps.importing.store(compared, as_new=False, now=NOW) for _ in range(2)))
    assert [lead["ActionCount"] for lead in world.leads] == [1, 1]
    assert len(world.tables["inbox"].rows) == 2


async def test_a_damaged_history_is_rebuilt_as_answered(world: World) -> None:
    await world.take_in(JOHNS)
    (lead,) = world.leads
    await world.tables["leads"].merge(lead | {"zAppActionHistory": "???"})
    await world.steps.reconciling.check(now=NOON)
    assert world.leads[0]["Status"] == "Contacted"
    assert await world.tick() == 0


async def test_many_leads_take_a_request_each_and_a_few_for_the_inbox(world: World) -> None:
    rows = "".join(ADAS.replace("ada@", f"ada{number}@") for number in range(500))
    compared = await world.compare(rows)
    calls: Counter[str] = Counter()
    calm = world.tables
    for name, table in calm.items():

        async def note(name: str = name) -> None:
            calls[name] += 1

        world.tables = {**world.tables, name: Exposed(table, note, go_on)}
    done: list[int] = []
    await world.steps.importing.store(compared, as_new=False, now=NOW, advance=done.append)
    assert calls["leads"] == 500
    assert calls["inbox"] == 1
    assert calls["follow_ups"] == 0
    assert sum(done) == 500


async def test_what_is_missing_in_the_file_is_found(world: World) -> None:
    await world.post(minutes=-60, code="PLT", event=2)
    await world.post(minutes=5_000, event=3)
    compared = await world.compare(JOHNS + ADAS)
    assert [(lead.shown.name, action.code) for lead, action in compared.unfiled] == [("John Smith", "PLT")]


async def test_what_differs_is_said_of_the_last_action_alone(world: World) -> None:
    await world.post()
    rows = JOHNS.replace("Northwind", "Contoso").replace("Z,\n", "Z,Won\n")
    compared = await world.compare(rows)
    found = [(each.what, each.there, each.here) for each in compared.differing]
    assert found == [("company", "Contoso", "Northwind"), ("status", "Qualified", "New")]
    await world.post(minutes=60, code="PLT", event=2)
    assert (await world.compare(rows)).differing == ()


async def test_another_spelling_is_no_difference(world: World) -> None:
    await world.post()
    row = JOHNS.replace("John,Smith,jsmith@", "JOHN,smith,JSmith+news@")
    assert (await world.compare(row)).differing == ()
    head = "Email,Phone,Created,Offer\n"
    row = "jsmith@northwind.example,617 555 5555,2026-11-22T12:00:00Z,contoso.contoso-crm\n"
    assert (await world.compare(row, head)).differing == ()


async def test_the_answer_of_a_past_lead_has_the_time_of_the_lead(world: World) -> None:
    await world.take_in(JOHNS)
    (lead,) = [stored async for stored in world.steps.repository.leads.scan()]
    assert lead.lead.decisions[0].at == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
