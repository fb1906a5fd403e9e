"""From a lead to what is shown of it."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from lead_core.lead.choices import Choice
from lead_core.lead.decisions import decide
from lead_core.lead.history import History
from lead_core.lead.lead import Cells, Decision, Lead, fold
from lead_core.lead.values import Offer, Status
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.words import describe_choice
from tests.examples import at, delivery

BERLIN = ZoneInfo("Europe/Berlin")
SALES = "sales@contoso.example"


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


def test_news_counts_from_the_news() -> None:
    shown = facts(fold(answered(fold(None, delivery(0))), delivery(50, "Create")))
    assert shown.acted_ago == timedelta(minutes=10)


def test_nobody_waits_a_negative_time() -> None:
    assert facts(fold(None, delivery(0)), minutes=-5).acted_ago == timedelta(0)


def test_the_history_tells_the_latest_first() -> None:
    lead = replace(answered(fold(None, delivery(0, "PLT"))), cells=Cells(status="Contacted"))
    by_hand = decide(lead, Decision(Status.QUALIFIED, at(40), "grid"))
    assert [line.sentence for line in facts(by_hand).history] == [
        "Qualified (grid).",
        f"Contacted ({SALES}).",
        "The customer pressed Contact me on AppSource.",
    ]


def test_a_lead_whose_history_was_edited_by_hand_is_still_shown() -> None:
    lead = fold(None, delivery(0))
    emptied = replace(lead, history=History(), waiting_since=None)
    assert facts(emptied).acted_ago == timedelta(0)
    decided = replace(lead, decisions=(Decision(Status.CONTACTED, at(30), SALES, "phoned", "c1"),))
    assert facts(decided).history[0].sentence == f"Phoned ({SALES})."


def test_other_offers_are_said_in_plain_sentences() -> None:
    erp = answered(fold(None, delivery(0, "StartTestDrive", offer=Offer("contoso", "erp", ""))))
    assert facts(fold(None, delivery(0)), erp).other_offers == ("erp: started a test drive, Contacted",)


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
