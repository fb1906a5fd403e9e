"""Starts and stops a mailbox with a web page (MailDev), pinned in ``package-lock.json`` beside this file.

It accepts mail for any address and delivers none.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from local.child import HOST, Child, free_ports
from local.node_service import NodeService
from local.toolchain import MAILBOX

# It reads all mails at its start.
KEPT_MAILS = 500


@dataclass(frozen=True)
class Ports:
    """Where the mailbox takes mail, and where it shows it."""

    smtp: int = 1025
    web: int = 1080

    @classmethod
    def free(cls) -> Self:
        """Return two ports that are free now."""
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
class Mailbox(NodeService):
    """One mailbox. Without a folder, its mails are lost when it stops."""

    name: ClassVar = "The mailbox"

    ports: Ports = field(default_factory=Ports.free)

    @property
    def program(self) -> Path:
        """See `NodeService.program`."""
        return MAILBOX / "node_modules" / "maildev" / "dist" / "bin" / "maildev.js"

    def _make_child(self, command: list[str], folder: Path) -> Child:
        command += ["--ip", HOST, "--web-ip", HOST]
        command += ["--smtp", str(self.ports.smtp), "--web", str(self.ports.web)]
        command += ["--mail-directory", str(folder / "mails"), "--max-emails", str(KEPT_MAILS)]
        command += ["--hide-extensions", "STARTTLS"]  # Its certificate is self-signed.
        ports = [self.ports.smtp, self.ports.web]
        # It would wait ten seconds for connections to end. It saves each mail before it accepts it.
        return Child(self.name, command, ports, folder / "mailbox.log", stop_seconds=2)
