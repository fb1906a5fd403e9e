"""Tell the default owner that test leads arrived. This shows that a deployment works.

All test leads of a day that were not told yet are one mail, and a day has a few mails at most, because anyone with the
URL can post test leads.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from lead_core.lead.owners import Owners
from lead_core.links import LinkSigner
from lead_core.messages import Mail
from lead_core.ports.outgoing import Claim, ClaimStore, Mailer
from lead_core.ports.test_leads import FirstTestLead, TestLeadNote
from lead_core.steps.budget import Budget
from lead_core.steps.sending import MailPolicy, SendingRun, claiming, send_each
from lead_core.steps.troubles import Findings
from lead_core.views.confirmation import TestConfirmation, compose_test_confirmation

CONFIRMING_LASTS: Final = timedelta(seconds=30)
MAILS_AT_ONCE: Final = 3
"""How many mails about the test leads of a day go out on that day. One more follows on the next day."""
TEST_LEADS_ARE_READ_FOR: Final = timedelta(days=14)
MAX_READ: Final = 100
"""Test leads of a day beyond that are only known to be there."""
_FORMS: Final = 2
"""With the names of the offers, and without."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """Confirms test leads."""

    claims: ClaimStore
    mailer: Mailer
    owners: Owners
    links: LinkSigner
    mails: MailPolicy
    clock: Callable[[], float] = time.monotonic

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Tell about the test leads of the last days, and count what became of it."""
        budget, since = Budget.of(CONFIRMING_LASTS, self.clock), (now - TEST_LEADS_ARE_READ_FOR).date()
        run = SendingRun(now, new_id, budget, self.owners.default, Findings())
        days = await self.claims.list_test_leads(since, limit=MAX_READ)
        return await send_each(days, lambda day: self._confirm(*day, run), run, self.claims)

    async def _confirm(self, claim: Claim[TestLeadNote], test_leads: list[FirstTestLead], run: SendingRun) -> str:
        """Tell about the test leads of a day, and return what became of it, ``""`` if there is nothing to tell."""
        if not claim.has_run_out(run.now):
            untold = [each for each in test_leads if not each.is_confirmed and each.key not in claim.about.told]
            if claim.is_held(run.now) or not untold or not is_due(claim.about, today=run.now.date()):
                return ""
            telling = tuple(each.key for each in untold)
            claim = replace(claim, mail_id="", about=replace(claim.about, telling=telling))
        elif claim.waits(run.now):
            return ""
        claim = replace(claim, mail_id=claim.mail_id or run.new_id())
        telling_now = [each for each in test_leads if each.key in claim.about.telling]
        async with claiming(self.claims, self.mailer, claim, now=run.now) as held:
            if telling_now:
                await held.send(lambda form: self._compose(form, telling_now, run.now), run, forms=_FORMS)
        return "test-leads-confirmed"

    def _compose(self, claim: Claim[TestLeadNote], test_leads: list[FirstTestLead], now: datetime) -> Mail:
        confirmation = TestConfirmation(
            id=claim.mail_id,
            sender=self.mails.sender,
            to=self.owners.default,
            offers=tuple(each.offer for each in test_leads),
            has_more=len(test_leads) == MAX_READ,
            is_bare=claim.refusals > 0,
            received_at=min(each.received_at for each in test_leads).astimezone(self.mails.zone),
            owners=tuple(dict.fromkeys(each.owner or self.owners.default for each in test_leads)),
            escalate_to=self.owners.escalation,
            my_leads=self.links.sign_my_leads(self.owners.default, now=now),
        )
        return compose_test_confirmation(confirmation)


def is_due(note: TestLeadNote, *, today: date) -> bool:
    """Whether another mail about the test leads of the note's day may go out."""
    return note.mails < MAILS_AT_ONCE or (note.mails == MAILS_AT_ONCE and today > note.day)
