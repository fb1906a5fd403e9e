"""``python -m local <command>``: the project's commands, on any machine with Python 3.11 or newer.

They need nothing installed: they first set up what is missing (``toolchain.py``). Arguments after the
command go to the tool behind it: ``python -m local test -k parser``.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

if sys.version_info < (3, 11):  # noqa: UP036 -- the machine may have an older one
    sys.exit(
        f"This project needs Python 3.11 or newer; this is {sys.version.split()[0]}. "
        "Start it with a newer one, for example `make run PYTHON=python3.13` or `python3.13 -m local run`."
    )

from local import dependencies, toolchain
from local.console import say
from local.installing import ROOT, SetUpError, forgive_encodings

WORKER_TESTS = ROOT / "tests" / "worker"


def run(arguments: Sequence[str]) -> int:
    """Start Azurite, a mailbox and the functions, and go on until Ctrl-C."""
    toolchain.prepare_programs()
    command = [str(toolchain.prepare_python()), "-m", "local.run", *arguments]
    if os.name == "posix":
        # Replace this process, so that stopping it stops the new one.
        os.execv(command[0], command)  # noqa: S606 -- no shell is wanted
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return call(command)


def test(arguments: Sequence[str]) -> int:
    """Run all tests, or only those that pytest selects by the arguments."""
    toolchain.prepare_programs()
    python = toolchain.prepare_python()
    # A few selected tests take less time than starting more processes.
    shared_out = () if arguments else ("--numprocesses=auto", "--maxprocesses=4", "--dist=worksteal")
    failed = call([str(python), "-m", "pytest", f"--ignore={WORKER_TESTS}", *shared_out, *arguments])
    if arguments or not WORKER_TESTS.is_dir():
        return failed
    return test_on_the_worker() or failed


def leads(arguments: Sequence[str]) -> int:
    """Look after the app: `leads --help` says all it can do. Write ``make leads ARGS="doctor"``."""
    with contextlib.redirect_stdout(sys.stderr):  # Only the command's own answer goes to stdout.
        python = toolchain.prepare_leads_python()
    return call([str(python), "-m", "leads", *arguments])


def stress(arguments: Sequence[str]) -> int:
    """Send leads through every kind of bad weather, and print what came out. It takes about ten minutes."""
    toolchain.prepare_programs()
    return call([str(toolchain.prepare_python()), "-m", "tests.stress", *arguments])


def mutate(arguments: Sequence[str]) -> int:
    """Change the core in small ways, and see whether the unit tests notice. ``--sample 300`` tries some."""
    return call([str(toolchain.prepare_python()), "-m", "tests.mutation", *arguments])


def test_on_the_worker() -> int:
    """Run the tests that need Microsoft's own worker library, and so Python 3.13."""
    python = toolchain.prepare_azure_python()
    if python is None:
        return toolchain.skip("tests/worker: no Python 3.13 on the path or among pyenv's versions")
    return call([str(python), "-m", "pytest", str(WORKER_TESTS)])


def lint(arguments: Sequence[str]) -> int:
    """Check style, format and types. The first fault does not hide the others."""
    python = str(toolchain.prepare_python())
    tools = (["ruff", "check", *arguments], ["ruff", "format", "--check", *arguments], ["mypy", *(arguments or ["."])])
    return max([call([python, "-m", *tool]) for tool in tools])


def lock(arguments: Sequence[str]) -> int:
    """Write the requirements files and the npm lockfiles. ``--upgrade`` takes newer releases."""
    dependencies.lock_python(arguments)
    dependencies.lock_programs()
    return 0


def bill(arguments: Sequence[str]) -> int:  # noqa: ARG001 -- every command is called alike
    """Write the bill of materials of what Azure installs, for a release."""
    dependencies.write_bill()
    return 0


def audit(arguments: Sequence[str]) -> int:
    """Ask for known vulnerabilities of all packages. Fail if a Python package has one."""
    return dependencies.audit(arguments)


def call(command: Sequence[str]) -> int:
    """Run *command* in the project's folder and return its exit code."""
    process = subprocess.Popen(command, cwd=ROOT)
    while True:
        # Ctrl-C reaches the command, too. It stops what it started, and then ends.
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def print_help(commands: Mapping[str, Callable[[Sequence[str]], int]]) -> None:
    """Print what can be done here."""
    say("make …", "or python -m local …, which works without make")
    for name, command in commands.items():
        say(name, (command.__doc__ or "").splitlines()[0].replace("``", ""))
    say("arguments", 'go to the tool behind a command: make test ARGS="-k parser", or python -m local test -k parser')


def main() -> int:
    """Run the command that the command line names."""
    forgive_encodings()
    every = (run, test, leads, stress, mutate, lint, lock, audit, bill)
    commands = {command.__name__: command for command in every}
    parser = argparse.ArgumentParser(
        prog="python -m local", usage="make COMMAND, or python -m local COMMAND [ARGUMENT …]", add_help=False
    )
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("command", nargs="?", choices=commands)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    if chosen.help or not chosen.command:
        print_help(commands)
        return 0
    try:
        return commands[chosen.command](chosen.arguments)
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
