"""The setting RETENTION, obeyed by the hourly check as the host calls it."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from azure.functions.timer import TimerRequest

from lead_core.settings import Settings
from lead_core.wiring import services
from tests.examples import NOON, body, message, person
from tests.functional.triggers import CHECK, rows

LONG_AGO = -1_000 * 24 * 60
LATELY = (datetime.now(UTC) - NOON) / timedelta(minutes=1) - 60


async def fill() -> None:
    """Store a lead of long ago that asks for no answer, and one of an hour ago. Each is a notice of another partner."""
    for number, minutes in ((1, LONG_AGO), (2, LATELY)):
        posted = message(body(person(number), code="DNC"), event=number, minutes=minutes)
        await services().rest.processing.process(posted, message_id="m", queued_at=NOON)


async def kept(settings: Settings) -> tuple[list[str], int]:
    """Return whose leads are stored, and how many notifications."""
    leads = await rows(services(), settings.leads_table)
    return [row["FirstName"] for row in leads], len(await rows(services(), settings.marketplace_leads_table))


async def test_the_check_removes_what_was_kept_long_enough(
    on_azurite: Settings, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment.setenv("RETENTION", "24mo")
    await fill()
    caplog.set_level(logging.INFO)
    await CHECK(TimerRequest())
    assert await kept(on_azurite) == (["P2"], 1)
    assert 'leads purged {"notifications": 1, "leads": 1}' in caplog.text
    assert person(1).email not in caplog.text
    caplog.clear()
    await CHECK(TimerRequest())
    assert "purged" not in caplog.text


@pytest.mark.parametrize("retention", ["", "24m"])
async def test_without_a_setting_that_is_surely_meant_it_keeps_everything(
    on_azurite: Settings, environment: pytest.MonkeyPatch, retention: str
) -> None:
    environment.setenv("RETENTION", retention)
    await fill()
    await CHECK(TimerRequest())
    assert len((await kept(on_azurite))[0]) == 2
