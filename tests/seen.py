"""What people see of a lead, for tests: its facts, a card in a mail, the mail, the page."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from lead_core.lead.delivery import Shown
from lead_core.lead.follow_up import Kind
from lead_core.views.card import Card
from lead_core.views.digest import Digest
from lead_core.views.facts import Facts, HistoryLine
from lead_core.views.openings import Passing, Reopening
from lead_core.views.page import FollowUpPage
from lead_core.views.unanswered import UnansweredLead, UnansweredList
from tests.examples import at

LINK = "https://leads.contoso.example/api/follow-up/IjZkMGU4ZmM0NTBhNGQ0Il0.aVmKrQ.4sRz1mD3w2kPZ"
MY_LEADS = "https://leads.contoso.example/api/my-leads/WyI2ZDBlOGZjNDUwYTRkNCJd.aVmKrQ.7tRz1mD3w2kPZ"
SEEN_AT = datetime(2026, 11, 26, 23, 31, tzinfo=ZoneInfo("Europe/Berlin"))
TODAY = SEEN_AT.date()

Of = TypeVar("Of", Shown, Facts, Card, FollowUpPage, UnansweredLead)


def change(usual: Of, given: dict[str, Any]) -> Of:
    """Return *usual* with the values of *given* that it has fields for, and take those out of *given*."""
    names = {field.name for field in fields(usual)} & set(given)
    return replace(usual, **{name: given.pop(name) for name in names})


def change_facts(usual: Facts, given: dict[str, Any]) -> Facts:
    """Do the same with the facts of a lead, including what its customer says, and when: ``acted_ago``."""
    if "acted_ago" in given:
        given["acted_at"] = usual.seen_at - given.pop("acted_ago")
    return change(replace(usual, shown=change(usual.shown, given)), given)


ANA = Facts(
    shown=Shown(
        first_name="Ana",
        last_name="Silva",
        company="Northwind Traders",
        title="Head of Operations",
        country="BR",
        email="ana.silva@northwind.example",
        phone="+5511912345678",
        offer_title="Contoso CRM",
        source="AppSource",
        action_code="PLT",
    ),
    status="New",
    unread_status="",
    owner="sales@contoso.example",
    note="",
    disqualified_reason="",
    attempts=0,
    mails_sent=0,
    waited=timedelta(minutes=20),
    seen_at=SEEN_AT,
    acted_at=SEEN_AT - timedelta(minutes=20),
    passing=Passing(),
    reopening=Reopening(),
    answered_at=None,
    answered_by="",
    other_offers=(),
    history=(),
)


def card(**given: Any) -> Card:
    """Return a card about Ana. *given* are fields of the card, of its facts, or of what its customer says."""
    facts = change_facts(ANA, given)
    changed = change(Card(facts=facts, kind=Kind.NOTICE, is_last=False, link=LINK), given)
    assert not given
    return changed


def digest(*cards: Card, **given: Any) -> Digest:
    """Return a mail to an owner."""
    usual = Digest(
        id="1" * 32,
        sender="leads@contoso.example",
        to="sales@contoso.example",
        escalate_to="",
        cards=cards,
        more=0,
        rejected=(),
        unanswered=UnansweredList(),
        my_leads=MY_LEADS,
        is_brief=False,
    )
    return replace(usual, **given)


def unanswered(**given: Any) -> UnansweredLead:
    """Return a lead that was never answered: Ana's, after twelve days. *given* is as for `card`."""
    facts = change_facts(replace(ANA, waited=timedelta(days=12)), given)
    changed = change(UnansweredLead(facts=facts, since=at(-12 * 24 * 60), link=LINK), given)
    assert not given
    return changed


def page(**given: Any) -> FollowUpPage:
    """Return the page of a lead that has waited for some days. *given* is as for `card`."""
    told = {
        "description": "Please call me.\nMornings are best.",
        "attempts": 1,
        "waited": timedelta(days=3),
        "other_offers": ("Contoso ERP: started a test drive, answered",),
        "history": (HistoryLine(at(0), "Pressed Contact me on AppSource."),),
    }
    given = {**told, **given}
    facts = change_facts(ANA, given)
    usual = FollowUpPage(facts=facts, action_url="/api/follow-up/token", click="click-1", today=TODAY)
    changed = change(usual, given)
    assert not given
    return changed
