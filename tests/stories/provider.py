"""The provider of a story: our own SMTP adapter talks to it, without a socket."""

import smtplib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from lead_core.adapters.mail.address import address_letter
from lead_core.adapters.mail.smtp import SmtpDelivery
from lead_core.adapters.mail.smtp_session import SmtpSession
from lead_core.errors import AddressRefusedError
from lead_core.messages import Mail
from lead_core.settings import MailServer

MARKER = "GTUBE"
"""A mail with this word is refused for good."""
MOST_LOST_ANSWERS = 4
"""How many answers to one mail are lost at most. What a provider that loses all of them means, `tests.stress` shows."""
_SERVER = MailServer("smtp", "127.0.0.1", 25)


class Fate(StrEnum):
    """What becomes of a mail."""

    SENT = "sent"
    DOWN = "certainly not sent"
    LATER = "read, and certainly not sent"
    UNCERTAIN = "nobody knows"


@dataclass
class Provider:
    """A `Mailer`: takes mails, or fails as it is told."""

    on_mail: Callable[[Mail, Fate], None]
    on_refusal: Callable[[Mail, frozenset[str]], None]
    on_putting_off: Callable[[Mail], None]
    fates: list[Fate] = field(default_factory=list)
    refuses: frozenset[str] = frozenset()
    """Addresses that it refuses for good."""
    puts_off: frozenset[str] = frozenset()
    """Addresses that it refuses for now."""
    refused_texts: int = 0
    """How many mails it refused for what they say."""
    lost_answers: Counter[str] = field(default_factory=Counter)

    async def send(self, mail: Mail) -> None:
        fate = self.fates.pop(0) if self.fates else Fate.SENT
        try:
            _Delivery(_Line(self, mail, fate)).run()
        except AddressRefusedError as error:
            self.on_refusal(mail, error.addresses)
            raise

    def answer_address(self, address: str) -> int:
        """Return the code for a recipient."""
        if address in self.refuses:
            return 550
        return 450 if address in self.puts_off else 250

    def answer_mail(self, mail: Mail, fate: Fate) -> int:
        """Return the code for the whole mail. Raises: SMTPServerDisconnected if the answer is lost."""
        if MARKER in mail.text:
            self.refused_texts += 1
            self.on_refusal(mail, frozenset())
            return 554
        if fate is Fate.LATER:
            self.on_putting_off(mail)
            return 451
        if fate is Fate.UNCERTAIN and self.lost_answers[mail.id] >= MOST_LOST_ANSWERS:
            fate = Fate.SENT
        self.on_mail(mail, fate)
        if fate is Fate.UNCERTAIN:
            self.lost_answers[mail.id] += 1
            raise smtplib.SMTPServerDisconnected
        return 250


class _Line(smtplib.SMTP):
    """A connection to the provider, without a network."""

    def __init__(self, provider: Provider, mail: Mail, fate: Fate) -> None:
        super().__init__()
        self.provider, self.letter, self.fate = provider, mail, fate

    def ehlo_or_helo_if_needed(self) -> None:
        """Know each other already."""

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        match cmd:
            case "RCPT":
                return self.provider.answer_address(args.removeprefix("TO:<").removesuffix(">")), b""
            case "DATA":
                return 354, b""
        return 250, b""

    def rset(self) -> tuple[int, bytes]:
        return 250, b""

    quit = rset

    def send(self, s: object) -> None:
        """Take all of it."""

    def getreply(self) -> tuple[int, bytes]:
        return self.provider.answer_mail(self.letter, self.fate), b""


class _Session(SmtpSession):
    """Our adapter's session on such a connection."""

    def __init__(self, line: _Line) -> None:
        super().__init__(_SERVER, "contoso.example", 1)
        self._line = line

    def _connect(self) -> smtplib.SMTP:
        if self._line.fate is Fate.DOWN:
            raise ConnectionRefusedError
        return self._line


class _Delivery(SmtpDelivery):
    """Our adapter's delivery in such a session."""

    def __init__(self, line: _Line) -> None:
        super().__init__(_SERVER, address_letter(line.letter), 1)
        self._session = _Session(line)
