"""The steps on real tables: how many requests they make, and that many workers can meet."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from azure.data.tables.aio import TableServiceClient

from lead_core.adapters.azure.table import AzureTable
from lead_core.lead.erasure import Erasure
from lead_core.lead.person import Contact
from lead_core.settings import Settings
from lead_core.steps.processing import Outcome, Processing
from lead_core.wiring import Services
from tests.examples import NOON, body, message, person
from tests.functional.triggers import rows
from tests.steps import TABLES, Steps
from tests.to_do_list import entries_asked_for


class Requests(list[str]):
    """The requests that a client made."""

    def note(self, request: Any) -> None:
        self.append(request.http_request.method)


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
async def counted(table_settings: Settings, requests: Requests) -> AsyncIterator[Processing]:
    """Yield the second step on tables that exist, and count all its requests."""
    async with AsyncExitStack() as stack:
        tables = await stack.enter_async_context(
            TableServiceClient.from_connection_string(table_settings.connection_string, raw_request_hook=requests.note)
        )
        made = [AzureTable(await tables.create_table(name)) for name in table_settings.table_names]
        requests.clear()
        yield Steps(dict(zip(TABLES, made, strict=True))).processing


@pytest.mark.parametrize(
    ("second", "outcome", "count"),
    [
        (message(body(description="more"), event=2, minutes=1), Outcome.REPEAT, 5),
        (message(body(), event=1), Outcome.ALREADY_STORED, 5),
        (message(body(description="more"), event=2, minutes=-1), Outcome.REPEAT, 6),
        (message(body(code="PLT"), event=2, minutes=1), Outcome.REPEAT, 6),
    ],
    ids=["repeat", "redelivery", "due time moves", "another wish"],
)
@pytest.mark.parametrize("is_anyone_erased", [False, True])
async def test_a_lead_costs_few_requests(  # noqa: PLR0913 -- what is counted, and how it began
    counted: Processing,
    requests: Requests,
    second: bytes,
    outcome: Outcome,
    count: int,
    *,
    is_anyone_erased: bool,
) -> None:
    if is_anyone_erased:
        await counted.erasures.remember({"other"}, Erasure(NOON, "receipt"), secret="secret")
        await counted.erasures.find("other")  # A worker reads the key of the names once.
        requests.clear()
    await counted.process(message(body(), event=1), message_id="m", queued_at=NOON)
    assert len(requests) == 4
    requests.clear()
    (processed,) = await counted.process(second, message_id="m", queued_at=NOON)
    assert (processed.outcome, len(requests)) == (outcome, count)


async def test_two_people_behind_one_made_up_address_are_two_leads(services: Services) -> None:
    for number, name in enumerate(("Ana", "Bruno")):
        content = message(body(Contact(name, "Silva", "none@none.com")), event=number)
        await services.rest.processing.process(content, message_id="m", queued_at=NOON)
    leads = await rows(services, services.settings.leads_table)
    assert {lead["FirstName"] for lead in leads} == {"Ana", "Bruno"}


async def test_the_same_lead_ten_times_at_once_is_one_action(services: Services) -> None:
    contents = [message(body(), event=number) for number in range(10)]
    await asyncio.gather(*(services.rest.processing.process(each, message_id="m", queued_at=NOON) for each in contents))
    (lead,) = await rows(services, services.settings.leads_table)
    assert lead["ActionCount"] == 1
    assert len(await rows(services, services.settings.marketplace_leads_table)) == 10


async def test_300_leads_of_90_people_in_any_order_are_90_people(services: Services) -> None:
    """``make stress`` posts thousands."""
    dice = random.Random(20261122)
    actions = [(number % 90, number) for number in range(300)]
    contents = [
        message(body(person(who), description=f"action {number}"), event=number, minutes=number / 10)
        for who, number in actions
    ]
    deliveries = contents + dice.sample(contents, 60)
    dice.shuffle(deliveries)
    workers = asyncio.Semaphore(16)

    async def deliver(content: bytes) -> None:
        async with workers:
            await services.rest.processing.process(content, message_id="m", queued_at=NOON)

    await asyncio.gather(*map(deliver, deliveries))
    settings = services.settings
    leads = await rows(services, settings.leads_table)
    assert {lead["Email"]: lead["ActionCount"] for lead in leads} == {
        person(who).email: count for who, count in Counter(who for who, _ in actions).items()
    }
    assert len(await rows(services, settings.marketplace_leads_table)) == 300
    assert entries_asked_for(leads) <= {
        (entry["PartitionKey"], entry["RowKey"]) for entry in await rows(services, settings.follow_ups_table)
    }


async def test_text_that_a_table_cannot_hold_is_no_reason_to_fail(services: Services) -> None:
    hostile = replace(person(1), company="\ud800/\\#?\x00\u202e" * 500, title="\uffff" * 9_000)
    (processed,) = await services.rest.processing.process(message(body(hostile)), message_id="m", queued_at=NOON)
    assert processed.outcome is Outcome.NEW_LEAD
    (lead,) = await rows(services, services.settings.leads_table)
    assert len(lead["Company"]) <= 8_000
