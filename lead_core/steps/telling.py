"""Tell one occasion once: a week that is over, an offer that fell silent, a test that failed.

The row of the occasion is the claim on its mail. Once the mail went out, the row stays, so that it is not told again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lead_core.at_once import do_few_at_once
from lead_core.errors import AddressRefusedError, EveryFormRefusedError
from lead_core.messages import Mail
from lead_core.ports.outgoing import Claim, ClaimStore, Mailer, Occasion
from lead_core.steps.sending import SendingRun, claiming, report_unsent


@dataclass(frozen=True, slots=True)
class Telling:
    """Sends mails that are each about one occasion."""

    claims: ClaimStore
    mailer: Mailer

    async def is_told(self, key: str) -> bool:
        """Whether the mail about an occasion went out, or was given up."""
        claim = await self.claims.get_occasion(key)
        return claim is not None and claim.about.sent_at is not None

    async def tell(
        self, key: str, compose: Callable[[Claim[Occasion]], Mail], run: SendingRun, *, forms: int = 1
    ) -> bool:
        """Send the mail about an occasion unless it went out, and return whether it goes out now.

        *compose* makes the mail of the claim: of its ``mail_id``, with less in it after each of its ``refusals``, and
        for the default owner if its occasion ``is_refused``.

        Raises: MailNotSentError, MailUncertainError, AddressRefusedError, SomeoneWasFirstError. Unless no address
        and no form is left, it is tried again at the next run.
        """
        try:
            return await self._try(key, compose, run, forms)
        except AddressRefusedError as error:
            if run.default_owner in error.addresses:
                raise
            report_unsent(error)
        return await self._try(key, compose, run, forms)

    async def forget_all_but(self, newest: int, kind: str) -> None:
        """Remove the rows of a *kind* such as ``summary-``, but not the *newest*: those whose keys come last."""
        occasions = await self.claims.list_occasions(kind)
        await do_few_at_once(self.claims.forget_occasion, occasions[:-newest])

    async def _try(self, key: str, compose: Callable[[Claim[Occasion]], Mail], run: SendingRun, forms: int) -> bool:
        claim, now = await self.claims.get_occasion(key) or Claim(Occasion(key)), run.now
        if claim.about.sent_at or claim.is_held(now) or claim.waits(now):
            return False
        if not claim.has_run_out(now):  # Otherwise the same mail goes out again.
            claim = replace(claim, mail_id="")
        claim = replace(claim, mail_id=claim.mail_id or run.new_id())
        async with claiming(self.claims, self.mailer, claim, now=now) as held:
            try:
                await held.send(compose, run, forms=forms)
            except AddressRefusedError as error:
                held.claim = _refused(held.claim, error, run)
                raise
            except EveryFormRefusedError:  # It would be refused again. `health` says it.
                held.claim = _told(held.claim, now)
                raise
            held.claim = _told(held.claim, now)
        return True


def _told(claim: Claim[Occasion], now: datetime) -> Claim[Occasion]:
    return replace(claim, about=replace(claim.about, sent_at=now))


def _refused(claim: Claim[Occasion], error: AddressRefusedError, run: SendingRun) -> Claim[Occasion]:
    """Return the claim after an address was refused. If the default owner's was, the mail is given up."""
    if claim.about.is_refused or run.default_owner in error.addresses:
        return _told(claim, run.now)
    return replace(claim, about=replace(claim.about, is_refused=True))
