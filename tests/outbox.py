"""Mail that goes nowhere. A real server is `tests.mailbox`."""

import asyncio
import re
from dataclasses import dataclass, field

from lead_core.errors import AddressRefusedError, MailNotSentError
from lead_core.messages import Mail


@dataclass
class Outbox:
    """A `Mailer` of our own: keeps what it is given, and fails as it is told."""

    mails: list[Mail] = field(default_factory=list)
    fails_with: list[Exception | None] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    async def send(self, mail: Mail) -> None:
        await asyncio.sleep(0)
        failure = self.fails_with.pop(0) if self.fails_with else None
        if isinstance(failure, MailNotSentError):
            raise failure
        if refused := {mail.to, mail.cc} & self.refuses:
            raise AddressRefusedError(frozenset(refused))
        self.mails.append(mail)
        if failure:
            raise failure

    def leads_of(self, mail: Mail) -> set[str]:
        return set(re.findall(r"\bP\d+ Smith\b|John Smith", mail.text))
