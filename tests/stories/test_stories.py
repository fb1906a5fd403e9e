"""Any sequence of posts, redeliveries, edits, clicks, ticks and faults keeps the contract.

A model in plain Python says what each lead must be. Memory and Azurite get the same calls, and must answer the same.

How a story runs: hypothesis picks the rules of `Leads` in any order. Each rule does one thing to the `World`: the
marketplace posts, the host delivers or ticks, a person edits or clicks. At most one trouble befalls a step, at one of
its calls to storage. After each rule the tables are compared with the `model`. At the end, `World.settle` finishes all
that is open, and compares once more. Hypothesis prints the shortest form of a failing story as code.

To look longer: ``EXAMPLES=500 make test ARGS=tests/stories``. That takes about an hour.
"""

import asyncio
import itertools
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from azure.data.tables.aio import TableServiceClient
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from local.azurite import Azurite
from tests.examples import ANNA, BOSS, SALES, body
from tests.stories.model import CHOICES, MEANINGS, Post
from tests.stories.provider import MARKER, Fate
from tests.stories.trouble import Kind, Trouble
from tests.stories.twins import Twins, running_beside
from tests.stories.world import OFFERS, PEOPLE, World

EXAMPLES = int(os.environ.get("EXAMPLES", "5"))
"""The number of examples on both kinds of table. In memory there are twenty times as many."""

WORDS = sorted(MEANINGS)
ADDRESSES = [SALES, ANNA, "carl@contoso.example"]
OWNERS = [*ADDRESSES, "anna", "???", ""]
HOURS = [0, 1, 24, 3 * 24, 7 * 24, 31 * 24]
ENTRY, ROW = "entry", "row"

people = st.sampled_from(
    [("john", 0), *((who, spelling) for who, spellings in PEOPLE.items() for spelling in range(len(spellings)))]
)
offers = st.sampled_from([*OFFERS, "contoso.contoso-crm", "contoso.erp"])
codes = st.sampled_from(["INS", "PLT", "DNC", "Create"])
texts = st.sampled_from(["", "please call", f"please {MARKER}"])
ages = st.sampled_from([0, 9, 30, 3_000])
numbers = st.integers(0, 5)


fates = st.one_of(st.just([]), st.lists(st.sampled_from(Fate), max_size=3))
refusals = st.one_of(st.just(set[str]()), st.sets(st.sampled_from([SALES, ANNA, BOSS]), max_size=2))


def troubles(calls: int) -> st.SearchStrategy[Trouble | None]:
    """Return what may happen within *calls* calls. Mostly nothing does."""
    some = st.builds(
        Trouble,
        st.sampled_from([*Kind, Kind.LOST, Kind.CRASH, Kind.TICKED]),
        st.integers(1, calls),
        numbers,
        st.sampled_from(WORDS),
    )
    return st.one_of(st.none(), st.none(), some)


few, many = troubles(6), troubles(25)
paces = st.lists(st.sampled_from([0, 12, 72, 168]), min_size=1, max_size=5)
"""The hours before each of some attempts."""
endings = st.sampled_from(["", "", "contacted", "pass", "no-answer"])
"""What is said after some attempts."""


class Leads(RuleBasedStateMachine):
    """What the marketplace, the host, the provider and people do, in any order."""

    run: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        self.world = self.make_world()
        self.posts = list[tuple[Post, bytes]]()
        self.events = (f"{number:032x}" for number in itertools.count(1))

    @staticmethod
    def make_world() -> World:
        return World()

    def do(self, step: Any) -> None:
        self.world.now += timedelta(minutes=1)
        self.run.run(step)
        self.run.run(self.world.sweep())

    # The marketplace.

    @initialize(person=people, offer=offers, code=codes)
    def begin(self, person: tuple[str, int], offer: str, code: str) -> None:
        self.post(person, offer, code, "", 0, None)

    @rule(person=people, offer=offers, code=codes, text=texts, minutes_ago=ages, trouble=few)
    def post(  # noqa: PLR0913, PLR0917 -- what a post consists of
        self, person: tuple[str, int], offer: str, code: str, text: str, minutes_ago: int, trouble: Any
    ) -> None:
        post, content = self.write(person, offer, code, text, self.world.now - timedelta(minutes=minutes_ago))
        self.send(post, content, trouble)

    @precondition(lambda self: self.posts)
    @rule(number=numbers, minutes=st.sampled_from([-18, -10.1, -10, -9, 0, 9, 10, 10.1]), trouble=few)
    def post_again(self, number: int, minutes: float, trouble: Any) -> None:
        before, content = self.posts[-1 - number % len(self.posts)]
        event_id = next(self.events)
        who = f"nobody {event_id}" if before.who.startswith("nobody") else before.who
        received_at = min(before.received_at + timedelta(minutes=minutes), self.world.now)
        self.send(replace(before, event_id=event_id, received_at=received_at, who=who), content, trouble)

    @rule(content=st.sampled_from([b"no JSON", b"{}", b"\xff\xfe"]), trouble=few)
    def post_what_nobody_can_read(self, content: bytes, trouble: Any) -> None:
        self.do(self.world.post(None, content, next(self.events), self.world.now, trouble))

    # The host.

    @rule(number=numbers, trouble=few)
    def deliver(self, number: int, trouble: Any) -> None:
        self.do(self.world.deliver(self.world.pick_message(number), trouble))

    @precondition(lambda self: self.world.unfinished)
    @rule(trouble=troubles(2))
    def park(self, trouble: Any) -> None:
        self.do(self.world.park(trouble))

    @rule(hours=st.sampled_from(HOURS), fates=fates, refuses=refusals, puts_off=refusals, trouble=many)
    def tick(self, hours: int, fates: list[Fate], refuses: set[str], puts_off: set[str], trouble: Any) -> None:
        self.world.now += timedelta(hours=hours)
        provider = self.world.provider
        provider.fates += fates
        provider.refuses, provider.puts_off = frozenset(refuses), frozenset(puts_off - {SALES, ANNA})
        is_fine = not (provider.fates or refuses or provider.puts_off or trouble or self.world.is_claimed)
        overdue = self.world.find_overdue(self.world.now + timedelta(minutes=1))
        refused_before = provider.refused_texts
        self.do(self.world.tick(trouble))
        if is_fine and provider.refused_texts > refused_before:
            self.do(self.world.tick())
            overdue = {entry for entry in overdue if not self.world.is_marked(entry)}
        provider.refuses, provider.puts_off = frozenset(), frozenset()
        assert not (is_fine and overdue & self.world.find_overdue(self.world.now))

    @precondition(lambda self: self.world.rows("follow_ups"))
    @rule()
    def let_days_pass(self) -> None:
        for hours in (0, 24, 48, 96):
            self.tick(hours, [], set(), set(), None)

    @precondition(lambda self: self.world.rows("rejects"))
    @rule(trouble=few)
    def retry(self, trouble: Any) -> None:
        self.do(self.world.retry(trouble))

    @rule(trouble=many)
    def check(self, trouble: Any) -> None:
        self.do(self.world.check(trouble))

    # People.

    @precondition(lambda self: self.world.book)
    @rule(number=numbers, word=st.sampled_from(WORDS))
    def type_status(self, number: int, word: str) -> None:
        self.do(self.world.type_cell(number, "Status", word))

    @precondition(lambda self: self.world.book)
    @rule(number=numbers, owner=st.sampled_from(OWNERS))
    def type_owner(self, number: int, owner: str) -> None:
        self.do(self.world.type_cell(number, "Owner", owner))

    @precondition(lambda self: self.world.book)
    @rule(number=numbers, what=st.sampled_from(["Note", "Status", "Owner", "NextReminderAt", ENTRY, ROW]))
    def delete(self, number: int, what: str) -> None:
        if what == ROW:
            self.do(self.world.erase(number))
        elif what == ENTRY:
            self.do(self.world.lose_entry(number))
        else:
            self.do(self.world.type_cell(number, what, None))

    @precondition(lambda self: self.world.book)
    @rule(number=numbers, trouble=many)
    def forget(self, number: int, trouble: Any) -> None:
        self.do(self.world.forget(number, trouble))

    @precondition(lambda self: self.world.rows("digests"))
    @rule(number=numbers)
    def date_claim(self, number: int) -> None:
        self.do(self.world.date_claim(number))

    @precondition(lambda self: self.world.rows("rejects"))
    @rule(number=numbers, person=people, code=codes)
    def mend_reject(self, number: int, person: tuple[str, int], code: str) -> None:
        row = self.world.pick_reject(number)
        post, content = self.write(person, "contoso.erp", code, "", row["ReceivedAt"], row["RowKey"])
        self.do(self.world.mend_reject(row, post, content))

    @precondition(lambda self: self.world.links)
    @rule(
        link=numbers,
        choice=st.sampled_from(list(CHOICES)),
        click=st.sampled_from(["c1", "c2"]),
        colleague=st.sampled_from(ADDRESSES),
        trouble=troubles(8),
    )
    def click(self, link: int, choice: str, click: str, colleague: str, trouble: Any) -> None:
        self.do(self.world.click(-1 - link, choice, click, colleague, trouble))

    @precondition(lambda self: self.world.links)
    @rule(number=numbers, waits=paces, asks_before=st.integers(1, 9), then=endings)
    def keep_trying(self, number: int, waits: list[int], asks_before: int, then: str) -> None:
        """Say again and again that the customer of a lead does not answer, whatever the timer does meanwhile.

        Before one of the attempts, the customer may ask again.
        """
        link = self.world.find_open_link(number)
        for place, hours in enumerate(waits):
            self.tick(hours, [], set(), set(), None)
            if place == asks_before:
                self.ask_again(link)
            self.do(self.world.click(link, "tried", f"{self.world.now:%m-%d-%H-%M}", SALES, None))
        if then:
            self.do(self.world.click(link, then, f"{self.world.now:%m-%d-%H-%M}", SALES, None))

    def ask_again(self, link: int) -> None:
        lead = self.world.book.get(self.world.links[link][0])
        if lead and lead.who in PEOPLE:
            self.post((lead.who, 0), lead.offer, "PLT", f"{self.world.now}", 0, None)

    # What they say.

    def write(  # noqa: PLR0913, PLR0917 -- see `post`
        self, person: tuple[str, int], offer: str, code: str, text: str, received_at: datetime, event_id: str = ""
    ) -> tuple[Post, bytes]:
        who, spelling = person
        contact = PEOPLE[who][spelling]
        shown = {
            "FirstName": contact.first_name,
            "LastName": contact.last_name,
            "Email": contact.email,
            "Company": contact.company,
            "Title": contact.title,
            "Description": text,
            "ActionCode": code,
        }
        event_id = event_id or next(self.events)
        post = Post(
            event_id,
            received_at,
            f"nobody {event_id}" if who == "nobody" else who,
            offer,
            code,
            tuple(sorted((column, value) for column, value in shown.items() if value)),
        )
        return post, body(contact, code=code, description=text, offer=offer)

    def send(self, post: Post, content: bytes, trouble: Any) -> None:
        self.posts.append((post, content))
        self.do(self.world.post(post, content, post.event_id, post.received_at, trouble))

    # What must be true after each step.

    @invariant()
    def the_model_holds(self) -> None:
        self.world.find_faults()
        self.run.run(self.world.compare())

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            self.run.run(self.world.settle())


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield runner


def test_any_story_in_memory_keeps_the_contract(runner: asyncio.Runner) -> None:
    class InMemory(Leads):
        run = runner

    run_state_machine_as_test(InMemory, settings=settings(max_examples=20 * EXAMPLES, stateful_step_count=40))


def test_any_story_leaves_memory_and_azurite_equal(azurite: Azurite, runner: asyncio.Runner) -> None:
    marks = (f"{secrets.token_hex(4)}x{number}" for number in itertools.count())

    with running_beside() as beside, ExitStack() as stack:
        connections = AsyncExitStack()
        stack.callback(lambda: beside.finish(connections.aclose()))
        account = beside.finish(_open(azurite, connections))

        class OnBoth(Leads):
            run = runner

            @staticmethod
            def make_world() -> World:
                mark = next(marks)

                def pair(name: str, table: MemoryTable) -> Twins:
                    client = account.get_table_client(f"{name.replace('_', '')}{mark}")
                    return Twins(table, AzureTable(client), beside)

                return World(pair)

        run_state_machine_as_test(OnBoth, settings=settings(max_examples=EXAMPLES, stateful_step_count=25))


async def _open(azurite: Azurite, connections: AsyncExitStack) -> TableServiceClient:
    return open_tables(StorageAccount(azurite.connection_string), connections)
