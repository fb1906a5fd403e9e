"""What a replay finds, in words for the person who decides about it."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from lead_core.lead.changes import StoredLead, completed, made_anew
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Delivery, Lead
from lead_core.lead.person import Contact
from lead_core.lead.replay import Difference, Lack, ReplayChoices, find_missing, find_other_values
from lead_core.views.replayed import name_cell, name_lead, name_offer, tell_consequences, tell_difference
from lead_core.views.standing import tell_standing
from tests.examples import JOHN, NOON, at, delivery

BERLIN = ZoneInfo("Europe/Berlin")
POLICY = FollowUpPolicy()
AS_NEW, AS_ANSWERED = ReplayChoices(NOON - timedelta(days=1)), ReplayChoices(NOON + timedelta(days=1))
TEST = replace(JOHN, first_name="MSFT_TEST")


def make(*deliveries: Delivery, choices: ReplayChoices = AS_NEW) -> Lead:
    return made_anew(deliveries, [], POLICY, choices)


def lost(lead: Lead) -> Difference:
    return Difference(Lack.NO_ROW, None, lead)


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        (make(delivery()), "It comes back as New, waiting since 2026-11-22 13:00."),
        (make(delivery(), choices=AS_ANSWERED), "It comes back as Contacted: it is taken as answered."),
        (make(delivery(contact=TEST), choices=AS_ANSWERED), "It comes back as a test lead."),
        (make(delivery(code="DNC"), choices=AS_ANSWERED), "It comes back as Do not contact."),
    ],
)
def test_a_lead_without_a_row_is_told_with_what_it_comes_back_as(lead: Lead, said: str) -> None:
    assert tell_difference(lost(lead), BERLIN) == f"It has no row in Leads. {said}"


def test_what_changes_in_a_row_is_told_cell_by_cell() -> None:
    before = make(delivery())
    after = make(delivery(), delivery(60, "PLT", contact=replace(JOHN, company="Contoso")))
    assert tell_difference(Difference(Lack.INCOMPLETE, before, after), BERLIN) == (
        "Its row lacks what was received. Actions “1” becomes “2”, company “Northwind” becomes “Contoso”, "
        "action code “INS” becomes “PLT”."
    )


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        (Lack.DAMAGED, "Cells that only the app writes were changed or damaged. They are made again."),
        (Lack.NOT_LISTED, "Its entry in FollowUps is missing, or was changed by hand."),
    ],
)
def test_what_changes_nothing_that_people_read_is_told_in_a_sentence(lack: Lack, said: str) -> None:
    lead = make(delivery())
    assert tell_difference(Difference(lack, lead, lead), BERLIN) == said


def test_before_anybody_agrees_it_is_said_what_is_lost_and_who_is_mailed() -> None:
    old, new = make(delivery(), choices=AS_ANSWERED), make(delivery())
    lines = list(tell_consequences([lost(old), lost(new), lost(new)], AS_NEW, BERLIN))
    assert [line.partition(" ")[0] for line in lines] == ["3", "1", "2"]
    assert "who is not to be contacted" in lines[0]
    assert "received before 2026-11-21 13:00: taken as answered, nobody is mailed." in lines[1]
    assert "to be told" in lines[2]


def test_where_no_row_is_lost_and_nobody_is_mailed_nothing_is_said() -> None:
    lead = make(delivery())
    assert list(tell_consequences([Difference(Lack.DAMAGED, lead, lead)], AS_NEW, BERLIN)) == []


def test_a_lead_is_named_by_the_best_that_is_known() -> None:
    nobody = make(delivery(contact=Contact()))
    assert (name_lead(make(delivery())), name_lead(nobody)) == ("John Smith", "A customer who left no name")
    assert name_offer(nobody) == "Contoso CRM"


def test_a_cell_that_people_changed_is_named() -> None:
    lead = make(delivery())
    lead = replace(lead, shown=replace(lead.shown, first_name="Jon"))
    (other,) = find_other_values(lead, [delivery()])
    assert (name_cell(other), other.here, other.received) == ("first name", "Jon", "John")


def test_a_later_delivery_is_no_edit() -> None:
    lead = make(delivery(), delivery(60, contact=replace(JOHN, company="Contoso")))
    assert find_other_values(lead, [delivery()]) == ()


def test_a_page_says_that_an_answer_is_only_assumed() -> None:
    lead = make(delivery(), choices=AS_ANSWERED)
    told = tell_standing(lead, now=at(60), zone=BERLIN)
    assert told.sentences[0] == (
        "Its row was lost and made again. Whether it was answered is not known, so it counts as Contacted."
    )


def test_each_delivery_that_is_not_known_is_missing_once() -> None:
    lead = make(delivery(), delivery(5), delivery(60, "PLT"))
    again, other = delivery(4, event=99), delivery(200, "StartTestDrive")
    assert list(find_missing(lead.history, [other, delivery(), delivery(5), again, delivery(60, "PLT")])) == [other]


def test_an_event_that_is_known_is_known_even_if_more_is_read_out_of_it() -> None:
    lead = make(delivery(contact=replace(JOHN, title="")))
    assert list(find_missing(lead.history, [delivery()])) == []


def test_what_is_known_is_completed_to_itself() -> None:
    lead = make(delivery(), delivery(60, "PLT"))
    assert completed(StoredLead(lead, None, at(60)), [delivery()], POLICY, AS_NEW) == lead
