"""Mail a new link to the owner of a lead, if someone asks for one with an expired link.

The person who asks learns nothing: the link goes to the owner alone. Asking writes a row, and the timer sends the mail
inside a claim. So two clicks are one mail, and a process that ends in between loses no request.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from lead_core.errors import (
    AddressRefusedError,
    EveryFormRefusedError,
    ExpiredLinkError,
    LeadErasedError,
    SomeoneWasFirstError,
)
from lead_core.lead.changes import edited
from lead_core.lead.lead import Lead
from lead_core.lead.recipients import find_owner_address
from lead_core.links import LINKS_LAST, LinkSigner
from lead_core.messages import Mail
from lead_core.ports.outgoing import Claim, ClaimStore, LinkRequest, Mailer
from lead_core.ports.storage import ErasureStore, LeadStore
from lead_core.steps.budget import Budget
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sending import MailPolicy, SendingRun, claiming, send_each
from lead_core.steps.troubles import Findings
from lead_core.views.renewal import Renewal, compose_renewal

RENEWING_LASTS: Final = timedelta(seconds=30)
APART: Final = timedelta(hours=1)
"""A lead gets no more than one new link in such a time."""
WANTED_FOR: Final = timedelta(days=1)
"""After that, the person who asked has found another way."""


@dataclass(frozen=True, slots=True)
class Renewing:
    """Notes who asks for a new link, and mails it."""

    repository: LeadRepository
    claims: ClaimStore
    mailer: Mailer
    links: LinkSigner
    mails: MailPolicy
    clock: Callable[[], float] = time.monotonic

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Mail the new links that are wanted, and count what became of it."""
        budget = Budget.of(RENEWING_LASTS, self.clock)
        run = SendingRun(now, new_id, budget, self.repository.policy.owners.default, Findings())
        requests = await self.claims.list_link_requests()
        return await send_each(requests, lambda claim: self._renew(claim, run), run, self.claims)

    async def _renew(self, claim: Claim[LinkRequest], run: SendingRun) -> str:
        """Mail a new link if it is wanted, and return what became of it, ``""`` if there is nothing to do."""
        request, now = claim.about, run.now
        is_over = now - request.asked_at >= (APART if request.sent_at else WANTED_FOR)
        if claim.is_held(now) or claim.waits(now) or (request.sent_at and not is_over):
            return ""
        stored = None if is_over else await self.repository.get(request.lead)
        if stored is None:
            await self.claims.forget_link_request(claim)
            return ""
        lead = edited(stored, self.repository.policy)
        if not claim.has_run_out(now):  # Otherwise the same mail goes out again, to the same address.
            request, claim = replace(request, to=self._find_recipient(lead, request, now)), replace(claim, mail_id="")
        claim = replace(claim, about=request, mail_id=claim.mail_id or run.new_id())
        async with claiming(self.claims, self.mailer, claim, now=now) as held:
            try:
                await held.send(lambda form: self._compose(form, lead, now), run, forms=2)
            except AddressRefusedError:
                # The default owner is the last to try. Then the request is over.
                sent_at = now if request.to == run.default_owner else None
                held.claim = replace(held.claim, about=replace(request, refused=request.to, sent_at=sent_at))
                raise
            except EveryFormRefusedError:  # It would be refused again.
                held.claim = replace(held.claim, about=replace(request, sent_at=now))
                raise
            held.claim = replace(held.claim, about=replace(request, sent_at=now))
        return "link-renewed"

    def _compose(self, claim: Claim[LinkRequest], lead: Lead, now: datetime) -> Mail:
        return compose_renewal(
            Renewal(
                id=claim.mail_id,
                sender=self.mails.sender,
                to=claim.about.to,
                link=self.links.sign(lead.key, claim.about.to, now=now),
                my_leads=self.links.sign_my_leads(claim.about.to, now=now),
                days=LINKS_LAST.days,
                shown=None if self.mails.is_brief or claim.refusals else lead.shown,
                still_waits=lead.is_unanswered,
            )
        )

    def _find_recipient(self, lead: Lead, request: LinkRequest, now: datetime) -> str:
        """Return who gets the mails about a lead, as long as the provider takes mails to them."""
        owners = self.repository.policy.owners
        owner = find_owner_address(lead, owners, now=now)
        return owners.default if owner == request.refused else owner


@dataclass(frozen=True, slots=True)
class Asking:
    """Notes who asks for a new link."""

    claims: ClaimStore
    links: LinkSigner
    erasures: ErasureStore
    leads: LeadStore
    zone: tzinfo

    async def ask(self, token: str, *, now: datetime) -> bool:
        """Note that the lead behind an expired link wants a new one. Return False if the link still works.

        Raises: ForgedLinkError, IncompleteLinkError, LeadErasedError.
        """
        try:
            self.links.read(token, now=now)
        except ExpiredLinkError:
            lead = self.links.read_expired(token).lead
        else:
            return False
        erasure = await self.erasures.find(lead.partition)
        if erasure and not await self.leads.get(lead):
            raise LeadErasedError(erasure.at.astimezone(self.zone).date())
        claim = await self.claims.get_link_request(lead)
        if claim is None or (claim.about.sent_at and now - claim.about.sent_at >= APART):
            asked = LinkRequest(lead, asked_at=now)
            claim = Claim(asked, version=claim.version) if claim else Claim(asked)
            with suppress(SomeoneWasFirstError):  # Someone asked at the same time.
                await self.claims.write(claim)
        return True
