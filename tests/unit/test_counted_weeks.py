"""In which week each part of a lead counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lead_core.lead.changes import StoredLead, answered, delivered, mailed
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.counting import CLOCKS_DIFFER, UNKNOWN, count
from lead_core.lead.delivery import Delivery
from lead_core.lead.follow_up import FollowUpPolicy, find_turn
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.tally import REPORTED_WEEKS, Dimension, Milestone, WeekTallies
from lead_core.lead.values import Offer
from lead_core.lead.waits import Apart
from lead_core.lead.weeks import Week
from tests.examples import at, delivery

POLICY = FollowUpPolicy(owners=Owners.parse("Sales@contoso.example"), zone=ZoneInfo("Europe/Berlin"))
NOW = at(0)  # Sunday, 22 November 2026, 13:00 in Berlin
WEEK = Week(2026, 47)
DAY = 24 * 60


def received(minutes: float, code: str = "INS", source: str = "AppSource", offer: Offer | None = None) -> Lead:
    one = delivery(minutes, code, source=source, event=1)
    return delivered(None, delivery(minutes, code, source=source, event=1, offer=offer) if offer else one, POLICY)


def deliver(lead: Lead, each: Delivery) -> Lead:
    return delivered(StoredLead(lead, None, NOW), each, POLICY)


def answer(lead: Lead, minutes: float, choice: Choice = Choice.CONTACTED) -> Lead:
    said = Answer(choice=choice, click=f"{minutes}", reason="No.")
    return answered(StoredLead(lead, None, at(minutes)), said, by="sales", at=at(minutes), policy=POLICY)


def count_all(*leads: Lead, now: datetime = NOW, policy: FollowUpPolicy = POLICY) -> WeekTallies:
    tallies: WeekTallies = {}
    for lead in leads:
        count(tallies, lead, now=now, policy=policy)
    return tallies


def waiting_at_end(tallies: WeekTallies) -> dict[str, int]:
    return {str(week): tally.waiting_at_end for week, tally in tallies.items() if tally.waiting_at_end}


def test_a_lead_counts_in_the_week_of_its_first_receipt_and_a_wait_in_that_of_its_own() -> None:
    lead = answer(received(-9 * DAY), -9 * DAY + 30)
    tallies = count_all(deliver(lead, delivery(-DAY, "PLT")))
    first, second = tallies[Week(2026, 46)].total, tallies[WEEK].total
    assert (first.leads, first.answered.total(), first.waiting.total()) == (1, 1, 0)
    assert (second.leads, second.answered.total(), second.waiting.total()) == (0, 0, 1)
    assert set(tallies[WEEK].by[Dimension.ACTION]) == {"PLT"}


@pytest.mark.parametrize(("hour", "week"), [(22, 47), (23, 48)])
def test_a_week_begins_on_monday_in_the_readers_time_zone(hour: int, week: int) -> None:
    sunday = datetime(2026, 11, 22, hour, 30, tzinfo=UTC)
    lead = delivered(None, replace(delivery(), received_at=sunday), POLICY)
    assert [*count_all(lead, now=sunday)] == [Week(2026, week)]


def test_who_waits_counts_at_the_end_of_each_week_until_they_are_answered() -> None:
    since = -15 * DAY  # in week 45
    assert waiting_at_end(count_all(received(since))) == {"2026-W45": 1, "2026-W46": 1, "2026-W47": 1}
    assert waiting_at_end(count_all(answer(received(since), -8 * DAY))) == {"2026-W45": 1}
    assert waiting_at_end(count_all(answer(received(since), since + 60))) == {}
    assert waiting_at_end(count_all(answer(received(since), -1))) == {"2026-W45": 1, "2026-W46": 1}


def test_what_began_before_the_reported_weeks_is_in_one_row() -> None:
    first = Week.of(NOW, POLICY.zone).plus(1 - REPORTED_WEEKS).start(POLICY.zone)
    minutes = (first - NOW).total_seconds() / 60
    tallies = count_all(received(minutes - 1), received(minutes + 1), received(minutes - 5_000 * DAY))
    assert tallies[None].total.leads == 2
    assert tallies[None].total.waiting == {0: 2}
    assert len(tallies[None].longest) == 2
    assert tallies[WEEK].waiting_at_end == 3
    assert len(tallies) == REPORTED_WEEKS + 1


def test_a_wait_is_judged_by_a_limit_once_it_is_that_old() -> None:
    tally = count_all(received(-60), received(-59), answer(received(-50), -45), answer(received(-50), -40))[WEEK].total
    assert (tally.judged, tally.within) == ({0: 4, 1: 1}, {0: 1})
    tally = count_all(answer(received(-4), -1))[WEEK].total
    assert (tally.answered, tally.judged) == ({2: 1}, {})


def test_a_limit_is_kept_by_an_answer_at_its_last_moment() -> None:
    tally = count_all(answer(received(-100), -95), answer(received(-100), -94.99))[WEEK].total
    assert (tally.judged[0], tally.within[0]) == (2, 1)


@pytest.mark.parametrize(
    ("ahead", "is_apart"), [(timedelta(0), False), (CLOCKS_DIFFER, False), (CLOCKS_DIFFER + timedelta(seconds=1), True)]
)
def test_a_lead_dated_in_the_future_is_told_apart(ahead: timedelta, is_apart: bool) -> None:
    tallies = count_all(received(ahead.total_seconds() / 60))
    assert [*tallies] == [WEEK]
    assert tallies[WEEK].apart == ({Apart.FUTURE: 1} if is_apart else {})
    assert tallies[WEEK].waiting_at_end == (not is_apart)


def test_a_lead_that_is_apart_counts_as_that_alone() -> None:
    tallies = count_all(answer(received(-60), -5, Choice.SPAM))
    assert tallies[WEEK].apart == {Apart.SPAM: 1}
    assert (tallies[WEEK].total.leads, tallies[WEEK].by, tallies[WEEK].longest) == (0, {}, [])


def test_the_funnel_only_narrows() -> None:
    known = received(-60)
    told = mailed(StoredLead(known, None, NOW), find_turn(known), to="sales", at=at(-50), policy=POLICY)
    untold = answer(known, -5, Choice.NOT_A_FIT)  # Nobody was mailed, and nobody contacted the customer.
    assert count_all(known)[WEEK].total.reached == {Milestone.RECEIVED: 1}
    assert count_all(told)[WEEK].total.reached == {Milestone.RECEIVED: 1, Milestone.TOLD: 1}
    assert count_all(untold)[WEEK].total.reached == dict.fromkeys(Milestone, 1)


def test_names_are_those_that_people_read() -> None:
    named = count_all(received(-60, source="", offer=Offer("contoso", "erp", "T" * 150)))[WEEK]
    assert {dimension: [*tallies] for dimension, tallies in named.by.items()} == {
        Dimension.OWNER: ["sales@contoso.example"],
        Dimension.OFFER: ["T" * 99 + "…"],
        Dimension.SOURCE: [UNKNOWN],
        Dimension.ACTION: ["INS"],
    }
    assert [*count_all(received(-60, offer=Offer("contoso", "erp")))[WEEK].by[Dimension.OFFER]] == ["erp"]


def test_a_longest_wait_names_the_lead_and_nothing_of_its_person() -> None:
    lead = received(-60)
    [wait] = count_all(lead)[WEEK].longest
    assert wait == (at(-60), lead.key, "sales@contoso.example", "Contoso CRM")


def test_a_lead_counts_for_its_customers_first_action_and_a_wait_for_its_own() -> None:
    lead = answer(deliver(received(-90, "DNC", "AzurePortal"), delivery(-80, "INS", source="AppSource")), -70)
    named = count_all(deliver(lead, delivery(-60, "PLT", source="AzureMarketplace")))[WEEK].by
    leads = {dimension: {name: tally.leads for name, tally in named[dimension].items()} for dimension in Dimension}
    assert leads[Dimension.SOURCE] == {"AppSource": 1, "AzureMarketplace": 0}
    assert leads[Dimension.ACTION] == {"INS": 1, "PLT": 0}
    waiting = {name: tally.waiting.total() for name, tally in named[Dimension.SOURCE].items()}
    assert waiting == {"AppSource": 0, "AzureMarketplace": 1}
