"""Confirm the first test lead of an offer and day to the default owner. This shows that a deployment works."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lead_core.errors import LeadError
from lead_core.ports.outgoing import Claim, ClaimStore, FirstTestLead, Mailer
from lead_core.steps.sending import MailPolicy, claiming, report_unsent
from lead_core.views.confirmation import TestConfirmation, compose_test_confirmation

TEST_LEADS_ARE_READ_FOR: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Confirming:
    """Confirms test leads."""

    claims: ClaimStore
    mailer: Mailer
    default_owner: str
    mails: MailPolicy

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Confirm each test lead that is not confirmed yet, and count what became of it."""
        outcomes: Counter[str] = Counter()
        for claim in await self.claims.list_test_leads(now - TEST_LEADS_ARE_READ_FOR):
            if claim.about.is_confirmed or claim.is_held(now):
                continue
            try:
                await self._confirm(replace(claim, mail_id=claim.mail_id or new_id()), now)
            except LeadError as error:
                outcomes[report_unsent(error)] += 1
            else:
                outcomes["test-lead-confirmed"] += 1
        return outcomes

    async def _confirm(self, claim: Claim[FirstTestLead], now: datetime) -> None:
        async with claiming(self.claims, claim, now=now) as held:
            confirmation = TestConfirmation(
                id=held.mail_id,
                sender=self.mails.sender,
                to=self.default_owner,
                offer=held.about.offer,
                received_at=held.about.received_at,
                owner=held.about.owner or self.default_owner,
                escalate_to=self.mails.escalate_to or self.default_owner,
            )
            await self.mailer.send(compose_test_confirmation(confirmation))
