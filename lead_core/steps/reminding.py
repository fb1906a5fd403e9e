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
from typing import Final

from lead_core.errors import (
    AddressRefusedError,
    LeadError,
    MailNotSentError,
    MailUncertainError,
    RowRefusedError,
    SomeoneWasFirstError,
)
from lead_core.lead.actions import ActionCode
from lead_core.lead.changes import StoredLead, mailed, refused
from lead_core.lead.follow_up import Kind, explain_owner, find_kind, find_recipient, find_turn, is_last_mail, rank
from lead_core.lead.lead import Lead
from lead_core.lead.values import format_key
from lead_core.links import LinkSigner
from lead_core.messages import Mail
from lead_core.ports.outgoing import MANY_MAILS, Claim, ClaimedLead, ClaimStore, Mailer, OwnersDigest
from lead_core.ports.storage import RejectStore, StoredReject
from lead_core.steps.budget import Budget
from lead_core.steps.due import MAX_LEADS_PER_MAIL, Due, PersonReader, collect_due, order_of
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sending import HeldMail, MailPolicy, SendingRun, claiming, report_unsent
from lead_core.steps.tidying import remove_idle
from lead_core.steps.troubles import Findings, TroubleCode
from lead_core.views.card import Card, Detail
from lead_core.views.digest import Digest, compose_digest
from lead_core.views.facts import collect_facts
from lead_core.views.forms import list_forms

REMINDING_LASTS: Final = timedelta(minutes=2)
"""After that, a tick serves no further owner. A last mail and what follows it fit into ``functionTimeout`` as well."""
OWNERS_AT_ONCE: Final = 3
"""As many failures end a tick, because each of them ends the work of one."""
FULL_MAILS_APART: Final = timedelta(hours=6)
"""If more is due than one mail holds, or an owner had many mails, the rest comes at most four times a day."""
UNUSUALLY_MANY: Final = 4 * MAX_LEADS_PER_MAIL
"""More leads due for one owner than a day's full mails hold."""
MAX_OTHER_OFFERS: Final = 50
"""How many of a person's other offers a mail knows about."""
REJECTS_ARE_READ_FOR: Final = timedelta(days=14)
REJECTS_WAIT_FOR: Final = timedelta(hours=24)
"""How long rejects wait for another mail to the default owner. After that they get one of their own."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What stands below the leads in the default owner's mail."""

    rejects: tuple[StoredReject, ...] = ()
    resting: int = 0


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
        claims = {claim.about.key: claim for claim in await self.claims.list_digests()}
        due = await collect_due(self.repository, claims, now=now, budget=budget, outcomes=outcomes)
        rejects = [each for each in await self.rejects.list_since(now - REJECTS_ARE_READ_FOR) if _is_untold(each)]
        run_out = {claim.about.owner for claim in claims.values() if claim.about.owner and claim.has_run_out(now)}
        is_late = any(now - each.received_at >= REJECTS_WAIT_FOR for each in rejects)
        lonely = {self._default_owner} if is_late else set()
        waiting = iter(sorted({*due, *run_out, *lonely}, key=lambda owner: order_of(claims, owner, now)))

        async def serve_owners() -> None:
            for owner in waiting:
                if budget.is_spent:
                    outcomes["waiting"] += 1
                    continue
                claim = claims.get(format_key(owner), Claim(OwnersDigest(owner)))
                claim = replace(claim, about=replace(claim.about, owner=owner))
                try:
                    outcomes[await self._serve(claim, due.get(owner, Due()), rejects, run)] += 1
                except LeadError as error:  # It stays due. The other owners still get their mails.
                    outcomes[report_unsent(error)] += 1
                    run.findings.note_error(error, is_default_owner=owner == self._default_owner)
                    if isinstance(error, MailNotSentError | MailUncertainError):
                        return  # The provider may be down, or want us to wait.

        # An error that nobody expects ends the work on one owner. It rises once the others are served.
        ended = await asyncio.gather(*(serve_owners() for _ in range(OWNERS_AT_ONCE)), return_exceptions=True)
        _note_unusual(due, run.findings)
        await run.findings.save(self.claims, now=now)
        for error in filter(None, ended):
            raise error
        await remove_idle(self.claims, claims.values(), now=now)
        return outcomes

    @property
    def _default_owner(self) -> str:
        return self.repository.policy.owners.default

    async def _serve(self, claim: Claim[OwnersDigest], due: Due, rejects: list[StoredReject], run: SendingRun) -> str:
        """Send one owner their mail, and return what became of it. Raises: what `claiming` raises."""
        # If the last mail named only rejects, leads need not wait for it.
        if claim.is_held(run.now) or (claim.waits(run.now) and (claim.about.leads or not due.leads)):
            return "claimed"
        extras = Extras()
        if claim.has_run_out(run.now) and claim.about.leads:  # Leads may drop out of it, but none may join.
            due, claim = Due(), replace(claim, mail_id=claim.mail_id or run.new_id())
        else:
            leads = self._choose(claim.about, due, run.now)
            if claim.about.has_many_mails(run.now):
                run.findings.found[TroubleCode.MANY_MAILS] = f"{MANY_MAILS}"
            is_default = claim.about.owner == self._default_owner
            if due.leads and not leads:
                return "throttled"
            if is_default:
                extras = Extras(tuple(rejects), await self.claims.read_resting())
            about, tries = self._freeze(claim.about, leads, run.now), 0 if leads else claim.tries
            claim = replace(claim, mail_id=run.new_id(), about=about, tries=tries)
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
                held.claim = replace(held.claim, about=self._count(held.claim.about, leads, run.now))
        return "sent" if standing or extras.rejects else "nothing-left"

    def _choose(self, digest: OwnersDigest, due: Due, now: datetime) -> list[Lead]:
        """Return the leads for the next mail. None of them if it is too early for a mail that gathers or is full.

        Then it is still told at once who asks to be contacted, as long as these are not too many themselves.
        """
        # However a clock went wrong, or a person edited the time, it puts off no mail for longer.
        is_early = digest.last_full_at is not None and abs(now - digest.last_full_at) < FULL_MAILS_APART
        if not is_early or (due.number <= MAX_LEADS_PER_MAIL and not digest.has_many_mails(now)):
            return due.leads
        urgent = [lead for lead in due.leads if self._is_urgent(lead, now)]
        return urgent if len(urgent) < MAX_LEADS_PER_MAIL else []

    def _is_urgent(self, lead: Lead, now: datetime) -> bool:
        """Whether its owner is told about *lead* at once, however many mails they get."""
        wants_contact = lead.shown.action_code == ActionCode.CONTACT_ME
        return wants_contact and find_kind(lead, now=now, policy=self.repository.policy) is Kind.NOTICE

    def _count(self, digest: OwnersDigest, leads: list[Lead], now: datetime) -> OwnersDigest:
        """Return the digest after a mail about *leads*, with the time from which the next full one waits."""
        is_gathered = digest.has_many_mails(now) and not all(self._is_urgent(lead, now) for lead in leads)
        if is_gathered or len(leads) >= MAX_LEADS_PER_MAIL:
            digest = replace(digest, last_full_at=now)
        return digest.counted(now)

    def _freeze(self, digest: OwnersDigest, leads: list[Lead], now: datetime) -> OwnersDigest:
        """Return the digest with the leads that matter most, as many as fit into one mail."""
        policy = self.repository.policy
        in_order = sorted(leads, key=lambda lead: rank(lead, find_kind(lead, now=now, policy=policy), now=now))
        claimed = (ClaimedLead(lead.key, find_turn(lead)) for lead in in_order[:MAX_LEADS_PER_MAIL])
        return replace(digest, leads=tuple(claimed))

    async def _still_standing(self, digest: OwnersDigest, now: datetime) -> dict[ClaimedLead, StoredLead]:
        """Return the claimed leads whose next mail is still this one, to this owner, as they now stand."""
        reader, standing, owners = PersonReader(self.repository.leads), {}, self.repository.policy.owners
        owner_key = format_key(digest.owner)
        for claimed in digest.leads:
            with suppress(SomeoneWasFirstError, RowRefusedError):  # It stays due, and the others are told.
                stored = await reader.get(claimed.lead)
                lead = await self.repository.refresh(stored) if stored else None
                if not stored or not lead or not lead.next_reminder_at or find_turn(lead) != claimed.turn:
                    continue
                # While a mail to the default owner is uncertain, a refused address gets no mail of the same turn.
                if owner_key in map(format_key, (find_recipient(lead, owners, now=now), lead.handover.owner)):
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

        def compose(claim: Claim[OwnersDigest]) -> Mail:
            details = dict(zip(claim.about.leads, forms[min(claim.refusals, len(forms) - 1)], strict=True))
            cards = [self._show(standing[each], claim.about.owner, details[each], run.now) for each in standing]
            return compose_digest(
                self._fill(claim, cards, max(0, due.number - len(claim.about.leads)), extras, run.now)
            )

        try:
            await held.send(compose, run, forms=len(forms))
        except AddressRefusedError as error:
            if held.claim.about.owner in error.addresses:
                await self._hand_on(held.claim.about, run.now)
            raise

    def _fill(self, claim: Claim[OwnersDigest], cards: list[Card], more: int, extras: Extras, now: datetime) -> Digest:
        owner, escalate_to = claim.about.owner, self.mails.escalate_to or self._default_owner
        has_copy = claim.has_copy and escalate_to != owner and any(card.is_last for card in cards)
        return Digest(
            id=claim.mail_id,
            sender=self.mails.sender,
            to=owner,
            cc=escalate_to if has_copy else "",
            cards=tuple(cards),
            more=more,
            rejected=tuple(Counter(each.reason for each in extras.rejects if each.lead is None).items()),
            damaged=tuple(each.lead for each in extras.rejects if each.lead),
            resting=extras.resting,
            is_brief=self.mails.is_brief,
            hours_apart=FULL_MAILS_APART // timedelta(hours=1),
            is_unusual=more + len(cards) > UNUSUALLY_MANY,
            many_mails=MANY_MAILS if claim.about.counted(now).has_many_mails(now) else 0,
        )

    def _show(self, stored: StoredLead, recipient: str, detail: Detail, now: datetime) -> Card:
        lead, policy = stored.lead, self.repository.policy
        return Card(
            facts=collect_facts(lead, stored.others[:MAX_OTHER_OFFERS], now=now, zone=policy.zone),
            kind=find_kind(lead, now=now, policy=policy),
            is_last=is_last_mail(lead, policy),
            owner_problem=explain_owner(lead, policy.owners, quotes=not self.mails.is_brief),
            link=self.links.sign(lead.key, recipient, now=now),
            detail=Detail.FULL if self.mails.is_brief and detail is Detail.BRIEF else detail,
        )

    async def _confirm(self, stored: StoredLead, to: str, now: datetime) -> None:
        """Record that the mail about a lead went out."""
        turn, policy = find_turn(stored.lead), self.repository.policy
        with suppress(RowRefusedError):  # It is full of what people added. The other leads are confirmed all the same.
            await self.repository.settle(
                stored.lead.key, lambda current: mailed(current, turn, to=to, at=now, policy=policy), stored
            )

    async def _hand_on(self, digest: OwnersDigest, now: datetime) -> None:
        """Pass the leads of an address that the provider refused to the default owner."""
        policy = self.repository.policy
        if digest.owner == policy.owners.default:
            return  # There is no other owner. The leads stay due, and `health` says it.
        for claimed in digest.leads:
            with suppress(SomeoneWasFirstError, RowRefusedError):  # It stays due, and the others are passed on.
                await self.repository.change(
                    claimed.lead, lambda stored: refused(stored, digest.owner, at=now, policy=policy)
                )


def _note_unusual(due: Mapping[str, Due], findings: Findings) -> None:
    if not due:
        return
    most = max(each.number for each in due.values())
    if most > UNUSUALLY_MANY:
        findings.found[TroubleCode.MANY_LEADS] = f"{most:,}"
    else:
        findings.refuted.add(TroubleCode.MANY_LEADS)


def _is_untold(reject: StoredReject) -> bool:
    """Whether the default owner has yet to be told about it. Not while it waits for a retry."""
    return not reject.is_told and not reject.wants_retry
