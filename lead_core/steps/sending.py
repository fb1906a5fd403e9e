"""Claim, send, confirm: every mail goes out inside a claim, so that no two workers send it.

The claim is written before the mail goes out, and freezes what the mail is about. While it holds, other workers leave
the mail alone. If it runs out, it is unknown what became of the mail, so the mail is sent again under the same id.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lead_core.errors import AddressRefusedError, LeadError, MailNotSentError, MailUncertainError
from lead_core.log_fields import fields
from lead_core.ports.outgoing import About, Claim, ClaimStore

CLAIMS_LAST: Final = timedelta(minutes=10)
"""Longer than a function may run (``functionTimeout``), so the worker whose claim ran out has ended."""

logger = logging.getLogger("leads")


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """What the settings say about mails."""

    sender: str
    escalate_to: str
    """``""`` for the default owner."""
    is_brief: bool


@asynccontextmanager
async def claiming(claims: ClaimStore, claim: Claim[About], *, now: datetime) -> AsyncIterator[Claim[About]]:
    """Claim a mail, and hold the claim while the mail is sent and its leads are confirmed.

    After that the claim is confirmed. If the mail certainly was not sent, the claim is released. After any other error,
    it stands until it runs out.

    Raises: SomeoneWasFirstError if another worker claimed the mail, and what sending it raises.
    """
    held = await claims.write(replace(claim, until=now + CLAIMS_LAST))
    try:
        yield held
    except AddressRefusedError:
        await claims.write(held.released())
        raise
    except MailNotSentError:
        # A mail that may have gone out before keeps its id and what it is about, and is tried at the next tick.
        await claims.write(replace(held, until=now) if claim.has_run_out(now) else held.released())
        raise
    await claims.write(held.confirmed())


def report_unsent(error: LeadError) -> str:
    """Log why a mail was not sent, and return the error's code."""
    # Mail errors hold only codes and names of errors. Other errors may quote an address.
    is_safe = isinstance(error, MailNotSentError | MailUncertainError)
    logger.warning("no mail %s", fields(code=error.code, detail=error.explanation if is_safe else ""))
    return error.code
