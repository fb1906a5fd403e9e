"""Measure `leads reconcile` and `leads import` on files of 5,000 rows, in a process of their own, against Azurite.

Azurite shares the machine's processors with the command, and takes one request at a time. A storage account does not.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from rich import box
from rich.console import Console
from rich.table import Table

from local.azurite import Azurite

ROWS = 5_000
_HEAD = "First Name,Last Name,Email,Phone,Country,Company Name,Job Title,Offer,Action Code,Created Date (UTC)\n"


def write_file(path: Path, numbers: range) -> Path:
    """Write a file of leads as Partner Center may export them: one person a row, over half a year."""
    rows = (
        f"P{n},Smith,p{n}@northwind.example,+1617555{n % 10_000:04},US,Northwind,CTO,contoso.contoso-crm,INS,"
        f"2026-{1 + n % 6:02}-{1 + n % 28:02} {n % 24:02}:{n % 60:02}\n"
        for n in numbers
    )
    path.write_text(_HEAD + "".join(rows), encoding="utf-8")
    return path


def run(connection_string: str, *arguments: str) -> tuple[float, float]:
    """Run a command of `leads`. Return how many seconds it took, and for how many it had a processor."""
    environment = os.environ | {"LEADS_STORAGE": connection_string}
    started, had = perf_counter(), _count_seconds()
    ran = subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-m", "leads", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode not in {0, 1}:
        raise RuntimeError(ran.stderr)
    return perf_counter() - started, _count_seconds() - had


def _count_seconds() -> float:
    """Return how long programs that ended had a processor."""
    times = os.times()
    return times.children_user + times.children_system


def main(rows: int) -> None:
    """Measure, and print a table."""
    table = Table("", "seconds", "of a processor", title=f"A file of {rows:,} rows", box=box.SIMPLE)
    table.caption = f"Against Azurite. Python {platform.python_version()}, {os.cpu_count()} cores."
    with tempfile.TemporaryDirectory() as folder, Azurite() as azurite:
        whole = write_file(Path(folder, "whole.csv"), range(rows))
        moved = write_file(Path(folder, "moved.csv"), range(rows // 10, rows + rows // 10))
        steps = {
            "import: nothing is there": ("import", str(whole), "--yes"),
            "import again: all is there": ("import", str(whole), "--yes"),
            "reconcile: all is there": ("reconcile", str(whole)),
            "reconcile: a tenth is missing on either side": ("reconcile", str(moved), "--dry-run"),
            "reconcile, and import the tenth": ("reconcile", str(moved), "--yes"),
        }
        for name, arguments in steps.items():
            table.add_row(name, *(f"{seconds:.1f}" for seconds in run(azurite.connection_string, *arguments)))
    Console().print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    main(parser.parse_args().rows)
