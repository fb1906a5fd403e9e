"""Post a canary through the app's own door, see whether it arrives, and remove its rows a day later.

Its note is written before it is posted. So if the process ends at any point, the next tick looks for it, and the next
canary removes what is there of it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from lead_core.errors import CanaryLostError, LeadError, NoAnswerError, StorageUnavailableError
from lead_core.lead.canary import (
    ARRIVES_WITHIN,
    AWAITED_FOR,
    GOES_AFTER,
    Canary,
    CanaryTrouble,
    find_failed,
    is_awaited,
    is_canary,
)
from lead_core.lead.owners import Owners
from lead_core.lead_url import LeadUrl
from lead_core.links import LinkSigner
from lead_core.marketplace.canary import compose_canary, find_canary_key
from lead_core.messages import Mail
from lead_core.ports.canaries import CanaryStore, LeadDoor
from lead_core.ports.outgoing import Claim, ClaimStore, Mailer, Occasion
from lead_core.ports.rejects import RejectStore, StoredReject
from lead_core.ports.storage import Inbox
from lead_core.steps.budget import Budget
from lead_core.steps.repository import LeadRepository
from lead_core.steps.sending import MailPolicy, SendingRun, send_each
from lead_core.steps.telling import Telling
from lead_core.steps.troubles import Findings
from lead_core.views.canary import CanaryLost, compose_canary_lost, describe_lost

TELLING_LASTS: Final = timedelta(seconds=30)
OCCASIONS_ARE_KEPT_FOR: Final = timedelta(days=7)
"""So long it is known that a day's mail went out."""
_OCCASION: Final = "canary-"
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Canarying:
    """Posts canaries, looks for them, and removes them."""

    canaries: CanaryStore
    repository: LeadRepository
    inbox: Inbox
    rejects: RejectStore
    door: LeadDoor
    url: LeadUrl | None
    """``CANARY_URL``. None if no canary is to be posted."""

    async def send(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Remove old canaries, then post a new one. Return what became of them, by code.

        An old one that can't be removed now is removed after the next canary. Only the last one is looked for, so
        none is posted before it is known what became of that.
        """
        outcomes, canaries = Counter[str](), await self.canaries.list()
        for old in canaries:
            if now - old.posted_at >= GOES_AFTER:
                outcomes[await self._try_to_remove(old, now)] += 1
        if self.url and not is_awaited(canaries, now):
            canary_id = new_id()
            canary = Canary(canary_id, now, find_canary_key(canary_id, self.url.offer, now=now))
            await self.canaries.write(canary)
            posted = await self._post(canary, self.url)
            outcomes["posted" if posted.event_id else posted.trouble] += 1
        return outcomes

    async def look(self, *, now: datetime) -> Canary | None:
        """Look for the last canary, and return it if it failed. As long as there is time, a refused post is repeated.

        One request, and a second as long as it has not arrived.
        """
        canaries = await self.canaries.list()
        if not canaries or canaries[-1].arrived_at:
            return None
        canary = canaries[-1]
        if await self.repository.leads.get(canary.lead):
            await self.canaries.write(replace(canary, arrived_at=now))
            return None
        if now - canary.posted_at < ARRIVES_WITHIN:
            if self.url and canary.may_be_posted_again(now):
                await self._post(canary, self.url)
            return None
        return canary if canary.failed_at else await self._note_failure(canary, now)

    async def _post(self, canary: Canary, url: LeadUrl) -> Canary:
        """Post a canary and note the answer. The app takes the same lead twice within minutes for one action."""
        try:
            answer = await self.door.post(str(url) if url.key else url.without_key, compose_canary(canary.id))
            canary = canary.answered(answer.status, answer.document)
        except NoAnswerError as error:
            canary = canary.unanswered(error.detail)
        await self.canaries.write(canary)
        return canary

    async def _note_failure(self, canary: Canary, now: datetime) -> Canary:
        trouble = CanaryTrouble.REJECTED if await self._find_reject(canary) else canary.trouble
        failed = replace(canary, trouble=trouble, failed_at=now)
        await self.canaries.write(failed)
        return failed

    async def _try_to_remove(self, canary: Canary, now: datetime) -> str:
        try:
            return await self._remove(canary, now)
        except LeadError as error:  # The next run tries again.
            return error.code

    async def _remove(self, canary: Canary, now: datetime) -> str:
        """Remove all that is left of a canary: its lead after its notification, and its note last."""
        stored = await self.repository.leads.get(canary.lead)
        if stored and not is_canary(stored.lead):  # A person made something else of the row.
            await self.canaries.remove(canary)
            return "kept"
        await self._remove_notifications(canary)
        if stored and not await self.repository.remove(stored):
            return "changed"
        if not stored and now - canary.posted_at < AWAITED_FOR:
            return "awaited"
        await self.canaries.remove(canary)
        return "removed"

    async def _remove_notifications(self, canary: Canary) -> None:
        since, until = canary.posted_at - _CLOCKS_DIFFER, canary.posted_at + ARRIVES_WITHIN + _CLOCKS_DIFFER
        async for notification in self.inbox.list_between(since, until):
            if notification.lead == canary.lead:
                await self.inbox.remove_old(notification)
        if rejected := await self._find_reject(canary):
            await self.rejects.remove_old(rejected)

    async def _find_reject(self, canary: Canary) -> StoredReject | None:
        if not canary.event_id:
            return None
        rejects = await self.rejects.list_since(canary.posted_at)
        return next((each for each in rejects if each.keys[1] == canary.event_id), None)


@dataclass(frozen=True, slots=True)
class CanaryAlarm:
    """Tells the default owner that a canary did not arrive."""

    claims: ClaimStore
    mailer: Mailer
    owners: Owners
    links: LinkSigner
    mails: MailPolicy

    async def tell(self, failed: Canary, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Send one mail about the canaries that failed on a day, and count what became of it."""
        run = SendingRun(now, new_id, Budget.of(TELLING_LASTS), self.owners.default, Findings())
        outcomes = await send_each([failed], lambda canary: self._tell(canary, run), run, self.claims)
        if outcomes["canary-lost"]:
            await self._forget_older(now)
        return outcomes

    async def _tell(self, canary: Canary, run: SendingRun) -> str:
        telling, key = Telling(self.claims, self.mailer), f"{_OCCASION}{canary.posted_at:%Y-%m-%d}"
        is_sent = await telling.tell(key, lambda claim: self._compose(claim, canary, run.now), run)
        return "canary-lost" if is_sent else ""

    def _compose(self, claim: Claim[Occasion], canary: Canary, now: datetime) -> Mail:
        to = self.owners.default
        return compose_canary_lost(
            CanaryLost(
                id=claim.mail_id,
                sender=self.mails.sender,
                to=to,
                posted_at=canary.posted_at.astimezone(self.mails.zone),
                trouble=canary.trouble,
                my_leads=self.links.sign_my_leads(to, now=now),
            )
        )

    async def _forget_older(self, now: datetime) -> None:
        for claim in await self.claims.list_occasions(_OCCASION):
            if claim.about.sent_at and now - claim.about.sent_at >= OCCASIONS_ARE_KEPT_FOR:
                await self.claims.forget_occasion(claim)


@dataclass(slots=True)
class CanaryProbe:
    """A `Probe`: whether the last canary arrived."""

    canaries: CanaryStore
    zone: tzinfo
    name: str = "canary"

    async def check(self) -> None:
        """See `Probe.check`. Raises: CanaryLostError."""
        try:
            failed = find_failed(await self.canaries.list())
        except StorageUnavailableError:
            return  # The table's own probe says it.
        if failed:
            raise CanaryLostError(describe_lost(failed.trouble, failed.posted_at.astimezone(self.zone)))
