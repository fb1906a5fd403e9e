"""Ctrl-C while a command asks or works. Each runs as a process of its own, as at a terminal."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.good_settings import GOOD_SETTINGS

ROOT = Path(__file__).parents[2]
ASKS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell may hide it from what runs behind.
from leads.command import Desk, changes, command

@command("toy", example="leads toy")
@changes
async def toy(desk: Desk) -> None:
    "Ask."
    if desk.may("Do it?", "", {}):
        desk.say("done")

toy()
"""
WORKS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import asyncio
from leads.command import Desk, {decorator}command

@command("toy", example="leads toy")
{line}
async def toy(desk: Desk) -> None:
    "Work."
    desk.say("Do it? [y/N]: now")
    await asyncio.sleep(60)

toy()
"""


def interrupt(script: str) -> tuple[str, int]:
    """Run *script*, press Ctrl-C once when it asks or works, and return what it then said and its exit code."""
    environment = {
        **os.environ,
        **GOOD_SETTINGS,
        "LEADS_STORAGE": "UseDevelopmentStorage=true",
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stderr
        said = b""
        while b"[y/N]:" not in said:
            said += (more := os.read(process.stderr.fileno(), 1000))
            assert more, said.decode()
        time.sleep(0.5)  # Until it waits: it prints the question before it reads the answer.
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read().decode()
        return rest, process.wait(timeout=20)


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")


def test_one_ctrl_c_at_a_question_is_a_no() -> None:
    said, code = interrupt(ASKS)
    assert "Nothing was changed." in said
    assert code == 0


@pytest.mark.parametrize(
    ("decorator", "line", "goes_on"), [("", "", False), ("changes, ", "@changes", True)], ids=["reads", "changes"]
)
def test_ctrl_c_in_the_middle_is_said_in_a_sentence(decorator: str, line: str, *, goes_on: bool) -> None:
    said, code = interrupt(WORKS.format(decorator=decorator, line=line))
    assert "Stopped." in said
    assert ("give the same command again" in said) is goes_on
    assert code == 1
