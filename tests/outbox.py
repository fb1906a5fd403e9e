"""Mail that goes nowhere. A real server is `tests.mailbox`."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta

from lead_core.errors import AddressRefusedError, ContentRefusedError, MailNotSentError
from lead_core.messages import Mail
from tests.mailbox import NEVER_ANSWERED


@dataclass
class Stopwatch:
    """Seconds that pass only when they are told to."""

    seconds: float = 0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Outbox:
    """A `Mailer` of our own: keeps what it is given, and fails as it is told."""

    mails: list[Mail] = field(default_factory=list)
    fails_with: list[Exception | None] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    spam: str = ""
    """A text in mails that are refused for good."""
    refused: list[Mail] = field(default_factory=list)
    """The mails that were refused for their text."""
    takes: timedelta = timedelta(0)
    """How long each mail takes, on *clock*."""
    clock: Stopwatch = field(default_factory=Stopwatch)

    operations: dict[str, Exception | None] | None = None
    """What became of each id, if the provider remembers it, as Azure Communication Services do."""

    async def send(self, mail: Mail) -> None:
        if self.operations is not None and mail.id in self.operations:
            if ended := self.operations[mail.id]:
                raise ended
            return
        try:
            await self._take(mail)
        except (MailNotSentError, AddressRefusedError) as error:
            if self.operations is not None:
                self.operations[mail.id] = error
            raise
        if self.operations is not None:
            self.operations[mail.id] = None

    async def _take(self, mail: Mail) -> None:
        await asyncio.sleep(0)
        self.clock.seconds += self.takes.total_seconds()
        failure = self.fails_with.pop(0) if self.fails_with else None
        if isinstance(failure, MailNotSentError):
            raise failure
        if mail.to in self.refuses:
            raise AddressRefusedError(frozenset({mail.to}))
        if self.spam and self.spam in f"{mail.subject} {mail.text}":
            self.refused.append(mail)
            raise ContentRefusedError("554")
        self.mails.append(mail)
        if failure:
            raise failure

    def leads_of(self, mail: Mail) -> set[str]:
        """The names of those whom a mail is about, without those that it lists as never answered."""
        return set(re.findall(r"\bP\d+ Smith\b|John Smith", mail.text.partition(NEVER_ANSWERED)[0]))

    def told(self) -> set[str]:
        """The names of all who are in a mail."""
        return {name for mail in self.mails for name in self.leads_of(mail)}
