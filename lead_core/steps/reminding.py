"""The third step: tell owners about their leads, and remind them until the customer is answered.

Each owner has one claim, which freezes the leads of their mail. It is written before the mail goes out, and emptied
after each of its leads was confirmed. A claim that ran out is sent again. Leads may drop out of it, but none may join.
So no lead is in two different mails.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from lead_core.errors import (
    AddressRefusedError,
    LeadError,
    MailNotSentError,
    MailUncertainError,
    RowRefusedError,
    SomeoneWasFirstError,
)
from lead_core.lead.changes import StoredLead, kept_from_escalation, mailed, refused
from lead_core.lead.follow_up import explain_owner, find_kind, find_turn, is_last_mail
from lead_core.lead.lead import Lead
from lead_core.lead.recipients import Recipient, find_recipient
from lead_core.lead.to_do import find_wait
from lead_core.lead.values import format_key
from lead_core.links import LinkSigner
from lead_core.messages import Mail
from lead_core.ports.outgoing import MANY_MAILS, Claim, ClaimedLead, ClaimStore, Mailer, OwnersDigest
from lead_core.ports.rejects import RejectStore, StoredReject
from lead_core.steps.budget import Budget
from lead_core.steps.due import Due, PersonReader, collect_due, order_of
from lead_core.steps.extras import Extras
from lead_core.steps.pacing import FULL_MAILS_APART, UNUSUALLY_MANY, choose, count_mail, freeze, note_unusual
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sending import HeldMail, MailPolicy, SendingRun, claiming, report_unsent
from lead_core.steps.tidying import remove_idle
from lead_core.steps.troubles import Findings, TroubleCode
from lead_core.steps.unanswered import UnansweredReader
from lead_core.views.card import Card, Detail
from lead_core.views.digest import Digest, compose_digest
from lead_core.views.escalation import Escalation, compose_escalation
from lead_core.views.facts import collect_facts
from lead_core.views.forms import list_forms
from lead_core.views.unanswered import UnansweredLead, UnansweredList

REMINDING_LASTS: Final = timedelta(minutes=2)
"""After that, a tick serves no further owner. A last mail and what follows it fit into ``functionTimeout`` as well."""
OWNERS_AT_ONCE: Final = 3
"""As many failures end a tick, because each of them ends the work of one."""
MAX_OTHER_OFFERS: Final = 50
"""How many of a person's other offers a mail knows about."""
REJECTS_ARE_READ_FOR: Final = timedelta(days=14)
REJECTS_WAIT_FOR: Final = timedelta(hours=24)
"""How long rejects wait for another mail to the default owner. After that they get one of their own."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """Sends what is due."""

    repository: LeadRepository
    claims: ClaimStore
    rejects: RejectStore
    mailer: Mailer
    links: LinkSigner
    mails: MailPolicy
    clock: Callable[[], float] = time.monotonic

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Send what is due at *now*, and count what became of it. A missed, late or doubled tick loses nothing.

        It ends in time. Who was not served is the first at the next tick.
        """
        budget, outcomes = Budget.of(REMINDING_LASTS, self.clock), Counter[str]()
        run = SendingRun(now, new_id, budget, self._default_owner, Findings())
        # Read the claims before the leads. If a worker confirms a mail in between, our write of its claim is refused.
        claims = {claim.about.recipient_key: claim for claim in await self.claims.list_digests()}
        due = await collect_due(self.repository, claims, now=now, budget=budget, outcomes=outcomes)
        rejects = [each for each in await self.rejects.list_since(now - REJECTS_ARE_READ_FOR) if _is_untold(each)]
        run_out = {claim.about.recipient for claim in claims.values() if claim.about.owner and claim.has_run_out(now)}
        is_late = any(now - each.received_at >= REJECTS_WAIT_FOR for each in rejects)
        lonely = {Recipient(self._default_owner)} if is_late else set()
        waiting = iter(sorted({*due, *run_out, *lonely}, key=lambda recipient: order_of(claims, recipient, now)))
        unanswered = UnansweredReader(self.repository, self.links, now)

        async def serve_owners() -> None:
            for recipient in waiting:
                if budget.is_spent:
                    outcomes["waiting"] += 1
                    continue
                address, is_escalation = recipient
                claim = claims.get(recipient.key, Claim(OwnersDigest(address, is_escalation=is_escalation)))
                claim = replace(claim, about=replace(claim.about, owner=address))
                try:
                    outcomes[await self._serve(claim, due.get(recipient, Due()), rejects, unanswered, run)] += 1
                except LeadError as error:  # It stays due. The other owners still get their mails.
                    outcomes[report_unsent(error)] += 1
                    run.findings.note_error(error, default_owner=run.default_owner)
                    if isinstance(error, MailNotSentError | MailUncertainError):
                        return  # The provider may be down, or want us to wait.

        # An error that nobody expects ends the work on one owner. It rises once the others are served.
        ended = await asyncio.gather(*(serve_owners() for _ in range(OWNERS_AT_ONCE)), return_exceptions=True)
        note_unusual(due, run.findings)
        await run.findings.save(self.claims, now=now)
        for error in filter(None, ended):
            raise error
        await remove_idle(self.claims, claims.values(), now=now)
        return outcomes

    @property
    def _default_owner(self) -> str:
        return self.repository.policy.owners.default

    async def _serve(
        self,
        claim: Claim[OwnersDigest],
        due: Due,
        rejects: list[StoredReject],
        unanswered: UnansweredReader,
        run: SendingRun,
    ) -> str:
        """Send one recipient their mail, and return what became of it. Raises: what `claiming` raises."""
        # If the last mail named only rejects, leads need not wait for it.
        if claim.is_held(run.now) or (claim.waits(run.now) and (claim.about.leads or not due.leads)):
            return "claimed"
        policy, is_default = self.repository.policy, claim.about.recipient == Recipient(self._default_owner)
        untold: tuple[StoredReject, ...] = ()
        if claim.has_run_out(run.now) and claim.about.leads:  # Leads may drop out of it, but none may join.
            due, claim = Due(), replace(claim, mail_id=claim.mail_id or run.new_id())
        else:
            leads = choose(claim.about, due, now=run.now, policy=policy)
            if claim.about.has_many_mails(run.now):
                run.findings.found[TroubleCode.MANY_MAILS] = f"{MANY_MAILS}"
            if due.leads and not leads:
                return "throttled"
            untold = tuple(rejects) if is_default else ()
            about, tries = freeze(claim.about, leads, now=run.now, policy=policy), 0 if leads else claim.tries
            claim = replace(claim, mail_id=run.new_id(), about=about, tries=tries)
        extras = Extras(untold, await self._list_unanswered(claim.about, unanswered, has_rejects=bool(untold)))
        async with claiming(self.claims, self.mailer, claim, now=run.now) as held:
            standing = await self._still_standing(held.claim.about, run.now)
            if standing or extras.rejects:
                await self._send(held, standing, due, extras, run)
            for stored in standing.values():
                await self._confirm(stored, held.claim.about.owner, run.now)
            if extras.rejects:
                await self.rejects.mark_told(extras.rejects)
            if standing or extras.rejects:
                leads = [stored.lead for stored in standing.values()]
                held.claim = replace(held.claim, about=count_mail(held.claim.about, leads, now=run.now, policy=policy))
        return "sent" if standing or extras.rejects else "nothing-left"

    async def _list_unanswered(
        self, digest: OwnersDigest, unanswered: UnansweredReader, *, has_rejects: bool
    ) -> UnansweredList:
        """Return what stands below the leads of a mail. No mail goes out for it alone."""
        if digest.is_escalation or not (digest.leads or has_rejects):
            return UnansweredList()
        return await unanswered.list_for(digest.owner, sees_all=digest.owner == self._default_owner)

    async def _still_standing(self, digest: OwnersDigest, now: datetime) -> dict[ClaimedLead, StoredLead]:
        """Return the claimed leads whose next mail is still this one, to this owner, as they now stand."""
        reader, standing, owners = PersonReader(self.repository.leads), {}, self.repository.policy.owners
        for claimed in digest.leads:
            with suppress(SomeoneWasFirstError, RowRefusedError):  # It stays due, and the others are told.
                stored = await reader.get(claimed.lead)
                lead = await self.repository.refresh(stored) if stored else None
                if not stored or not lead or not lead.next_reminder_at or find_turn(lead) != claimed.turn:
                    continue
                recipient = find_recipient(lead, owners, now=now)
                # While a mail to the default owner is uncertain, a refused address gets no mail of the same turn.
                before = recipient if recipient.is_escalation else Recipient(lead.handover.owner)
                if digest.recipient.key in {recipient.key, before.key}:
                    standing[claimed] = replace(stored, lead=lead)
        return standing

    async def _send(
        self,
        held: HeldMail[OwnersDigest],
        standing: Mapping[ClaimedLead, StoredLead],
        due: Due,
        extras: Extras,
        run: SendingRun,
    ) -> None:
        forms = list_forms(len(held.claim.about.leads), is_brief=self.mails.is_brief)
        if extras.names_people and not held.claim.refusals:
            forms = [forms[0], *forms]  # The first without the names below the leads, then with less about the leads.

        def compose(claim: Claim[OwnersDigest]) -> Mail:
            details = dict(zip(claim.about.leads, forms[min(claim.refusals, len(forms) - 1)], strict=True))
            cards = [self._show(standing[each], claim.about.owner, details[each], run.now) for each in standing]
            more = max(0, due.number - len(claim.about.leads))
            if claim.about.is_escalation:
                return self._escalate(claim, cards, [stored.lead for stored in standing.values()], more, run.now)
            return compose_digest(self._fill(claim, cards, more, extras, run.now))

        try:
            await held.send(compose, run, forms=len(forms))
        except AddressRefusedError as error:
            if held.claim.about.owner in error.addresses:
                await self._hand_on(held.claim.about, run)
            raise
        run.findings.refuted |= {TroubleCode.ESCALATION_REFUSED} if held.claim.about.is_escalation else set()

    def _escalate(
        self, claim: Claim[OwnersDigest], cards: list[Card], leads: list[Lead], more: int, now: datetime
    ) -> Mail:
        to, zone = claim.about.owner, self.repository.policy.zone
        told = (
            UnansweredLead.of(card, find_wait(lead).astimezone(zone), is_brief=self.mails.is_brief)
            for card, lead in zip(cards, leads, strict=True)
        )
        return compose_escalation(
            Escalation(
                id=claim.mail_id,
                sender=self.mails.sender,
                to=to,
                leads=tuple(told),
                more=more,
                my_leads=self.links.sign_my_leads(to, now=now),
            )
        )

    def _fill(self, claim: Claim[OwnersDigest], cards: list[Card], more: int, extras: Extras, now: datetime) -> Digest:
        owner, escalate_to = claim.about.owner, self.repository.policy.owners.escalation
        return Digest(
            id=claim.mail_id,
            sender=self.mails.sender,
            to=owner,
            escalate_to="" if format_key(owner) == format_key(escalate_to) else escalate_to,
            cards=tuple(cards),
            more=more,
            rejected=extras.list_unread(names_people=not claim.refusals),
            damaged=tuple(each.lead for each in extras.rejects if each.lead),
            unanswered=extras.unanswered.without_names() if claim.refusals else extras.unanswered,
            is_brief=self.mails.is_brief,
            hours_apart=FULL_MAILS_APART // timedelta(hours=1),
            is_unusual=more + len(cards) > UNUSUALLY_MANY,
            my_leads=self.links.sign_my_leads(owner, now=now),
            many_mails=MANY_MAILS if claim.about.counted(now).has_many_mails(now) else 0,
        )

    def _show(self, stored: StoredLead, recipient: str, detail: Detail, now: datetime) -> Card:
        lead, policy, others = stored.lead, self.repository.policy, stored.others[:MAX_OTHER_OFFERS]
        return Card(
            facts=collect_facts(lead, others, now=now, zone=policy.zone, touches=policy.touches),
            kind=find_kind(lead, now=now, policy=policy),
            is_last=is_last_mail(lead, policy),
            owner_problem=explain_owner(lead, policy.owners, quotes=not self.mails.is_brief),
            link=self.links.sign(lead.key, recipient, now=now),
            detail=Detail.FULL if self.mails.is_brief and detail is Detail.BRIEF else detail,
            drafts=self.mails.drafts,
        )

    async def _confirm(self, stored: StoredLead, to: str, now: datetime) -> None:
        """Record that the mail about a lead went out."""
        turn, policy = find_turn(stored.lead), self.repository.policy
        with suppress(RowRefusedError):  # It is full of what people added. The other leads are confirmed all the same.
            await self.repository.settle(
                stored.lead.key, lambda current: mailed(current, turn, to=to, at=now, policy=policy), stored
            )

    async def _hand_on(self, digest: OwnersDigest, run: SendingRun) -> None:
        """Pass the leads of an address that the provider refused to the default owner. An escalation just ends."""
        policy = self.repository.policy
        if digest.is_escalation:
            run.findings.found[TroubleCode.ESCALATION_REFUSED] = ""
        elif digest.owner == policy.owners.default:
            return  # There is no other owner. The leads stay due, and `health` says it.
        for claimed in digest.leads:
            change = (
                partial(kept_from_escalation, turn=claimed.turn, policy=policy)
                if digest.is_escalation
                else partial(refused, address=digest.owner, at=run.now, policy=policy)
            )
            with suppress(SomeoneWasFirstError, RowRefusedError):  # It stays due, and the others are passed on.
                await self.repository.settle(claimed.lead, change)


def _is_untold(reject: StoredReject) -> bool:
    """Whether the default owner has yet to be told about it. Not while it waits for a retry."""
    return not reject.is_told and not reject.wants_retry
