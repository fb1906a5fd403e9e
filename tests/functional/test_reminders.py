"""The third step on real tables: bounded queries, many timers at once."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from azure.data.tables.aio import TableClient, TableServiceClient

from lead_core.adapters.azure.table import AzureTable
from lead_core.adapters.mail.smtp import SmtpMailer
from lead_core.adapters.tables.follow_ups import follow_up_to_row
from lead_core.adapters.tables.leads import lead_to_row
from lead_core.adapters.tables.rejected_leads import rejected_to_row
from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.changes import delivered
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.received import Envelope, RejectedFrom, RejectedLead
from lead_core.lead.to_do import find_follow_up
from lead_core.lead.values import Offer
from lead_core.settings import Settings, parse_mail_url
from tests.examples import NOON, at, delivery, person
from tests.mailbox import Mailbox, leads_in
from tests.steps import TABLES, Steps

PEOPLE = [f"owner-{number}@contoso.example" for number in range(5)]
POLICY = FollowUpPolicy(
    owners=Owners.parse("; ".join([*(f"contoso.offer-{n}: {PEOPLE[n]}" for n in range(1, 5)), PEOPLE[0]]))
)


class Bench:
    """Tables whose requests are recorded, and timers on them."""

    def __init__(self, tables: TableServiceClient, settings: Settings, requests: list[tuple[str, str]]) -> None:
        self.tables, self.settings, self.requests = tables, settings, requests
        self.mailbox = Mailbox()
        self.ids = (f"{number:032x}" for number in itertools.count(1))

    def client(self, name: str) -> TableClient:
        return self.tables.get_table_client(name)

    def timer(self) -> Steps:
        tables = [AzureTable(self.client(name)) for name in self.settings.table_names]
        mailer = SmtpMailer(parse_mail_url(self.mailbox.url))
        return Steps(dict(zip(TABLES, tables, strict=True)), mailer=mailer, policy=POLICY, escalate_to="")

    async def tick(self, minutes: float) -> dict[str, int]:
        return dict(await self.timer().tick(at(minutes), self.ids))

    async def store(self, leads: list[Lead]) -> None:
        """Write leads and their entries, a hundred at a time if they share a partition."""
        await self.write(self.settings.leads_table, [lead_to_row(lead) for lead in leads])
        entries = [find_follow_up(lead, POLICY) for lead in leads]
        await self.write(self.settings.follow_ups_table, [follow_up_to_row(entry) for entry in entries if entry])

    async def write(self, name: str, rows: list[dict[str, Any]]) -> None:
        client = self.client(name)
        in_order = sorted(rows, key=lambda row: str(row["PartitionKey"]))
        for _, group in itertools.groupby(in_order, lambda row: str(row["PartitionKey"])):
            together = list(group)
            for start in range(0, len(together), 100):
                await client.submit_transaction([("upsert", row) for row in together[start : start + 100]])


@pytest.fixture
async def bench(table_settings: Settings) -> AsyncIterator[Bench]:
    noted: list[tuple[str, str]] = []
    async with AsyncExitStack() as stack:
        tables = await stack.enter_async_context(
            TableServiceClient.from_connection_string(
                table_settings.connection_string,
                raw_request_hook=lambda request: noted.append((request.http_request.method, request.http_request.url)),
            )
        )
        for name in table_settings.table_names:
            await tables.create_table(name)
        bench = Bench(tables, table_settings, noted)
        await asyncio.to_thread(bench.mailbox.start)
        yield bench
        await asyncio.to_thread(bench.mailbox.stop)


def due_lead(number: int, *, minutes: float = 0, owner: int = 0) -> Lead:
    offer = Offer("contoso", f"offer-{owner}", f"Offer {owner}")
    return delivered(None, delivery(minutes, event=number, contact=person(number), offer=offer), POLICY)


def ids_by_lead(bench: Bench) -> dict[str, set[str]]:
    """Return the ids of the mails that each lead was in."""
    ids: dict[str, set[str]] = {}
    for mail in bench.mailbox.mails:
        for name in leads_in(mail):
            ids.setdefault(name, set()).add(mail["Message-ID"])
    return ids


async def test_four_timers_at_once_put_200_leads_of_5_owners_into_one_mail_each(bench: Bench) -> None:
    await bench.store([due_lead(number, owner=number % 5) for number in range(200)])
    for minutes in (1, 2, 3):
        await asyncio.gather(*(bench.tick(minutes) for _ in range(4)))
    assert {name: len(ids) for name, ids in ids_by_lead(bench).items()} == {f"P{n} Smith": 1 for n in range(200)}
    assert sum(len(leads_in(mail)) for mail in bench.mailbox.mails) == 200
    assert {mail["To"] for mail in bench.mailbox.mails} == set(PEOPLE)


async def test_a_refused_address_stops_no_other_mail(bench: Bench) -> None:
    await bench.store([due_lead(number, owner=number % 5) for number in range(20)])
    bench.mailbox.refuses = {PEOPLE[3]}
    for minutes in (1, 2):
        await bench.tick(minutes)
    assert {mail["To"] for mail in bench.mailbox.mails} == set(PEOPLE) - {PEOPLE[3]}
    assert {name: len(ids) for name, ids in ids_by_lead(bench).items()} == {f"P{n} Smith": 1 for n in range(20)}


async def test_a_provider_that_is_down_for_three_ticks_gets_everything_at_the_fourth(bench: Bench) -> None:
    await bench.store([due_lead(number, owner=number % 5) for number in range(20)])
    await asyncio.to_thread(bench.mailbox.stop)
    for minutes in (1, 2, 3):
        assert (await bench.tick(minutes))["mail-not-sent"]
    await asyncio.to_thread(bench.mailbox.start)
    await bench.tick(4)
    assert {name: len(ids) for name, ids in ids_by_lead(bench).items()} == {f"P{n} Smith": 1 for n in range(20)}
    assert len(bench.mailbox.mails) == 5


async def requests_of_a_tick(bench: Bench, stored: int) -> list[tuple[str, str]]:
    """Return the requests of a tick with 50 leads due and *stored* others."""
    one = due_lead(100_000, minutes=-60)
    answered = [
        replace(one, key=one.key._replace(row=f"offer {number}"), next_reminder_at=None) for number in range(stored)
    ]
    later = [
        replace(one, key=one.key._replace(row=f"later {number}"), next_reminder_at=NOON + timedelta(days=9))
        for number in range(stored // 10)
    ]
    await bench.store([*answered, *later])
    await bench.store([due_lead(number) for number in range(50)])
    bench.requests.clear()
    await bench.tick(1)
    return list(bench.requests)


async def test_what_a_tick_asks_for_does_not_grow_with_what_is_stored(bench: Bench) -> None:
    """Azurite takes minutes to store 20,000 leads. Set ``STORED_LEADS=20000`` to try that."""
    requests = await requests_of_a_tick(bench, int(os.environ.get("STORED_LEADS", "500")))
    queries = [unquote(parse_qs(urlsplit(url).query)["$filter"][0]) for method, url in requests if "filter=" in url]
    assert len(queries) >= 50
    for query in queries:
        assert "PartitionKey" in query
        assert not {"or", "not", "ne"} & set(query.split())
    scans = [url for method, url in requests if method == "GET" and "()" in url and "filter=" not in url]
    assert scans == []
    # For each lead, a read of its person, and for the 25 of the first mail a confirmation. A few more for the claims.
    assert len(requests) <= 50 + 25 * 7 + 12


async def test_nothing_due_costs_a_handful_of_requests(bench: Bench) -> None:
    bench.requests.clear()
    await bench.tick(1)
    assert len(bench.requests) <= 6
    assert bench.mailbox.mails == []


async def test_the_inbox_is_not_asked_by_a_timer(bench: Bench) -> None:
    await bench.store([due_lead(1)])
    bench.requests.clear()
    await bench.tick(1)
    assert not [url for _, url in bench.requests if bench.settings.marketplace_leads_table in url]


async def test_thousands_of_untold_rejects_are_told_in_one_mail_and_a_few_requests(bench: Bench) -> None:
    """A write for each of 20,000 was 20,000 requests. Set ``REJECTS`` to try more: Azurite takes minutes."""
    count = int(os.environ.get("REJECTS", "1000"))
    why = UnreadableLeadError(RejectCode.NOT_JSON, "?")
    rejects = [
        RejectedLead.of(Envelope(f"{number:032x}", NOON, "", b"?"), why, RejectedFrom.HTTP) for number in range(count)
    ]
    await bench.write(bench.settings.rejected_leads_table, [rejected_to_row(each) for each in rejects])
    bench.requests.clear()
    assert (await bench.tick(25 * 60))["sent"] == 1
    assert len(bench.requests) <= count // 1_000 + count // 100 + 12
    (mail,) = bench.mailbox.mails
    assert f"{count} messages" in str(mail.get_body(("plain",)))
    bench.requests.clear()
    await bench.tick(25 * 60 + 5)
    assert len(bench.mailbox.mails) == 1
