"""Install something once: one command at a time, with a step on the console and its output in a log.

Standard library only, because it runs before anything is installed. Each set-up leaves a stamp that says what it was
made from. The stamp is removed first and written last, so an interrupted set-up is done again.
"""

import ast
import errno
import functools
import hashlib
import io
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
LOG = ROOT / ".local" / "set-up.log"
HOME = Path(os.path.expanduser("~"))  # noqa: PTH111 -- Path.home raises if there is none

_PATIENCE_SECONDS = 900
_START_ANEW = "Delete .tools and all .venv folders, and try again."

# pip's settings, and the variables of uv and Node that mean the same. They read neither pip's files nor variables.
# https://docs.astral.sh/uv/reference/environment/ · https://pip.pypa.io/en/stable/topics/configuration/
_PIP_SETTINGS = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "extra-index-url": ("UV_INDEX",),
    "find-links": ("UV_FIND_LINKS",),
    "no-index": ("UV_OFFLINE",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "cert": ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"),
    "proxy": ("ALL_PROXY",),
}
_NOT_WITH_TARGET = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN"}
"""What pip cannot do together with its ``--target``."""

# Advice for errors that the tools print, the surest sign first.
ADVICE = {
    "no space left|ENOSPC": "The disk is full.",
    "certificate|_CERT": "Does the network have a certificate of its own? Set PIP_CERT and NODE_EXTRA_CA_CERTS to it.",
    "connection|connect error|dns error|ECONN|ENOTFOUND|EAI_AGAIN|timed out|from versions: none|there is no version": (
        "Is there a network? Behind a package mirror, set PIP_INDEX_URL and npm_config_registry to its addresses."
    ),
}


def forgive_encodings() -> None:
    """Let the console show a question mark for what it cannot show, such as ``…`` in ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class SetUpError(Exception):
    """Why the machine cannot be set up, in words for the person who typed the command."""


def install_once(folder: Path, wanted: str, needed: Path, install: Callable[[], None]) -> None:
    """Run *install*, unless *folder* was already made from *wanted*. Only one command at a time does it."""
    stamp, made_from = folder / ".installed", f"{sysconfig.get_platform()} {wanted}"

    def is_done() -> bool:
        return stamp.exists() and stamp.read_text(encoding="utf-8") == made_from and needed.exists()

    if is_done():
        return
    lock = TOOLS / "locks" / folder.relative_to(ROOT).as_posix().replace("/", "-")
    try:
        with exclusive(lock, wait_seconds=_PATIENCE_SECONDS) as held:
            if is_done():  # by the command that held the lock
                return
            if not held:
                minutes = _PATIENCE_SECONDS // 60
                raise SetUpError(f"Another command still sets up this folder after {minutes} minutes. End that one.")
            stamp.unlink(missing_ok=True)
            install()
            stamp.write_text(made_from, encoding="utf-8")
    except OSError as error:
        raise SetUpError(_explain(error)) from None


def _explain(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "The disk is full."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"Cannot write {error.filename} ({error.strerror}). Copy the project into a folder of your own."
    return f"{error}. {_START_ANEW}"


@contextmanager
def exclusive(path: Path, *, wait_seconds: float = 0) -> Iterator[bool]:
    """Hold the lock file *path*. Yield False if another process held it all the time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with path.open("a+b") as file:  # the lock ends when the file is closed, however the process ends
        if not (held := _lock(file)) and wait_seconds:
            print("Another command is setting up this folder; waiting for it …", flush=True)
        while not held and time.monotonic() < deadline:
            time.sleep(0.2)
            held = _lock(file)
        yield held


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 -- only on Windows

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 -- not on Windows

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system may have no locks. Then two set-ups at once are the user's own risk.
        return not (sys.platform == "win32" or isinstance(error, BlockingIOError))
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
        try:
            done = subprocess.run(
                words, cwd=cwd, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
            )
        except OSError as error:  # for example a program that another system installed into this folder
            raise SetUpError(f"{words[0]} does not start ({error.strerror}). {_START_ANEW}") from None
        log.seek(start)
        reason = find_reason(log.read())
    if done.returncode:
        raise SetUpError(f"{reason or f'{words[0]} ended with {done.returncode}.'}\nThe whole log: {LOG}")


def find_reason(output: str) -> str:
    """Return, on one line, what a person needs to know from the output of a failed uv, pip or npm."""
    said = re.search(
        r"^(?:error:|ERROR:|npm error|npm ERR!) (?!code|Exit handler|Exception:)(.+)", output, re.MULTILINE
    )
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
        "UV_NATIVE_TLS": "1",  # the same for an older uv
        "UV_PYTHON_DOWNLOADS": "never",
        # Like pip, uv may then take a file from any index. Its hash says whether it is the right one.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        **read_pip_settings(output_of([sys.executable, "-m", "pip", "config", "list"])),
    }
    if not (HOME.is_dir() and os.access(HOME, os.W_OK)):
        chosen |= {"UV_CACHE_DIR": str(TOOLS / "cache" / "uv"), "npm_config_cache": str(TOOLS / "cache" / "npm")}
    given = {name: value for name, value in os.environ.items() if name not in _NOT_WITH_TARGET}
    # A file of pip's may set the last two, which do not go with --target either.
    return chosen | given | {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}


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


def output_of(command: Sequence[str]) -> str:
    """Return what *command* prints. ``""`` if it fails or does not exist."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def digest_of(file: Path) -> str:
    """Return what changes with the content of *file*."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
