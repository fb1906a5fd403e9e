"""Counts the mails of a day in which one sender posts thousands of leads: somebody has the URL.

The leads go through the pipeline in memory, on a clock of its own: a tick every five minutes, as in Azure. With
``--running``, they go through the running app instead, and its ticks follow each other at once.
"""

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich import box
from rich.console import Console
from rich.table import Table

from lead_core.adapters.memory import MemoryQueue, MemoryTable
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.lead.received import Envelope
from lead_core.marketplace.envelope import encode_envelope
from lead_core.messages import Mail
from local.azurite import Azurite
from tests.mailbox import text_of
from tests.steps import TABLES, Steps
from tests.system.team import running_team

OWNER, OTHER = "sales@contoso.example", "erp@contoso.example"
OWNERS = f"contoso.erp: {OTHER}; {OWNER}"
START = datetime(2026, 11, 26, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(minutes=5)
LEADS, LEADS_RUNNING, TICKS_RUNNING = 10_000, 500, 30
MOST_FULL_MAILS = 4
"""How many mails one owner gets in a day at most, if each is as full as a mail can be."""
FULL = 25
REAL = "please call me, I am real"


@dataclass
class Counted:
    """The mails of the day."""

    mails: Counter[str] = field(default_factory=Counter)
    full: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)
    """What the owner of the flood reads."""
    real_told_after: timedelta | None = None
    """How long the real customer of another owner waited."""

    def note(self, to: str, text: str, leads: int, since_real: timedelta) -> None:
        """Count one mail."""
        self.mails[to] += 1
        self.full[to] += leads >= FULL
        if to == OWNER:
            self.words.append(text)
        if REAL in text and self.real_told_after is None:
            self.real_told_after = since_real


def write_lead(number: int, *, is_real: bool = False) -> bytes:
    """Return the body of one lead of the flood, or of a real customer."""
    offer = "contoso.erp" if is_real else "contoso.crm"
    return json.dumps(
        {
            "userDetails": {"firstName": f"P{number}", "lastName": "Smith", "email": f"p{number}@flood.example"},
            "leadSource": f"AppSource-PLT|{offer}",
            "actionCode": "PLT",
            "offerTitle": offer,
            "description": REAL if is_real else f"wave {number}",
        }
    ).encode()


async def flood_in_memory(leads: int, *, hours: float) -> Counted:
    """Post *leads* leads in some hours, and tick all day. A real customer of another owner comes at noon."""
    counted, now, real_at = Counted(), START, START + DAY / 2
    tables = {name: MemoryTable(lambda: now) for name in TABLES}

    class Provider:
        """Counts the mails."""

        async def send(self, mail: Mail) -> None:
            counted.note(mail.to, mail.text, mail.text.count("/api/follow-up/"), now - real_at)

    policy = FollowUpPolicy(owners=Owners.parse(OWNERS))
    steps = Steps(tables, MemoryQueue(), Provider(), policy, escalate_to=OWNER)
    processing, ids = steps.processing, (f"{number:032x}" for number in itertools.count(1))

    async def post(body: bytes) -> None:
        message = encode_envelope(Envelope(next(ids), now, "", body))
        await processing.process(message, message_id="m", queued_at=now)

    flooded, posted = max(1, timedelta(hours=hours) // TICK), 0
    for number in range(DAY // TICK):
        now = START + number * TICK
        while posted < min(leads, leads * (number + 1) // flooded):
            await post(write_lead(posted))
            posted += 1
        if now == real_at:
            await post(write_lead(leads, is_real=True))
        await steps.tick(now, ids)
    return counted


def flood_the_running_app(leads: int, ticks: int) -> Counted:
    """Post *leads* leads and one of a real customer, and let the timer tick, in less than an hour of the day."""
    counted = Counted()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        storage = stack.enter_context(Azurite())
        team = stack.enter_context(running_team(storage.connection_string, folder, OWNERS=OWNERS))
        for number in range(leads):
            team.app.post(write_lead(number))
        team.app.post(write_lead(leads, is_real=True))
        team.app.wait_until_processed()
        started = time.monotonic()
        for _ in range(ticks):
            for mail in team.tick():
                text, waited = text_of(mail), timedelta(seconds=time.monotonic() - started)
                counted.note(str(mail["To"]), text, text.count("/api/follow-up/"), waited)
    return counted


def show(counted: Counted, what: str, console: Console) -> bool:
    """Print the table, and return whether the owner's day is bearable."""
    table = Table("owner", "mails", "full mails", title=what, box=box.SIMPLE)
    for owner in (OWNER, OTHER):
        table.add_row(owner, str(counted.mails[owner]), str(counted.full[owner]))
    console.print(table)
    is_said = any("more" in text for text in counted.words)
    console.print(f"The real customer of {OTHER} was told after {counted.real_told_after}.")
    console.print(f"The owner reads that there are more: {'yes' if is_said else 'no'}.")
    return counted.full[OWNER] <= MOST_FULL_MAILS and is_said and counted.real_told_after is not None


def main(arguments: Sequence[str] | None = None) -> int:
    """Flood, print what came out, and return 1 if an owner got too many mails."""
    parser = argparse.ArgumentParser(prog="python -m bench.flood", description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, help=f"{LEADS}, or {LEADS_RUNNING} through the running app")
    parser.add_argument("--hours", type=float, default=1, help="how long the posts go on in memory (1)")
    parser.add_argument("--running", action="store_true", help="through the running app")
    chosen = parser.parse_args(arguments)
    if chosen.running:
        leads = chosen.leads or LEADS_RUNNING
        counted = flood_the_running_app(leads, TICKS_RUNNING)
        what = f"{leads:,} leads of one sender, {TICKS_RUNNING} ticks of the running app"
    else:
        leads = chosen.leads or LEADS
        counted = asyncio.run(flood_in_memory(leads, hours=chosen.hours))
        what = f"{leads:,} leads of one sender in {chosen.hours:g} h, and the mails of that day"
    return 0 if show(counted, what, Console()) else 1


if __name__ == "__main__":
    sys.exit(main())
