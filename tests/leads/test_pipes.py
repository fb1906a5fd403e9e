"""The command beside other programs: someone stops reading, or there is nobody who could answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.good_settings import GOOD_SETTINGS

ROOT = Path(__file__).parents[2]


def run(line: str, account: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of the shell in which ``leads`` is the command."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME")}
    environment = {**kept, **GOOD_SETTINGS, "LEADS_STORAGE": account, "LEADS": f'"{sys.executable}" -m leads'}
    return subprocess.run(
        ["bash", "-c", line.replace("leads", 'eval "$LEADS"', 1)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("line", ["leads list --json | true", "leads export --json | true", "leads rejected | true"])
def test_who_stops_reading_gets_no_traceback(account: str, line: str) -> None:
    ran = run(line, account)
    assert "BrokenPipe" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("ending", ["<&-", "</dev/null"])
def test_without_a_way_to_answer_nothing_is_changed(account: str, tmp_path: Path, ending: str) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Email,Created\nada@n.example,2026-10-01T00:00:00Z\n")
    ran = run(f"leads import {file} {ending}", account)
    assert ran.returncode == 2
    assert "add --yes to do it" in ran.stderr
