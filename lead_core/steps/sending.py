"""Claim, send, confirm: every mail goes out inside a claim, so that no two workers send it.

The claim is written before the mail goes out, and freezes what the mail is about. While it holds, other workers leave
the mail alone. If it runs out, it is unknown what became of the mail, so the mail is sent again under the same id, a
few times. A mail that the provider refuses for what it says is sent in another form, under another id.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from typing import Final, Generic, TypeVar

from lead_core.errors import (
    AddressRefusedError,
    ContentRefusedError,
    EveryFormRefusedError,
    LeadError,
    MailNotSentError,
    MailUncertainError,
)
from lead_core.log_fields import fields
from lead_core.messages import Mail
from lead_core.ports.outgoing import CLAIMS_LAST as CLAIMS_LAST  # noqa: PLC0414 -- tests and wiring find it here
from lead_core.ports.outgoing import MAX_TRIES as MAX_TRIES  # noqa: PLC0414 -- as above
from lead_core.ports.outgoing import About, Claim, ClaimStore, Mailer
from lead_core.steps.budget import Budget
from lead_core.steps.troubles import Findings, TroubleCode
from lead_core.views.drafts import OUR_DRAFTS, Drafts

PUT_OFF_FOR: Final = timedelta(hours=24)
"""A provider that reads an owner's mails and puts them off for so long means what they say."""

Waiting = TypeVar("Waiting")

logger = logging.getLogger("leads")


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """What the settings say about mails."""

    sender: str
    is_brief: bool
    zone: tzinfo = UTC
    """Of the people who read the mails."""
    drafts: Drafts = OUR_DRAFTS
    """The drafts of answers."""


@dataclass(frozen=True, slots=True)
class SendingRun:
    """What all mails of one tick share."""

    now: datetime
    new_id: Callable[[], str]
    budget: Budget
    default_owner: str
    findings: Findings


class Next(Enum):
    """What to do after a mail was not sent, or perhaps not. See `decide_next`."""

    IN_ANOTHER_FORM = "in another form"
    COUNT_AS_SENT = "count as sent"
    STOP = "stop"


def decide_next(error: LeadError, claim: Claim[About], *, now: datetime) -> Next:
    """Decide what to do at once after *error* befell the mail of *claim*."""
    match error:
        case ContentRefusedError():
            return Next.IN_ANOTHER_FORM
        case MailNotSentError() if error.was_read and claim.put_off_since and now - claim.put_off_since >= PUT_OFF_FOR:
            return Next.IN_ANOTHER_FORM
        case MailUncertainError() if claim.tries >= MAX_TRIES:
            return Next.COUNT_AS_SENT
    return Next.STOP


def settle_failure(claim: Claim[About], error: LeadError, *, now: datetime) -> Claim[About] | None:
    """Return the claim after a try that failed with *error*. None if it must stand until it runs out."""
    if isinstance(error, AddressRefusedError):
        return claim.released()
    if not isinstance(error, MailNotSentError):
        return None
    # If an earlier try may have gone out, or other forms were refused, the leads stay together.
    is_certain = claim.tries <= 1 or error.is_final
    after = claim.released() if is_certain and not claim.refusals else claim.kept(now, with_id=not is_certain)
    return replace(after, put_off_since=min(claim.put_off_since or now, now)) if error.was_read else after


@dataclass(slots=True)
class HeldMail(Generic[About]):
    """A mail whose claim this worker holds."""

    claim: Claim[About]
    """As it is stored now."""
    claims: ClaimStore
    mailer: Mailer

    async def send(self, compose: Callable[[Claim[About]], Mail], run: SendingRun, *, forms: int) -> None:
        """Send the mail that *compose* makes of the claim, in the first of *forms* forms that the provider takes.

        Raises: MailNotSentError, AddressRefusedError, MailUncertainError. `claiming` then writes what is known.
        """
        while self.claim.tries <= MAX_TRIES:
            mail, refusals = compose(self.claim), self.claim.refusals
            try:
                await self.mailer.send(mail)
            except LeadError as error:
                match decide_next(error, self.claim, now=run.now):
                    case Next.STOP:
                        raise
                    case Next.COUNT_AS_SENT:
                        break
                    case Next.IN_ANOTHER_FORM:
                        if self.claim.refusals + 1 >= forms:
                            run.findings.found[TroubleCode.MAIL_REFUSED] = self.claim.about.named
                            raise EveryFormRefusedError from error
                        changed = self.claim.in_another_form(run.new_id())
                report_unsent(error)
                # Before the next form is sent, so that a process that goes on from here sends no other.
                self.claim = await self.claims.write(changed)
                if run.budget.is_spent and changed.refusals > refusals:
                    raise
            else:
                run.findings.note_sent(is_default_owner=mail.to == run.default_owner)
                return
        run.findings.found[TroubleCode.GIVEN_UP] = self.claim.about.named
        logger.warning("mail given up %s", fields(code=TroubleCode.GIVEN_UP, mail_id=self.claim.mail_id))


@asynccontextmanager
async def claiming(
    claims: ClaimStore, mailer: Mailer, claim: Claim[About], *, now: datetime
) -> AsyncIterator[HeldMail[About]]:
    """Claim a mail, and hold the claim while the mail is sent and its leads are confirmed.

    After that the claim is confirmed. If the mail certainly was not sent, the claim is released or kept for the next
    tick. After any other error, it stands until it runs out.

    Raises: SomeoneWasFirstError if another worker claimed the mail, and what sending it raises.
    """
    held = HeldMail(await claims.write(claim.taken(now)), claims, mailer)
    try:
        yield held
    except LeadError as error:
        if after := settle_failure(held.claim, error, now=now):
            await claims.write(after)
        raise
    await claims.write(held.claim.confirmed())


async def send_each(
    waiting: Iterable[Waiting], send: Callable[[Waiting], Awaitable[str]], run: SendingRun, claims: ClaimStore
) -> Counter[str]:
    """Send one mail after the other as long as there is time, and count what became of them, but not ``""``.

    One that is not sent stops no other.
    """
    outcomes = Counter[str]()
    for each in waiting:
        if run.budget.is_spent:
            break
        try:
            outcomes[await send(each)] += 1
        except LeadError as error:
            outcomes[report_unsent(error)] += 1
            run.findings.note_error(error, default_owner=run.default_owner)
    await run.findings.save(claims, now=run.now)
    del outcomes[""]
    return outcomes


def report_unsent(error: LeadError) -> str:
    """Log why a mail was not sent, and return the error's code."""
    # Mail errors hold only codes and names of errors. Other errors may quote an address.
    is_safe = isinstance(error, MailNotSentError | MailUncertainError)
    logger.warning("no mail %s", fields(code=error.code, detail=error.explanation if is_safe else ""))
    return error.code
