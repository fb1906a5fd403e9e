"""Starts and stops a mailbox with a web page (MailDev), pinned in ``package-lock.json`` beside this file.

It takes every mail, whoever it is for, and delivers none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from local.child import HOST, Child, ChildError, free_ports
from local.toolchain import find_node

SOURCES = Path(__file__).parent / "node_modules" / "maildev" / "dist"
# It reads them all at its start.
KEPT_MAILS = 500


@dataclass(frozen=True)
class Ports:
    """Where the mailbox takes mail, and where it shows it."""

    smtp: int = 1025
    web: int = 1080

    @classmethod
    def free(cls) -> Self:
        """Give two ports that nobody listens on just now."""
        return cls(*free_ports(2))

    @property
    def mail_url(self) -> str:
        """The app's ``MAIL_URL``."""
        return f"smtp://{HOST}:{self.smtp}"

    @property
    def web_url(self) -> str:
        """The web page."""
        return f"http://{HOST}:{self.web}"


@dataclass
class Mailbox:
    """One mailbox. Without a folder its mails end with it."""

    data_dir: Path | None = None
    ports: Ports = field(default_factory=Ports.free)
    _child: Child | None = None
    _scratch: TemporaryDirectory[str] | None = None

    def start(self) -> Self:
        """Start it with the mails that its folder holds, and wait until it answers."""
        self._child = self._make_child().start()
        return self

    def check(self) -> None:
        """Raise ChildError if it is no longer running."""
        if self._child:
            self._child.check()

    def stop(self) -> None:
        """Stop it; what its folder holds is kept."""
        if self._child:
            self._child.stop()
        if self._scratch:
            self._scratch.cleanup()

    def _make_child(self) -> Child:
        node, program = find_node(), SOURCES / "bin" / "maildev.js"
        if node is None or not program.exists():
            raise ChildError("The mailbox is not installed. `python -m local test` does that.")
        if self.data_dir:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            folder = self.data_dir
        else:
            self._scratch = TemporaryDirectory(prefix="mailbox-")
            folder = Path(self._scratch.name)
        # Node itself, no npm around it: the process that is stopped is the server.
        command = [node.node, str(program), "--ip", HOST, "--web-ip", HOST]
        command += ["--smtp", str(self.ports.smtp), "--web", str(self.ports.web)]
        command += ["--mail-directory", str(folder / "mails"), "--max-emails", str(KEPT_MAILS)]
        command += ["--hide-extensions", "STARTTLS"]  # Its certificate is one that nobody vouches for.
        ports = [self.ports.smtp, self.ports.web]
        # It would wait ten seconds for whoever is connected; each mail is on the disk before it is answered for.
        return Child("The mailbox", command, ports, folder / "mailbox.log", stop_seconds=2)


@contextmanager
def running_mailbox(data_dir: Path | None = None, *, ports: Ports | None = None) -> Iterator[Mailbox]:
    """Give a mailbox that runs until the end of the block, on free ports if none are given."""
    mailbox = Mailbox(data_dir, ports or Ports.free())
    try:
        yield mailbox.start()
    finally:
        mailbox.stop()
