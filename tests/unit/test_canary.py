"""The app's own test lead: posted, looked for, told if it does not arrive, and removed. It is never anybody's work."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.canaries import canary_to_row, read_canary
from lead_core.adapters.tables.table import StoredRow
from lead_core.errors import CanaryLostError, MailNotSentError, NoAnswerError, StorageUnavailableError
from lead_core.lead.canary import Canary, CanaryTrouble, find_failed, format_address, is_canary
from lead_core.lead.delivery import Shown
from lead_core.lead.lead import Lead
from lead_core.lead.values import LeadKey
from lead_core.lead_url import LeadUrl
from lead_core.marketplace.canary import compose_canary, find_canary_key
from lead_core.operations.census import Census, take_census
from lead_core.ports.examining import DoorAnswer
from lead_core.steps.canary import Canarying
from lead_core.steps.intake import Posted
from lead_core.views.canary import CanaryLost, compose_canary_lost, describe_lost
from tests.desk import Desk
from tests.examples import JOHN, NOON, SALES, at, body
from tests.seen import MY_LEADS
from tests.steps import Steps
from tests.weather import CrashError, Exposed

DAY = 24 * 60
URL = LeadUrl.parse("https://leads.example/api/leads/contoso.contoso-crm?code=vq7secret")
ID = "c" * 32


@dataclass
class Door:
    """A `LeadDoor` into the app itself. It fails as it is told."""

    desk: Desk
    url: str = str(URL)
    answers: list[DoorAnswer | NoAnswerError | None] = field(default_factory=list)
    """What it answers in turn, without taking the lead. Where it is None, and after the last, the app takes it."""
    events: Any = field(default_factory=lambda: (f"{number:032x}" for number in itertools.count(100)))
    minutes: float = 0
    posted: list[str] = field(default_factory=list)
    is_deaf: bool = False
    """Whether its queue is another app's."""

    async def post(self, url: str, lead: bytes) -> DoorAnswer:
        self.posted.append(url)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, NoAnswerError):
            raise answer
        if answer:
            return answer
        event_id = next(self.events)
        if not self.is_deaf:
            posted = Posted(lead, LeadUrl.parse(url).offer, is_chunked=False)
            await self.desk.memory.intake.accept(posted, event_id=event_id, now=at(self.minutes))
        return DoorAnswer(202, {"id": event_id})


@dataclass
class Yard:
    """The app with a canary, and what befalls it."""

    desk: Desk = field(default_factory=Desk)
    url: LeadUrl | None = URL
    steps: Steps | None = None

    def __post_init__(self) -> None:
        self.door = Door(self.desk)
        self.ids = (f"{number:032x}" for number in itertools.count(1))

    @property
    def canarying(self) -> Canarying:
        return (self.steps or self.desk.steps).canarying(self.door, self.url)

    async def send(self, minutes: float = 0) -> Mapping[str, int]:
        self.door.minutes = minutes
        return await self.canarying.send(now=at(minutes), new_id=lambda: next(self.ids))

    async def work(self) -> None:
        """Process what is in the queue."""
        messages, self.desk.memory.queue.messages = self.desk.memory.queue.messages, []
        for each in messages:
            await self.desk.memory.processing.process(each, message_id="m", queued_at=NOON)

    async def look(self, minutes: float) -> CanaryTrouble | None:
        """Do what a tick does, and return what is wrong."""
        self.door.minutes = minutes
        failed = await self.canarying.look(now=at(minutes))
        if failed:
            alarm = (self.steps or self.desk.steps).canary_alarm
            await alarm.tell(failed, now=at(minutes), new_id=lambda: next(self.ids))
        return failed.trouble if failed else None

    async def health(self) -> str:
        try:
            await self.desk.steps.canary_probe.check()
        except CanaryLostError as error:
            return error.explanation
        return ""

    @property
    def left(self) -> list[dict[str, Any]]:
        """All rows but those of mails that were told, and those of erasures."""
        tables = (each for name, each in self.desk.memory.tables.items() if name != "erasures")
        return [row for table in tables for row in table.rows if row["PartitionKey"] != "occasions"]


@pytest.fixture
def yard() -> Yard:
    return Yard()


async def test_a_canary_that_arrives_is_noted_and_nobody_hears_of_it(yard: Yard) -> None:
    await yard.send()
    await yard.work()
    assert await yard.look(5) is None
    (row,) = yard.desk.memory.leads.rows
    assert (row["RowKey"], row["IsTest"]) == ("contoso.contoso-crm", True)
    for minutes in range(5, 9 * DAY, 12 * 60):
        assert not await yard.desk.tick(minutes)
    assert not yard.desk.outbox.mails
    assert not yard.desk.memory.follow_ups.rows
    assert await yard.health() == ""
    assert yard.door.posted == [str(URL)]


async def test_a_canary_is_in_no_count_of_test_leads(yard: Yard) -> None:
    await yard.send()
    await yard.work()
    census = Census()
    await take_census(yard.desk.repository, census, lambda: None)
    assert census == Census()


async def test_the_next_canary_removes_all_that_is_left_of_the_last(yard: Yard) -> None:
    await yard.send()
    await yard.work()
    await yard.look(5)
    before = len(yard.left)
    assert (await yard.send(DAY - 1))["removed"] == 1
    await yard.work()
    assert len(yard.left) == before
    yard.url = None
    await yard.send(2 * DAY)
    assert yard.left == []
    assert await yard.send(3 * DAY) == {}


async def test_a_canary_of_today_stays_if_the_timer_runs_more_often(yard: Yard) -> None:
    await yard.send()
    await yard.work()
    assert (await yard.send(60))["removed"] == 0
    assert len(yard.desk.memory.leads.rows) == 1


async def test_nothing_but_the_canary_is_removed(yard: Yard) -> None:
    tester = replace(JOHN, title="MSFT_TEST_1")
    await yard.desk.post(body(), event=1)
    await yard.desk.post(body(tester), event=2)
    await yard.desk.post(body(replace(tester, email=format_address("f" * 32))), event=3)
    await yard.desk.post(body(replace(JOHN, email=format_address("0" * 32))), event=4)
    await yard.desk.memory.processing.process(b"no lead", message_id="m", queued_at=NOON)
    others = yard.left
    await yard.send()
    await yard.work()
    await yard.look(5)
    yard.url = None
    await yard.send(DAY)
    assert yard.left == others


async def test_a_row_of_which_a_person_made_something_else_stays(yard: Yard) -> None:
    await yard.send()
    await yard.work()
    await yard.desk.edit(Email="ada@northwind.example")
    yard.url = None
    assert (await yard.send(DAY))["kept"] == 1
    assert len(yard.desk.memory.leads.rows) == len(yard.desk.memory.inbox.rows) == 1
    assert not await yard.send(2 * DAY)


GONE = NoAnswerError("ClientConnectorDNSError")
FAULTS: list[tuple[DoorAnswer | NoAnswerError, CanaryTrouble]] = [
    (GONE, CanaryTrouble.NO_HOST),
    (NoAnswerError("ClientConnectorCertificateError"), CanaryTrouble.NO_TLS),
    (NoAnswerError("ClientConnectorSSLError"), CanaryTrouble.NO_TLS),
    (NoAnswerError("ConnectionTimeoutError"), CanaryTrouble.TOO_SLOW),
    (NoAnswerError("TimeoutError"), CanaryTrouble.TOO_SLOW),
    (NoAnswerError("ClientConnectorError"), CanaryTrouble.NO_ANSWER),
    (NoAnswerError("InvalidURL"), CanaryTrouble.NO_ANSWER),
    (DoorAnswer(401), CanaryTrouble.KEY_REFUSED),
    (DoorAnswer(403), CanaryTrouble.KEPT_OUT),
    (DoorAnswer(404), CanaryTrouble.NOT_FOUND),
    (DoorAnswer(301), CanaryTrouble.SENT_ELSEWHERE),
    (DoorAnswer(302), CanaryTrouble.SENT_ELSEWHERE),
    (DoorAnswer(500), CanaryTrouble.APP_FAILS),
    (DoorAnswer(503, {"code": "storage-unavailable"}), CanaryTrouble.APP_FAILS),
    (DoorAnswer(200), CanaryTrouble.NOT_THE_APP),
    (DoorAnswer(202), CanaryTrouble.NOT_THE_APP),
    (DoorAnswer(202, {"id": ["secret"]}), CanaryTrouble.NOT_THE_APP),
    (DoorAnswer(202, {"id": "x"}), CanaryTrouble.NOT_THE_APP),
    (DoorAnswer(299, {"id": ID}), CanaryTrouble.NOT_THE_APP),
    (DoorAnswer(405), CanaryTrouble.NOT_THE_APP),
    (DoorAnswer(400, {"code": "not-json"}), CanaryTrouble.NOT_THE_APP),
]


@pytest.mark.parametrize(("fault", "trouble"), FAULTS, ids=[f"{each[1]}-{n}" for n, each in enumerate(FAULTS)])
async def test_what_stops_a_canary_is_told_once_in_words(
    yard: Yard, fault: DoorAnswer | NoAnswerError, trouble: CanaryTrouble
) -> None:
    yard.door.answers = [fault] * 9
    await yard.send()
    assert [await yard.look(minutes) for minutes in (0, 5, 10, 15)] == [None, None, trouble, trouble]
    (mail,) = yard.desk.outbox.mails
    assert mail.to == SALES
    assert describe_lost(trouble, NOON) == await yard.health()
    assert "vq7secret" not in mail.text + mail.html + mail.subject + await yard.health()
    assert "leads.example" not in await yard.health()
    assert yard.url
    assert yard.url.without_key not in mail.text


async def test_a_short_fault_is_no_news(yard: Yard) -> None:
    """A deployment restarts the app just as the canary is posted."""
    yard.door.answers = [DoorAnswer(503), NoAnswerError("ServerDisconnectedError")]
    await yard.send()
    for minutes in (0, 2, 7):
        await yard.look(minutes)
    assert len(yard.door.posted) == 3
    await yard.work()
    assert await yard.look(12) is None
    assert not yard.desk.outbox.mails


async def test_an_accepted_canary_is_not_posted_again(yard: Yard) -> None:
    await yard.send()
    for minutes in (2, 7, 9):
        await yard.look(minutes)
    assert len(yard.door.posted) == 1


async def test_a_canary_for_another_app_is_told_as_accepted_and_not_stored(yard: Yard) -> None:
    yard.door.is_deaf = True
    await yard.send()
    assert [await yard.look(minutes) for minutes in (5, 9.9, 10)] == [None, None, CanaryTrouble.NOT_STORED]
    assert "Is CANARY_URL the URL of this app?" in yard.desk.outbox.mails[0].text


async def test_a_canary_that_could_not_be_stored_is_told_as_rejected_and_removed(yard: Yard) -> None:
    await yard.send()
    (message,) = yard.desk.memory.queue.messages
    yard.desk.memory.queue.messages = []
    await yard.desk.memory.processing.park(message, message_id="m", queued_at=NOON)
    assert await yard.look(10) is CanaryTrouble.REJECTED
    yard.url = None
    for days in range(1, 8):
        await yard.send(days * DAY)
    assert yard.left == []


async def test_a_late_canary_ends_the_alarm_and_is_removed(yard: Yard) -> None:
    await yard.send()
    assert await yard.look(10) is CanaryTrouble.NOT_STORED
    assert await yard.health()
    await yard.work()
    assert await yard.look(15) is None
    assert await yard.health() == ""
    yard.url = None
    await yard.send(DAY)
    assert yard.left == []


async def test_a_canary_that_comes_after_days_is_removed_as_well(yard: Yard) -> None:
    await yard.send()
    await yard.look(10)
    late, yard.desk.memory.queue.messages = yard.desk.memory.queue.messages, []
    yard.url = None
    assert (await yard.send(DAY))["awaited"] == 1
    yard.desk.memory.queue.messages = late
    await yard.work()
    assert (await yard.send(2 * DAY))["removed"] == 1
    assert yard.left == []


async def test_one_that_never_comes_is_given_up_after_a_week(yard: Yard) -> None:
    yard.door.is_deaf = True
    await yard.send()
    yard.url = None
    for days in range(1, 7):
        assert (await yard.send(days * DAY))["awaited"] == 1
    assert (await yard.send(7 * DAY))["removed"] == 1
    assert yard.left == []


async def test_health_says_it_until_the_next_canary_arrives(yard: Yard) -> None:
    yard.door.answers = [DoorAnswer(401)] * 2
    await yard.send()
    for minutes in (5, 10):
        await yard.look(minutes)
    await yard.send(DAY)
    assert "answer 401" in await yard.health()
    await yard.work()
    await yard.look(DAY + 5)
    assert await yard.health() == ""


async def test_a_timer_that_runs_each_minute_posts_none_before_it_is_known_what_became_of_the_last(yard: Yard) -> None:
    yard.door.answers = [DoorAnswer(401)] * 99
    told = []
    for minutes in range(12):
        await yard.send(minutes)
        told.append(await yard.look(minutes))
    assert told.index(CanaryTrouble.KEY_REFUSED) == 10
    assert len(yard.desk.outbox.mails) == 1


async def test_a_canary_of_which_nothing_becomes_known_holds_up_the_next_for_twenty_minutes(yard: Yard) -> None:
    assert (await yard.send())["posted"] == 1  # And then no tick looks for it.
    assert await yard.send(19) == {}
    assert (await yard.send(20))["posted"] == 1


async def test_a_day_has_one_mail_however_often_the_timer_runs(yard: Yard) -> None:
    yard.door.answers = [DoorAnswer(401)] * 99
    for hour in range(10):
        await yard.send(hour * 60)
        for minutes in (5, 10):
            await yard.look(hour * 60 + minutes)
    assert len(yard.desk.outbox.mails) == 1
    await yard.send(DAY)
    await yard.look(DAY + 10)
    assert len(yard.desk.outbox.mails) == 2


async def test_a_mail_that_was_not_sent_is_sent_later_and_health_says_it_meanwhile(yard: Yard) -> None:
    yard.door.answers = [DoorAnswer(401)] * 9
    yard.desk.outbox.fails_with = [MailNotSentError("down")]
    await yard.send()
    await yard.look(10)
    assert not yard.desk.outbox.mails
    assert await yard.health()
    for minutes in (30, 35):
        await yard.look(minutes)
    assert len(yard.desk.outbox.mails) == 1


async def test_rows_about_old_mails_do_not_pile_up(yard: Yard) -> None:
    yard.door.answers = [DoorAnswer(401)] * 999
    for days in range(30):
        await yard.send(days * DAY)
        await yard.look(days * DAY + 10)
    assert len(yard.desk.outbox.mails) == 30
    told = [row for row in yard.desk.memory.digests.rows if row["PartitionKey"] == "occasions"]
    assert len(told) <= 8
    assert len(yard.left) <= 8


async def test_without_a_url_nothing_is_posted_or_written(yard: Yard) -> None:
    yard.url = None
    assert not await yard.send()
    assert await yard.look(10) is None
    assert yard.left == []
    assert not yard.door.posted


@pytest.mark.parametrize(
    ("pasted", "posted", "offer"),
    [
        ("/api/leads?code=a", "/api/leads?code=a", "canary"),
        ("", "/api/leads", "canary"),
        ("/api/leads/Contoso.CRM?code=a", "/api/leads/Contoso.CRM?code=a", "contoso.crm"),
        ("/api/leads/no%20offer", "/api/leads/no%2520offer", "canary"),
    ],
)
async def test_a_canary_is_found_whatever_url_was_pasted(yard: Yard, pasted: str, posted: str, offer: str) -> None:
    yard.url = LeadUrl.parse(f"https://leads.example{pasted}")
    await yard.send()
    assert yard.door.posted == [f"https://leads.example{posted}"]
    await yard.work()
    (row,) = yard.desk.memory.leads.rows
    assert row["RowKey"] == offer
    await yard.look(5)
    assert await yard.look(10) is None
    assert not yard.desk.outbox.mails


async def test_two_timers_at_once_post_two_canaries_and_both_are_removed(yard: Yard) -> None:
    await yard.send()
    (first,) = [row for row in yard.left if row["PartitionKey"] == "canaries"]
    await yard.desk.memory.digests.delete(first["PartitionKey"], first["RowKey"])
    await yard.send()
    await yard.desk.memory.digests.upsert(first)
    await yard.work()
    assert await yard.look(5) is None
    yard.url = None
    assert (await yard.send(DAY))["removed"] == 2
    assert yard.left == []


async def test_a_canary_that_cannot_be_removed_stops_no_other_and_goes_the_next_day(yard: Yard) -> None:
    await yard.send()
    await yard.work()
    is_down = True

    async def fail() -> None:
        if is_down:
            raise StorageUnavailableError("test")

    async def nothing() -> None:
        return

    tables = {**yard.desk.memory.tables, "inbox": Exposed(yard.desk.memory.inbox, fail, nothing)}
    yard.steps = Steps(tables, yard.desk.memory.queue, yard.desk.outbox, yard.desk.policy)
    outcomes = await yard.send(DAY)
    assert (outcomes["storage-unavailable"], outcomes["posted"]) == (1, 1)
    is_down = False
    await yard.work()
    yard.url = None
    assert (await yard.send(2 * DAY))["removed"] == 2
    assert yard.left == []


LAST_CALL = 24


@pytest.mark.parametrize("call", range(1, LAST_CALL + 1))
async def test_a_process_that_ends_anywhere_leaves_no_canary_behind(yard: Yard, call: int) -> None:
    """Two days with a canary each, of which one step is broken off at each call. Then all is taken up again."""
    calls = itertools.count(1)

    async def crash() -> None:
        if next(calls) == call:
            raise CrashError

    async def nothing() -> None:
        return

    broken = yard.desk.make_steps(lambda table: Exposed(table, crash, nothing))

    async def go_on(step: Callable[[], Any]) -> None:
        yard.steps = broken
        try:
            await step()
        except CrashError:
            yard.steps = yard.desk.steps
        await yard.work()

    yard.door.answers = [DoorAnswer(503), None]
    await go_on(yard.send)
    await go_on(lambda: yard.look(5))
    await go_on(lambda: yard.look(10))
    await go_on(lambda: yard.send(DAY))
    await go_on(lambda: yard.look(DAY + 5))
    await go_on(lambda: yard.look(DAY + 10))
    assert next(calls) > call or call == LAST_CALL
    yard.steps, yard.url = yard.desk.steps, None
    assert len(yard.desk.outbox.mails) <= 1
    for days in range(2, 12):
        await yard.send(days * DAY)
    assert yard.left == []


def test_a_canary_stands_where_it_is_looked_for_whatever_its_event() -> None:
    keys = {find_canary_key(ID, "contoso.crm", now=at(minutes)) for minutes in (0, 99)}
    assert len(keys | {find_canary_key("d" * 32, "contoso.crm", now=NOON)}) == 2


def test_a_canary_is_as_the_marketplace_posts_and_names_no_person() -> None:
    canary = json.loads(compose_canary(ID))
    assert canary.keys() == json.loads(body()).keys()
    assert canary["userDetails"].keys() == json.loads(body())["userDetails"].keys()
    assert canary["userDetails"]["email"].endswith(".invalid")


@given(address=st.one_of(st.just(format_address(ID)), st.emails(), st.text(max_size=60)), is_test=st.booleans())
def test_a_customers_lead_is_never_a_canary(address: str, is_test: bool) -> None:
    lead = Lead(LeadKey("a", "b"), "email", is_test, shown=Shown(email=address))
    assert is_canary(lead) == (is_test and address == format_address(ID))


OUT = Canary(ID, NOON, LeadKey("a", "b"))
LEAD = LeadKey("a" * 32, "contoso.crm")
LOST, HERE = replace(OUT, failed_at=at(10)), replace(OUT, failed_at=at(10), arrived_at=at(20))


@pytest.mark.parametrize(
    ("canaries", "failed"),
    [([], None), ([OUT], None), ([LOST], LOST), ([LOST, OUT], LOST), ([LOST, HERE], None), ([HERE, LOST, OUT], LOST)],
)
def test_the_last_canary_of_which_something_is_known_decides(canaries: list[Canary], failed: Canary | None) -> None:
    assert find_failed(canaries) == failed


@pytest.mark.parametrize("trouble", CanaryTrouble)
def test_each_trouble_has_words_and_something_to_do(trouble: CanaryTrouble) -> None:
    lost = CanaryLost(
        id="1" * 32, sender="leads@contoso.example", to=SALES, posted_at=NOON, trouble=trouble, my_leads=MY_LEADS
    )
    mail = compose_canary_lost(lost)
    assert "1. " in mail.text
    assert "22 November 2026, 12:00 UTC" in mail.text
    assert describe_lost(trouble, NOON).count(". ") >= 1


@given(
    moment=st.none() | st.integers(0, 999).map(at),
    trouble=st.sampled_from(CanaryTrouble),
    event=st.just(ID) | st.just(""),
)
def test_a_note_reads_back_as_it_was_written(moment: datetime | None, trouble: CanaryTrouble, event: str) -> None:
    canary = Canary(ID, NOON, LEAD, trouble, event, moment, moment)
    assert read_canary(StoredRow(canary_to_row(canary), "1", NOON)) == canary


def test_a_note_that_a_person_spoilt_is_read_as_far_as_it_goes() -> None:
    row = canary_to_row(replace(OUT, lead=LEAD)) | {"PostedAt": "soon", "Trouble": 7}
    assert read_canary(StoredRow(row, "1", at(1))) == replace(OUT, posted_at=at(1), lead=LEAD)


@pytest.mark.parametrize("cell", ["RowKey", "LeadPartition", "LeadRow"])
async def test_a_note_that_names_no_lead_any_more_stops_nothing(yard: Yard, cell: str) -> None:
    await yard.desk.memory.digests.upsert(canary_to_row(replace(OUT, lead=LEAD)) | {cell: ""})
    assert await yard.look(10) is None
    assert await yard.health() == ""
    await yard.send(DAY)
    await yard.work()
    assert await yard.look(DAY + 10) is None
