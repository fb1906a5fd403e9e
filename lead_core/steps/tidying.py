"""Remove the rows of owners who had no mail for a day, so that ``Digests`` does not keep everybody who ever had one."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from lead_core.at_once import do_few_at_once
from lead_core.ports.outgoing import IDLE_FOR, Claim, ClaimStore, OwnersDigest

MAX_REMOVED_PER_TICK: Final = 100


def is_idle(claim: Claim[OwnersDigest], now: datetime) -> bool:
    """Whether an owner's row can be removed: nobody sends from it, and nothing in it decides about their next mail."""
    is_old = claim.written_at is not None and now - claim.written_at >= IDLE_FOR
    return is_old and claim.until is None and claim.about.is_over(now)


async def remove_idle(claims: ClaimStore, read: Iterable[Claim[OwnersDigest]], *, now: datetime) -> None:
    """Remove idle rows as they were *read*. A row that another worker claimed meanwhile stays.

    A worker that read the row and claims it too late loses the race, as between two ticks. Its leads stay due, and
    the next tick makes the row again.
    """
    idle = (claim for claim in read if is_idle(claim, now))
    await do_few_at_once(claims.remove, islice(idle, MAX_REMOVED_PER_TICK))
