"""What came for each offer lately."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lead_core.lead.arrivals import MOST_OFFERS, Arrivals
from lead_core.lead.changes import StoredLead, answered, delivered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.silence import COUNTED_FOR
from lead_core.lead.tally import OfferArrivals
from lead_core.lead.values import Offer
from tests.examples import CRM, NOON, SALES, at, delivery, person

POLICY = FollowUpPolicy(owners=Owners.parse(SALES), internal_domains=frozenset({"contoso.example"}))
ERP = Offer("contoso", "erp")


def make(*actions: tuple[float, str], number: int = 0, offer: Offer = CRM, **others: str) -> Lead:
    """Return a lead whose customer acted at some minutes."""
    contact, stored = replace(person(number), **others), None
    for minutes, code in actions:
        lead = delivered(stored, delivery(minutes, code, contact=contact, offer=offer), POLICY)
        stored = StoredLead(lead, None, at(minutes))
    assert stored
    return stored.lead


def add_up(*leads: Lead) -> tuple[OfferArrivals, ...]:
    arrivals = Arrivals(NOON)
    for lead in leads:
        arrivals.add(lead)
    return arrivals.most()


def test_the_days_on_which_customers_acted_are_added_up_by_offer() -> None:
    two_days = make((-25 * 60, "INS"), (-60, "INS"), (-30, "PLT"))
    leads = (two_days, make((-20, "INS"), number=1), make((-10, "INS"), number=2, offer=ERP))
    assert (
        add_up(*leads)
        == add_up(*reversed(leads))
        == (
            OfferArrivals("contoso.contoso-crm", "Contoso CRM", 3, at(-20)),
            OfferArrivals("contoso.erp", "contoso.erp", 1, at(-10)),
        )
    )


def test_only_the_last_90_days_count() -> None:
    days = COUNTED_FOR / timedelta(minutes=1)
    (crm,) = add_up(make((-days - 1, "INS"), (-days, "PLT")))
    assert (crm.arrivals, crm.last_at) == (1, NOON - COUNTED_FOR)
    assert add_up(make((-days - 1, "INS"))) == ()
    assert add_up(make((2 * 24 * 60, "INS"))) == ()  # No lead came from the future.


@pytest.mark.parametrize(
    "lead",
    [
        make((-10, "DNC")),
        make((-10, "INS"), title="MSFT_TEST"),
        make((-10, "INS"), email="anna@contoso.example"),
    ],
)
def test_what_is_no_customers_own_action_does_not_count(lead: Lead) -> None:
    assert add_up(lead) == ()


def test_spam_does_not_count() -> None:
    stored = StoredLead(make((-10, "INS")), None, NOON)
    spam = answered(stored, Answer(choice=Choice.SPAM, click="c"), by=SALES, at=NOON, policy=POLICY)
    assert add_up(spam) == ()


def test_the_offers_with_the_most_arrivals_are_kept() -> None:
    offers = [Offer("contoso", f"offer-{number:04}") for number in range(1_100)]
    busy = [make((-10, "INS"), (-30, "PLT"), number=number, offer=offers[number]) for number in range(900, 920)]
    kept = add_up(*(make((-10, "INS"), offer=offer) for offer in offers), *busy)
    assert len(kept) == MOST_OFFERS
    assert [each.offer for each in kept if each.arrivals > 1] == [f"contoso.offer-{n:04}" for n in range(900, 920)]
