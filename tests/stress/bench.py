"""Send a known population through the whole app in bad weather, and compare what comes out."""

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from local.azurite import Azurite
from tests.mailbox import Mailbox
from tests.storage import Storage
from tests.stress.population import OWNERS, Findings, Posted, Tables, compare, make_posts
from tests.stress.proxy import BadWeather, Harm
from tests.stress.sender import Say, Sender
from tests.system.app import App
from tests.waiting import wait_for

PATIENCE_SECONDS = 300
IN_FLIGHT, IN_FLIGHT_IN_A_BURST = 16, 64
PEOPLE_PER_HUNDRED, PEOPLE_PER_HUNDRED_IN_A_BURST = 5, 40
POSTS_PER_KILL = 250
MOST_GROWTH = 1.25
POSTS_TO_WARM_UP = 100
"""With fewer, a host has not yet loaded what it needs."""
MOST_SLOWDOWN = 3
EPOCH = datetime.fromtimestamp(0, UTC)
CLAIMS_LAST = timedelta(seconds=15)
"""Instead of ten minutes. The claims of a killed host run out at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of bad weather."""

    name: str
    harms: Sequence[Harm] = ()
    is_killed: bool = False
    instances: int = 1
    is_burst: bool = False
    """Many posts at once, beside a crowd of slow clients and large bodies. No owner is told."""


FAULTS = (
    Fault("none"),
    *(Fault(harm, (harm,)) for harm in Harm),
    Fault("host killed", is_killed=True),
    Fault("all, and two hosts", tuple(Harm), is_killed=True, instances=2),
)
BURST = Fault("burst", is_burst=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out."""

    fault: Fault
    posted: Posted
    rows: int
    actions: int
    harmed: int
    """Requests to storage that a fault harmed."""
    kills: int
    mails: int
    mails_again: int
    """Mails that came again under their id, because their sender died before it could record them."""
    memory_mib: Sequence[int]
    """The memory of the first host: after a tenth of the posts, and at the end."""
    slowdown: float
    """How many times as long the median post took in the crowd of a burst."""
    findings: Findings


@dataclass(frozen=True, slots=True)
class Bench:
    """All that runs, and an observer who sees the storage without faults."""

    weather: BadWeather
    apps: Sequence[App]
    mailbox: Mailbox
    observer: Storage


def run_fault(fault: Fault, *, posts: int, seed: int, say: Say) -> Outcome:
    """Post *posts* leads during *fault*, let the app process and mail them, end the fault, and compare."""
    dice = random.Random(f"{seed} {fault.name}")
    kills = 2 + posts // POSTS_PER_KILL if fault.is_killed else 0
    memory = list[int]()
    with _running(fault, dice) as bench:

        def say_and_look(what: str, count: int) -> None:
            if not memory and count >= posts // 10:
                memory.append(bench.apps[0].memory_mib())
            say(what, count)

        bench.weather.harms = fault.harms
        sender = Sender(bench.apps, dice, say_and_look)
        slowdown = asyncio.run(_send(fault, sender, posts, dice, kills // 2))
        say("processing", posts)
        for _ in range(kills - kills // 2):
            time.sleep(dice.uniform(0.1, 3))
            dice.choice(bench.apps).restart()
        died_at = datetime.now(UTC) if kills else EPOCH
        unfinished = _wait_until_done(bench.observer, died_at, is_told=not fault.is_burst)
        bench.weather.harms = ()
        unfinished = unfinished and _wait_until_done(bench.observer, died_at, is_told=not fault.is_burst)
        memory.append(bench.apps[0].memory_mib())
        tables = _check_and_read(bench)
        findings = compare(sender.posted, tables, None if fault.is_burst else bench.mailbox.mails)
        ids = {str(mail["Message-ID"]) for mail in bench.mailbox.mails}
        return Outcome(
            fault=fault,
            posted=sender.posted,
            rows=len(tables.leads),
            actions=sum(row["ActionCount"] for row in tables.leads),
            harmed=bench.weather.done.total(),
            kills=kills,
            mails=len(ids),
            mails_again=len(bench.mailbox.mails) - len(ids),
            memory_mib=memory,
            slowdown=slowdown,
            findings=replace(
                findings, other=(*findings.other, *unfinished, *_judge(fault, posts, bench, memory, slowdown))
            ),
        )


def _judge(fault: Fault, posts: int, bench: Bench, memory: Sequence[int], slowdown: float) -> Iterator[str]:
    if fault.harms and not bench.weather.done:
        yield "No request was harmed."
    first, last = memory
    if not fault.is_killed and posts >= POSTS_TO_WARM_UP * 10 and last > MOST_GROWTH * first:
        yield f"The host's memory grew from {first} to {last} MiB."
    if slowdown > MOST_SLOWDOWN:
        yield f"Amid slow and large posts, the others took {slowdown:.1f} times as long."


async def _send(fault: Fault, sender: Sender, posts: int, dice: random.Random, kills: int) -> float:
    if fault.is_burst:
        population = make_posts(posts, PEOPLE_PER_HUNDRED_IN_A_BURST, dice)
        return await sender.send_amid_a_crowd(population, in_flight=IN_FLIGHT_IN_A_BURST)
    population = make_posts(posts, PEOPLE_PER_HUNDRED, dice)
    await sender.send(population, in_flight=IN_FLIGHT, kill_at=set(dice.sample(range(posts), kills)))
    return 1.0


@contextmanager
def _running(fault: Fault, dice: random.Random) -> Iterator[Bench]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        storage = stack.enter_context(Azurite())
        weather = BadWeather(storage.ports, dice).start()
        stack.callback(weather.stop)
        mailbox = Mailbox()
        mailbox.start()
        stack.callback(mailbox.stop)
        settings = {"OWNERS": OWNERS, "MAIL_URL": mailbox.url, "REMINDER_SCHEDULE": "*/4 * * * * *"}
        settings["NEW_LEAD_NOTICE"] = "off" if fault.is_burst else "on"
        connection = weather.connection_string if fault.harms else storage.connection_string
        apps = [App(connection, folder / f"host-{number}.log", settings) for number in range(fault.instances)]
        for app in apps:
            app.start()
            stack.callback(app.stop)
        yield Bench(weather, apps, mailbox, Storage(storage.connection_string))


def _wait_until_done(observer: Storage, died_at: datetime, *, is_told: bool) -> tuple[str, ...]:
    """Wait until the hosts have nothing left to do. If not, return why. *died_at* is when a host last died."""

    def is_done() -> bool:
        observer.let_claims_run_out(before=max(died_at, datetime.now(UTC) - CLAIMS_LAST))
        return not (
            observer.queued()
            or observer.queued("leads-poison")
            or any(row["Retry"] for row in observer.rows("RejectedLeads"))
            or (is_told and any(row["RemindersSent"] == 0 for row in observer.rows("Leads")))
            or any("Until" in row for row in observer.rows("Digests"))
            or observer.queued()  # Again, because retried leads are back in the queue.
        )

    try:
        wait_for(is_done, seconds=PATIENCE_SECONDS, every=1)
    except AssertionError:
        return (f"After {PATIENCE_SECONDS} s something was still to be done.",)
    return ()


def _check_and_read(bench: Bench) -> Tables:
    seen = bench.observer
    bench.apps[0].check()
    with contextlib.suppress(AssertionError):  # The comparison explains it better.
        wait_for(lambda: seen.listed() == seen.asked_for(), seconds=30, every=0.5)
    inbox, leads, rejected = map(seen.rows, ("MarketplaceLeads", "Leads", "RejectedLeads"))
    return Tables(inbox, leads, rejected, seen.listed(), seen.asked_for())
