"""Tell the default owner once that an offer has fallen silent, after the hourly check has counted what came.

Which silences were told stands in ``Digests``, a row each. Several that begin at once are one mail, with a row of its
own. If the process ends before the rows of its silences are written, the next run writes them, and sends nothing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from lead_core.errors import SilenceError, SomeoneWasFirstError, StorageUnavailableError
from lead_core.lead.owners import Owners
from lead_core.lead.silence import COUNTED_FOR, FRESH_FOR, Silence, find_silent
from lead_core.lead.values import format_digest
from lead_core.messages import Mail
from lead_core.ports.outgoing import Claim, ClaimStore, Mailer, Occasion
from lead_core.ports.reports import Counted
from lead_core.steps.budget import Budget
from lead_core.steps.sending import MailPolicy, SendingRun, send_each
from lead_core.steps.telling import Telling
from lead_core.steps.troubles import Findings
from lead_core.views.silence import SilenceMail, compose_silence, describe_silence_openly

TELLING_LASTS: Final = timedelta(seconds=30)
OCCASIONS_ARE_KEPT_FOR: Final = COUNTED_FOR + timedelta(days=10)
"""An offer without a lead for 90 days is not counted any more, so by then its silence is over."""
_OCCASION: Final = "silence-"
_FORMS: Final = 2
"""With the titles of the offers, and without."""


def list_silent(counted: Counted | None, silence_after: timedelta | None, *, now: datetime) -> tuple[Silence, ...]:
    """Return the silences when *counted* was counted. Nothing is known of them long after that."""
    if counted is None or now - counted.counted_at >= FRESH_FOR:
        return ()
    return find_silent(counted.offers, counted.counted_at, silence_after)


def name_occasion(silence: Silence) -> str:
    """Return the key of the row about a silence. A lead ends the silence, and the next one has another key."""
    offer = "" if silence.is_everywhere else silence.offer
    return f"{_OCCASION}{format_digest(offer)[:16]}-{silence.since:%Y-%m-%dT%H%M%S}"


@dataclass(frozen=True, slots=True)
class SilenceAlarm:
    """Tells the default owner about silences."""

    read_figures: Callable[[], Awaitable[Counted | None]]
    """See `ReportStore.read`."""
    silence_after: timedelta | None
    """``SILENCE_AFTER``."""
    claims: ClaimStore
    mailer: Mailer
    owners: Owners
    mails: MailPolicy
    lead_url: str
    """The URL that leads are posted to, without its key."""

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Tell about the silences that were not told yet, and count what became of it."""
        silent = {
            name_occasion(each): each for each in list_silent(await self.read_figures(), self.silence_after, now=now)
        }
        if not silent:
            return Counter()
        known = {claim.about.key: claim for claim in await self.claims.list_occasions(_OCCASION)}
        untold = {key: each for key, each in silent.items() if key not in known or not known[key].about.sent_at}
        if not untold:
            return Counter()
        run = SendingRun(now, new_id, Budget.of(TELLING_LASTS), self.owners.default, Findings())
        outcomes = await send_each([untold], lambda told: self._tell(told, known, run), run, self.claims)
        await self._forget_older(known.values(), now)
        return outcomes

    async def _tell(self, untold: dict[str, Silence], known: dict[str, Claim[Occasion]], run: SendingRun) -> str:
        """Tell all silences in one mail, and then note each."""
        telling, key = Telling(self.claims, self.mailer), _name_mail(untold)
        silent = tuple(untold.values())
        is_sent = await telling.tell(key, lambda claim: self._compose(claim, silent), run, forms=_FORMS)
        if is_sent or await telling.is_told(key):
            for each in untold.keys() - {key}:
                claim = known.get(each) or Claim(Occasion(each))
                with suppress(SomeoneWasFirstError):
                    await self.claims.write(replace(claim, about=replace(claim.about, sent_at=run.now), until=None))
        return "silence-told" if is_sent else ""

    def _compose(self, claim: Claim[Occasion], silent: tuple[Silence, ...]) -> Mail:
        return compose_silence(
            SilenceMail(
                id=claim.mail_id,
                sender=self.mails.sender,
                to=self.owners.default,
                silent=silent,
                lead_url=self.lead_url,
                zone=self.mails.zone,
                is_bare=claim.refusals > 0,
            )
        )

    async def _forget_older(self, known: Iterable[Claim[Occasion]], now: datetime) -> None:
        for claim in known:
            if claim.about.sent_at and now - claim.about.sent_at >= OCCASIONS_ARE_KEPT_FOR:
                await self.claims.forget_occasion(claim)


def _name_mail(untold: dict[str, Silence]) -> str:
    """Return the key of the mail about several silences. The mail about one has that one's key."""
    keys = sorted(untold)
    return keys[0] if len(keys) == 1 else f"{_OCCASION}together-{format_digest(*keys)}"


@dataclass(slots=True)
class SilenceProbe:
    """A `Probe` for a note in `health`: whether leads come as they did. Nothing that the app does is wrong."""

    read_figures: Callable[[], Awaitable[Counted | None]]
    silence_after: timedelta | None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    name: str = "silence"

    async def check(self) -> None:
        """See `Probe.check`. Raises: SilenceError."""
        try:
            counted = await self.read_figures()
        except StorageUnavailableError:
            return  # The table's own probe says it.
        if silent := list_silent(counted, self.silence_after, now=self.clock()):
            raise SilenceError(describe_silence_openly(silent))
