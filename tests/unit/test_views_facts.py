"""From a lead to what is shown of it."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from lead_core.lead.choices import Choice
from lead_core.lead.decisions import decide
from lead_core.lead.history import History
from lead_core.lead.lead import BY_GRID, Cells, Decision, Handover, Lead, fold
from lead_core.lead.values import Offer, Status
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.lead_words import LeadWords
from lead_core.views.openings import Passing, Reopening
from lead_core.views.words import describe_choice
from tests.examples import ANNA, SALES, at, delivery

BERLIN = ZoneInfo("Europe/Berlin")


def facts(lead: Lead, *others: Lead, minutes: float = 60) -> Facts:
    return collect_facts(lead, others, now=at(minutes), zone=BERLIN)


def answered(lead: Lead, minutes: float = 30) -> Lead:
    return decide(lead, Decision(Status.CONTACTED, at(minutes), SALES, Choice.CONTACTED, "c1"))


def test_a_waiting_customer_is_shown_as_waiting() -> None:
    shown = facts(fold(None, delivery(0, "PLT")))
    assert (shown.waited, shown.acted_ago) == (timedelta(hours=1), timedelta(hours=1))
    assert (shown.answered_at, shown.answered_by) == (None, "")


def test_an_answered_lead_says_by_whom_and_when_in_the_readers_zone() -> None:
    shown = facts(answered(fold(None, delivery(0))))
    assert (shown.waited, shown.answered_at, shown.answered_by) == (None, at(30), SALES)
    assert shown.answered_at is not None
    assert shown.answered_at.tzinfo is BERLIN


def test_times_are_in_the_readers_zone() -> None:
    shown = facts(fold(None, delivery(0, "PLT")))
    assert (shown.acted_at, shown.acted_at.tzinfo, shown.seen_at.tzinfo) == (at(0), BERLIN, BERLIN)


def test_an_attempt_after_the_answer_is_no_answer() -> None:
    lead = answered(fold(None, delivery(0)))
    tried = replace(lead, decisions=(*lead.decisions, Decision(Status.CONTACTED, at(40), ANNA, Choice.TRIED, "c2")))
    assert (facts(tried).answered_at, facts(tried).answered_by) == (at(30), SALES)


def test_news_counts_from_the_news() -> None:
    shown = facts(fold(answered(fold(None, delivery(0))), delivery(50, "Create")))
    assert shown.acted_ago == timedelta(minutes=10)


def test_nobody_waits_a_negative_time() -> None:
    assert facts(fold(None, delivery(0)), minutes=-5).acted_ago == timedelta(0)


def test_the_history_tells_the_latest_first() -> None:
    lead = replace(answered(fold(None, delivery(0, "PLT"))), cells=Cells(status="Contacted"))
    by_hand = decide(lead, Decision(Status.QUALIFIED, at(40), "grid"))
    assert [line.sentence for line in facts(by_hand).history] == [
        "Qualified (in the table).",
        f"Contacted ({SALES}).",
        "The customer pressed Contact me on AppSource.",
    ]


def test_a_lead_whose_history_was_edited_by_hand_is_still_shown() -> None:
    lead = fold(None, delivery(0))
    emptied = replace(lead, history=History(), waiting_since=None)
    assert facts(emptied).acted_ago == timedelta(0)
    decided = replace(lead, decisions=(Decision(Status.CONTACTED, at(30), SALES, "phoned", "c1"),))
    assert facts(decided).history[0].sentence == f"Phoned ({SALES})."


ERP = Offer("contoso", "erp", "")


def on_another_offer(status: Status | None, owner: str) -> Lead:
    lead = fold(None, delivery(0, "StartTestDrive", offer=ERP))
    decided = decide(lead, Decision(status, at(30), owner, "", "")) if status else lead
    return replace(decided, handover=Handover(owner))


@pytest.mark.parametrize(
    ("status", "owner", "words"),
    [
        (None, SALES, "erp: started a test drive, not answered yet"),
        (Status.CONTACTED, SALES, "erp: started a test drive, answered on 22 November"),
        (None, ANNA, "erp (anna@ has it, not answered yet): started a test drive"),
        (Status.CONTACTED, ANNA, "erp (anna@ has it, answered on 22 November): started a test drive"),
        (Status.QUALIFIED, "anna@fabrikam.example", "erp (anna@fabrikam.example has it, qualified on 22 November): "),
        (Status.DO_NOT_CONTACT, SALES, "erp: started a test drive, marked as do not contact on 22 November"),
        (None, "", "erp: started a test drive, not answered yet"),
    ],
)
def test_other_offers_are_said_with_who_has_them(status: Status | None, owner: str, words: str) -> None:
    lead = replace(fold(None, delivery(0)), handover=Handover(SALES))
    (said,) = facts(lead, on_another_offer(status, owner)).other_offers
    assert said.startswith(words)


def passed(lead: Lead, *, by: str, to: str = ANNA) -> Lead:
    after = decide(lead, Decision(Status.NEW, at(40), by, Choice.PASS, "c9"))
    return replace(after, cells=replace(after.cells, owner=to), handover=Handover(to, told=SALES, number=1))


@pytest.mark.parametrize(
    ("by", "passing"),
    [
        (SALES, Passing("Passed to you by sales@")),
        ("sales@fabrikam.example", Passing("Passed to you by sales@fabrikam.example")),
        ("link", Passing("Passed to you by a colleague")),
        (BY_GRID, Passing("Passed to you in the table")),
        (ANNA, Passing("Now yours. sales@ had it before")),
    ],
)
def test_a_lead_that_was_passed_on_says_by_whom(by: str, passing: Passing) -> None:
    assert facts(passed(fold(None, delivery(0)), by=by)).passing == passing


def test_a_lead_whose_rule_changed_says_who_had_it() -> None:
    lead = replace(fold(None, delivery(0)), handover=Handover(ANNA, told=SALES, number=1))
    assert facts(lead).passing == Passing("Now yours. sales@ had it before")


def test_once_its_new_owner_was_told_a_lead_was_not_passed_on_any_more() -> None:
    lead = passed(fold(None, delivery(0)), by=SALES)
    told = replace(lead, last_reminder_at=at(45), handover=lead.handover.known())
    assert facts(told).passing == Passing()


def test_a_customer_who_asks_again_is_no_new_one() -> None:
    again = fold(answered(fold(None, delivery(0, "PLT"))), delivery(60 * 24 * 60, "PLT"))
    shown = facts(again, minutes=60 * 24 * 60 + 5)
    assert shown.reopening == Reopening("Reopened: contacted on 22 November 2026 by sales@contoso.example.", True)  # noqa: FBT003 -- as in the tuple
    assert facts(fold(None, delivery(0, "PLT"))).reopening == Reopening()


def test_a_lead_that_a_person_set_back_to_new_says_who_answered_it() -> None:
    back = decide(
        answered(replace(fold(None, delivery(0)), handover=Handover(ANNA))), Decision(Status.NEW, at(40), BY_GRID)
    )
    assert facts(back).reopening == Reopening("Reopened: contacted on 22 November by sales@.")
    by_hand = decide(fold(None, delivery(0)), Decision(Status.DISQUALIFIED, at(30), BY_GRID))
    back = decide(by_hand, Decision(Status.NEW, at(40), BY_GRID))
    assert facts(back).reopening == Reopening("Reopened: closed as not a fit on 22 November in the table.")


def test_who_asks_again_after_all_reminders_never_got_an_answer() -> None:
    resting = replace(fold(None, delivery(0)), last_reminder_at=at(30), next_reminder_at=None, reminders_sent=4)
    resting = replace(resting, history=resting.history.settled(is_left_open=True))
    again = facts(fold(resting, delivery(50, "PLT")))
    assert again.reopening.sentence == "Reopened: asked first on 22 November, and never answered."
    assert again.reopening.is_customers


@pytest.mark.parametrize(
    ("cell", "status", "unread"), [("talking to", "New", "talking to"), ("New", "New", ""), ("", "New", "")]
)
def test_an_unreadable_word_is_told(cell: str, status: str, unread: str) -> None:
    lead = fold(None, delivery(0))
    shown = facts(replace(lead, cells=replace(lead.cells, status=cell)))
    assert (shown.status, shown.unread_status) == (status, unread)


@pytest.mark.parametrize("choice", Choice)
def test_every_choice_has_its_words(choice: Choice) -> None:
    assert describe_choice(choice) != choice or choice in {Choice.CONTACTED, Choice.QUALIFIED, Choice.SPAM}


def test_the_strongest_unanswered_wish_leads_and_each_action_has_its_own_time() -> None:
    lead = fold(fold(fold(None, delivery(0, "INS")), delivery(30, "PLT")), delivery(32, "INS", description="more"))
    shown = facts(lead)
    assert (lead.shown.action_code, shown.shown.action_code) == ("INS", "PLT")
    assert (shown.wished_at, shown.acted_at) == (at(30), at(0))
    assert shown.did_later == "pressed Get it now or Free trial on AppSource on Sun 22 Nov, 13:32 CET"
    (said,) = facts(fold(None, delivery(0, offer=ERP)), lead).other_offers
    assert said == "Contoso CRM: pressed Contact me on AppSource, not answered yet"


def test_once_it_is_answered_the_latest_action_is_shown() -> None:
    lead = answered(fold(fold(None, delivery(0, "PLT")), delivery(2, "INS")))
    assert (facts(lead).shown.action_code, facts(lead).did_later) == ("INS", "")
    asked = fold(lead, delivery(40, "PLT", description="again"))
    later = facts(fold(asked, delivery(50, "Create")))
    assert (later.shown.action_code, later.acted_at, later.wished_at) == ("PLT", at(40), None)


def closed(lead: Lead) -> Lead:
    return decide(lead, Decision(Status.DO_NOT_CONTACT, at(30), SALES, Choice.DO_NOT_CONTACT, "c1", name="Sabine"))


def lifted(lead: Lead, *, by: str = ANNA, reason: str = "She called.") -> Lead:
    return decide(lead, Decision(Status.NEW, at(50), by, Choice.LIFT, "c2", reason=reason))


def test_a_lift_is_told_with_who_lifted_it_and_why_and_the_customers_own_time() -> None:
    lead = replace(lifted(closed(fold(None, delivery(0, "PLT")))), handover=Handover(SALES))
    shown = facts(lead)
    assert shown.reopening.with_reason == "Do not contact (Sabine), lifted by anna@: “She called.”"
    assert "She called" not in shown.reopening.sentence
    assert (shown.acted_at, shown.wished_at, shown.waited) == (at(0), None, timedelta(minutes=10))
    by_hand = facts(lifted(closed(fold(None, delivery(0))), by=BY_GRID, reason=""))
    assert by_hand.reopening.with_reason == "Do not contact (Sabine), lifted in the table."


def test_a_draft_after_a_lift_gets_back_to_nobody_who_was_never_answered() -> None:
    never = facts(lifted(closed(fold(None, delivery(0, "PLT")))))
    words = LeadWords.of(never, limit=80, was_answered=False)
    assert words.draft
    assert words.draft.body.partition("\n\n")[2].startswith("Thank you for asking us to get in touch")
    before = facts(lifted(closed(answered(fold(None, delivery(0, "PLT")), minutes=10))))
    words = LeadWords.of(before, limit=80, was_answered=False)
    assert words.draft
    assert "I am getting back to you" in words.draft.body


@pytest.mark.parametrize(
    ("choice", "reason", "told"),
    [
        (Choice.SPAM, "Spam", "closed as spam on 22 November by sales@contoso.example."),
        (Choice.NOT_A_FIT, "too small", "closed as not a fit on 22 November by sales@contoso.example: “too small”."),
    ],
)
def test_a_reopened_lead_says_how_it_was_closed(choice: Choice, reason: str, told: str) -> None:
    lead = fold(None, delivery(0, "PLT"))
    lead = decide(lead, Decision(Status.DISQUALIFIED, at(30), SALES, choice, "c1"))
    lead = replace(lead, cells=replace(lead.cells, disqualified_reason=reason))
    assert facts(fold(lead, delivery(40, "PLT", description="again"))).reopening.with_reason == f"Reopened: {told}"


def test_a_notice_of_the_marketplace_is_no_do_not_contact_of_a_person() -> None:
    (said,) = facts(fold(None, delivery(0)), fold(None, delivery(0, "DNC", offer=ERP))).other_offers
    assert said == "erp: asked another partner on AppSource, nothing to do"
