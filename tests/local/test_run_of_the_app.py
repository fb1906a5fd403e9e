"""``make run`` with the app itself, read in a pipe and in windows of a terminal, as a developer reads it."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from local.azurite import Ports
from local.child import free_ports
from tests.local.toy_host import PROJECT
from tests.waiting import wait_for

NAMES = ("HTTP_PORT", "AZURITE_BLOB_PORT", "AZURITE_QUEUE_PORT", "AZURITE_TABLE_PORT", "SMTP_PORT", "MAILBOX_PORT")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
CTRL_C = b"\x03"
FIRST_MAIL = "mail to sales@contoso.example: 4 leads (Contoso CRM 2, "


@dataclass
class Screen:
    """All that was written to a pipe or a terminal."""

    process: "subprocess.Popen[bytes]"
    reader: int
    writer: int | None = None
    raw: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        return bytes(self.raw).decode().replace("\r\n", "\n")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def await_text(self, text: str) -> None:
        wait_for(lambda: text in self.text or self.process.poll() is not None, seconds=120)
        assert text in self.text

    def stop(self) -> int:
        """Stop it as a person does: with Ctrl-C where there is a terminal."""
        if self.writer is None:
            self.process.send_signal(signal.SIGINT)
        else:
            os.write(self.writer, CTRL_C)
        return self.process.wait(60)


@contextmanager
def running(data_dir: Path, *, columns: int = 0, **settings: str) -> Iterator[Screen]:
    """Run the app in a window of so many *columns*, or in a pipe."""
    ports = dict(zip(NAMES, map(str, free_ports(len(NAMES))), strict=True))
    environment = {**os.environ, **ports, "DATA_DIR": str(data_dir), **settings}
    environment.pop("COLUMNS", None)
    if columns:
        reader, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    else:
        reader, inside = os.pipe()

    def take_the_terminal() -> None:
        if columns:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", "local.run"],
        cwd=PROJECT,
        env=environment,
        stdin=inside if columns else subprocess.DEVNULL,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        preexec_fn=take_the_terminal,  # noqa: PLW1509 -- so that Ctrl-C reaches it
    )
    os.close(inside)
    screen = Screen(process, reader, reader if columns else None)

    def read() -> None:
        with suppress(OSError):  # how a terminal says that nobody writes any more
            while part := os.read(reader, 65_536):
                screen.raw += part

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield screen
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
        thread.join(30)
        os.close(reader)


def count_cells(line: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(each) in "FW") for each in line)


def find(label: str, lines: list[str]) -> int:
    """Return the number of the line with this label."""
    return next(number for number, line in enumerate(lines) if line.split()[:1] == [label])


def test_a_pipe_gets_the_addresses_first_then_the_settings_the_steps_the_tables_and_the_news(tmp_path: Path) -> None:
    with running(tmp_path) as screen:
        screen.await_text(FIRST_MAIL)
        page = (PROJECT / "docs" / "run-locally.md").read_text(encoding="utf-8")
        *order, wrong = re.findall(r"^\| `(\w+)` \|", page.partition("## What the console says")[2], re.MULTILINE)[:10]
        assert (order[0], order[-1], wrong) == ("leads", "mails", "wrong")
        order += ["Starting", "Posting", "New", "to", "rejected", "try", "report", "my", "ready"]
        found = [find(label, screen.lines) for label in order]
        assert found == sorted(found)
        assert not CONTROL.search(screen.text)
        assert [line.partition(" …")[0] for line in screen.lines if "… done in" in line] == [
            "Starting Azurite",
            "Starting the mailbox",
            "Starting the functions",
            "Making up some weeks of leads",
            "Posting 8 sample leads",
        ]
        (log,) = [line.split()[1] for line in screen.lines if line.startswith("log ")]
        assert "lead accepted" in Path(log).read_text()
        assert "wrong" not in {line.split()[0] for line in screen.lines if line}
        news = [line for line in screen.lines if re.match(r"\d\d:\d\d:\d\d ", line)]
        assert all(line.split()[1] == "mail" for line in news), news  # no news of the samples, and none of quiet ticks
        url = re.search(r"^ready +(\S+)$", screen.text, re.MULTILINE)
        assert url
        answer = httpx.post(url[1], content=b'{"actionCode": PLT}')
        screen.await_text(f"lead refused: not json, 19 bytes ({answer.json()['id'][:8]})")
        answer = httpx.post(url[1], json={"userDetails": {"email": "ada@contoso.example"}, "offerTitle": "Contoso ERP"})
        screen.await_text(f"lead stored: a new one ({answer.json()['id'][:8]})")
        assert f"lead accepted ({answer.json()['id'][:8]})" in screen.text
        screen.await_text("mail to sales@contoso.example: 1 lead (Contoso ERP 1)")
        assert "ada@" not in screen.text.partition("\nready ")[2]
        assert screen.stop() == 0
    assert screen.lines[-2:] == ["stopping …", "stopped"]


@pytest.mark.parametrize("columns", [50, 120])
def test_wrong_settings_are_told_before_ready_in_a_window_of_any_width(tmp_path: Path, columns: int) -> None:
    wrong = {"OWNERS": "DE: anna.berg; sales@contoso.example", "REMINDER_WAITS": "3d,1d", "SAMPLE_LEADS": "0"}
    with running(tmp_path, columns=columns, **wrong) as screen:
        screen.await_text("\nready ")
        before = screen.text.partition("\nready ")[0]
        told = " ".join(before.split())
        assert "wrong OWNERS (from the environment): rule 1: write the bare addresses" in told
        assert "wrong REMINDER_WAITS (from the environment): write rising durations, such as 24h,3d,7d" in told
        assert "Nobody is mailed until OWNERS and REMINDER_WAITS are right. Correct it and start again." in told
        failed = "send_reminders failed: nobody is mailed until OWNERS and REMINDER_WAITS are right"
        wait_for(lambda: failed in " ".join(screen.text.split()))
        assert failed not in told
        assert not CONTROL.search(screen.text)
        for line in screen.lines:
            assert count_cells(line) <= columns or (not line.startswith(" " * 13) and " " not in line[13:]), line
        assert screen.stop() == 0
    assert screen.lines[-2:] == ["stopping …", "stopped"]


def test_a_second_run_posts_no_samples_and_tells_no_mails_of_the_first(tmp_path: Path) -> None:
    with running(tmp_path) as screen:
        screen.await_text(FIRST_MAIL)
        assert screen.stop() == 0
    with running(tmp_path, REMINDER_WAITS="3d") as screen:
        screen.await_text("\nready ")
        url = next(line.split()[1] for line in screen.lines if line.startswith("ready "))
        assert httpx.get(f"{url.removesuffix('leads')}health").json() == {"status": "healthy"}
        httpx.post(url, json={"userDetails": {"email": "ada@contoso.example"}, "offerTitle": "Contoso ERP"})
        screen.await_text("mail to sales@contoso.example: 1 lead (Contoso ERP 1)")
        assert "Posting" not in screen.text
        assert FIRST_MAIL not in screen.text
        assert "New" in {line.partition(" ")[0] for line in screen.lines}
        assert screen.stop() == 0


def test_sample_leads_never_go_to_another_account_and_a_console_without_utf_8_shows_what_it_can(tmp_path: Path) -> None:
    other = Ports.free().connection_string  # where nobody listens
    with running(tmp_path, LEADS_STORAGE=other, PYTHONIOENCODING="ascii", PYTHONUTF8="0") as screen:
        screen.await_text("\nready ")
        assert "Starting Azurite ? done in" in screen.text
        assert "Posting" not in screen.text
        assert "storage      LEADS_STORAGE names another account" in screen.text
        (wrong,) = [line for line in screen.lines if line.startswith("wrong ")]
        assert wrong.startswith("wrong        queue leads, table MarketplaceLeads, ")
