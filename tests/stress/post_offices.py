"""Mail providers with faults, which keep what they took: one that speaks SMTP, and one that is like Azure's."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller

from local.child import HOST, free_ports
from tests.mailbox import NEVER_ANSWERED, text_of

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
"""The line that every spam filter refuses: https://spamassassin.apache.org/gtube/."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the provider took, as it came."""

    id: str
    to: tuple[str, ...]
    text: str

    @property
    def leads(self) -> frozenset[str]:
        """The people that it is about."""
        return frozenset(re.findall(r"\bP\d+ Smith", self.text.partition(NEVER_ANSWERED)[0]))


@dataclass
class Faults:
    """What the provider does wrong. Each may be changed at any time."""

    refuses_text: str = ""
    """Mails with this text are refused for good."""
    refuses: set[str] = field(default_factory=set)
    """Addresses that are refused for good."""
    puts_off: set[str] = field(default_factory=set)
    """Addresses that are put off, each time."""
    loses_answers: bool = False
    """Whether mails are taken, and their senders never learn of it."""
    seconds_a_mail: float = 0
    """How long the sender waits for the answer after the mail was taken."""


class SmtpOffice:
    """A provider that speaks SMTP."""

    def __init__(self, faults: Faults) -> None:
        self.faults, self.taken = faults, list[Taken]()
        self._port = free_ports(1)[0]
        self._controller = Controller(self, hostname=HOST, port=self._port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self._port}"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name and arguments
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.faults.refuses:
            return "550 no such mailbox"
        if address in self.faults.puts_off:
            return "450 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        mail = BytesParser(EmailMessage, policy=default).parsebytes(envelope.content)
        text = text_of(mail)
        if self.faults.refuses_text and self.faults.refuses_text in text:
            return "554 this is spam"
        self.taken.append(Taken(str(mail["Message-ID"]), tuple(envelope.rcpt_tos), text))
        await asyncio.sleep(self.faults.seconds_a_mail)
        if self.faults.loses_answers:
            server.transport.abort()
        return "250 OK"


class AzureOffice:
    """A provider like Azure Communication Services: it accepts each operation once, and remembers it."""

    def __init__(self, faults: Faults) -> None:
        self.faults, self.taken = faults, list[Taken]()
        self.status = dict[str, dict[str, Any]]()
        """What became of each operation."""
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operation = self.headers["Operation-Id"]
                if operation in office.status:
                    return self._say(409, {"error": {"code": "OperationIdAlreadyExists"}})
                office.take(operation, posted)
                if office.faults.loses_answers:
                    self.close_connection = True
                    return None
                return self._say(202, {"id": operation, "status": "Running"})

            def do_GET(self) -> None:
                operation = self.path.partition("?")[0].rpartition("/")[2]
                self._say(200, {"id": operation, **office.status[operation]})

            def _say(self, code: int, body: Any) -> None:
                text = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)

    def take(self, operation: str, posted: dict[str, Any]) -> None:
        """Decide what becomes of a mail."""
        recipients = [each["address"] for kind in posted["recipients"].values() for each in kind]
        text = posted["content"]["plainText"]
        bad = [address for address in recipients if address in self.faults.refuses | self.faults.puts_off]
        if self.faults.refuses_text and self.faults.refuses_text in text:
            self.status[operation] = {"status": "Failed", "error": {"code": "EmailRejected", "message": "spam"}}
        elif bad:
            error = {"code": "InvalidRecipientAddress", "message": f"The address {bad[0]} is invalid."}
            self.status[operation] = {"status": "Failed", "error": error}
        else:
            self.status[operation] = {"status": "Succeeded"}
            self.taken.append(Taken(operation, tuple(recipients), text))

    def start(self) -> None:
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"acs://accesskey:{'a2V5' * 8}@{HOST}:{self._server.server_port}"
