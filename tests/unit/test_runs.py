"""When the timers last did their work: a row each in ``Digests``."""

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.checks import TableCheckStore
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.adapters.tables.runs import TableRunStore
from lead_core.ports.runs import Run, Timer
from lead_core.ports.storage import CheckProgress
from tests.examples import NOON, at


def make_store() -> tuple[TableRunStore, MemoryTable]:
    table = MemoryTable(lambda: at(1))
    return TableRunStore(table), table


async def test_what_was_noted_is_read_with_the_time_at_which_storage_wrote_it() -> None:
    runs, _ = make_store()
    await runs.note(Run(Timer.REMINDERS, NOON, "MAIL_FROM: is missing."))
    assert await runs.list_runs() == {Timer.REMINDERS: Run(Timer.REMINDERS, NOON, "MAIL_FROM: is missing.", at(1))}


async def test_only_the_last_run_of_a_timer_is_kept() -> None:
    runs, table = make_store()
    for minutes in (0, 5):
        await runs.note(Run(Timer.REMINDERS, at(minutes)))
    await runs.note(Run(Timer.CHECK, at(2)))
    found = await runs.list_runs()
    assert {timer: run.finished_at for timer, run in found.items()} == {Timer.REMINDERS: at(5), Timer.CHECK: at(2)}
    assert len(table.rows) == 2


async def test_before_the_first_run_nothing_is_known() -> None:
    runs, _ = make_store()
    assert await runs.list_runs() == {}


async def test_a_row_that_a_person_changed_or_made_is_read_as_far_as_it_can_be() -> None:
    runs, table = make_store()
    for key in ("last-run-check_leads", "last-run-nothing"):
        await table.upsert({"PartitionKey": "checks", "RowKey": key, "FinishedAt": "yesterday"})
    assert await runs.list_runs() == {Timer.CHECK: Run(Timer.CHECK, at(1), "", at(1))}


async def test_the_other_rows_of_the_checks_are_not_concerned() -> None:
    runs, table = make_store()
    checks, claims = TableCheckStore(table), TableClaimStore(table)
    await checks.write(CheckProgress("5"))
    await runs.note(Run(Timer.CHECK, NOON))
    assert await checks.read() == CheckProgress("5")
    assert await claims.list_troubles() == []
