"""Tell the default owner once that an offer has fallen silent, after the hourly check has counted what came.

A mail is a row in ``Digests``, whose key names the silences that it tells of. So the row of the mail is all that is
written, and several silences that begin at once are one mail.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from lead_core.errors import SilenceError, StorageUnavailableError
from lead_core.lead.owners import Owners
from lead_core.lead.silence import COUNTED_FOR, Silence, find_silent_lately
from lead_core.lead.values import format_digest
from lead_core.links import LinkSigner
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
_OFFER_DIGITS: Final = 8
_MOST_AT_ONCE: Final = 30
"""Their names must fit into the key of a row."""
_FORMS: Final = 2
"""With the titles of the offers, and without."""


def list_silent(counted: Counted | None, silence_after: timedelta | None, *, now: datetime) -> tuple[Silence, ...]:
    """Return the silences by what was *counted* last."""
    if counted is None:
        return ()
    return find_silent_lately(counted.offers, silence_after, counted_at=counted.counted_at, now=now)


def name_silence(silence: Silence) -> str:
    """Return what stands for a silence in the key of its mail: the offer, and the day of its last lead.

    A lead ends it, so the next one has another name.
    """
    offer = format_digest("" if silence.is_everywhere else silence.offer)[:_OFFER_DIGITS]
    return f"{offer}{silence.since:%y%m%d}"


@dataclass(frozen=True, slots=True)
class SilenceAlarm:
    """Tells the default owner about silences."""

    read_offers: Callable[[], Awaitable[Counted | None]]
    """See `ReportStore.read_offers`."""
    silence_after: timedelta | None
    """``SILENCE_AFTER``."""
    claims: ClaimStore
    mailer: Mailer
    owners: Owners
    links: LinkSigner
    mails: MailPolicy
    lead_url: str
    """The URL that leads are posted to, without its key."""

    async def tick(self, *, now: datetime, new_id: Callable[[], str]) -> Counter[str]:
        """Tell about the silences that were not told yet, and count what became of it."""
        silent = list_silent(await self.read_offers(), self.silence_after, now=now)
        if not silent:
            return Counter()
        known = await self.claims.list_occasions(_OCCASION)
        told = {name for claim in known if claim.about.sent_at for name in _read_names(claim)}
        untold = {name: each for each in silent if not _is_among(name := name_silence(each), told)}
        run = SendingRun(now, new_id, Budget.of(TELLING_LASTS), self.owners.default, Findings())
        mails = [_choose(untold, known)] if untold else []
        outcomes = await send_each(mails, lambda mail: self._tell(mail, run), run, self.claims)
        await self._forget_older(known, now)
        return outcomes

    async def _tell(self, silences: Mapping[str, Silence], run: SendingRun) -> str:
        telling, key = Telling(self.claims, self.mailer), f"{_OCCASION}{'-'.join(sorted(silences))}"
        silent = tuple(silences.values())
        is_sent = await telling.tell(key, lambda claim: self._compose(claim, silent, run.now), run, forms=_FORMS)
        return "silence-told" if is_sent else ""

    def _compose(self, claim: Claim[Occasion], silent: tuple[Silence, ...], now: datetime) -> Mail:
        to = self.owners.default
        return compose_silence(
            SilenceMail(
                id=claim.mail_id,
                sender=self.mails.sender,
                to=to,
                silent=silent,
                lead_url=self.lead_url,
                zone=self.mails.zone,
                my_leads=self.links.sign_my_leads(to, now=now),
                is_bare=claim.refusals > 0,
            )
        )

    async def _forget_older(self, known: Iterable[Claim[Occasion]], now: datetime) -> None:
        for claim in known:
            if claim.written_at and now - claim.written_at >= OCCASIONS_ARE_KEPT_FOR:
                await self.claims.forget_occasion(claim)


def _choose(untold: Mapping[str, Silence], known: Iterable[Claim[Occasion]]) -> Mapping[str, Silence]:
    """Return the silences of one mail: those of a mail that was begun, or else all. What is left waits for the next."""
    begun = (set(_read_names(claim)) for claim in known if not claim.about.sent_at)
    names = next((names for names in begun if names <= untold.keys()), {*islice(untold, _MOST_AT_ONCE)})
    return {name: each for name, each in untold.items() if name in names}


def _is_among(name: str, told: Iterable[str]) -> bool:
    """Whether a silence was told, though its last lead may have gone since, as spam or with an erased person."""
    offer, day = name[:_OFFER_DIGITS], name[_OFFER_DIGITS:]
    return any(each.startswith(offer) and each[_OFFER_DIGITS:] >= day for each in told)


def _read_names(claim: Claim[Occasion]) -> list[str]:
    return claim.about.key.removeprefix(_OCCASION).split("-")


@dataclass(slots=True)
class SilenceProbe:
    """A `Probe` for a note in `health`: whether leads come as they did. Nothing that the app does is wrong."""

    read_offers: Callable[[], Awaitable[Counted | None]]
    silence_after: timedelta | None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    name: str = "silence"

    async def check(self) -> None:
        """See `Probe.check`. Raises: SilenceError."""
        try:
            counted = await self.read_offers()
        except StorageUnavailableError:
            return  # The table's own probe says it.
        if silent := list_silent(counted, self.silence_after, now=self.clock()):
            raise SilenceError(describe_silence_openly(silent))
