"""``make`` and ``python -m local`` without a command."""

import os
import subprocess
import sys

import pytest

from local import __main__ as commands
from tests.local.toy_host import PROJECT

MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", [["make"], ["make", "help"], [sys.executable, "-m", "local"], [sys.executable, "-m", "local", "--help"]]
)
def test_without_a_command_the_commands_are_printed_with_what_they_do(command: list[str]) -> None:
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    for name in ("run", "test", "stress", "mutate", "lint", "lock", "audit", "bill"):
        assert told[name] == getattr(commands, name).__doc__.splitlines()[0].replace("``", "")
        assert f" {name}" in MAKEFILE


def test_an_unknown_command_is_refused_with_the_known_ones() -> None:
    command = [sys.executable, "-m", "local", "rum"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'run'" in done.stderr
