"""Each command of docs/runbook.md runs, on an account in which what it is about has happened."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from azure.storage.queue import QueueServiceClient

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope, RejectedFrom
from lead_core.marketplace.envelope import encode_envelope
from lead_core.marketplace.suggestion import reject
from lead_core.settings import load_settings
from lead_core.wiring import Services
from leads.program import SECTIONS, program
from tests.cli import run_leads
from tests.examples import JOHN, body, person
from tests.mailbox import Mailbox
from tests.system.app import App

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
LINES = sorted(set(re.findall(r"`leads ([a-z][^`]*)`", RUNBOOK)))
CONTEXT = click.Context(program)
OWNERS = "contoso.erp: bob@contoso.example; anna@contoso.example"
REJECT = "5b1a0f3c" * 4
PARTNER_CENTERS = """\
First Name,Last Name,Email,Phone,Company,Country,Offer,Lead Source,Created Date
Grace,Hopper,grace@northwind.example,,Northwind,US,contoso.erp,AppSource,2026-11-20T10:00:00Z
"""


def test_the_runbook_names_only_commands_that_there_are() -> None:
    known = {name for names in SECTIONS.values() for name in names}
    assert {line.split()[0] for line in LINES} <= known


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


async def fill(account: str) -> None:
    """Store leads of two offers, one of them misspelt, a rejected body and a message that the host gave up on."""
    services = Services(load_settings(leads_storage=account, owners=OWNERS))
    now = datetime.now(UTC)
    for number in range(6):
        offer = "contoso.erp" if number else "contoso.cmr"
        envelope = Envelope(f"{number:032x}", now, offer, body(person(number) if number else JOHN))
        await services.rest.processing.process(encode_envelope(envelope), message_id="m", queued_at=now)
    why = UnreadableLeadError(RejectCode.NOT_JSON, "The body is not valid JSON: line 1, column 1.")
    await services.rest.rejects.upsert(reject(Envelope(REJECT, now, "", b"{oops"), why, RejectedFrom.HTTP))
    await services.close()
    with QueueServiceClient.from_connection_string(account) as queues:
        queues.create_queue("leads-poison").send_message("bm8gbGVhZA==")


@pytest.mark.parametrize("line", [line for line in LINES if line.split()[0] in program.list_commands(CONTEXT)])
async def test_each_command_of_the_runbook_runs(
    line: str, account: str, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(PARTNER_CENTERS, encoding="utf-8")
    await fill(account)
    words = {"WHO": JOHN.email, "BOB": "bob@contoso.example", "ANNA": "anna@contoso.example"}
    words |= {"FILE": str(file), "ID": REJECT}
    environment = {"LEADS_STORAGE": account, "OWNERS": OWNERS, "MAIL_URL": mailbox.url}
    with ExitStack() as stack:
        if "URL" in line:
            host = App(account, tmp_path / "host.log", {"MAIL_URL": mailbox.url, "OWNERS": OWNERS})
            host.start()
            stack.callback(host.stop)
            words["URL"] = f"http://127.0.0.1:{host.port}/api/leads?code=key"
        monkeypatch.chdir(tmp_path)  # Some commands write files here.
        ran = await run_leads(*agreed([words.get(word, word) for word in line.split()]), environment=environment)
    assert ran.code in {0, 1}, ran.stderr
    assert ran.stdout or ran.code == 1


def agreed(arguments: list[str]) -> list[str]:
    """Agree beforehand to what a command would ask."""
    found = program.get_command(CONTEXT, arguments[0])
    assert found
    asks = any("--yes" in option.opts for option in found.params)
    return [*arguments, "--yes"] if asks and "--dry-run" not in arguments else arguments
