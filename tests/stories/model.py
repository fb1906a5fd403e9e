"""What must be true of the leads: the contract once more, in plain Python that shares no code with the app."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

NEW, DO_NOT_CONTACT = "New", "DoNotContact"
ANSWERED = {"Contacted", "Qualified", "Disqualified"}

MEANINGS = {
    "Contacted": "Contacted",
    "contactd": "Contacted",
    "QUALIFIED ": "Qualified",
    "dis-qualified": "Disqualified",
    "do not contact": DO_NOT_CONTACT,
    "DoNotContact": DO_NOT_CONTACT,
    "New": NEW,
    "": NEW,
    "No answer": NEW,
    "asdf": NEW,
}
"""What people type into a status cell, and what they mean. What can't be guessed is unanswered."""
UNREADABLE = {"asdf"}
ATTEMPTS = {"No answer"}

CHOICES = {
    "contacted": "Contacted",
    "contacted-follow-up": "Contacted",
    "tried": "",
    "later-1d": NEW,
    "later-3d": NEW,
    "later-7d": NEW,
    "qualified": "Qualified",
    "not-a-fit": "Disqualified",
    "no-answer": "Disqualified",
    "spam": "Disqualified",
    "pass": NEW,
    "do-not-contact": DO_NOT_CONTACT,
    "lift": "",
    "note": "",
}
"""The status that each choice on the page gives a lead. An attempt gives none, and *lift* what it was before."""
SAME_ACTION_WITHIN = SAME_ATTEMPT_WITHIN = timedelta(minutes=10)
ATTEMPTS_AT = [timedelta(0), timedelta(days=3), timedelta(days=7), timedelta(days=14)]
"""When each attempt is due, after the first one."""
LAST_GAP = timedelta(days=7)


@dataclass(frozen=True)
class Post:
    """One notification of the marketplace."""

    event_id: str
    received_at: datetime
    who: str
    offer: str
    code: str
    shown: tuple[tuple[str, str], ...]
    """What it says, by column."""

    @property
    def is_own(self) -> bool:
        return self.code != "DNC"


def find_actions(posts: Iterable[Post]) -> list[list[Post]]:
    """Group posts into actions: the same content, each within ten minutes of the next."""
    actions: list[list[Post]] = []
    for post in sorted(posts, key=lambda post: (post.shown, post.received_at)):
        last = actions[-1][-1] if actions else None
        if last and last.shown == post.shown and post.received_at - last.received_at <= SAME_ACTION_WITHIN:
            actions[-1].append(post)
        else:
            actions.append([post])
    return actions


@dataclass(frozen=True)
class Expected:
    """One lead, from what entered it and what people said about it."""

    who: str
    offer: str
    rule_owner: str
    posts: frozenset[Post] = frozenset()
    answered: frozenset[Post] = frozenset()
    """The posts that stood there at the last answer or mail."""
    word: str = ""
    """The status that a person last set. ``""`` if nobody did."""
    closed_at: datetime | None = None
    """When a person said *do not contact*."""
    before: str = ""
    """The status before *do not contact*."""
    reopened_at: datetime | None = None
    """When a person last lifted *do not contact*, for all leads of its person."""
    cell: str = ""
    """What the app last wrote into the status cell."""
    owner: str = ""
    """What stood in the owner cell when the app last looked."""
    typed: str | None = None
    """What a person typed over the status since. The app has not noticed yet."""
    typed_owner: str | None = None
    touched_at: datetime | None = None
    clicks: frozenset[tuple[str, str]] = frozenset()
    attempts: int = 0
    taps: tuple[datetime, ...] = ()
    """When a person said since the last answer that they tried."""
    next_attempt_at: datetime | None = None
    """When the owner is to be asked for the next attempt. None if no attempt is planned."""
    planned_for: datetime | None = None
    is_passed_on: bool = False
    """Whether it has a new owner who had no mail about it yet."""
    wiped: frozenset[str] = field(default_factory=frozenset)
    """Cells that a person emptied."""

    @property
    def status(self) -> str:
        """Return the status, without edits that the app has not noticed and without what other offers say."""
        if self.word in {"", NEW}:
            return NEW if self.word or any(post.is_own for post in self.posts) else DO_NOT_CONTACT
        return NEW if self.word in ANSWERED and self.asks else self.word

    @property
    def has_news(self) -> bool:
        """Whether the customer did something more since the last answer."""
        return self.status in ANSWERED and any(post.is_own for post in self._unanswered)

    @property
    def asks(self) -> bool:
        """Whether the customer asked to be contacted since the last answer."""
        return any(post.code == "PLT" for post in self._unanswered)

    @property
    def _unanswered(self) -> list[Post]:
        """One post of each action without an answered delivery."""
        return [action[0] for action in find_actions(self.posts) if not self.answered.intersection(action)]

    @property
    def attempts_made(self) -> list[datetime]:
        """Return the attempts since the customer last asked. Taps close to each other are one."""
        asked_at = [action[0].received_at for action in find_actions(self.posts) if action[0].code == "PLT"]
        made: list[datetime] = []
        for tap in self.taps:
            if tap < max(asked_at, default=tap):
                continue
            is_same = made and tap - made[-1] <= SAME_ATTEMPT_WITHIN
            made = [*made[:-1], tap] if is_same else [*made, tap]
        return made

    @property
    def has_run(self) -> bool:
        """Whether all attempts of the plan are made."""
        return self.status == NEW and len(self.attempts_made) >= len(ATTEMPTS_AT)

    def value(self, column: str) -> str:
        """Return what a column shows. The customer's own actions win, then the latest. A blank never wins."""
        said = [
            (post.is_own, post.received_at, post.event_id, dict(post.shown)[column])
            for post in self.posts
            if dict(post.shown).get(column)
        ]
        return max(said)[-1] if said else ""

    def typed_over(self, column: str, text: str | None, now: datetime) -> Self:
        """A person edits a cell. With None, they empty it."""
        lead = replace(self, touched_at=now)
        if text is None:
            lead = replace(lead, wiped=lead.wiped | {column})
        if column == "Status":
            return replace(lead, typed=None if text == self.cell else text or "")
        return replace(lead, typed_owner=None if text == self.owner else text or "") if column == "Owner" else lead

    def noticed(self) -> Self:
        """The app reads the row, and applies what was typed: first the owner, then the status."""
        lead = replace(self, typed=None, typed_owner=None, touched_at=None, wiped=self.wiped - {"NextReminderAt"})
        if self.typed_owner is not None and self.typed_owner != self.owner:
            if self.typed_owner in {"", self.rule_owner}:
                lead = replace(lead, owner=self.rule_owner)
            else:
                lead = replace(lead, owner=self.typed_owner, is_passed_on=True)
                if lead.status == NEW:
                    lead = replace(lead, word=NEW, answered=lead.posts)
        cell = self.cell
        if self.typed is not None and self.typed != self.cell and self.touched_at:
            cell, meant = self.typed, MEANINGS[self.typed]
            if cell in ATTEMPTS:
                lead = lead.tried(self.touched_at, reopens=True)
            elif lead.status == DO_NOT_CONTACT and (not cell.strip() or cell in UNREADABLE):
                pass  # Nobody is mailed because of a typing error.
            elif meant != lead.status or (meant == DO_NOT_CONTACT and not lead.word):
                is_lift = lead.word == DO_NOT_CONTACT
                lead = lead.decided(meant, self.touched_at)
                lead = replace(lead, reopened_at=self.touched_at) if is_lift else lead
        return replace(lead, cell=cell if lead.status in {NEW, DO_NOT_CONTACT} and cell in UNREADABLE else lead.status)

    def decided(self, word: str, at: datetime) -> Self:
        """A person decides about the lead. This answers all that stands in it."""
        return replace(
            self,
            word=word,
            before=self.before if self.word == DO_NOT_CONTACT else self.status,
            answered=self.posts,
            closed_at=at if word == DO_NOT_CONTACT else None,
            taps=self.taps if word == NEW else (),
            next_attempt_at=None,
            cell="" if word == DO_NOT_CONTACT else self.cell,
            planned_for=self.planned_for if self._keeps_plan(word, at) else None,
            is_passed_on=False,
        )

    def tried(self, at: datetime, *, reopens: bool) -> Self:
        """A person tried to reach the customer. If the lead is open, or *reopens*, the next attempt is planned."""
        lead = replace(self, attempts=self.attempts + 1)
        if lead.status == DO_NOT_CONTACT or (lead.status in ANSWERED and not reopens):
            return lead
        lead = replace(lead.decided(NEW, at), taps=(*lead.taps, at), is_passed_on=lead.is_passed_on)
        made = lead.attempts_made
        if len(made) >= len(ATTEMPTS_AT):
            return replace(lead, next_attempt_at=at + LAST_GAP)
        planned = ATTEMPTS_AT[len(made)]
        next_at = max(made[0] + planned, at + planned - ATTEMPTS_AT[len(made) - 1])
        return replace(lead, next_attempt_at=next_at)

    def reopened(self, at: datetime) -> Self:
        """A person lifted *do not contact* on another offer. What only a notice had closed is a notice again."""
        is_notice = self.before == DO_NOT_CONTACT
        return replace(self, word="", closed_at=None) if is_notice else self.decided(self.before, at)

    def _keeps_plan(self, word: str, at: datetime) -> bool:
        """Whether a follow-up that is still to come stays planned. *Do not contact* keeps it: it may be lifted."""
        is_kept = {self.status, word} <= {"Contacted", "Qualified", DO_NOT_CONTACT}
        return is_kept and self.planned_for is not None and self.planned_for > at

    def entered(self, post: Post) -> Self:
        """One more delivery enters."""
        lead = self.noticed()
        after = replace(lead, posts=lead.posts | {post})
        if after.asks and not lead.asks:  # They are told of at once, and the plan begins anew.
            after = replace(after, next_attempt_at=None)
        return after.noticed()

    def clicked(
        self, choice: str, click: str, now: datetime, *, colleague: str = "", follow_up_at: datetime | None = None
    ) -> Self:
        """A person chooses on the page. The same click twice is one."""
        if (click, choice) in self.clicks:
            return self
        lead = replace(self, clicks=self.clicks | {(click, choice)})
        if choice == "tried":
            lead = lead.tried(now, reopens=False)
        elif choice == "lift":
            lead = lead.lifted(now)
        elif choice == "do-not-contact" or (choice != "note" and lead.word != DO_NOT_CONTACT):
            is_plan = choice == "contacted-follow-up" and lead.status == "Qualified"
            word = lead.status if is_plan else CHOICES[choice]
            lead = lead.decided(word, now)
        if choice == "contacted-follow-up" and lead.word != DO_NOT_CONTACT:
            lead = replace(lead, planned_for=follow_up_at)
        if choice == "pass":
            kept = self.next_attempt_at if lead.word == NEW and self.status == NEW else None
            lead = replace(lead, owner=colleague, is_passed_on=True, next_attempt_at=kept)
        return lead.noticed()

    def lifted(self, at: datetime) -> Self:
        """A person says on the page that the customer may be contacted again."""
        word = NEW if self.before == DO_NOT_CONTACT else self.before
        return replace(self.decided(word, at), reopened_at=at)

    def told(self, now: datetime) -> Self:
        """A mail about it went out."""
        is_news = self.status in ANSWERED
        is_over = self.planned_for is not None and self.planned_for <= now
        is_asked_for = self.next_attempt_at is not None and self.next_attempt_at <= now
        return replace(
            self,
            answered=self.posts if is_news else self.answered,
            planned_for=None if is_over else self.planned_for,
            next_attempt_at=None if is_asked_for else self.next_attempt_at,
            is_passed_on=False,
        )


def find_cover(lead: Expected, others: Iterable[Expected]) -> datetime | None:
    """Return when *do not contact* was set on another offer of the same person, unless it was lifted."""
    others = [other for other in others if other.offer != lead.offer]
    latest = max((other.closed_at for other in others if other.closed_at), default=None)
    lifted = [lead.reopened_at, *(other.reopened_at for other in others)]
    return latest if latest and all(at is None or at < latest for at in lifted) else None


def find_lift(lead: Expected, others: Iterable[Expected]) -> datetime | None:
    """Return when *do not contact*, which closed *lead*, was lifted on another offer of the same person."""
    lifted = [other.reopened_at for other in others if other.reopened_at and other.offer != lead.offer]
    latest = max(lifted, default=None)
    if lead.word != DO_NOT_CONTACT or latest is None or lead.closed_at is None:
        return None
    return latest if latest >= lead.closed_at else None
