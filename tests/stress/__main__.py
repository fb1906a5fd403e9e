"""``python -m local stress``: leads through every kind of bad weather, and a table of what came out.

The exit code is 1 if anything was lost, doubled or otherwise wrong.
"""

import argparse
import os
import platform
import random
import sys
import time
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.pages import RELIABILITY, format_table, keep
from tests.stress.bench import BURST, FAULTS, Fault, Outcome, run_fault
from tests.stress.mail_faults import MAIL_FAULTS, MailOutcome, run_mail_fault
from tests.stress.sender import SLOW_CLIENTS

POSTS = 1_000
BURST_POSTS = 10_000
WIDTH = 112

COLUMNS = (
    "fault",
    "faults",
    "leads in",
    "unsure",
    "rows",
    "actions",
    "lost",
    "doubled",
    "mails",
    "mails lost",
    "mails doubled",
    "memory, MiB",
)


MAIL_COLUMNS = (
    "fault",
    "leads",
    "untold after two ticks",
    "untold",
    "mails",
    "in two mails",
    "joined",
    "most copies",
    "test mails",
)


def main() -> int:
    """Run the faults, show what came out, and return 1 if any of it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m local stress", description=__doc__.splitlines()[0])
    parser.add_argument("fault", nargs="*", help="part of a fault's name; all faults without it")
    parser.add_argument(
        "--posts", type=int, default=POSTS, help=f"for each fault ({POSTS}; the burst has up to ten times as many)"
    )
    parser.add_argument("--seed", type=int, help="the same leads and kills as in another run")
    parser.add_argument("--keep", action="store_true", help=f"write the table into docs/{RELIABILITY.name}")
    chosen = parser.parse_args()
    seed = random.randrange(10_000) if chosen.seed is None else chosen.seed
    console = Console(highlight=False)
    console.width = max(console.width, WIDTH)
    sizes = dict.fromkeys(FAULTS, chosen.posts) | {BURST: min(BURST_POSTS, chosen.posts * BURST_POSTS // POSTS)}
    started = time.monotonic()
    outcomes = [
        _run(fault, posts, seed, console)
        for fault, posts in sizes.items()
        if not chosen.fault or any(part in fault.name for part in chosen.fault)
    ]
    lines = [_describe(outcome) for outcome in outcomes]
    _show(lines, console, COLUMNS)
    remarks = _remark(outcomes, seed, time.monotonic() - started)
    console.print(*remarks, sep="\n")
    if chosen.keep:
        keep(RELIABILITY, "stress", [*format_table(COLUMNS, lines), "", *(f"- {remark}" for remark in remarks)])
    is_good = all(outcome.findings.is_good for outcome in outcomes)
    return int(not (_run_mail_faults(chosen.fault, console, is_kept=chosen.keep) and is_good))


def _run_mail_faults(parts: Sequence[str], console: Console, *, is_kept: bool) -> bool:
    """Run what goes wrong on the way out of the mails, show it, and return whether all is good."""
    faults = [fault for fault in MAIL_FAULTS if not parts or any(part in fault.name for part in parts)]
    outcomes = []
    for fault in faults:
        outcomes.append(run_mail_fault(fault))
        console.print(f"{fault.name:<34} {'good' if outcomes[-1].is_good else 'NOT GOOD'}")
    lines = [_describe_mails(outcome) for outcome in outcomes]
    _show(lines, console, MAIL_COLUMNS)
    if is_kept and outcomes:
        keep(RELIABILITY, "mail-faults", format_table(MAIL_COLUMNS, lines))
    return all(outcome.is_good for outcome in outcomes)


def _describe_mails(outcome: MailOutcome) -> list[str]:
    numbers = (
        outcome.leads,
        outcome.untold_after_two_ticks,
        outcome.untold,
        outcome.mails,
        outcome.doubled,
        outcome.joined,
        outcome.most_copies,
        outcome.test_mails,
    )
    return [outcome.fault.name, *map(str, numbers)]


def _run(fault: Fault, posts: int, seed: int, console: Console) -> Outcome:
    bar = Progress(
        TextColumn("{task.fields[name]:<20}"),
        BarColumn(24),
        TextColumn("{task.description:<12}"),
        TimeElapsedColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task("starting", total=posts + 1, name=fault.name)
        outcome = run_fault(
            fault, posts=posts, seed=seed, say=lambda what, count: bar.update(task, description=what, completed=count)
        )
        bar.update(task, description="good" if outcome.findings.is_good else "NOT GOOD", completed=posts + 1)
    return outcome


def _describe(outcome: Outcome) -> list[str]:
    posted, findings = outcome.posted, outcome.findings
    first, last = outcome.memory_mib
    numbers = (
        outcome.harmed + outcome.kills,
        len(posted.accepted),
        len(posted.unsure),
        outcome.rows,
        outcome.actions,
        findings.lost,
        findings.doubled,
        outcome.mails,
        findings.mails_lost,
        findings.mails_doubled,
    )
    memory = "–" if outcome.kills or not last else f"{first} → {last}"
    return [outcome.fault.name, *(f"{number:,}" for number in numbers), memory]


def _show(lines: Sequence[Sequence[str]], console: Console, columns: Sequence[str]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        table.add_column(name, justify="left" if name == "fault" else "right", no_wrap=name in {"fault", columns[-1]})
    for line in lines:
        table.add_row(*line)
    console.print(table)


def _remark(outcomes: Sequence[Outcome], seed: int, seconds: float) -> list[str]:
    again = sum(outcome.mails_again for outcome in outcomes)
    remarks = [
        f"Seed {seed}; {seconds / 60:.0f} minutes on {os.cpu_count()} cores, Python {platform.python_version()}.",
        f"Mails that came again under their id, because their sender died before it could note them: {again}.",
    ]
    remarks += [
        f"In the burst, beside {SLOW_CLIENTS} slow clients and bodies of 47 KiB, the median post took "
        f"{outcome.slowdown:.1f} times as long as before."
        for outcome in outcomes
        if outcome.fault.is_burst
    ]
    remarks += [f"{outcome.fault.name}: {sentence}" for outcome in outcomes for sentence in outcome.findings.other]
    return remarks


if __name__ == "__main__":
    sys.exit(main())
