"""The command `leads`, run in this process, as its user sees it."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from leads.program import program
from tests.good_settings import GOOD_SETTINGS


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    code: int

    @property
    def document(self) -> Any:
        """What it printed with ``--json``."""
        return json.loads(self.stdout)


async def run_leads(*arguments: str, environment: Mapping[str, str], typed: str = "", columns: int = 100) -> Ran:
    """Run a command with the settings in *environment* alone. *typed* are the answers to its questions."""
    ours = {name: None for name in os.environ if name.isupper() and name not in {"PATH", "HOME", "TMPDIR"}}
    given = {**ours, **GOOD_SETTINGS, "COLUMNS": str(columns), **environment}
    ran = await asyncio.to_thread(CliRunner().invoke, program, arguments, input=typed, env=given, prog_name="leads")
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Ran(ran.stdout, ran.stderr, ran.exit_code)
