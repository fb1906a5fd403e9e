"""The functions host's timer triggers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from local.functions_host.timer_trigger import parse_schedule
from tests.local.toy_host import running_host, write_app
from tests.waiting import wait_for


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        ("0 */5 * * * *", "2026-11-23 08:01:30", "2026-11-23 08:05:00"),
        ("0 */5 * * * *", "2026-11-23 08:05:00", "2026-11-23 08:10:00"),
        ("*/5 * * * *", "2026-11-23 08:01:30", "2026-11-23 08:05:00"),
        ("30 0 9-17 * * 1-5", "2026-11-20 17:00:31", "2026-11-23 09:00:30"),
        ("0 0 8 * * Mon,sun", "2026-11-23 08:00:00", "2026-11-29 08:00:00"),
        ("0 0 0 * * 0", "2026-11-23 00:00:00", "2026-11-29 00:00:00"),
        ("0 0 0 13 * 5", "2026-11-23 00:00:00", "2027-08-13 00:00:00"),
        ("0 0 0 29 2 *", "2026-11-23 00:00:00", "2028-02-29 00:00:00"),
        ("10/20 * * * * *", "2026-11-23 00:00:00", "2026-11-23 00:00:10"),
        ("00:00:30", "2026-11-23 08:00:00", "2026-11-23 08:00:30"),
        ("1.12:00:00", "2026-11-23 08:00:00", "2026-11-24 20:00:00"),
    ],
)
def test_a_schedule_says_when_it_is_due_next(schedule: str, after: str, due: str) -> None:
    assert parse_schedule(schedule)(at(after)) == at(due)


@pytest.mark.parametrize(
    "schedule",
    ["", "daily", "@daily", "* * * *", "* * * * * * *", "60 * * * * *", "0 0 0 * * 7", "0 0 0 L * *", "0 0 0 30 2 *"],
)
def test_a_wrong_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the text is all it says
        parse_schedule(schedule)


def test_the_next_time_is_never_the_same_one() -> None:
    schedule = parse_schedule("* * * * * *")
    assert schedule(at("2026-11-23 08:00:00")) == at("2026-11-23 08:00:00") + timedelta(seconds=1)


def test_timers_run_when_due_never_twice_at_once_and_by_hand(tmp_path: Path) -> None:
    write_app(
        tmp_path,
        """
        @app.timer_trigger(arg_name="timer", schedule="%EVERY_SECOND%")
        def tick(timer: func.TimerRequest) -> None:
            note(function="tick", past_due=timer.past_due)

        @app.timer_trigger(arg_name="timer", schedule="* * * * * *")
        async def long(timer: func.TimerRequest) -> None:
            note(function="long", at=time.time())
            await asyncio.sleep(1.5)
            note(function="long", until=time.time())

        @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
        def yearly(timer: func.TimerRequest) -> None:
            note(function="yearly")
            raise RuntimeError("the next run comes all the same")
        """,
    )
    with running_host(tmp_path, EVERY_SECOND="* * * * * *") as host:
        host.wait_for_notes(function="yearly")
        assert httpx.post(f"{host.url}/admin/functions/yearly", json={"input": ""}).status_code == 202
        assert httpx.post(f"{host.url}/admin/functions/long").status_code == 202
        host.wait_for_notes(2, function="yearly")
        assert host.wait_for_notes(3, function="tick")[0]["past_due"] is False
        runs = wait_for(lambda: found if len(found := host.notes(function="long")) >= 4 else [])
        assert ["at" in note for note in runs[:4]] == [True, False, True, False]
        assert host.stop() == 0


def test_a_function_that_exceeds_the_limit_ends_with_all_that_runs_and_the_host_starts_anew(tmp_path: Path) -> None:
    write_app(
        tmp_path / "app",
        """
        @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
        async def endless(timer: func.TimerRequest) -> None:
            note(function="endless")
            try:
                await asyncio.sleep(3600)
            finally:
                note(function="finally")

        @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
        def starting(timer: func.TimerRequest) -> None:
            note(function="starting")
        """,
    )
    with running_host(tmp_path / "app", AzureFunctionsJobHost__functionTimeout="00:00:02") as host:
        assert httpx.post(f"{host.url}/admin/functions/endless").status_code == 202
        host.wait_for_notes(2, function="starting")
        assert host.notes(function="finally") == []
        assert host.process.poll() is None
        assert "endless                took longer than 0:00:02" in host.log
        assert host.stop() == 0
