"""Markers for personal data and secrets, an ear for every log record, and servers that quote requests.

A log must show no person and no secret in any form. So each text that a test plants is a word that stands nowhere else.
The tests look for it plain, escaped, encoded and hashed.
"""

import asyncio
import base64
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import phonenumbers

from local.azurite import ACCOUNT, KEY
from local.child import HOST
from tests.good_settings import GOOD_SETTINGS

PHONE = "+442079460958"

PERSON = {
    "first name": "vq7first",
    "last name": "vq7last",
    "e-mail": "vq7mail",
    "e-mail domain": "vq7domain",
    "phone": PHONE,
    "company": "vq7company",
    "title": "vq7title",
    "country": "vq7country",
    "description": "vq7description",
}
OFFER = {"offer": "vq7pub.vq7offer", "offer title": "vq7product", "lead source": "vq7source"}
POSTED = {
    **PERSON,
    **OFFER,
    "unknown field": "vq7unknown",
    "unreadable body": "vq7garbage",
    "edited body": "vq7repaired",
}
"""What the marketplace sends, and what people edit in ``RejectedLeads``."""
OWNERS = {"owner": "vq7owner", "other owner": "vq7second", "colleague": "vq7colleague"}
GRID = {"owner cell": "vq7cell", "status cell": "vq7status", "note cell": "vq7remark"}
FORM = {"note": "vq7note", "name": "vq7caller", "reason": "vq7reason", "nonsense": "vq7nonsense"}
"""What people type into the grid and into the page's form."""
TEAM = {"sender": "vq7sender", "escalation": "vq7boss", "internal domain": "vq7inside"}
SECRETS = {
    "emulator's key": KEY,
    "storage key": "vq7storage",
    "shared access signature": "vq7sas",
    "mail user": "vq7user",
    "mail password": "vq7password",
    "mail service's key": "vq7acs",
    "new link key": "vq7new",
    "old link key": "vq7old",
    "function key": "vq7code",
    "function key's header": "vq7header",
    "canary's key": "vq7canary",
    "identity's token": "vq7token",
    "wrong setting": "vq7wrong",
    "storage signature": f"SharedKey {ACCOUNT}:",
    "mail service's signature": "&Signature=",
}
MARKERS = {**POSTED, **OWNERS, **GRID, **FORM, **TEAM, **SECRETS}

_PEOPLE = {*OWNERS, "owner cell"}
MAY_STAND_IN: Mapping[str, set[str]] = {
    "MarketplaceLeads": {*POSTED},
    "Leads": {*PERSON, *OFFER, "edited body", *_PEOPLE, *GRID, "note", "name", "reason", "escalation"},
    "FollowUps": {"first name", "last name", "company", "e-mail", "e-mail domain", "phone", *OFFER, *_PEOPLE}
    - {"lead source"},
    "Digests": {"offer", "offer title", *OWNERS, "escalation"},
    "RejectedLeads": {*POSTED},
    "Erasures": set(),
    "Reports": {"offer", "offer title", "lead source", *_PEOPLE, "escalation"},
    "queue": {*POSTED},
    "mail": {*PERSON, *OFFER, "edited body", *_PEOPLE, *GRID, "note", "name", "sender", "escalation"},
    "page": {*PERSON, *OFFER, "edited body", *_PEOPLE, *GRID, *FORM, "escalation"},
    "link": {"offer"},
    "explanation": {"offer"},
    "answer": set(),
    "log": set(),
}
"""Where each marker may be read. Nothing secret may be anywhere."""


def key_of(marker: str) -> str:
    """Return a key for Azure, in base64, that holds *marker*."""
    return base64.b64encode(marker.encode() * 6).decode()


@cache
def spell(marker: str) -> frozenset[str]:
    """Return the ways in which a text may hold *marker*, in lower case if possible."""
    raw = marker.encode()
    spellings = {
        marker,
        quote(marker, safe=""),
        "".join(f"%{byte:02x}" for byte in raw),
        json.dumps(marker)[1:-1],
        "".join(f"\\u{ord(character):04x}" for character in marker),
        repr(raw)[2:-1],
        raw.hex(),
        raw.hex(" "),
        "\0".join(marker),
    }
    for hashing in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512):
        digest = hashing(raw)
        spellings |= {digest.hexdigest(), base64.b64encode(digest.digest()).decode()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):  # Three bytes become four letters, so it matters how many bytes stand before.
            ends_within = (before + len(raw)) % 3 > 0
            letters = encode(bytes(before) + raw).decode().rstrip("=")
            spellings.add(letters[(0, 2, 3)[before] : -1 if ends_within else None])
    if marker == PHONE:
        number = phonenumbers.parse(marker)
        for form in (0, 1, 2, 3):
            text = phonenumbers.format_number(number, form)
            spellings |= {text, text.replace(" ", "-"), re.sub(r"\D", "", text)}
    return frozenset(spelling.casefold() for spelling in spellings)


def find(text: str, markers: Mapping[str, str] = MARKERS) -> set[str]:
    """Return the markers that *text* holds in any form."""
    folded = text.casefold()
    return {name for name, marker in markers.items() if any(spelling in folded for spelling in spell(marker))}


def find_leaks(where: str, text: str) -> list[str]:
    """Return the markers in places where they must not be, each with the text beside it."""
    folded, leaks = text.casefold(), []
    for name in sorted(find(text) - MAY_STAND_IN[where]):
        at = next(folded.index(each) for each in sorted(spell(MARKERS[name])) if each in folded)
        leaks.append(f"{where}: {name}: …{text[max(0, at - 200) : at + 60]}…")
    return leaks


def find_leaks_in_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Search a table's rows. In ``RejectedLeads``, only the columns for what came may hold it."""
    leaks = []
    for row in rows:
        cells = {name: bytes(value).hex() if isinstance(value, bytes) else str(value) for name, value in row.items()}
        leaks += find_leaks(table, "\n".join(cells.values()))
        if table == "RejectedLeads":
            ours = [text for name, text in cells.items() if not re.fullmatch(r"Body\d*|WouldRead|Offer", name)]
            leaks += find_leaks("explanation", "\n".join(ours))
    return leaks


class Ear(logging.Handler):
    """Keeps every record of every logger, in each form in which a log may write it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.loggers: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.loggers.add(record.name)
        # The formatted record has the traceback with its causes. The rest has args and extras.
        self.said.append(f"{self.format(record)}\n{record.__dict__!r}")

    @property
    def text(self) -> str:
        return "\n".join(self.said)


@contextmanager
def hearing_everything() -> Iterator[Ear]:
    """Set every logger to its lowest level."""
    ear = Ear()
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    levels = {each: each.level for each in loggers if isinstance(each, logging.Logger) and each.level}
    handlers, logging.root.handlers = logging.root.handlers, [ear]  # Otherwise a failed test would print all of it.
    for logger in levels:
        logger.setLevel(logging.NOTSET)
    shout()
    try:
        yield ear
    finally:
        logging.root.handlers = handlers
        for logger, level in levels.items():
            logger.setLevel(level)


@contextmanager
def asyncio_telling_all() -> Iterator[None]:
    """Let asyncio, in its debug mode, log each callback and task that it runs."""
    loop = asyncio.get_running_loop()
    is_debug, slow = loop.get_debug(), loop.slow_callback_duration
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    try:
        yield
    finally:
        loop.set_debug(is_debug)
        loop.slow_callback_duration = slow


def shout() -> None:
    """Do as the worker does if ``PYTHON_ENABLE_DEBUG_LOGGING`` is set."""
    logging.root.setLevel(logging.DEBUG)


Answer = Callable[["QuotingHandler", str], None]


class QuotingHandler(BaseHTTPRequestHandler):
    """Takes any request, and passes all of it to the function that answers."""

    server: "QuotingServer"
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # Send an answer in one piece at once.

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode("utf-8", "replace")
        self.server.requests.append(self.requestline)
        self.server.answer(self, f"{self.requestline}\n{self.headers}\n{body}")
        self.wfile.flush()

    def reply(self, status: int, content: str, kind: str, **headers: str) -> None:
        body = content.encode()
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass  # Only the app's log matters.


class QuotingServer(ThreadingHTTPServer):
    """A server that quotes requests: a firewall on the way, or a provider that explains too much."""

    daemon_threads = True
    request_queue_size = 100  # With the usual five, others wait for a second.

    def __init__(self, answer: Answer) -> None:
        super().__init__((HOST, 0), QuotingHandler)
        self.answer = answer
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"


def refuse(status: int) -> Answer:
    """Answer as a storage account does, with a code and the whole request."""

    def answer(handler: QuotingHandler, said: str) -> None:
        if "xml" in handler.headers.get("accept", ""):
            text = f'<?xml version="1.0"?><Error><Code>Refused</Code><Message>{escape(said)}</Message></Error>'
            handler.reply(status, text, "application/xml")
        else:
            error = {"code": "Refused", "message": {"lang": "en-US", "value": said}}
            handler.reply(status, json.dumps({"odata.error": error}), "application/json")

    return answer


def explain(handler: QuotingHandler, said: str) -> None:
    """Answer with a page, as a proxy does."""
    handler.reply(407, f"<html>You asked: {said}</html>", "text/html")


def babble(handler: QuotingHandler, said: str) -> None:
    """Answer with bytes that are not HTTP."""
    handler.wfile.write(f"what is {said}".encode())
    handler.close_connection = True


def nod(handler: QuotingHandler, said: str) -> None:
    """Accept, and answer with something unexpected."""
    handler.reply(200, json.dumps({"value": said, "heard": [said]}), "application/json")


def hang_up(handler: QuotingHandler, said: str) -> None:
    """Break the connection."""
    handler.close_connection = True


class QuotingSmtpHandler(StreamRequestHandler):
    """Speaks SMTP, and repeats in each answer what it got so far."""

    server: "QuotingProvider"

    def handle(self) -> None:
        self.heard = b""
        if not self.reply("greeting", 220):
            return
        while line := self.rfile.readline():
            self.heard += line
            word = line.split()[0].decode().upper() if line.split() else ""
            if word == "EHLO":
                self.wfile.write(b"250-provider.example\r\n250 AUTH PLAIN LOGIN\r\n")
            elif word == "DATA":
                if self.reply("DATA", 354) and not self.take_mail():
                    return
            elif not self.reply(word, {"AUTH": 235, "QUIT": 221}.get(word, 250)):
                return

    def take_mail(self) -> bool:
        mail = b""
        while (line := self.rfile.readline()) != b".\r\n":
            mail += line
        self.heard += mail
        is_taken = self.reply(".", 250)
        if self.server.codes.get(".", 250) == 250:
            self.server.mails.append(mail)
        return is_taken

    def reply(self, word: str, usual: int) -> bool:
        code = self.server.codes.get(word, usual)
        if not code:
            return False
        words = re.findall(rb"(?:[\w+/]{4})+", self.heard)[:9]
        heard = repr(self.heard[:1_500] + b" ".join(map(base64.b64decode, words))).encode()
        self.wfile.write(b"%d you said %b\r\n" % (code, heard[:6_000]))
        return code not in {221, 421}


class QuotingProvider(ThreadingTCPServer):
    """A mail server that quotes its client. *codes* holds other answers by command, and 0 means to hang up."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), QuotingSmtpHandler)
        self.codes: dict[str, int] = {}
        self.mails: list[bytes] = []

    @property
    def url(self) -> str:
        login = f"{SECRETS['mail user']}:{SECRETS['mail password']}"
        return f"smtp://{login}@{HOST}:{self.server_address[1]}"


@contextmanager
def serving(server: QuotingServer | QuotingProvider) -> Iterator[None]:
    """Run a server in a thread, until the end of the block."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def lead(**changed: str) -> bytes:
    """Return what the marketplace posts, with a marker in each field."""
    details = {
        "firstName": PERSON["first name"],
        "lastName": PERSON["last name"],
        "email": f"{PERSON['e-mail']}@{PERSON['e-mail domain']}.example",
        "phone": PHONE,
        "country": PERSON["country"],
        "company": PERSON["company"],
        "title": PERSON["title"],
        "nickname": POSTED["unknown field"],
    }
    return json.dumps(
        {
            "userDetails": {**details, **{name: text for name, text in changed.items() if name in details}},
            "leadSource": f"{OFFER['lead source']}-PLT|{OFFER['offer']}",
            "actionCode": "PLT",
            "offerTitle": OFFER["offer title"],
            "description": changed.get("description", PERSON["description"]),
            "whatever": POSTED["unknown field"],
        }
    ).encode()


RANDOM = GOOD_SETTINGS["LINK_KEY"]


def settings_of_the_team() -> dict[str, str]:
    """Return the settings that name people, and the keys of the links."""
    return {
        "OWNERS": f"{OFFER['offer']}: {OWNERS['owner']}@team.example; {OWNERS['other owner']}@team.example",
        "ESCALATE_TO": f"{TEAM['escalation']}@team.example",
        "MAIL_FROM": f"{TEAM['sender']}@team.example",
        "INTERNAL_DOMAINS": f"{TEAM['internal domain']}.example",
        "LINK_KEY": f"{SECRETS['new link key']}{RANDOM},{SECRETS['old link key']}{RANDOM[::-1]}",
        "PUBLIC_URL": "https://leads.example",
    }


def text_of(mail: bytes) -> str:
    """Read all of a mail, its parts decoded."""
    message = message_from_bytes(mail, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return "\n".join([str(message.items()), *(str(part.get_content()) for part in message.iter_parts())])
