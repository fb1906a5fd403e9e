"""``python -m local mutate``: change the core's code in small ways, and see whether a unit test notices each.

A mutant that no test notices survives. The table counts mutants by file, and survivors are listed with their change.
`equivalent.toml` names those that change nothing that anybody could notice, each with the reason. They do not count.
"""

import argparse
import os
import platform
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from tests.mutation.mutants import Mutant, find_mutants
from tests.mutation.runs import ROOT, Verdict, load_everything_else, measure_coverage, run_mutants
from tests.pages import RELIABILITY, format_table, keep

ROOMS = ("lead_core/lead", "lead_core/marketplace", "lead_core/steps")
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
UNCHANGED = Mutant(ROOT / "lead_core" / "marketplace" / "body.py", 0, 0, "", range(1, 1_000))
"""No change: its tests must pass, else no verdict means anything."""
COLUMNS = ("file", "mutants", "killed", "survived", "killed, %")


def main() -> int:
    """Run the mutants, and show what became of them."""
    parser = argparse.ArgumentParser(prog="python -m local mutate", description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="*", help="part of a file's name; all files without it")
    parser.add_argument("--sample", type=int, help="run only so many, chosen at random")
    parser.add_argument("--seed", type=int, default=0, help="chooses another sample")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="how many processes run tests")
    parser.add_argument("--keep", action="store_true", help=f"write the table into docs/{RELIABILITY.name}")
    chosen = parser.parse_args()
    console, started = Console(highlight=False, soft_wrap=True), time.monotonic()
    every = [mutant for mutant in find_all() if not chosen.file or any(part in name(mutant) for part in chosen.file)]
    mutants = random.Random(chosen.seed).sample(every, min(chosen.sample or len(every), len(every)))
    covered = measure_coverage()
    load_everything_else()
    if list(run_mutants([UNCHANGED], covered, at_once=1)) != [(UNCHANGED, Verdict.SURVIVED)]:
        raise RuntimeError("The tests of a file fail in a child without any change.")
    verdicts = dict[Mutant, Verdict]()
    for mutant, verdict in run_mutants(mutants, covered, at_once=chosen.at_once):
        verdicts[mutant] = verdict
        if verdict in {Verdict.SURVIVED, Verdict.UNSEEN}:
            console.print(_describe(mutant, verdict), markup=False)
        if len(verdicts) % 50 == 0:
            console.print(f"{len(verdicts)} of {len(mutants)} after {time.monotonic() - started:.0f} s")
    rows = count_up(verdicts)
    _show(rows, console)
    took = f"{(time.monotonic() - started) / 60:.0f} minutes on {os.cpu_count()} cores"
    remark = (
        f"- {len(mutants):,} of {len(every):,} mutants, seed {chosen.seed}; {took}, Python {platform.python_version()}."
    )
    console.print(remark)
    if chosen.keep:
        keep(RELIABILITY, "mutate", [*format_table(COLUMNS, rows), "", remark])
    return 0


def find_all() -> list[Mutant]:
    """Return all mutants of the core but the equivalent ones."""
    equivalent = {(each["file"], each["before"], each["after"]) for each in read_equivalent()}
    files = [path for room in ROOMS for path in sorted((ROOT / room).glob("*.py"))]
    return [
        mutant
        for path in files
        for mutant in find_mutants(path)
        if (name(mutant), mutant.before, mutant.after) not in equivalent
    ]


def read_equivalent() -> list[dict[str, str]]:
    """Return the mutants that change nothing, with their reasons."""
    found: list[dict[str, str]] = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("equivalent", [])
    return found


def name(mutant: Mutant) -> str:
    """Return the name of the mutant's file: ``lead_core/lead/person.py``."""
    return mutant.path.relative_to(ROOT).as_posix()


def count_up(verdicts: dict[Mutant, Verdict]) -> list[list[str]]:
    """Return the lines of the table: one for each file, and the sum."""
    alive = {Verdict.SURVIVED, Verdict.UNSEEN}
    of_all, of_killed = Counter[str](), Counter[str]()
    for mutant, verdict in verdicts.items():
        for line in (name(mutant), "all"):
            of_all[line] += 1
            of_killed[line] += verdict not in alive
    lines = [*sorted(of_all.keys() - {"all"}), "all"] if verdicts else []
    return [
        [
            line,
            f"{of_all[line]:,}",
            f"{of_killed[line]:,}",
            f"{of_all[line] - of_killed[line]:,}",
            f"{100 * of_killed[line] / of_all[line]:.1f}",
        ]
        for line in lines
    ]


def _describe(mutant: Mutant, verdict: Verdict) -> str:
    changed = [f"    - {line}" for line in mutant.before.splitlines()]
    changed += [f"    + {line}" for line in mutant.after.splitlines()]
    return "\n".join([f"{name(mutant)}:{mutant.lines.start} ({verdict})", *changed])


def _show(rows: Sequence[Sequence[str]], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "file" else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
