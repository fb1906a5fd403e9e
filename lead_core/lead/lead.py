"""A lead: one person's interest in one offer, as its actions and people's decisions make it."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import NamedTuple, Self

from lead_core.lead.history import Action, History
from lead_core.lead.person import Contact, Identity
from lead_core.lead.values import LeadKey, Offer, Status, format_digest, is_own_action, shorten

BY_GRID = "grid"
"""Who decided, where somebody edited a cell of the table."""

MAX_HISTORY_TEXT_CHARACTERS = 32
"""A hundred actions have to fit into one cell, whatever codes they carry."""

_STATUS_BY_LETTERS = {status.lower(): status for status in Status}
_CLOSE_ENOUGH = 0.75


@dataclass(frozen=True, slots=True)
class Shown:
    """What a lead shows of its customer's actions; ``""`` is unknown."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    company: str = ""
    title: str = ""
    publisher_id: str = ""
    offer_id: str = ""
    offer_title: str = ""
    source: str = ""
    action_code: str = ""
    description: str = ""

    @classmethod
    def of(cls, contact: Contact, offer: Offer, *, source: str, action_code: str, description: str) -> Self:
        """Bring together what one notification says."""
        person = {part.name: getattr(contact, part.name) for part in fields(contact)}
        return cls(
            **person,
            publisher_id=offer.publisher_id,
            offer_id=offer.offer_id,
            offer_title=offer.title,
            source=source,
            action_code=action_code,
            description=description,
        )

    def known(self) -> dict[str, str]:
        """Give the values that are not blank, by field name."""
        return {part.name: value for part in fields(self) if (value := getattr(self, part.name))}

    @property
    def name(self) -> str:
        """The person's full name."""
        return f"{self.first_name} {self.last_name}".strip()


class Stamp(NamedTuple):
    """Whose a shown value is. The greater stamp wins: the customer's own actions, then the later receipt."""

    is_own: bool
    received_at: datetime
    event_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification as it concerns one lead."""

    event_id: str
    received_at: datetime
    identity: Identity
    row: str
    """The offer's key."""
    shown: Shown
    is_test: bool

    @property
    def key(self) -> LeadKey:
        """The lead it belongs to."""
        return LeadKey(self.identity.key, self.row)

    @property
    def stamp(self) -> Stamp:
        """What its values are compared by."""
        return Stamp(is_own_action(self.shown.action_code), self.received_at, self.event_id)

    @property
    def action(self) -> Action:
        """The customer's action that it tells of."""
        return Action(
            first_at=self.received_at,
            last_at=self.received_at,
            code=shorten(self.shown.action_code, MAX_HISTORY_TEXT_CHARACTERS),
            source=shorten(self.shown.source, MAX_HISTORY_TEXT_CHARACTERS),
            event_id=self.event_id,
            content=format_digest(*(f"{name}={value}" for name, value in sorted(self.shown.known().items())))[:16],
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person made of a lead. It answers the actions that stood in the row when it was taken."""

    status: Status
    at: datetime
    by: str
    """The address of a link's recipient, or `BY_GRID`."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What people may edit in the grid, as it stands there."""

    status: str = ""
    owner: str = ""
    note: str = ""
    disqualified_reason: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """One row of ``Leads``. Equal leads are equal rows."""

    key: LeadKey
    identified_by: str
    is_test: bool
    shown: Shown = field(default_factory=Shown)
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    history: History = field(default_factory=History)
    decisions: tuple[Decision, ...] = ()
    cells: Cells = field(default_factory=Cells)
    written_status: str = ""
    """What the app last wrote into the status cell; a cell unlike it was edited by hand."""
    is_internal: bool = False
    waiting_since: datetime | None = None
    next_reminder_at: datetime | None = None
    reminders_sent: int = 0
    last_reminder_at: datetime | None = None
    snoozed_until: datetime | None = None
    attempts: int = 0
    first_contacted_at: datetime | None = None
    contacted_by: str = ""

    @property
    def status(self) -> Status:
        """Where the lead stands, by what its customer did and what people decided."""
        decided = self.decisions[-1].status if self.decisions else None
        if decided is Status.DO_NOT_CONTACT:
            return decided  # Only a person lifts what a person set.
        if self.history.waiting_since:
            return Status.NEW
        if decided:
            return decided
        return Status.NEW if self.history.has_own_action else Status.DO_NOT_CONTACT


def fold(lead: Lead | None, delivery: Delivery) -> Lead:
    """Give *lead* with one more delivery in it; the first delivery makes the lead.

    Any order and any repetition of the same deliveries give the same lead. ::

        New, waiting                     nothing changes but the history
        answered, snoozed or resting     *Contact me* opens it anew; anything else is news
        closed by somebody's *do not contact*, or a notice that another partner was asked: it stays as it is
    """
    before = lead or Lead(delivery.key, delivery.identity.by, delivery.is_test)
    winning = {
        name: value
        for name, value in delivery.shown.known().items()
        if name not in before.stamps or before.stamps[name] < delivery.stamp
    }
    after = replace(
        before,
        shown=replace(before.shown, **winning),
        stamps={**before.stamps, **dict.fromkeys(winning, delivery.stamp)},
        history=before.history.add(delivery.action),
    )
    return _write_status(_run_clock(before, after))


def decide(lead: Lead, decision: Decision) -> Lead:
    """Give *lead* as a person's decision leaves it: all that stood in it is answered."""
    is_contact = decision.status in {Status.CONTACTED, Status.QUALIFIED} and lead.first_contacted_at is None
    return _write_status(
        replace(
            lead,
            history=lead.history.settled(),
            decisions=(*lead.decisions, decision),
            waiting_since=decision.at if decision.status is Status.NEW else None,
            reminders_sent=0 if decision.status is Status.NEW else lead.reminders_sent,
            snoozed_until=None,
            first_contacted_at=decision.at if is_contact else lead.first_contacted_at,
            contacted_by=decision.by if is_contact else lead.contacted_by,
        )
    )


def notice_hand_edit(lead: Lead, *, edited_at: datetime) -> Lead:
    """Take a status cell that somebody edited for the decision it is.

    A word that can't be guessed counts as unanswered, and stays in its cell for its writer to see.
    """
    if lead.cells.status == lead.written_status:
        return lead
    meant = parse_status(lead.cells.status) or Status.NEW
    return _write_status(lead) if meant is lead.status else decide(lead, Decision(meant, edited_at, BY_GRID))


def parse_status(text: str) -> Status | None:
    """Read a status as a tired person types it: ``do not contact``, ``contactd``; a blank is *New* again."""
    letters = re.sub(r"[^a-z]", "", text.lower())
    if not text.strip():
        return Status.NEW
    close = difflib.get_close_matches(letters, _STATUS_BY_LETTERS, n=1, cutoff=_CLOSE_ENOUGH)
    return _STATUS_BY_LETTERS[close[0]] if close else None


def _run_clock(before: Lead, after: Lead) -> Lead:
    if after.status is not Status.NEW:
        return replace(after, waiting_since=None)
    asked_at = after.history.waiting_since
    if before.history.waiting_since is None and asked_at is not None:
        return replace(after, waiting_since=asked_at, reminders_sent=0, snoozed_until=None)
    return replace(after, waiting_since=asked_at or before.waiting_since)


def _write_status(lead: Lead) -> Lead:
    """Show the status in its cell, unless an unanswered lead's cell holds a word that nobody could read."""
    keeps_word = lead.status is Status.NEW and parse_status(lead.cells.status) is None
    cell = lead.cells.status if keeps_word else lead.status.value
    return replace(lead, cells=replace(lead.cells, status=cell), written_status=cell)
