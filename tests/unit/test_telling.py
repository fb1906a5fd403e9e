"""An occasion is told once, whatever happens on the way."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.errors import (
    AddressRefusedError,
    EveryFormRefusedError,
    MailNotSentError,
    MailUncertainError,
    SomeoneWasFirstError,
)
from lead_core.messages import Mail
from lead_core.ports.outgoing import CLAIMS_LAST, Claim, Occasion
from lead_core.steps.budget import Budget
from lead_core.steps.sending import MAX_TRIES, SendingRun
from lead_core.steps.telling import Telling
from lead_core.steps.troubles import Findings, TroubleCode
from tests.examples import BOSS, NOON, SALES, at
from tests.outbox import Outbox
from tests.weather import CrashError, Exposed

KEY = "summary-2026-W47"
HOUR = 60


def compose(claim: Claim[Occasion]) -> Mail:
    """Return the mail to the boss: in the second form without the name."""
    to = SALES if claim.about.is_refused else BOSS
    text = "Somebody waits." if claim.refusals else "Ana waits."
    return Mail(claim.mail_id, "leads@contoso.example", to, "Week 47", text, text)


class Teller:
    """Tells in memory, with a clock."""

    def __init__(self) -> None:
        self.table, self.outbox, self.findings = MemoryTable(lambda: NOON), Outbox(), Findings()
        self.dice = random.Random(1)

    @property
    def claims(self) -> TableClaimStore:
        return TableClaimStore(self.table)

    async def tell(self, minutes: float = 0, *, table: Any = None) -> bool:
        claims = TableClaimStore(table or self.table)
        budget = Budget.of(timedelta(minutes=2), self.outbox.clock)
        run = SendingRun(at(minutes), lambda: f"{self.dice.getrandbits(128):032x}", budget, SALES, self.findings)
        return await Telling(claims, self.outbox).tell(KEY, compose, run, forms=2)

    @property
    def sent(self) -> list[tuple[str, str]]:
        return [(mail.to, mail.text) for mail in self.outbox.mails]


@pytest.fixture
def teller() -> Teller:
    return Teller()


async def test_an_occasion_is_told_once(teller: Teller) -> None:
    told = Telling(teller.claims, teller.outbox)
    assert not await told.is_told(KEY)
    assert [await teller.tell(minutes) for minutes in (0, HOUR, 7 * 24 * HOUR)] == [True, False, False]
    assert await told.is_told(KEY)
    assert teller.sent == [(BOSS, "Ana waits.")]


async def test_two_workers_at_once_send_one_mail(teller: Teller) -> None:
    async def pause() -> None:
        await asyncio.sleep(0)

    table = Exposed(teller.table, pause, pause)
    outcomes = await asyncio.gather(*(teller.tell(table=table) for _ in range(2)), return_exceptions=True)
    assert outcomes[0] is True
    assert isinstance(outcomes[1], SomeoneWasFirstError)
    assert len(teller.sent) == 1


async def test_while_a_worker_sends_another_leaves_it_alone(teller: Teller) -> None:
    await teller.claims.write(Claim(Occasion(KEY), "1" * 32).taken(NOON))
    assert not await teller.tell(5)
    assert await teller.tell(CLAIMS_LAST // timedelta(minutes=1))
    assert [mail.id for mail in teller.outbox.mails] == ["1" * 32]


async def test_a_provider_that_is_down_gets_it_at_the_next_run(teller: Teller) -> None:
    teller.outbox.fails_with = [MailNotSentError("down")] * 3
    for hours in range(3):
        with pytest.raises(MailNotSentError):
            await teller.tell(hours * HOUR)
    assert await teller.tell(3 * HOUR)
    assert teller.sent == [(BOSS, "Ana waits.")]


async def test_an_uncertain_mail_comes_again_under_its_id_and_at_last_counts_as_sent(teller: Teller) -> None:
    teller.outbox.fails_with = [MailUncertainError("t")] * 50
    for hours in range(40):
        with contextlib.suppress(MailUncertainError):
            await teller.tell(hours * HOUR)
    assert len(teller.sent) == MAX_TRIES
    assert len({mail.id for mail in teller.outbox.mails}) == 1
    assert teller.findings.found == {TroubleCode.GIVEN_UP: KEY}
    assert not await teller.tell(50 * HOUR)


async def test_a_mail_that_is_refused_for_what_it_says_goes_out_with_less_in_it(teller: Teller) -> None:
    teller.outbox.spam = "Ana"
    assert await teller.tell()
    assert teller.sent == [(BOSS, "Somebody waits.")]


async def test_if_every_form_is_refused_it_is_given_up_and_health_says_so(teller: Teller) -> None:
    teller.outbox.spam = "waits"
    with pytest.raises(EveryFormRefusedError):
        await teller.tell()
    assert teller.findings.found == {TroubleCode.MAIL_REFUSED: KEY}
    teller.outbox.spam = ""
    assert not await teller.tell(HOUR)
    assert teller.sent == []


async def test_if_its_address_is_refused_the_default_owner_gets_it_at_once(teller: Teller) -> None:
    teller.outbox.refuses = {BOSS}
    assert await teller.tell()
    assert not await teller.tell(HOUR)
    assert teller.sent == [(SALES, "Ana waits.")]


async def test_if_the_default_owner_is_refused_as_well_it_is_given_up(teller: Teller) -> None:
    teller.outbox.refuses = {BOSS, SALES}
    with pytest.raises(AddressRefusedError):
        await teller.tell()
    teller.outbox.refuses = set()
    assert not await teller.tell(HOUR)
    assert teller.sent == []


async def test_after_a_refused_address_and_a_provider_that_is_down_the_default_owner_gets_it_later(
    teller: Teller,
) -> None:
    teller.outbox.refuses, teller.outbox.fails_with = {BOSS}, [None, MailNotSentError("down")]
    with pytest.raises(MailNotSentError):
        await teller.tell()
    assert await teller.tell(HOUR)
    assert teller.sent == [(SALES, "Ana waits.")]


async def crash(teller: Teller, after: int, minutes: float) -> bool:
    """Tell in a process that ends after so many calls to storage or the provider. Return whether it ended early."""
    left = after

    async def count_down() -> None:
        nonlocal left
        if left == 0:
            raise CrashError
        left -= 1

    async def go_on() -> None:
        pass

    with contextlib.suppress(CrashError):
        await teller.tell(minutes, table=Exposed(teller.table, count_down, go_on))
        return False
    return True


@pytest.mark.parametrize("refuses", [set(), {BOSS}], ids=["taken", "refused"])
async def test_wherever_a_process_ends_the_next_ones_tell_it_under_one_id(refuses: set[str]) -> None:
    ended = after = 0
    while True:
        teller = Teller()
        teller.outbox.refuses = refuses
        has_ended = await crash(teller, after, 0)
        for hours in range(1, 4):
            await teller.tell(hours * HOUR)
        assert await Telling(teller.claims, teller.outbox).is_told(KEY)
        assert {mail.to for mail in teller.outbox.mails} == {SALES if refuses else BOSS}
        assert len({mail.id for mail in teller.outbox.mails}) == 1
        if not has_ended:
            break
        ended, after = ended + 1, after + 1
    assert ended == (6 if refuses else 3)  # read, claim, confirm; and once more for the default owner


@pytest.mark.parametrize("seed", range(20))
async def test_any_interleaving_of_workers_that_may_end_sends_it_under_one_id(teller: Teller, seed: int) -> None:
    dice = random.Random(seed)
    teller.outbox.fails_with = [dice.choice([None, MailUncertainError("t")]) for _ in range(2)]

    async def pause() -> None:
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)
        if dice.random() < 0.1:
            raise CrashError

    async def work(minutes: float) -> None:
        with contextlib.suppress(CrashError, SomeoneWasFirstError, MailUncertainError):
            await teller.tell(minutes, table=Exposed(teller.table, pause, pause))

    workers: list[Awaitable[None]]
    for round_number in range(3):
        workers = [work(round_number * HOUR) for _ in range(3)]
        await asyncio.gather(*workers)
    for hours in range(4, 12):
        with contextlib.suppress(MailUncertainError):
            await teller.tell(hours * HOUR)
    assert len({mail.id for mail in teller.outbox.mails}) == 1
    assert await Telling(teller.claims, teller.outbox).is_told(KEY)


async def test_the_rows_of_old_occasions_go_and_those_of_other_kinds_stay(teller: Teller) -> None:
    for key in (*(f"summary-2026-W{number}" for number in range(40, 50)), "silence-1"):
        await teller.claims.write(Claim(Occasion(key, sent_at=NOON)))
    telling = Telling(teller.claims, teller.outbox)
    for _ in range(2):
        await telling.forget_all_but(8, "summary-")
        kept = [row["RowKey"] for row in teller.table.rows]
        assert kept == ["silence-1", *(f"summary-2026-W{number}" for number in range(42, 50))]


async def test_a_time_that_a_person_emptied_is_told_once_more(teller: Teller) -> None:
    await teller.tell()
    (row,) = teller.table.rows
    del row["SentAt"]
    await teller.table.upsert(row)
    assert await teller.tell(HOUR)
    assert len(teller.sent) == 2
