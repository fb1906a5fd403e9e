"""Leads that a file tells of: they arrive answered, and change nothing that people decided here."""

from dataclasses import replace
from datetime import UTC

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.adapters.tables.marketplace_leads import TableInbox, envelope_from_row
from lead_core.lead.changes import StoredLead, answered, delivered, edited
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.delivery import Delivery
from lead_core.lead.follow_up import FollowUpPolicy, has_untold_owner
from lead_core.lead.lead import Lead
from lead_core.lead.owner_rules import OwnerRule
from lead_core.lead.owners import Owners
from lead_core.lead.past import BY_IMPORT
from lead_core.lead.received import Envelope
from lead_core.lead.status_words import Word
from lead_core.lead.to_do import find_follow_up
from lead_core.lead.values import Status
from lead_core.marketplace.notification import read_notification
from lead_core.views.openings import find_reopening
from tests.examples import NOON, SALES, at, body, delivery

POLICY = FollowUpPolicy()


def past(minutes: float = 0, word: Word = Word.CONTACTED, code: str = "INS") -> Delivery:
    return replace(delivery(minutes, code), past=word)


def stored(lead: Lead) -> StoredLead:
    return StoredLead(lead, version=None, changed_at=at(10_000))


def make(*deliveries: Delivery, lead: Lead | None = None) -> Lead:
    for each in deliveries:
        lead = delivered(stored(lead) if lead else None, each, POLICY)
    assert lead
    return lead


def answer(lead: Lead, choice: Choice, minutes: float) -> Lead:
    said = Answer(choice=choice, click=f"click-{minutes}", reason="They asked again.")
    return answered(stored(lead), said, by="anna@contoso.example", at=at(minutes), policy=POLICY)


def test_a_past_lead_is_answered_and_on_no_to_do_list() -> None:
    lead = make(past())
    assert lead.status is Status.CONTACTED
    assert lead.cells.status == "Contacted"
    assert (lead.waiting_since, lead.next_reminder_at) == (None, None)
    assert find_follow_up(lead, POLICY) is None


def test_nobody_knows_when_the_customer_of_a_past_lead_was_first_contacted() -> None:
    lead = make(past())
    assert (lead.first_contacted_at, lead.contacted_by) == (None, "")
    assert [(taken.by, taken.at) for taken in lead.decisions] == [(BY_IMPORT, NOON)]


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        (Word.QUALIFIED, Status.QUALIFIED, ""),
        (Word.DISQUALIFIED, Status.DISQUALIFIED, ""),
        (Word.SPAM, Status.DISQUALIFIED, "Spam"),
        (Word.DO_NOT_CONTACT, Status.DO_NOT_CONTACT, ""),
    ],
)
def test_a_past_lead_has_the_status_of_its_file(word: Word, status: Status, reason: str) -> None:
    lead = make(past(word=word))
    assert (lead.status, lead.cells.disqualified_reason) == (status, reason)


def test_a_past_lead_is_read_back_as_it_was_written() -> None:
    lead = make(past(), past(60, Word.QUALIFIED, "PLT"))
    assert lead_from_row(lead_to_row(lead)) == lead


def test_a_past_lead_is_no_edit_of_a_person() -> None:
    lead = make(past())
    assert edited(stored(lead), POLICY) == lead


def test_of_several_past_actions_the_latest_says_the_status() -> None:
    first, second = past(0, Word.QUALIFIED), past(60, Word.DISQUALIFIED, "PLT")
    for lead in (make(first, second), make(second, first)):
        assert lead.status is Status.DISQUALIFIED
        assert lead.history.count == 2
        assert len(lead.decisions) == 1


def test_a_notice_that_another_partner_was_asked_stays_a_notice() -> None:
    lead = make(past(code="DNC"))
    assert lead.status is Status.DO_NOT_CONTACT
    assert not lead.decisions


def test_an_own_past_action_answers_what_was_a_notice_alone() -> None:
    lead = make(delivery(0, "DNC"), past(-60))
    assert lead.status is Status.CONTACTED
    assert lead.next_reminder_at is None


def test_a_past_action_answers_nobody_who_waits_here() -> None:
    before = make(delivery(0))
    lead = make(past(-60), lead=before)
    assert lead.status is Status.NEW
    assert (lead.waiting_since, lead.next_reminder_at) == (before.waiting_since, before.next_reminder_at)
    assert lead.history.count == 2
    assert not lead.decisions


def test_a_past_action_leaves_the_answer_of_a_person() -> None:
    before = answer(make(delivery(0)), Choice.QUALIFIED, 30)
    lead = make(past(-60, Word.DISQUALIFIED), past(60, Word.DISQUALIFIED, "PLT"), lead=before)
    assert lead.status is Status.QUALIFIED
    assert lead.decisions == before.decisions
    assert lead.next_reminder_at is None


def test_the_same_action_in_a_file_leaves_it_unanswered() -> None:
    before = make(delivery(0))
    lead = make(past(5), lead=before)
    assert lead.waiting_since == before.waiting_since
    assert lead.history.count == 1


def test_a_new_click_of_a_past_customer_opens_the_lead() -> None:
    lead = make(past(), delivery(100, "PLT"))
    assert lead.status is Status.NEW
    assert lead.waiting_since == at(100)


def test_an_objection_in_a_file_holds_whatever_was_answered_here() -> None:
    before = answer(make(delivery(0)), Choice.CONTACTED, 30)
    assert make(past(-60, Word.DO_NOT_CONTACT), lead=before).status is Status.DO_NOT_CONTACT


def test_an_objection_in_a_file_does_not_undo_that_a_person_lifted_it_later() -> None:
    closed = answer(make(delivery(0)), Choice.DO_NOT_CONTACT, 10)
    lifted = answer(closed, Choice.LIFT, 60)
    assert make(past(20, Word.DO_NOT_CONTACT, "PLT"), lead=lifted).status is not Status.DO_NOT_CONTACT


def test_a_later_row_does_not_lift_an_objection() -> None:
    lead = make(past(0, Word.DO_NOT_CONTACT), past(60, Word.CONTACTED, "PLT"))
    assert lead.status is Status.DO_NOT_CONTACT


async def test_the_inbox_remembers_that_a_lead_was_imported() -> None:
    table = MemoryTable()
    envelope = Envelope("1" * 32, NOON, "", body(), past=Word.SPAM)
    await TableInbox(table).insert(read_notification(envelope))
    (row,) = table.rows
    assert row["ImportedAs"] == "Spam"
    assert envelope_from_row(row, NOON) == envelope


def test_a_posted_lead_cannot_say_that_it_is_past() -> None:
    table_row = b'{"userDetails": {"email": "ada@contoso.example"}, "ImportedAs": "Contacted", "actionCode": "INS"}'
    assert read_notification(Envelope("1" * 32, NOON, "", table_row)).delivery.past is None


def test_a_mail_about_a_past_lead_that_opens_says_that_a_file_told_of_it() -> None:
    opened = make(past(), delivery(100, "PLT"))
    assert find_reopening(opened, now=at(100), zone=UTC).sentence == (
        "Reopened: contacted on 22 November in an imported file."
    )


def test_a_past_lead_has_an_owner_who_is_not_new_once_it_opens() -> None:
    policy = replace(POLICY, owners=Owners((OwnerRule((SALES,)),)))
    lead = delivered(None, past(), policy)
    opened = delivered(stored(lead), delivery(100, "PLT"), policy)
    assert opened.cells.owner == SALES
    assert not has_untold_owner(opened)
    assert opened.next_reminder_at == at(100)
