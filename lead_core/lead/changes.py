"""The one door: every change of a lead goes through here.

Each change begins with what people edited and with what *do not contact* on another offer means for this one, and it
ends with the owner and the time of the next mail. So no caller can forget one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lead_core.lead.decisions import apply_hand_edits, decide, hand_over, record_answer
from lead_core.lead.delivery import Shown
from lead_core.lead.do_not_contact import apply_do_not_contact
from lead_core.lead.follow_up import find_turn, is_owner, record_mail, schedule
from lead_core.lead.lead import BY_ERASURE, Decision, fold
from lead_core.lead.past import BY_IMPORT, BY_REPLAY, record_past
from lead_core.lead.replay import assume_answered, find_missing, find_past, put_in_order, write_received
from lead_core.lead.salvage import rebuild
from lead_core.lead.spam import forget_spam, is_spam
from lead_core.lead.values import Status, is_same_person

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from lead_core.lead.choices import Answer
    from lead_core.lead.delivery import Delivery
    from lead_core.lead.erasure import Erasure
    from lead_core.lead.follow_up import FollowUpPolicy, Turn
    from lead_core.lead.lead import Lead
    from lead_core.lead.replay import ReplayChoices


@dataclass(frozen=True, slots=True)
class StoredLead:
    """A lead as it was read. Write it back only on this version."""

    lead: Lead
    version: object
    changed_at: datetime
    """When the row was last written. What people edited in it, they edited then."""
    others: tuple[Lead, ...] = ()
    """The same person's leads on other offers, as far as they were read."""

    def beside(self, person: Iterable[StoredLead]) -> StoredLead:
        """Return the lead with the other leads of its person, and what people edited in those."""
        key = self.lead.key
        others = (other for other in person if other.lead.key != key and is_same_person(other.lead.key, key))
        edited = (apply_hand_edits(other.lead, edited_at=other.changed_at) for other in others)
        return replace(self, others=tuple(edited))


def is_edited(stored: StoredLead) -> bool:
    """Whether people edited the lead's row, or typed it, since the app last wrote it."""
    lead = stored.lead
    is_typed = lead.needs_writing and not lead.identified_by
    return is_typed or bool(lead.unread) or apply_hand_edits(lead, edited_at=stored.changed_at) != lead


def delivered(
    stored: StoredLead | None, delivery: Delivery, policy: FollowUpPolicy, *, past_by: str = BY_IMPORT
) -> Lead:
    """Return a lead with one more delivery in it. The first delivery makes the lead.

    *past_by* is who says what became of it, if it was answered before it came.
    """
    before = _current(stored, policy) if stored else None
    after = fold(before, delivery)
    if before and is_spam(before) and not is_spam(after):  # Its customer asks to be contacted.
        after = replace(after, cells=forget_spam(after.cells))
    if delivery.past:
        after = record_past(after, delivery.past, at=delivery.received_at, by=past_by)
    return schedule(after, policy)


def objected(lead: Lead, person: Iterable[StoredLead], erasure: Erasure, policy: FollowUpPolicy) -> Lead:
    """Return a new lead of a person who was erased and had asked not to be contacted. It is closed from the start.

    Unless someone has lifted that since, on another offer of the *person*.
    """
    if is_objection_lifted(person, erasure):
        return lead
    return schedule(decide(lead, Decision(Status.DO_NOT_CONTACT, erasure.at, BY_ERASURE)), policy)


def is_objection_lifted(person: Iterable[StoredLead], erasure: Erasure) -> bool:
    """Whether someone lifted *do not contact* on any of a person's leads since their *erasure*."""
    return erasure.is_lifted(apply_hand_edits(each.lead, edited_at=each.changed_at) for each in person)


def edited(stored: StoredLead, policy: FollowUpPolicy) -> Lead:
    """Return a lead with what people edited in it."""
    return schedule(_current(stored, policy), policy)


def others_beside(stored: StoredLead, lead: Lead) -> tuple[Lead, ...]:
    """Return the person's other leads with what *lead*, the stored one as it now stands, says of the person."""
    person = (lead, *stored.others)
    return tuple(apply_do_not_contact(other, person) for other in stored.others)


def answered(stored: StoredLead, answer: Answer, *, by: str, at: datetime, policy: FollowUpPolicy) -> Lead:
    """Return a lead after an answer on its follow-up page. The same click again changes nothing."""
    current = edited(stored, policy)  # With its new owner, for whom this is the answer too.
    return schedule(record_answer(current, answer, by=by, at=at, policy=policy), policy)


def given(stored: StoredLead, to: str, *, at: datetime, is_confirmed: bool, policy: FollowUpPolicy) -> Lead:
    """Return a lead after the person who operates the app gave it to another owner. Given twice, it is given once."""
    current = edited(stored, policy)
    if is_owner(current, to, policy.owners):
        return current
    return schedule(hand_over(current, to, at=at, is_confirmed=is_confirmed), policy)


def mailed(stored: StoredLead, turn: Turn, *, to: str, at: datetime, policy: FollowUpPolicy) -> Lead:
    """Return a lead after the mail of *turn* went out. If the lead has moved on since, the mail changes nothing."""
    lead = _current(stored, policy)
    if find_turn(lead) != turn:
        return schedule(lead, policy)
    if lead.refused_owner and to == lead.refused_owner:
        # The address works again, so its owner is the one who was told.
        lead = schedule(replace(lead, refused_owner="", refused_at=None), policy)
    return schedule(record_mail(lead, to=to, sent_at=at, policy=policy), policy)


def refused(stored: StoredLead, address: str, *, at: datetime, policy: FollowUpPolicy) -> Lead:
    """Return a lead after the mail provider refused its owner's *address*."""
    return schedule(replace(_current(stored, policy), refused_owner=address, refused_at=at), policy)


def kept_from_escalation(stored: StoredLead, turn: Turn, policy: FollowUpPolicy) -> Lead:
    """Return a lead that rests, because the mail of *turn* can't go to the one in `ESCALATE_TO`."""
    lead = _current(stored, policy)
    return schedule(replace(lead, escalates_at=None) if find_turn(lead) == turn else lead, policy)


def rebuilt(stored: StoredLead, deliveries: Iterable[Delivery], policy: FollowUpPolicy) -> Lead:
    """Return a lead whose history was lost, with the history that its *deliveries* make. Without any, it goes on."""
    return schedule(rebuild(_current(stored, policy), deliveries), policy)


def without_erased(
    stored: StoredLead, deliveries: Iterable[Delivery], erasure: Erasure, policy: FollowUpPolicy
) -> Lead:
    """Return a lead as its *deliveries* make it, if others of an erased person stand in it as well.

    It is a new lead, unless a person decided something since the *erasure*. Then what people did stays, without the
    reasons that they gave before.
    """
    lead = _current(stored, policy)
    if not any(taken.at > erasure.at for taken in lead.decisions):
        return _made_new(stored, deliveries, erasure, policy)
    decisions = tuple(taken if taken.at > erasure.at else replace(taken, reason="") for taken in lead.decisions)
    bare = replace(lead, shown=Shown(), history=replace(lead.history, is_lost=True), decisions=decisions)
    return schedule(rebuild(bare, deliveries), policy)


def _made_new(stored: StoredLead, deliveries: Iterable[Delivery], erasure: Erasure, policy: FollowUpPolicy) -> Lead:
    lead = None
    for each in put_in_order(deliveries):
        lead = delivered(_unchanged(lead) if lead else None, each, policy)
    assert lead
    person = [_unchanged(other) for other in stored.others]
    return objected(lead, person, erasure, policy) if erasure.objects else lead


def made_anew(
    deliveries: Iterable[Delivery], person: Iterable[StoredLead], policy: FollowUpPolicy, choices: ReplayChoices
) -> Lead:
    """Return the lead that *deliveries* make, one at least, beside the other leads of its *person*."""
    lead = None
    for each in put_in_order(deliveries):
        lead = _replayed(_unchanged(lead) if lead else None, each, policy, before=choices.answered_before)
    assert lead
    return edited(_unchanged(lead).beside(person), policy)


def completed(
    stored: StoredLead, deliveries: Collection[Delivery], policy: FollowUpPolicy, choices: ReplayChoices
) -> Lead:
    """Return a lead with all that its *deliveries* say and its row does not. What people decided and wrote stays."""
    lead = rebuild(_current(stored, policy), deliveries)
    before = find_past(lead, choices)
    for each in find_missing(lead.history, deliveries):
        lead = _replayed(replace(stored, lead=lead), each, policy, before=before)
    return schedule(write_received(lead, deliveries, undoes_edits=choices.undoes_edits), policy)


def _replayed(stored: StoredLead | None, delivery: Delivery, policy: FollowUpPolicy, *, before: datetime) -> Lead:
    """Return a lead with a delivery that its row lacks. What was received *before* then counts as answered."""
    past = assume_answered(delivery, before=before)
    return delivered(stored, past, policy, past_by=BY_IMPORT if delivery.past else BY_REPLAY)


def _unchanged(lead: Lead) -> StoredLead:
    """Return a lead as if it was just read, and nobody had edited it."""
    return StoredLead(lead, version=None, changed_at=lead.history.last_at)


def _current(stored: StoredLead, policy: FollowUpPolicy) -> Lead:
    """Return a lead with what people did to it and to the person's other leads."""
    whole = replace(stored.lead, needs_writing=False)  # From now on, its row says all that is known.
    obeyed = apply_hand_edits(whole, edited_at=stored.changed_at, touches=policy.touches)
    return apply_do_not_contact(obeyed, stored.others)
