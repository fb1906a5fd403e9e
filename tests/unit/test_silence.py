"""Which offers have fallen silent, and that it is told once."""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.errors import (
    ContentRefusedError,
    MailNotSentError,
    MailUncertainError,
    SilenceError,
    StorageUnavailableError,
)
from lead_core.lead.silence import FRESH_FOR, UNLIKELY, Silence, find_chance, find_silent
from lead_core.lead.tally import OfferArrivals
from lead_core.ports.reports import Counted
from lead_core.steps.silence import SilenceProbe, list_silent, name_silence
from lead_core.views.silence import describe_silence
from tests.desk import Desk
from tests.examples import NOON, SALES
from tests.steps import Steps
from tests.weather import CrashError, Exposed

HOUR = timedelta(hours=1)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def came(arrivals: int, ago: float, offer: str = "contoso.crm", title: str = "Contoso CRM") -> OfferArrivals:
    """Return an offer whose last lead came so many days before noon."""
    return OfferArrivals(offer, title, arrivals, NOON - days(ago))


BUSY = came(500, 0.1, "contoso.erp", "Contoso ERP")


@pytest.mark.parametrize(
    ("arrivals", "first_day"),
    [(45, 13), (51, 12), (500, 3), (5_000, 3), (10, 45), (7, 57), (3, 82), (2, 88)],
)
def test_a_silence_is_one_that_chance_makes_less_often_than_once_in_a_thousand(arrivals: int, first_day: int) -> None:
    silent = [day for day in range(90) if find_silent([came(arrivals, day), BUSY], NOON)]
    assert silent == [*range(first_day, 90)]


def test_one_lead_alone_is_never_missed() -> None:
    assert not any(find_silent([came(1, day), BUSY], NOON) for day in range(90))


def test_a_long_weekend_is_no_silence_however_busy_the_offer_is() -> None:
    assert not find_silent([came(100_000, 2.99), BUSY], NOON)
    assert find_silent([came(100_000, 3), BUSY], NOON)


@pytest.mark.parametrize(("ago", "is_silent"), [(6.99, False), (7, True), (40, True)])
def test_a_fixed_silence_needs_no_chance(ago: float, is_silent: bool) -> None:
    assert bool(find_silent([came(1, ago), BUSY], NOON, days(7))) is is_silent


def test_the_longest_silence_comes_first_with_what_was_usual_before() -> None:
    silent = find_silent([came(40, 20), BUSY, came(90, 30, "contoso.hr", "HR")], NOON)
    assert [(each.offer, each.since, round(each.a_week, 1), each.is_everywhere) for each in silent] == [
        ("contoso.hr", NOON - days(30), 10.5, False),
        ("contoso.crm", NOON - days(20), 4.0, False),
    ]


def test_if_nothing_comes_at_all_it_is_one_silence_of_everything() -> None:
    (everything,) = find_silent([came(40, 20), came(90, 14, "contoso.hr", "HR")], NOON)
    assert (everything.offer, everything.since, everything.is_everywhere) == ("", NOON - days(14), True)


def test_many_small_offers_are_silent_together_though_none_is_alone() -> None:
    small = [came(2, 20 + number / 100, f"contoso.{number}") for number in range(20)]
    assert not any(find_silent([each, BUSY], NOON) for each in small)
    (everything,) = find_silent(small, NOON)
    assert everything.is_everywhere


def test_the_only_offer_is_named() -> None:
    (silence,) = find_silent([came(40, 20)], NOON)
    assert (silence.title, silence.is_everywhere) == ("Contoso CRM", True)


def test_no_offers_are_no_silence() -> None:
    assert find_silent([], NOON) == find_silent([], NOON, days(1)) == ()


OFFERS = st.lists(
    st.builds(came, st.integers(1, 3_000), st.floats(-1, 90), st.text("abc", min_size=1, max_size=3)), max_size=6
)


@settings(max_examples=200)
@given(offers=OFFERS, fixed=st.none() | st.integers(1, 60).map(days))
def test_what_is_silent_is_silent_whatever_the_order_and_stays_so_a_day_later(
    offers: list[OfferArrivals], fixed: timedelta | None
) -> None:
    silent = find_silent(offers, NOON, fixed)
    assert find_silent(sorted(offers, key=lambda each: each.last_at, reverse=True), NOON, fixed)[:1] == silent[:1]
    assert bool(silent) <= bool(find_silent(offers, NOON + days(1), fixed))
    for each in silent:
        assert each.a_week > 0
        assert NOON - each.since >= (fixed or days(3))


@given(arrivals=st.integers(0, 99), longer=st.floats(0, 91), shorter=st.floats(0, 91))
def test_more_leads_and_a_longer_silence_are_less_likely(arrivals: int, longer: float, shorter: float) -> None:
    shorter, longer = sorted((shorter, longer))
    assert 0 <= find_chance(arrivals, days(longer)) <= find_chance(arrivals, days(shorter)) <= 1
    assert find_chance(arrivals + 1, days(shorter)) <= find_chance(arrivals, days(shorter))


def test_the_chance_is_that_of_leads_that_come_at_random() -> None:
    """Of every placing of two leads on 90 days, each in the middle of one, so many leave the last 30 days free."""
    placings = list(itertools.product(range(90), repeat=2))
    free = sum(max(placing) < 60 for placing in placings)
    assert find_chance(2, days(30)) == pytest.approx(free / len(placings))
    assert find_chance(45, days(13)) < UNLIKELY < find_chance(45, days(12))


def test_old_figures_say_nothing_of_silence() -> None:
    counted = Counted(NOON, (), (came(40, 20),))
    assert list_silent(counted, None, now=NOON + FRESH_FOR - HOUR)
    assert list_silent(counted, None, now=NOON + FRESH_FOR) == list_silent(None, None, now=NOON) == ()


@dataclass
class Watch:
    """The hourly check, which has counted some offers."""

    desk: Desk = field(default_factory=Desk)
    steps: Steps | None = None
    fixed: timedelta | None = None

    def __post_init__(self) -> None:
        self.ids = (f"{number:032x}" for number in itertools.count(1))

    async def tick(self, *offers: OfferArrivals, later: timedelta = timedelta(0)) -> Counter[str]:
        steps = self.steps or self.desk.steps
        alarm = steps.silence_alarm(Counted(NOON + later, (), offers), self.fixed)
        return await alarm.tick(now=NOON + later, new_id=lambda: next(self.ids))

    @property
    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.desk.outbox.mails]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [row for row in self.desk.memory.digests.rows if row["PartitionKey"] == "occasions"]


@pytest.fixture
def watch() -> Watch:
    return Watch()


async def test_a_silence_is_told_once(watch: Watch) -> None:
    silent = came(45, 13)
    assert await watch.tick(silent, BUSY) == {"silence-told": 1}
    for hour in range(1, 69):
        assert not await watch.tick(silent, BUSY, later=hour * HOUR)
    (mail,) = watch.desk.outbox.mails
    assert mail.to == SALES
    assert mail.subject == "No leads come any more for Contoso CRM"
    text = " ".join(mail.text.split())
    assert "The last lead came on 9 November 2026, and before that about 4 a week" in text
    assert "with the URL https://leads.example/api/leads and a key" in text


async def test_the_next_silence_of_an_offer_is_told_again(watch: Watch) -> None:
    await watch.tick(came(45, 13), BUSY)
    await watch.tick(came(46, 0), BUSY)
    await watch.tick(came(46, 0)._replace(last_at=NOON), BUSY._replace(last_at=NOON + days(13)), later=days(13))
    assert len(watch.desk.outbox.mails) == 2


async def test_a_silence_is_not_told_again_if_its_last_lead_turns_out_to_be_spam(watch: Watch) -> None:
    await watch.tick(came(45, 13), BUSY)
    assert not await watch.tick(came(44, 17), BUSY, later=HOUR)


async def test_silences_that_begin_together_are_one_mail(watch: Watch) -> None:
    hr, crm, later = came(45, 15, "contoso.hr", "HR"), came(45, 13), came(45, 12.9, "contoso.tax", "Tax")
    await watch.tick(hr, crm, BUSY)
    await watch.tick(hr, crm, BUSY)
    assert watch.subjects == ["No leads come any more for 2 offers"]
    await watch.tick(hr, crm, later, BUSY, later=days(1))
    assert watch.subjects[1:] == ["No leads come any more for Tax"]


async def test_everything_silent_is_told_once_though_offers_fall_out_of_the_count(watch: Watch) -> None:
    await watch.tick(came(45, 13), came(2, 89, "contoso.hr"))
    await watch.tick(came(45, 13), later=days(2))
    assert watch.subjects == ["No leads come any more, since 9 November 2026"]


async def test_nothing_is_asked_of_storage_as_long_as_nothing_is_silent(watch: Watch) -> None:
    async def fail() -> None:
        raise AssertionError

    watch.steps = watch.desk.make_steps(lambda table: Exposed(table, fail, fail))
    assert not await watch.tick(BUSY, came(3, 20))


@pytest.mark.parametrize("trouble", [MailNotSentError("down"), MailUncertainError("lost")])
async def test_a_mail_that_was_not_sent_is_sent_later(watch: Watch, trouble: Exception) -> None:
    watch.desk.outbox.fails_with = [trouble]
    for hour in range(4):
        await watch.tick(came(45, 13), came(45, 14, "contoso.hr"), BUSY, later=hour * HOUR)
    assert len({mail.id for mail in watch.desk.outbox.mails}) == 1


async def test_a_mail_whose_titles_are_refused_goes_out_without_them(watch: Watch) -> None:
    watch.desk.outbox.spam = "Contoso CRM"
    await watch.tick(came(45, 13), BUSY)
    assert watch.subjects == ["No leads come any more for one offer"]
    assert isinstance(ContentRefusedError("554"), MailNotSentError)


async def test_rows_of_silences_that_are_long_over_go(watch: Watch) -> None:
    for number in range(12):
        now, later = NOON + days(30 * number), days(30 * number)
        await watch.tick(came(45, 13)._replace(last_at=now - days(13)), BUSY._replace(last_at=now), later=later)
    assert len(watch.desk.outbox.mails) == 12
    assert len(watch.told) <= 5


async def test_a_mail_that_was_begun_is_finished_before_another(watch: Watch) -> None:
    hr, crm = came(45, 15, "contoso.hr", "HR"), came(45, 13)
    watch.desk.outbox.fails_with = [MailUncertainError("lost")]
    await watch.tick(hr, BUSY)
    for hour in range(1, 4):
        await watch.tick(hr, crm, BUSY, later=hour * HOUR)
    assert watch.subjects == ["No leads come any more for HR"] * 2 + ["No leads come any more for Contoso CRM"]
    assert len({mail.id for mail in watch.desk.outbox.mails}) == 2


async def test_a_hundred_silences_are_told_a_mail_after_the_other(watch: Watch) -> None:
    silent = [came(45, 20, f"contoso.{number}", f"Offer {number}") for number in range(100)]
    for hour in range(6):
        await watch.tick(*silent, BUSY, later=hour * HOUR)
    assert watch.subjects == [f"No leads come any more for {number} offers" for number in (30, 30, 30, 10)]


LAST_CALL = 6


@pytest.mark.parametrize("call", range(1, LAST_CALL + 1))
async def test_a_process_that_ends_anywhere_tells_each_silence_once(watch: Watch, call: int) -> None:
    calls = itertools.count(1)

    async def crash() -> None:
        if next(calls) == call:
            raise CrashError

    async def nothing() -> None:
        return

    silent: Sequence[OfferArrivals] = (came(45, 13), came(45, 14, "contoso.hr"), BUSY)
    watch.steps = watch.desk.make_steps(lambda table: Exposed(table, crash, nothing))
    with suppress(CrashError):
        await watch.tick(*silent)
    assert next(calls) > call or call == LAST_CALL
    watch.steps = None
    for hour in range(1, 5):
        await watch.tick(*silent, later=hour * HOUR)
    assert len({mail.id for mail in watch.desk.outbox.mails}) == 1
    assert len(watch.told) == 1


def probe(
    counted: Counted | StorageUnavailableError | None, clock: Callable[[], datetime] = lambda: NOON
) -> SilenceProbe:
    async def read_offers() -> Counted | None:
        if isinstance(counted, StorageUnavailableError):
            raise counted
        return counted

    return SilenceProbe(read_offers, None, clock)


async def test_health_says_how_many_offers_are_silent_and_names_none() -> None:
    with pytest.raises(SilenceError) as caught:
        await probe(Counted(NOON, (), (came(45, 13), BUSY))).check()
    assert "1 offer " in caught.value.explanation
    assert "CRM" not in caught.value.explanation
    with pytest.raises(SilenceError) as caught:
        await probe(Counted(NOON, (), (came(45, 13),))).check()
    assert "any offer" in caught.value.explanation


@pytest.mark.parametrize("counted", [None, Counted(NOON, (), (BUSY,)), StorageUnavailableError("down")])
async def test_health_says_nothing_if_nothing_is_known(counted: Counted | StorageUnavailableError | None) -> None:
    await probe(counted).check()


@pytest.mark.parametrize(
    ("a_week", "words"),
    [(0.05, "about 1 a month"), (0.4, "about 2 a month"), (0.6, "about 1 a week"), (1_234.4, "about 1,234 a week")],
)
def test_what_was_usual_is_said_in_round_numbers(a_week: float, words: str) -> None:
    assert words in describe_silence(Silence("x", "X", NOON, a_week), UTC)


def test_a_silence_in_a_sentence() -> None:
    silence = Silence("contoso.crm", "Contoso \u202eCRM", NOON, 4)
    assert describe_silence(silence, UTC) == (
        "Contoso CRM: The last lead came on 22 November 2026, and before that about 4 a week."
    )
    assert describe_silence(replace(silence, title=""), UTC).startswith("contoso.crm: ")
    assert describe_silence(replace(silence, offer="", title="", is_everywhere=True), UTC).startswith("All offers: ")


@given(offer=st.text(max_size=30), other=st.text(max_size=30))
def test_a_silence_has_a_name_of_its_own_that_names_no_offer(offer: str, other: str) -> None:
    names = {name_silence(Silence(each, "", since, 1)) for each in (offer, other) for since in (NOON, NOON + days(1))}
    assert len(names) == 2 * len({offer, other})
    assert all(re.fullmatch("[0-9a-f]{8}26112[23]", name) for name in names)
