"""Start child processes, wait until they answer, and stop them with time to finish what they do."""

import ctypes
import math
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

HOST = "127.0.0.1"

_START_SECONDS = 30
_PORTS = range(20_000, 32_000)  # below those that Linux, macOS and Windows take for outgoing connections


class ChildError(Exception):
    """A child process could not start or go on. The text says which one, and quotes its last output."""


@dataclass
class Child:
    """A process of ours that answers on *ports* and writes its output into *log*."""

    name: str
    command: Sequence[str]
    ports: Sequence[int]
    log: Path
    environment: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it and wait until it answers."""
        return self.launch().await_answer()

    def launch(self) -> Self:
        """Start it."""
        taken = [str(port) for port in self.ports if answers(port)]
        if taken:
            raise ChildError(f"{self.name} cannot start: another program listens on port {', '.join(taken)}.")
        with self.log.open("wb") as log:
            self.process = self._start(log)
        return self

    def await_answer(self) -> Self:
        """Wait until it answers."""
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not all(map(answers, self.ports)):
                self.check(answers_by=deadline)
                time.sleep(0.05)
        except BaseException:
            self.stop()
            raise
        return self

    def check(self, *, answers_by: float = math.inf) -> None:
        """Raise ChildError if it is no longer running, or does not answer by that monotonic time."""
        if self.process and (code := self.process.poll()) is not None:
            raise ChildError(self._report(f"ended with code {code}"))
        if time.monotonic() > answers_by:
            raise ChildError(self._report(f"does not answer after {_START_SECONDS} s"))

    def stop(self) -> None:
        """Ask it to finish, and end it if it has not done so in time."""
        if self.process is None:
            return
        if sys.platform == "win32":  # Windows has no other signal that a process could act on
            self.process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        # In its own group: Ctrl-C goes to the parent, which stops its children in order.
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            creationflags=flags,
            start_new_session=True,
            preexec_fn=_end_with_parent(self.stop_signal),  # noqa: PLW1509 -- a single system call
        )

    def _report(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        return "\n".join([f"{self.name} {what}. The last lines of its log:", *(f"  {line}" for line in lines)])


def free_ports(count: int) -> list[int]:
    """Return *count* ports that are free now, and that the system does not use for outgoing connections."""
    dice, found = random.SystemRandom(), set[int]()  # `random` can be seeded, and then gives ports twice.
    while len(found) < count:
        port = dice.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            found.add(port)
    return sorted(found)


def answers(port: int) -> bool:
    """Whether a program listens on *port*."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _end_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """On Linux, let the system send *stop_signal* to a child if its parent is killed and cannot send it."""
    # The kernel watches the parent's thread. Only the main thread surely lives as long as the process.
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    libc, set_parent_death_signal = ctypes.CDLL(None), 1

    def ask_the_kernel() -> None:
        libc.prctl(set_parent_death_signal, stop_signal)

    return ask_the_kernel
