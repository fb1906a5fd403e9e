"""A lead: one person's interest in one offer, as its actions and people's decisions make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self

from lead_core.lead.delivery import Delivery, Shown, Stamp
from lead_core.lead.history import History
from lead_core.lead.status_words import parse_status
from lead_core.lead.values import LeadKey, Status, UnreadCell

BY_GRID = "grid"
"""Who decided, if a person edited a cell of the table."""
BY_LINK = "link"
"""Who decided, if the recipient of their link is not known any more."""
BY_COMMAND = "command"
"""Who decided, if the person who operates the app did so with the command `leads`."""
BY_ERASURE = "erasure"
"""Who decided, if a person was erased who had asked not to be contacted. The app remembers that alone."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision about a lead. It answers the actions that stood in the row then."""

    status: Status
    at: datetime
    by: str
    """The address of a link's recipient, `BY_LINK`, `BY_GRID`, `BY_COMMAND` or `BY_ERASURE`."""
    choice: str = ""
    """What was chosen on the follow-up page: a `Choice`."""
    click: str = ""
    """The id of the click. The same click twice is one decision."""
    was: str = ""
    """The status before, a `Status`. ``""`` if it is recorded beside the status, or a version before took it."""
    reason: str = ""
    """Why *do not contact* was lifted."""
    name: str = ""
    """Who they say they are, if several people read the recipient's mailbox."""
    with_note: str = ""
    """``yes`` if they wrote the note at the same time."""
    to: str = ""
    """To whom the lead was passed. ``""`` if a version before passed it."""

    @property
    def who(self) -> str:
        """Who decided: ``Anna (sales@contoso.com)``, or the address alone."""
        return f"{self.name} ({self.by})" if self.name else self.by


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells that people may edit in the grid."""

    status: str = ""
    owner: str = ""
    note: str = ""
    disqualified_reason: str = ""
    qualification: str = ""
    """What makes it qualified: see `qualification`."""


class Handover(NamedTuple):
    """Who gets the mails about a lead."""

    owner: str = ""
    """The address. It is noted to notice when the rules, a person or a refusal choose another."""
    told: str = ""
    """Who last had a mail about the lead while its customer waited, or was its owner when it was answered."""
    number: int = 0
    """Counts the other owners, and the first mail to each. So each has a turn of their own."""
    escalated_to: str = ""
    """Who was told that nobody answered."""

    def known(self) -> Self:
        """Return what holds once the owner knows of the lead."""
        return self._replace(told=self.owner)


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
    """What the app last wrote into the status cell. Another word there was typed by hand."""
    written_owner: str = ""
    """What the rules last wrote into the owner cell. Another address there is a person's choice."""
    seen_owner: str = ""
    """What stood in the owner cell when the app last read it."""
    confirmed_owner: str | None = None
    """The address outside OWNERS that a person confirmed. None until an owner is written: `Owners.find_confirmed`."""
    refused_owner: str = ""
    """The address that the mail provider refused. ``""`` once it takes mails again, or another owner is written."""
    refused_at: datetime | None = None
    """When it was refused. None in rows of the version before: long ago."""
    handover: Handover = field(default_factory=Handover)
    is_internal: bool = False
    waiting_since: datetime | None = None
    next_reminder_at: datetime | None = None
    reminders_sent: int = 0
    last_reminder_at: datetime | None = None
    first_told_at: datetime | None = None
    """When the first mail about it went to its owner. Rows of the version before do not say it."""
    escalates_at: datetime | None = None
    """Since when `ESCALATE_TO` is to be told that nobody answered. None if they know, or are not to be told."""
    snoozed_until: datetime | None = None
    due_plan_at: datetime | None = None
    """For when a follow-up was planned of which the owner was told. None once they say what came of it."""
    attempts: int = 0
    first_contacted_at: datetime | None = None
    contacted_by: str = ""
    unread: tuple[UnreadCell, ...] = ()
    """The cells that were not obeyed when the row was read."""
    restored: Mapping[str, str] = field(default_factory=dict)
    """What stood in cells that only the app writes, by column, since the last answer. The app wrote its own again."""
    problem: str = ""
    """What its editors must know about both. See `lead.problems`."""
    needs_writing: bool = False
    """Whether its row says less than this, or says it in other types: a person or a spreadsheet wrote it."""

    @property
    def status(self) -> Status:
        """Where the lead stands, by what its customer did and what people decided."""
        decided = self.decisions[-1].status if self.decisions else None
        if decided is Status.DO_NOT_CONTACT:
            return decided  # Only a person lifts what a person set.
        if self.history.waiting_since or self.history.is_left_open:
            return Status.NEW
        if decided:
            return decided
        return Status.NEW if self.history.has_own_action else Status.DO_NOT_CONTACT

    @property
    def is_decidable(self) -> bool:
        """Whether a decision can be recorded without changing the status. False if only a DNC notification set it."""
        return bool(self.decisions) or self.status is Status.NEW

    @property
    def is_unanswered(self) -> bool:
        """Whether its customer waits for an answer that is our work."""
        return self.status is Status.NEW and not (self.is_test or self.is_internal)

    @property
    def is_reachable(self) -> bool:
        """Whether anything in it may be an e-mail address or a phone number."""
        return "@" in self.shown.email or any(character.isdigit() for character in self.shown.phone)

    @property
    def is_on_its_way(self) -> bool:
        """Whether its owner is being reminded: it is new, not put off, and does not rest."""
        is_reminded = self.next_reminder_at is not None and self.escalates_at is None
        return self.status is Status.NEW and self.snoozed_until is None and is_reminded


def fold(lead: Lead | None, delivery: Delivery) -> Lead:
    """Return *lead* with one more delivery in it. The first delivery makes the lead.

    Any order and any repetition of the same deliveries give the same lead. ::

        New, waiting                     nothing changes but the history
        answered, snoozed or resting     *Contact me* opens it anew; anything else is news
        *do not contact* by a person     it stays as it is
        only DNC notifications so far    an action of the customer's own opens it
    """
    before = lead or Lead(delivery.key, delivery.identity.by, delivery.is_test, confirmed_owner="")
    stamp = delivery.stamp
    winning = {
        name: value
        for name, value in delivery.shown.known().items()
        if name not in before.stamps or before.stamps[name] < stamp
    }
    after = replace(
        before,
        shown=replace(before.shown, **winning),
        stamps={**before.stamps, **dict.fromkeys(winning, stamp)},
        history=before.history.add(delivery.action),
    )
    return write_status(_run_clock(before, after))


def _run_clock(before: Lead, after: Lead) -> Lead:
    if after.status is not Status.NEW:
        return replace(after, waiting_since=None)
    asked_at = after.history.waiting_since
    is_asked_anew = asked_at is not None and before.history.waiting_since is None
    if is_asked_anew and not before.is_on_its_way:
        history, handover = after.history.reopened(), after.handover._replace(escalated_to="")
        opened = replace(after, history=history, handover=handover, reminders_sent=0, snoozed_until=None)
        return replace(opened, waiting_since=asked_at)
    # A late delivery can show that what opened the lead only repeats what was answered. Then it opened nothing.
    decided_at = before.waiting_since if before.waiting_since != before.history.waiting_since else None
    set_to_new_at = after.decisions[-1].at if after.decisions and after.decisions[-1].status is Status.NEW else None
    opened_at = set_to_new_at or after.history.left_open_at
    return replace(after, waiting_since=min(filter(None, (decided_at, asked_at)), default=opened_at))


def write_status(lead: Lead) -> Lead:
    """Write the status into its cell, unless the cell holds a word that the app can't read and that says no answer."""
    status = lead.status
    keeps_word = status in {Status.NEW, Status.DO_NOT_CONTACT} and parse_status(lead.cells.status) is None
    cell = lead.cells.status if keeps_word else status.value
    return replace(lead, cells=replace(lead.cells, status=cell), written_status=cell)
