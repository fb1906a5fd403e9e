"""The one door: every change of a lead does all that belongs to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.answers import find_last_answer
from lead_core.lead.changes import StoredLead, answered, delivered, edited, mailed, refused
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.do_not_contact import find_do_not_contact
from lead_core.lead.follow_up import FollowUpPolicy, Turn, find_due_time, find_turn
from lead_core.lead.lead import BY_GRID, Decision, Lead
from lead_core.lead.owners import Owners
from lead_core.lead.values import Offer, Status
from tests.examples import ANNA, CRM, JOHN, SALES, at, delivery

POLICY = FollowUpPolicy(owners=Owners.parse(SALES), internal_domains=frozenset({"inside.example"}))
ERP, POS = Offer("contoso", "erp", "ERP"), Offer("contoso", "pos", "POS")


def new_lead(offer: Offer = CRM) -> Lead:
    return delivered(None, delivery(0, offer=offer), POLICY)


def as_read(lead: Lead, *others: Lead, **cells: str) -> StoredLead:
    """Return a lead as it is read after a person typed *cells*, half an hour after noon."""
    return StoredLead(replace(lead, cells=replace(lead.cells, **cells)), "v1", at(30), others)


def say(stored: StoredLead, choice: Choice, **said: Any) -> Lead:
    answer = Answer(choice=choice, **{"click": "c1", **said})
    return answered(stored, answer, by=ANNA, at=at(60), policy=POLICY)


CHANGES: dict[str, Callable[[StoredLead], Lead]] = {
    "delivered": lambda stored: delivered(stored, delivery(60, contact=replace(JOHN, email="")), POLICY),
    "edited": lambda stored: edited(stored, POLICY),
    "answered": lambda stored: say(stored, Choice.TRIED),
    "mailed": lambda stored: mailed(stored, find_turn(stored.lead), to="", at=at(60), policy=POLICY),
    "refused": lambda stored: refused(stored, SALES, at=at(0), policy=POLICY),
}
each_change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())


@each_change
def test_a_change_begins_with_what_people_edited(change: Callable[[StoredLead], Lead]) -> None:
    changed = change(as_read(new_lead(), status="contacted", note="called"))
    decision = changed.decisions[0]
    assert (decision.status, decision.by, decision.at) == (Status.CONTACTED, BY_GRID, at(30))
    assert (changed.status, changed.cells.note, changed.next_reminder_at is None) == (
        Status.CONTACTED,
        "called",
        change is not CHANGES["delivered"],  # The customer did something more, which is news.
    )


@each_change
def test_a_change_passes_a_lead_on_to_the_owner_who_was_typed(change: Callable[[StoredLead], Lead]) -> None:
    changed = change(as_read(new_lead(), owner=ANNA))
    assert changed.decisions[0].choice == Choice.PASS
    assert (changed.cells.owner, changed.seen_owner, changed.next_reminder_at) == (ANNA, ANNA, at(30))


@each_change
def test_a_change_applies_do_not_contact_of_another_offer(change: Callable[[StoredLead], Lead]) -> None:
    closed = say(as_read(new_lead(ERP)), Choice.DO_NOT_CONTACT)
    changed = change(as_read(new_lead(), closed))
    assert (changed.status, changed.cells.status, changed.next_reminder_at) == (
        Status.DO_NOT_CONTACT,
        "DoNotContact",
        None,
    )


def test_do_not_contact_on_two_other_offers_counts_from_the_later_one() -> None:
    closing = [Decision(Status.DO_NOT_CONTACT, at(minutes), ANNA) for minutes in (20, 60)]
    others = [
        replace(new_lead(offer), decisions=(decision,)) for offer, decision in zip((ERP, POS), closing, strict=True)
    ]
    assert find_do_not_contact(new_lead(), others) == closing[1]
    assert find_do_not_contact(new_lead(), reversed(others)) == closing[1]


@each_change
def test_a_change_ends_with_the_owner_by_the_rules_and_the_next_mail(change: Callable[[StoredLead], Lead]) -> None:
    unscheduled = replace(new_lead(), next_reminder_at=None)
    emptied = replace(unscheduled, cells=replace(unscheduled.cells, owner=""), written_owner="", seen_owner="")
    changed = change(StoredLead(emptied, "v1", at(30)))
    assert (changed.cells.owner, changed.written_owner, changed.seen_owner) == (SALES, SALES, SALES)
    assert changed.next_reminder_at == find_due_time(changed, POLICY) is not None


@each_change
def test_a_change_marks_our_own_people(change: Callable[[StoredLead], Lead]) -> None:
    own = replace(new_lead(), shown=replace(new_lead().shown, email="ida@inside.example"))
    changed = change(as_read(own))
    assert (changed.is_internal, changed.next_reminder_at) == (True, None)


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=8))
def test_after_any_changes_a_lead_has_nothing_left_to_be_noticed(names: list[str]) -> None:
    lead = new_lead()
    for name in names:
        lead = CHANGES[name](as_read(lead))
    assert edited(as_read(lead), POLICY) == lead


def test_the_other_leads_of_a_person_are_known_with_what_was_typed_into_them() -> None:
    crm, erp = as_read(new_lead()), as_read(new_lead(ERP), status="do not contact")
    (other,) = crm.beside([crm, erp]).others
    assert (other.key, other.status) == (erp.lead.key, Status.DO_NOT_CONTACT)
    assert edited(crm.beside([crm, erp]), POLICY).status is Status.DO_NOT_CONTACT


def test_a_mail_of_another_turn_changes_nothing() -> None:
    lead = new_lead()
    assert mailed(as_read(lead), Turn(7, 0), to="", at=at(60), policy=POLICY) == lead
    told = mailed(as_read(lead), find_turn(lead), to="", at=at(60), policy=POLICY)
    assert (told.reminders_sent, told.last_reminder_at) == (1, at(60))
    assert mailed(as_read(told), find_turn(lead), to="", at=at(90), policy=POLICY) == told


def test_a_follow_up_is_planned_for_the_start_of_its_day() -> None:
    day = (at(0) + timedelta(days=5)).date()
    answer = Answer(choice=Choice.CONTACTED_FOLLOW_UP, click="c1", follow_up_on=day)
    planned = answered(as_read(new_lead()), answer, by=ANNA, at=at(60), policy=POLICY)
    assert planned.next_reminder_at == POLICY.start_of(day)


def test_a_delivery_that_is_known_is_known_and_another_is_not() -> None:
    history = new_lead().history
    assert history.knows(delivery(0).action)
    assert not history.knows(delivery(5).action)  # The same action, and its last delivery is a later one.
    assert not history.knows(delivery(0, contact=replace(JOHN, title="CEO")).action)


@pytest.mark.parametrize(
    ("before", "status"),
    [((), Status.NEW), ((Decision(Status.QUALIFIED, at(10), ANNA),), Status.QUALIFIED)],
)
def test_a_row_of_the_version_before_gets_back_its_status_when_do_not_contact_is_lifted(
    before: tuple[Decision, ...], status: Status
) -> None:
    """Its decisions do not say what was before them."""
    taken = (*before, Decision(Status.DO_NOT_CONTACT, at(20), ANNA))
    closed = replace(new_lead(), history=new_lead().history.settled(), decisions=taken, written_status="")
    lifted = say(as_read(closed, status="DoNotContact"), Choice.LIFT, reason="Asked.")
    assert (lifted.status, lifted.cells.status) == (status, status)


def test_a_lift_by_another_row_leaves_what_only_a_notice_had_closed() -> None:
    """Its customer never asked for anything on that offer."""
    notice = delivered(None, delivery(0, "DNC", offer=ERP), POLICY)
    typed = edited(as_read(replace(notice, written_status="x"), status="do not contact"), POLICY)
    lifted = say(as_read(say(as_read(new_lead()), Choice.DO_NOT_CONTACT)), Choice.LIFT, reason="Asked.", click="c2")
    assert edited(as_read(typed, lifted), POLICY).status is Status.DO_NOT_CONTACT


def test_who_asks_to_be_contacted_while_it_is_forbidden_waits_after_it_is_lifted() -> None:
    answered_lead = say(as_read(new_lead()), Choice.CONTACTED)
    closed = say(as_read(answered_lead), Choice.DO_NOT_CONTACT)
    asked = delivered(as_read(closed), delivery(90, "PLT"), POLICY)
    assert asked.status is Status.DO_NOT_CONTACT
    assert say(as_read(asked), Choice.LIFT, reason="They asked.").status is Status.NEW


def test_what_was_answered_before_do_not_contact_is_the_last_answer_after_it_is_lifted() -> None:
    lead = new_lead()
    for choice in (Choice.CONTACTED, Choice.DO_NOT_CONTACT, Choice.LIFT):
        lead = say(as_read(lead), choice, click=f"{choice}", reason="They asked.")
    asked = delivered(as_read(lead), delivery(90, "PLT"), POLICY)
    last = find_last_answer(asked)
    assert last is not None
    assert (asked.status, last.status) == (Status.NEW, Status.CONTACTED)
