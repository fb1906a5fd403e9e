"""The third step: whoever owns a lead is told of it, and reminded until somebody answers the customer.

Claim, send, confirm, per owner. The claim freezes which leads the mail is about; it is written before the mail goes
out and emptied after each of its leads has been confirmed. Whoever comes while a claim holds leaves that owner alone.
Whoever comes after it ran out sends the same mail again under the same id. So no lead is in two different mails.
"""

import logging
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
    MailUncertainError,
    SomeoneWasFirstError,
    UnreadableLeadError,
)
from lead_core.lead.follow_up import (
    Reminding,
    confirm_mail,
    decide_reminder,
    find_kind,
    find_recipient,
    find_turn,
    is_last_mail,
    rank,
)
from lead_core.lead.lead import Lead
from lead_core.lead.values import format_digest, format_key, format_time
from lead_core.links import LinkSigner
from lead_core.ports import Claim, ClaimedMail, ClaimStore, Mailer, RejectStore, StoredReject, TestLeadNote
from lead_core.steps.keeping import LeadKeeper
from lead_core.views.card import Card
from lead_core.views.confirmation import TestConfirmation, compose_test_confirmation
from lead_core.views.digest import Digest, compose_digest
from lead_core.views.facts import collect_facts

MAX_LEADS_PER_MAIL: Final = 25
MAX_COUNTED_BEYOND: Final = 25
"""So many leads of an owner are looked at beyond those of his mail, to say how many more there are."""
MAX_LISTED_PER_TICK: Final = 5_000
"""What is due beyond that is due at the next tick as well."""
MAX_FAILURES_PER_TICK: Final = 3
TEST_LEADS_ARE_LOOKED_AT_FOR: Final = timedelta(days=14)
CLAIMS_LAST: Final = timedelta(minutes=10)
"""Longer than a function may run (``functionTimeout``): who holds a claim that ran out has ended."""
REJECTS_ARE_LOOKED_AT_FOR: Final = timedelta(days=14)
"""By the tick; the hourly check looks at all."""
REJECTS_WAIT_FOR: Final = timedelta(hours=24)
"""So long rejects wait for another mail to the default owner, before they get one of their own."""

logger = logging.getLogger("leads")


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """What the settings say of the mails."""

    sender: str
    escalate_to: str
    """``""`` for the default owner."""
    is_brief: bool


@dataclass(frozen=True, slots=True)
class DueLead:
    """A lead that a mail is due for, with what its person did elsewhere."""

    lead: Lead
    others: tuple[Lead, ...]


@dataclass(frozen=True, slots=True)
class Extras:
    """What stands below the leads in the default owner's mail."""

    rejects: tuple[StoredReject, ...] = ()
    resting: int = 0


@dataclass(frozen=True, slots=True)
class Reminders:
    """Sends what is due."""

    keeper: LeadKeeper
    claims: ClaimStore
    rejects: RejectStore
    mailer: Mailer
    links: LinkSigner
    mails: MailPolicy

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Do all that is due at *now*, and count what became of it. A tick missed, late or doubled loses nothing."""
        outcomes: Counter[str] = Counter()
        await self._confirm_test_leads(now, new_id, outcomes)
        # Before what is due: whoever confirms a mail in between changes a claim, and ours is refused.
        claims = {claim.key: claim for claim in await self.claims.list_claims()}
        due = await self._collect(claims, now, outcomes)
        rejects = [each for each in await self.rejects.list_since(now - REJECTS_ARE_LOOKED_AT_FOR) if _is_untold(each)]
        default = self.keeper.policy.owners.default
        run_out = {claim.owner for claim in claims.values() if claim.owner and claim.until and now >= claim.until}
        lonely = {default} if any(now - each.received_at >= REJECTS_WAIT_FOR for each in rejects) else set()
        failures = 0
        # Another order each time: whoever's mails fail must not always stand before the others.
        for owner in sorted({*due, *run_out, *lonely}, key=lambda owner: format_digest(owner, format_time(now))):
            extras = Extras(tuple(rejects), await self.claims.count_resting()) if owner == default else Extras()
            try:
                claim = replace(claims.get(format_key(owner), Claim(owner)), owner=owner)
                outcome = await self._serve(claim, due.get(owner, []), extras, now, new_id)
            except LeadError as error:  # It stays due, and must not keep the others from their mails.
                outcome = error.code
                logger.warning("no mail", extra={"code": error.code, "detail": _safe_detail(error)})
                failures += isinstance(error, MailNotSentError)
            outcomes[outcome] += 1
            if failures >= MAX_FAILURES_PER_TICK:
                break  # The provider is down, or wants us to wait.
        return outcomes

    async def _collect(
        self, claims: Mapping[str, Claim], now: datetime, outcomes: Counter[str]
    ) -> dict[str, list[Lead]]:
        """Give what is due, by recipient; entries that are stale are mended on the way."""
        policy = self.keeper.policy
        claimed = {mail: key for key, claim in claims.items() if claim.until for mail in claim.mails}
        due: defaultdict[str, list[Lead]] = defaultdict(list)
        listed: Counter[str] = Counter()
        for entry in await self.keeper.follow_ups.list_due(now, limit=MAX_LISTED_PER_TICK):
            if listed[entry.owner] >= MAX_LEADS_PER_MAIL + MAX_COUNTED_BEYOND:
                continue  # He has his fill; others must have their turn.
            try:
                lead = await self.keeper.mend(entry)
            except (SomeoneWasFirstError, UnreadableLeadError) as error:
                # It stays due, and a damaged row is said at each tick, until somebody mends it.
                outcomes[error.code] += 1
                continue
            if lead is None or decide_reminder(lead, now=now, policy=policy) is not Reminding.SEND:
                continue
            listed[entry.owner] += 1
            recipient = find_recipient(lead, policy.owners)
            key = format_key(recipient)
            if claimed.get(ClaimedMail(lead.key, find_turn(lead)), key) == key:
                due[recipient].append(lead)
        return due

    async def _serve(
        self, claim: Claim, due: list[Lead], extras: Extras, now: datetime, new_id: Callable[[], str]
    ) -> str:
        """Send one owner his mail, and say what became of it.

        Raises: SomeoneWasFirstError; MailNotSentError, AddressRefusedError after which the claim is empty again, if
        the mail was never tried before; MailUncertainError after which it stands until it runs out.
        """
        if claim.until and now < claim.until:
            return "claimed"
        policy = self.keeper.policy
        is_again = claim.until is not None
        if is_again:  # It ran out: leads may have fallen out of it, and nothing joins.
            due, extras = [], Extras()
        else:
            due.sort(key=lambda lead: rank(lead, find_kind(lead, now=now, policy=policy), now=now))
            mails = tuple(ClaimedMail(lead.key, find_turn(lead)) for lead in due[:MAX_LEADS_PER_MAIL])
            claim = replace(claim, digest_id=new_id(), mails=mails)
        held = await self.claims.write_claim(replace(claim, until=now + CLAIMS_LAST))
        leads = await self._still_standing(held)
        if leads or extras.rejects:
            more = max(0, len(due) - len(held.mails))
            try:
                await self._send(self._compose(held, leads, more, extras, now))
            except AddressRefusedError:
                await self._hand_on(held)
                await self._release(held)
                raise
            except MailNotSentError:
                # A mail that may have gone out before keeps its id and its leads, and is tried at the next tick.
                await (self.claims.write_claim(replace(held, until=now)) if is_again else self._release(held))
                raise
        for mail in held.mails:
            await self._confirm(mail, now)
        for reject in extras.rejects:
            await self.rejects.mark_told(reject)
        await self._release(held)
        return "sent" if leads or extras.rejects else "nothing-left"

    async def _still_standing(self, claim: Claim) -> list[DueLead]:
        """Give the leads of a claim that the mail is still their next about, as they now stand."""
        standing = []
        for mail in claim.mails:
            with suppress(UnreadableLeadError, SomeoneWasFirstError):
                found = await self.keeper.look_at(mail.lead)
                lead = await self.keeper.refresh(*found) if found else None
                if found and lead and find_turn(lead) == mail.turn and lead.next_reminder_at:
                    standing.append(DueLead(lead, found[1]))
        return standing

    def _compose(self, claim: Claim, leads: list[DueLead], more: int, extras: Extras, now: datetime) -> Digest:
        policy = self.keeper.policy
        escalates = any(is_last_mail(each.lead, policy) for each in leads)
        escalate_to = self.mails.escalate_to or policy.owners.default
        return Digest(
            id=claim.digest_id,
            sender=self.mails.sender,
            to=claim.owner,
            cc=escalate_to if escalates and escalate_to != claim.owner else "",
            cards=tuple(self._show(each, claim.owner, now) for each in leads),
            more=more,
            rejected=tuple(Counter(each.reason for each in extras.rejects).items()),
            resting=extras.resting,
            is_brief=self.mails.is_brief,
        )

    def _show(self, due: DueLead, recipient: str, now: datetime) -> Card:
        lead, policy = due.lead, self.keeper.policy
        return Card(
            facts=collect_facts(lead, due.others, now=now, zone=policy.zone),
            kind=find_kind(lead, now=now, policy=policy),
            is_last=is_last_mail(lead, policy),
            unread_owner="" if policy.owners.read(lead.cells.owner) else lead.cells.owner,
            link=self.links.sign(lead.key, recipient, now=now),
        )

    async def _send(self, digest: Digest) -> None:
        try:
            await self.mailer.send(compose_digest(digest))
        except AddressRefusedError as error:
            if not digest.cc or digest.to in error.addresses:
                raise
            # Nothing went out; whom it escalates to must not keep the owner from his mail.
            await self.mailer.send(compose_digest(replace(digest, cc="")))

    async def _confirm(self, mail: ClaimedMail, now: datetime) -> None:
        """Note that the mail about a lead went out, unless that was noted or the lead moved on since."""

        def confirm(lead: Lead) -> Lead:
            is_its_turn = find_turn(lead) == mail.turn
            return confirm_mail(lead, sent_at=now, policy=self.keeper.policy) if is_its_turn else lead

        with suppress(UnreadableLeadError):  # Somebody damaged the row: the lead falls out.
            await self.keeper.answer(mail.lead, confirm)

    async def _hand_on(self, claim: Claim) -> None:
        """Let the default owner have the leads of an address that the provider refused."""
        if claim.owner == self.keeper.policy.owners.default:
            return  # There is nobody behind him: they stay due, and each tick says so.
        for mail in claim.mails:
            with suppress(UnreadableLeadError):
                await self.keeper.change(mail.lead, lambda lead: replace(lead, refused_owner=claim.owner))

    async def _release(self, claim: Claim) -> None:
        await self.claims.write_claim(replace(claim, mails=(), until=None))

    async def _confirm_test_leads(self, now: datetime, new_id: Callable[[], str], outcomes: Counter[str]) -> None:
        """Tell the default owner of the first test lead of an offer and day: so a deployment proves itself."""
        for note in await self.claims.list_test_leads(now - TEST_LEADS_ARE_LOOKED_AT_FOR):
            if note.is_sent or (note.until and now < note.until):
                continue
            try:
                outcomes[await self._confirm_test_lead(note, now, new_id)] += 1
            except LeadError as error:
                outcomes[error.code] += 1
                logger.warning("no mail", extra={"code": error.code, "detail": _safe_detail(error)})

    async def _confirm_test_lead(self, note: TestLeadNote, now: datetime, new_id: Callable[[], str]) -> str:
        held = await self.claims.write_test_lead(
            replace(note, digest_id=note.digest_id or new_id(), until=now + CLAIMS_LAST)
        )
        default = self.keeper.policy.owners.default
        confirmation = TestConfirmation(
            id=held.digest_id,
            sender=self.mails.sender,
            to=default,
            offer=note.offer,
            received_at=note.received_at,
            owner=note.owner or default,
            escalate_to=self.mails.escalate_to or default,
        )
        try:
            await self.mailer.send(compose_test_confirmation(confirmation))
        except (MailNotSentError, AddressRefusedError):
            await self.claims.write_test_lead(replace(held, until=None))
            raise
        await self.claims.write_test_lead(replace(held, is_sent=True, until=None))
        return "test-lead-confirmed"


def _is_untold(reject: StoredReject) -> bool:
    """Say whether the default owner is to be told; what goes through again first is not."""
    return not reject.is_told and not reject.wants_retry


def _safe_detail(error: LeadError) -> str:
    """Give what mail and storage errors say: codes and names of errors, never an address."""
    return error.explanation if isinstance(error, MailNotSentError | MailUncertainError) else ""
