"""The third step: tell owners about their leads, and remind them until the customer is answered.

Each owner has one claim, which freezes the leads of their mail. It is written before the mail goes out, and emptied
after each of its leads was confirmed. A claim that ran out is sent again. Leads may drop out of it, but none may join.
So no lead is in two different mails.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lead_core.errors import (
    AddressRefusedError,
    LeadError,
    MailNotSentError,
    SomeoneWasFirstError,
)
from lead_core.lead.changes import mailed, refused
from lead_core.lead.follow_up import (
    Verdict,
    decide_reminder,
    explain_owner,
    find_kind,
    find_recipient,
    find_turn,
    is_last_mail,
    rank,
)
from lead_core.lead.lead import Lead
from lead_core.lead.values import format_digest, format_key, format_time
from lead_core.links import LinkSigner
from lead_core.ports.outgoing import Claim, ClaimedLead, ClaimStore, Mailer, OwnersDigest
from lead_core.ports.storage import RejectStore, StoredReject
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sending import MailPolicy, claiming, report_unsent
from lead_core.views.card import Card
from lead_core.views.digest import Digest, compose_digest
from lead_core.views.facts import collect_facts

MAX_LEADS_PER_MAIL: Final = 25
MAX_COUNTED_BEYOND: Final = 25
"""How many more leads of an owner are counted after their mail is full, to say how many more there are."""
MAX_LISTED_PER_TICK: Final = 5_000
"""What is due beyond that comes at the next tick."""
MAX_FAILURES_PER_TICK: Final = 3
REJECTS_ARE_READ_FOR: Final = timedelta(days=14)
REJECTS_WAIT_FOR: Final = timedelta(hours=24)
"""How long rejects wait for another mail to the default owner. After that they get one of their own."""


@dataclass(frozen=True, slots=True)
class DueLead:
    """A lead with a mail due, and the same person's leads on other offers."""

    lead: Lead
    others: tuple[Lead, ...]


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

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Send what is due at *now*, and count what became of it. A missed, late or doubled tick loses nothing."""
        outcomes: Counter[str] = Counter()
        # Read the claims before the leads. If a worker confirms a mail in between, our write of its claim is refused.
        claims = {claim.about.key: claim for claim in await self.claims.list_digests()}
        due = await self._collect(claims, now, outcomes)
        rejects = [each for each in await self.rejects.list_since(now - REJECTS_ARE_READ_FOR) if _is_untold(each)]
        default = self.repository.policy.owners.default
        run_out = {claim.about.owner for claim in claims.values() if claim.about.owner and claim.has_run_out(now)}
        lonely = {default} if any(now - each.received_at >= REJECTS_WAIT_FOR for each in rejects) else set()
        failures = 0
        # A new order each time, so that an owner whose mails fail is not always the first.
        for owner in sorted({*due, *run_out, *lonely}, key=lambda owner: format_digest(owner, format_time(now))):
            extras = Extras(tuple(rejects), await self.claims.read_resting()) if owner == default else Extras()
            try:
                claim = claims.get(format_key(owner), Claim(OwnersDigest(owner)))
                claim = replace(claim, about=replace(claim.about, owner=owner))
                outcome = await self._serve(claim, due.get(owner, []), extras, now, new_id)
            except LeadError as error:  # It stays due. The other owners still get their mails.
                outcome = report_unsent(error)
                failures += isinstance(error, MailNotSentError)
            outcomes[outcome] += 1
            if failures >= MAX_FAILURES_PER_TICK:
                break  # The provider is down or wants us to wait.
        return outcomes

    async def _collect(
        self, claims: Mapping[str, Claim[OwnersDigest]], now: datetime, outcomes: Counter[str]
    ) -> dict[str, list[Lead]]:
        """Return what is due, by recipient. Stale entries are replaced on the way."""
        policy = self.repository.policy
        claimed = {lead: key for key, claim in claims.items() if claim.until for lead in claim.about.leads}
        due: defaultdict[str, list[Lead]] = defaultdict(list)
        listed: Counter[str] = Counter()
        for entry in await self.repository.follow_ups.list_due(now, limit=MAX_LISTED_PER_TICK):
            if listed[entry.owner] >= MAX_LEADS_PER_MAIL + MAX_COUNTED_BEYOND:
                continue  # Enough for one mail. Others must have their turn.
            try:
                lead = await self.repository.resolve(entry)
            except SomeoneWasFirstError as error:  # It stays due.
                outcomes[error.code] += 1
                continue
            if lead is None or decide_reminder(lead, now=now, policy=policy) is not Verdict.SEND:
                continue
            listed[entry.owner] += 1
            recipient = find_recipient(lead, policy.owners, now=now)
            key = format_key(recipient)
            if claimed.get(ClaimedLead(lead.key, find_turn(lead)), key) == key:
                due[recipient].append(lead)
        return due

    async def _serve(
        self,
        claim: Claim[OwnersDigest],
        due: list[Lead],
        extras: Extras,
        now: datetime,
        new_id: Callable[[], str],
    ) -> str:
        """Send one owner their mail, and return what became of it. Raises: what `claiming` raises."""
        if claim.is_held(now):
            return "claimed"
        if claim.has_run_out(now):  # Leads may drop out of it, but none may join.
            due, extras = [], Extras()
        else:
            claim = replace(claim, mail_id=new_id(), about=self._freeze(claim.about, due, now))
        async with claiming(self.claims, claim, now=now) as held:
            leads = await self._still_standing(held.about)
            if leads or extras.rejects:
                more = max(0, len(due) - len(held.about.leads))
                try:
                    await self._send(self._compose(held, leads, more, extras, now))
                except AddressRefusedError:
                    await self._hand_on(held.about, now)
                    raise
            for claimed in held.about.leads:
                await self._confirm(claimed, now)
            if extras.rejects:
                await self.rejects.mark_told(extras.rejects)
        return "sent" if leads or extras.rejects else "nothing-left"

    def _freeze(self, digest: OwnersDigest, due: list[Lead], now: datetime) -> OwnersDigest:
        """Return the digest with the leads that matter most, as many as fit into one mail."""
        policy = self.repository.policy
        in_order = sorted(due, key=lambda lead: rank(lead, find_kind(lead, now=now, policy=policy), now=now))
        leads = (ClaimedLead(lead.key, find_turn(lead)) for lead in in_order[:MAX_LEADS_PER_MAIL])
        return replace(digest, leads=tuple(leads))

    async def _still_standing(self, digest: OwnersDigest) -> list[DueLead]:
        """Return the claimed leads whose next mail is still this one, as they now stand."""
        standing = []
        for claimed in digest.leads:
            with suppress(SomeoneWasFirstError):
                stored = await self.repository.get(claimed.lead)
                lead = await self.repository.refresh(stored) if stored else None
                if stored and lead and find_turn(lead) == claimed.turn and lead.next_reminder_at:
                    standing.append(DueLead(lead, stored.others))
        return standing

    def _compose(
        self, claim: Claim[OwnersDigest], leads: list[DueLead], more: int, extras: Extras, now: datetime
    ) -> Digest:
        policy = self.repository.policy
        escalates = any(is_last_mail(each.lead, policy) for each in leads)
        escalate_to = self.mails.escalate_to or policy.owners.default
        return Digest(
            id=claim.mail_id,
            sender=self.mails.sender,
            to=claim.about.owner,
            cc=escalate_to if escalates and escalate_to != claim.about.owner else "",
            cards=tuple(self._show(each, claim.about.owner, now) for each in leads),
            more=more,
            rejected=tuple(Counter(each.reason for each in extras.rejects if each.lead is None).items()),
            damaged=tuple(each.lead for each in extras.rejects if each.lead),
            resting=extras.resting,
            is_brief=self.mails.is_brief,
        )

    def _show(self, due: DueLead, recipient: str, now: datetime) -> Card:
        lead, policy = due.lead, self.repository.policy
        return Card(
            facts=collect_facts(lead, due.others, now=now, zone=policy.zone),
            kind=find_kind(lead, now=now, policy=policy),
            is_last=is_last_mail(lead, policy),
            owner_problem=explain_owner(lead, policy.owners, quotes=not self.mails.is_brief),
            link=self.links.sign(lead.key, recipient, now=now),
        )

    async def _send(self, digest: Digest) -> None:
        try:
            await self.mailer.send(compose_digest(digest))
        except AddressRefusedError as error:
            if not digest.cc or digest.to in error.addresses:
                raise
            # Nothing went out. The owner still gets the mail if only the escalation's address is refused.
            await self.mailer.send(compose_digest(replace(digest, cc="")))

    async def _confirm(self, claimed: ClaimedLead, now: datetime) -> None:
        """Record that the mail about a lead went out."""
        policy = self.repository.policy
        await self.repository.settle(claimed.lead, lambda stored: mailed(stored, claimed.turn, at=now, policy=policy))

    async def _hand_on(self, digest: OwnersDigest, now: datetime) -> None:
        """Pass the leads of an address that the provider refused to the default owner."""
        policy = self.repository.policy
        if digest.owner == policy.owners.default:
            return  # There is no other owner. The leads stay due, and each tick reports it.
        for claimed in digest.leads:
            await self.repository.change(
                claimed.lead, lambda stored: refused(stored, digest.owner, at=now, policy=policy)
            )


def _is_untold(reject: StoredReject) -> bool:
    """Whether the default owner has yet to be told about it. Not while it waits for a retry."""
    return not reject.is_told and not reject.wants_retry
