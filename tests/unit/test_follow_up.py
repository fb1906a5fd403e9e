"""When a mail is due, and if not, why: the whole grid, and what holds for any story."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.changes import StoredLead, answered, delivered, edited, mailed, refused
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.decisions import decide
from lead_core.lead.delivery import Delivery
from lead_core.lead.do_not_contact import find_do_not_contact
from lead_core.lead.follow_up import (
    FollowUpPolicy,
    Kind,
    find_due_time,
    find_kind,
    find_turn,
    rank,
    schedule,
)
from lead_core.lead.lead import Decision, Handover, Lead, fold
from lead_core.lead.owners import Owners
from lead_core.lead.recipients import Recipient, find_recipient
from lead_core.lead.values import Offer, Status
from lead_core.lead.verdict import Verdict, decide_reminder
from lead_core.lead.working_hours import WorkingHours
from tests.examples import ANNA, JOHN, NOON, SALES, at, delivery

POLICY = FollowUpPolicy(owners=Owners.parse("sales@contoso.example"))
FRIDAY = date(2026, 11, 27)
BERLIN = WorkingHours(frozenset(range(5)), time(9), time(17), ZoneInfo("Europe/Berlin"))


def lead(code: str = "INS", **changes: Any) -> Lead:
    return schedule(replace(fold(None, delivery(0, code)), **changes), POLICY)


def deliver(to: Lead, delivery: Delivery) -> Lead:
    return delivered(StoredLead(to, None, NOON), delivery, POLICY)


def told(about: Lead, sent_at: datetime) -> Lead:
    return mailed(StoredLead(about, None, NOON), find_turn(about), to=SALES, at=sent_at, policy=POLICY)


def answer(to: Lead, choice: Choice, minutes: float = 30, **said: Any) -> Lead:
    answer = Answer(choice=choice, click=f"click-{minutes}-{choice}", **said)
    return answered(StoredLead(to, None, NOON), answer, by="anna@contoso.example", at=at(minutes), policy=POLICY)


GRID = itertools.product(
    [None, *Status],  # decided
    ["INS", "DNC"],
    [False, True],  # test
    [False, True],  # internal
    range(6),  # mails sent
    [None, timedelta(hours=1), timedelta(days=30)],  # snoozed
    [timedelta(0), timedelta(hours=23), timedelta(hours=25), timedelta(days=8)],  # waited
)


def test_the_whole_grid() -> None:
    """A mail is due only for a new lead that is work, has mails left, is not put off, and has waited."""
    for decided, code, is_test, is_internal, sent, snoozed, waited in GRID:
        made = fold(None, delivery(0, code))
        if decided:
            made = decide(made, Decision(decided, NOON, "x"))
        made = replace(made, is_test=is_test, is_internal=is_internal, reminders_sent=sent)
        made = replace(made, snoozed_until=NOON + snoozed if snoozed else None)
        verdict = decide_reminder(made, now=NOON + waited, policy=POLICY)
        status = decided or (Status.NEW if code == "INS" else Status.DO_NOT_CONTACT)
        is_put_off = snoozed is not None and waited < snoozed
        if is_test or is_internal:
            assert verdict is Verdict.NOT_WORK
        elif status is Status.DO_NOT_CONTACT:
            assert verdict is Verdict.DO_NOT_CONTACT
        elif is_put_off:
            assert verdict is Verdict.SNOOZED
        elif status is not Status.NEW:
            assert verdict is (Verdict.SEND if snoozed else Verdict.ANSWERED)
        elif sent >= len(POLICY.waits):
            assert verdict is (Verdict.SEND if snoozed else Verdict.RESTS)
        else:
            assert verdict is (Verdict.SEND if waited >= POLICY.waits[sent] else Verdict.NOT_YET)
        # In working hours the same mails are due, none before they begin.
        within_hours = replace(POLICY, working_hours=BERLIN)
        due_at = find_due_time(made, POLICY)
        is_due = due_at is not None and NOON + waited >= BERLIN.next(due_at)
        assert (decide_reminder(made, now=NOON + waited, policy=within_hours) is Verdict.SEND) is is_due


def test_what_is_due_outside_working_hours_waits_for_them() -> None:
    policy = replace(POLICY, working_hours=BERLIN)
    friday_evening, monday_nine = datetime(2026, 11, 20, 20, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)
    late = replace(lead(), waiting_since=friday_evening)
    assert decide_reminder(late, now=friday_evening, policy=POLICY) is Verdict.SEND
    assert decide_reminder(late, now=monday_nine - timedelta(seconds=1), policy=policy) is Verdict.NOT_YET
    assert decide_reminder(late, now=monday_nine, policy=policy) is Verdict.SEND


def test_a_new_owner_is_told_within_working_hours() -> None:
    policy = replace(POLICY, working_hours=BERLIN)
    waiting = replace(lead(), waiting_since=datetime(2026, 11, 20, 10, tzinfo=UTC))
    taken_over = replace(waiting, reminders_sent=1, handover=Handover(owner=ANNA, told=SALES))
    night, morning = datetime(2026, 11, 23, 2, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert decide_reminder(taken_over, now=night, policy=policy) is Verdict.NOT_YET
    assert decide_reminder(taken_over, now=morning, policy=policy) is Verdict.SEND
    assert decide_reminder(taken_over, now=night, policy=POLICY) is Verdict.SEND


@pytest.mark.parametrize(
    ("moment", "next_at"),
    [
        ("2026-11-23T08:30+01:00", "2026-11-23T09:00+01:00"),
        ("2026-11-23T09:00+01:00", "2026-11-23T09:00+01:00"),
        ("2026-11-23T16:59:59+01:00", "2026-11-23T16:59:59+01:00"),
        ("2026-11-23T17:00+01:00", "2026-11-24T09:00+01:00"),
        ("2026-11-27T17:00+01:00", "2026-11-30T09:00+01:00"),  # Friday evening
        ("2026-11-28T12:00+01:00", "2026-11-30T09:00+01:00"),  # Saturday
        ("2026-12-31T23:59:59+01:00", "2027-01-01T09:00+01:00"),  # over the year's end
        ("2026-03-27T20:00+01:00", "2026-03-30T09:00+02:00"),  # over the start of summer time
        ("2028-02-28T20:00+01:00", "2028-02-29T09:00+01:00"),  # a leap day
    ],
)
def test_what_falls_due_at_night_comes_at_the_start_of_the_next_working_day(moment: str, next_at: str) -> None:
    assert BERLIN.next(datetime.fromisoformat(moment)) == datetime.fromisoformat(next_at)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- `timezones` adds the zone
def test_the_next_working_time_is_never_before_and_always_within_hours(moment: datetime) -> None:
    next_at = BERLIN.next(moment)
    local = next_at.astimezone(BERLIN.zone)
    assert next_at >= moment
    assert BERLIN.next(next_at) == next_at
    assert local.weekday() < 5
    assert time(9) <= local.time() < time(17)


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 3 * 24 * 60),  # minutes later
        st.sampled_from(["tick", "tick", "tick", "INS", "PLT", "DNC", *Choice]),
    ),
    max_size=25,
)


@given(EVENTS)
def test_in_any_story_no_mail_comes_too_early_after_an_answer_or_too_close_to_another(
    events: list[tuple[int, str]],
) -> None:
    """Ticks may be late, missed or doubled. There is still one mail at a time, and never a burst."""
    now, subject, mails = 0, lead(), list[tuple[datetime, Lead]]()
    for number, (minutes, event) in enumerate(events):
        now += minutes
        if event == "tick":
            for _ in range(2):
                if decide_reminder(subject, now=at(now), policy=POLICY) is Verdict.SEND:
                    mails.append((at(now), subject))
                    subject = told(subject, at(now))
        elif event in {"INS", "PLT", "DNC"}:
            subject = deliver(subject, delivery(now, event, event=number, description=f"{number}"))
        else:
            subject = answer(subject, Choice(event), now, follow_up_on=at(now + 24 * 60).date())
    for sent_at, about in mails:
        kind = find_kind(about, now=sent_at, policy=POLICY)
        assert about.status is not Status.DO_NOT_CONTACT
        assert about.next_reminder_at is not None
        assert about.next_reminder_at <= sent_at
        if kind in {Kind.NOTICE, Kind.REMINDER} and about.reminders_sent < len(POLICY.waits):
            assert about.waiting_since is not None
            assert sent_at - about.waiting_since >= POLICY.waits[about.reminders_sent]
    for (earlier_at, earlier), (later_at, later) in itertools.pairwise(mails):
        is_same_ladder = earlier.waiting_since == later.waiting_since and later.reminders_sent > earlier.reminders_sent
        if is_same_ladder and earlier.status is later.status is Status.NEW and later.reminders_sent < len(POLICY.waits):
            gap = POLICY.waits[later.reminders_sent] - POLICY.waits[later.reminders_sent - 1]
            assert later_at - earlier_at >= gap
    assert len({find_turn(about) for _, about in mails}) == len(mails)


def test_after_an_outage_there_is_one_mail_and_not_a_burst() -> None:
    waiting, mails = lead(), 0
    for _ in range(10):  # ticks in one late hour
        if decide_reminder(waiting, now=at(30 * 24 * 60), policy=POLICY) is Verdict.SEND:
            mails += 1
            waiting = told(waiting, at(30 * 24 * 60))
    assert mails == 1
    assert waiting.next_reminder_at == at(31 * 24 * 60)


def test_after_the_last_mail_a_lead_rests_until_contact_me() -> None:
    waiting = lead()
    for sent_at in (0, 24 * 60, 3 * 24 * 60, 7 * 24 * 60):
        assert waiting.next_reminder_at == at(sent_at)
        waiting = told(waiting, at(sent_at))
    assert (waiting.status, waiting.next_reminder_at) == (Status.NEW, None)
    assert deliver(waiting, delivery(20_000, "INS")).next_reminder_at is None
    opened = deliver(waiting, delivery(20_000, "PLT"))
    assert (opened.next_reminder_at, opened.reminders_sent) == (at(20_000), 0)


def test_a_lead_that_was_answered_once_and_then_rests_was_not_answered() -> None:
    waiting = deliver(answer(lead(), Choice.CONTACTED), delivery(60, "PLT"))
    for _ in POLICY.waits:
        assert waiting.next_reminder_at
        waiting = told(waiting, waiting.next_reminder_at)
    assert (waiting.status, waiting.next_reminder_at) == (Status.NEW, None)
    told_again = deliver(waiting, delivery(20_000, "Create"))
    assert told_again.status is Status.NEW


def test_contact_me_during_a_mail_after_a_delay_starts_a_new_round_of_mails() -> None:
    """It is unknown whether the mail after the delay went out. It must not count as a mail about the new wish."""
    first = told(lead(), at(0))
    delayed = answer(first, Choice.LATER_1D, 30)
    turns = [find_turn(first), find_turn(delayed)]
    waiting = deliver(delayed, delivery(2_000, "PLT"))
    for _ in POLICY.waits:
        assert waiting.next_reminder_at
        turns.append(find_turn(waiting))
        waiting = told(waiting, waiting.next_reminder_at)
    assert len(set(turns)) == len(turns)
    assert turns == sorted(turns)


@pytest.mark.parametrize("is_answered_before", [True, False])
def test_a_resting_lead_that_was_set_to_new_does_not_use_a_mail_number_twice(
    is_answered_before: bool,
) -> None:
    waiting = schedule(decide(lead(), Decision(Status.NEW, at(0), "grid")), POLICY) if is_answered_before else lead()
    turns = []
    for asked_at in (20_000, 40_000):
        for _ in POLICY.waits:
            assert waiting.next_reminder_at
            turns.append(find_turn(waiting))
            waiting = told(waiting, waiting.next_reminder_at)
        waiting = deliver(waiting, delivery(asked_at, "PLT"))
    assert len(set(turns)) == len(turns) == 2 * len(POLICY.waits)


def test_contact_me_on_a_lead_that_is_on_its_way_changes_nothing() -> None:
    waiting = told(lead(), at(0))
    again = deliver(waiting, delivery(60, "PLT"))
    assert (again.next_reminder_at, again.reminders_sent) == (waiting.next_reminder_at, 1)
    set_back = schedule(decide(waiting, Decision(Status.NEW, at(100), "grid")), POLICY)
    first = told(set_back, at(100))
    again = deliver(first, delivery(200, "PLT"))
    assert (again.waiting_since, again.reminders_sent) == (at(100), 1)


@pytest.mark.parametrize(
    ("choice", "status", "next_at"),
    [
        (Choice.CONTACTED, Status.CONTACTED, None),
        (Choice.CONTACTED_FOLLOW_UP, Status.CONTACTED, POLICY.start_of(FRIDAY)),
        (Choice.TRIED, Status.NEW, at(3 * 24 * 60 + 30)),
        (Choice.LATER_1D, Status.NEW, at(24 * 60 + 30)),
        (Choice.LATER_3D, Status.NEW, at(3 * 24 * 60 + 30)),
        (Choice.LATER_7D, Status.NEW, at(7 * 24 * 60 + 30)),
        (Choice.QUALIFIED, Status.QUALIFIED, None),
        (Choice.NOT_A_FIT, Status.DISQUALIFIED, None),
        (Choice.PASS, Status.NEW, at(30)),
        (Choice.DO_NOT_CONTACT, Status.DO_NOT_CONTACT, None),
    ],
)
def test_what_a_choice_does(choice: Choice, status: Status, next_at: datetime | None) -> None:
    first = told(lead(), at(0))
    said = {"note": "a note", "reason": "too small", "colleague": "carl@contoso.example", "follow_up_on": FRIDAY}
    after = answer(first, choice, 30, **said)
    assert after.status is status
    assert after.next_reminder_at == next_at
    assert after.cells.note == "a note"
    assert after.attempts == (choice is Choice.TRIED)
    assert (after.cells.disqualified_reason == "too small") is (choice is Choice.NOT_A_FIT)
    assert (after.cells.owner == "carl@contoso.example") is (choice is Choice.PASS)
    assert after.decisions[-1].choice == choice
    assert answer(after, choice, 30, **said) == after  # the same click


def test_a_choice_can_be_changed_later() -> None:
    contacted = answer(lead(), Choice.CONTACTED, 30)
    waiting = answer(contacted, Choice.LATER_1D, 60)
    assert (waiting.status, waiting.next_reminder_at) == (Status.NEW, at(24 * 60 + 60))
    assert answer(waiting, Choice.NOT_A_FIT, 90).status is Status.DISQUALIFIED


def test_a_planned_follow_up_is_one_mail() -> None:
    planned = answer(lead(), Choice.CONTACTED_FOLLOW_UP, 30, follow_up_on=FRIDAY)
    start = POLICY.start_of(FRIDAY)
    assert decide_reminder(planned, now=start - timedelta(seconds=1), policy=POLICY) is Verdict.SNOOZED
    assert find_kind(planned, now=start, policy=POLICY) is Kind.PLANNED
    after = told(planned, start)
    assert decide_reminder(after, now=at(9_000), policy=POLICY) is Verdict.ANSWERED


def test_news_is_told_once_and_leaves_the_status() -> None:
    contacted = answer(lead(), Choice.CONTACTED)
    news = deliver(contacted, delivery(60, "StartTestDrive"))
    assert (news.status, news.next_reminder_at) == (Status.CONTACTED, at(60))
    assert find_kind(news, now=at(61), policy=POLICY) is Kind.NEWS
    assert told(news, at(61)).next_reminder_at is None


@pytest.mark.parametrize("code", ["DNC"])
def test_a_notice_is_no_news(code: str) -> None:
    assert deliver(answer(lead(), Choice.CONTACTED), delivery(60, code)).next_reminder_at is None


def test_do_not_contact_covers_all_offers_until_a_person_lifts_it() -> None:
    erp = fold(None, delivery(0, offer=Offer("contoso", "erp", "ERP")))
    closed = answer(lead(), Choice.DO_NOT_CONTACT, 30)
    covering = find_do_not_contact(erp, [closed])
    assert covering is not None
    assert covering.at == at(30)
    covered = decide(erp, Decision(Status.DO_NOT_CONTACT, covering.at, covering.by))
    lifted = decide(covered, Decision(Status.NEW, at(90), "grid", Choice.LIFT))
    assert find_do_not_contact(lifted, [closed]) is None
    assert find_do_not_contact(erp, [fold(None, delivery(0, "DNC"))]) is None  # a mere notice


@pytest.mark.parametrize("choice", [Choice.TRIED, Choice.LATER_1D, Choice.PASS])
def test_neither_an_attempt_nor_a_delay_lifts_or_renews_do_not_contact(choice: Choice) -> None:
    erp = fold(None, delivery(0, offer=Offer("contoso", "erp", "ERP")))
    closed = answer(lead(), Choice.DO_NOT_CONTACT, 30)
    lifted = decide(erp, Decision(Status.CONTACTED, at(60), "grid", Choice.LIFT))
    touched = answer(closed, choice, 90, colleague="carl@contoso.example")
    assert (touched.status, touched.next_reminder_at) == (Status.DO_NOT_CONTACT, None)
    assert find_do_not_contact(lifted, [touched]) is None
    assert find_do_not_contact(erp, [touched]) is not None


def test_an_answer_of_a_person_who_did_not_know_lifts_nothing() -> None:
    erp = fold(None, delivery(0, offer=Offer("contoso", "erp", "ERP")))
    closed = answer(lead(), Choice.DO_NOT_CONTACT, 30)
    for by in ("anna@contoso.example", "grid"):
        assert find_do_not_contact(decide(erp, Decision(Status.CONTACTED, at(60), by)), [closed]) is not None


def test_what_was_typed_over_do_not_contact_in_the_version_before_still_lifts_it() -> None:
    """It knew no *lift*, and did not write down what was before."""
    erp = fold(None, delivery(0, offer=Offer("contoso", "erp", "ERP")))
    typed = replace(erp, decisions=(Decision(Status.CONTACTED, at(60), "grid"),))
    assert find_do_not_contact(typed, [answer(lead(), Choice.DO_NOT_CONTACT, 30)]) is None


def test_an_attempt_by_the_previous_owner_does_not_stop_the_new_owners_notice() -> None:
    first = told(lead(), at(0))
    passed = answer(first, Choice.PASS, 30, colleague="carl@contoso.example")
    assert answer(passed, Choice.TRIED, 31).next_reminder_at == passed.next_reminder_at == at(30)


OWNERS = Owners.parse(
    "contoso.erp PLT: erp@contoso.example; contoso.* DE AT: anna@contoso.example, bob@contoso.example;"
    "sales@contoso.example"
)


@pytest.mark.parametrize(
    ("offer", "country", "code", "owners"),
    [
        ("contoso.erp", "US", "PLT", {"erp@contoso.example"}),
        ("contoso.erp", "US", "INS", {"sales@contoso.example"}),
        ("contoso.crm", "DE", "INS", {"anna@contoso.example", "bob@contoso.example"}),
        ("fabrikam.crm", "DE", "PLT", {"sales@contoso.example"}),
    ],
)
def test_owners_are_found_by_offer_country_and_action(offer: str, country: str, code: str, owners: set[str]) -> None:
    publisher, _, name = offer.partition(".")
    found = {
        OWNERS.of(
            fold(
                None,
                delivery(
                    0,
                    code,
                    contact=replace(JOHN, country=country, email=f"{n}@x.example"),
                    offer=Offer(publisher, name),
                ),
            )
        )
        for n in range(20)
    }
    assert found == owners


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("anna@contoso.example", "anna@contoso.example"),
        (" Anna@Contoso.example", "anna@contoso.example"),
        ("anna", "anna@contoso.example"),
        ("anna@contosoexample", "anna@contoso.example"),
        ("new@contoso.example", ""),
        ("???", ""),
        ("", ""),
    ],
)
def test_an_owner_is_read_despite_typing_errors(cell: str, read: str) -> None:
    assert OWNERS.read(cell) == read


def test_an_owner_written_by_hand_stays_and_one_by_the_rules_follows_the_rules() -> None:
    by_rule = schedule(lead(), FollowUpPolicy(owners=OWNERS))
    assert by_rule.cells.owner == "sales@contoso.example"
    moved = schedule(by_rule, FollowUpPolicy(owners=Owners.parse("new@contoso.example")))
    assert moved.cells.owner == "new@contoso.example"
    by_hand = replace(by_rule, cells=replace(by_rule.cells, owner="anna"))
    assert schedule(by_hand, FollowUpPolicy(owners=OWNERS)).cells.owner == "anna"
    assert find_recipient(by_hand, OWNERS, now=NOON) == Recipient("anna@contoso.example")


def test_a_blank_owner_cell_is_filled_by_the_rules() -> None:
    blank = replace(lead(), cells=replace(lead().cells, owner=" "))
    assert edited(StoredLead(blank, None, at(60)), POLICY).cells.owner == "sales@contoso.example"


@pytest.mark.parametrize("others", [["bob@contoso.example"], [""], ["sales@contoso.example"]])
def test_an_address_that_was_refused_is_tried_again_once_the_cell_was_changed(others: list[str]) -> None:
    policy = FollowUpPolicy(owners=OWNERS)

    def written(to: Lead, cell: str) -> Lead:
        return edited(StoredLead(replace(to, cells=replace(to.cells, owner=cell)), None, at(60)), policy)

    anna = "anna@contoso.example"
    lead_ = written(schedule(lead(), policy), anna)
    refused_at_noon = refused(StoredLead(lead_, None, NOON), anna, at=NOON, policy=policy)
    assert find_recipient(refused_at_noon, OWNERS, now=at(60)) == Recipient("sales@contoso.example")
    for other in others:
        lead_ = written(refused_at_noon, other)
    assert find_recipient(written(lead_, anna), OWNERS, now=at(60)) == Recipient(anna)


@pytest.mark.parametrize("text", ["sales", "a@b.example; contoso.*: c@d.example", ": a@b.example", "contoso.*: "])
def test_rules_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|end with"):
        Owners.parse(text)


@given(st.text())
def test_any_text_is_rules_or_refused(text: str) -> None:
    try:
        Owners.parse(text)
    except ValueError as error:
        assert str(error)


def test_a_mail_begins_with_reminders_the_strongest_wish_and_the_longest_wait() -> None:
    leads = {
        "news": (fold(answer(lead(), Choice.CONTACTED), delivery(60, "Create")), Kind.NEWS),
        "notice INS": (lead("INS"), Kind.NOTICE),
        "reminder unknown": (lead("WALLET"), Kind.REMINDER),
        "reminder INS": (lead("INS"), Kind.REMINDER),
        "reminder INS, longer": (lead("INS", waiting_since=at(-60)), Kind.REMINDER),
        "reminder PLT": (lead("PLT"), Kind.REMINDER),
    }
    in_order = sorted(leads, key=lambda name: rank(*leads[name], now=at(90)))
    assert in_order == [
        "reminder PLT", "reminder INS, longer", "reminder INS", "reminder unknown", "notice INS", "news",
    ]  # fmt: skip
