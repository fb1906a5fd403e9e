"""When the owner of a lead is told and reminded, and why."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lead_core.lead.actions import rank_wish
from lead_core.lead.addresses import is_at_domain
from lead_core.lead.attempts import is_awaiting_attempt
from lead_core.lead.choices import Choice
from lead_core.lead.history import History
from lead_core.lead.lead import BY_GRID, Decision, Handover, Lead
from lead_core.lead.owners import Owners
from lead_core.lead.problems import note_problems
from lead_core.lead.values import REMINDER_WAITS, TOUCHES, Status, fold_text
from lead_core.lead.wishes import find_code
from lead_core.lead.working_hours import WorkingHours

TOLD_AT_ONCE = timedelta(0)
_MORNING = time(8)


class Kind(StrEnum):
    """What a mail about a lead is."""

    REMINDER = "reminder"
    ATTEMPT = "attempt"
    """The next attempt is due, by the plan."""
    PLANNED = "planned"
    """A follow-up on the day that the salesperson chose."""
    NOTICE = "notice"
    NEWS = "news"


class Turn(NamedTuple):
    """Which mail about a lead. Every mail, every answer and every new owner moves it on."""

    round: int
    mails_sent: int
    handovers: int = 0


@dataclass(frozen=True, slots=True)
class FollowUpPolicy:
    """What the settings say about following up."""

    waits: tuple[timedelta, ...] = (TOLD_AT_ONCE, *REMINDER_WAITS)
    """How long after the customer's action each mail is due. The first mail is the notice of a new lead."""
    touches: tuple[timedelta, ...] = TOUCHES
    """How long after the first attempt each attempt is due. ``()`` if an attempt changes nothing."""
    internal_domains: frozenset[str] = frozenset()
    owners: Owners = field(default_factory=Owners)
    working_hours: WorkingHours | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def start_of(self, day: date) -> datetime:
        """Return the time at which a follow-up that was planned for *day* is due."""
        start = self.working_hours.start if self.working_hours else _MORNING
        return datetime.combine(day, start, self.zone).astimezone(UTC)


def schedule(lead: Lead, policy: FollowUpPolicy) -> Lead:
    """Return *lead* with its owner, the time of its next mail, and whether it comes from our own people.

    It ends with what its editors must know.
    """
    marked = assign_owner(
        replace(lead, is_internal=is_at_domain(lead.shown.email, policy.internal_domains)), policy.owners
    )
    if marked.status is Status.NEW and marked.reminders_sent >= count_mails(marked, policy):
        marked = replace(marked, history=_rested(marked.history))
    else:
        marked = replace(marked, escalates_at=None)
    handed_over = _hand_over(marked, policy.owners)
    scheduled = replace(handed_over, next_reminder_at=find_due_time(handed_over, policy))
    return note_problems(scheduled, with_owner=explain_owner(scheduled, policy.owners))


def _rested(history: History) -> History:
    """Return *history* after the last mail about what stands in it. Only *Contact me* opens it again."""
    is_known = history.left_open_since is not None and history.waiting_since is None
    return history if is_known else history.settled(is_left_open=True)


def assign_owner(lead: Lead, owners: Owners) -> Lead:
    """Write the owner by the rules into the owner cell, unless a person wrote another into it."""
    if not owners.rules:
        return lead
    lead = replace(lead, confirmed_owner=owners.find_confirmed(lead))
    owner = owners.of(lead)
    # In a row that was damaged, what the rules wrote last is not known any more.
    written = lead.written_owner or owner
    if lead.cells.owner.strip() not in {"", written}:
        return lead
    return replace(lead, cells=replace(lead.cells, owner=owner), written_owner=owner, seen_owner=owner)


def count_mails(lead: Lead, policy: FollowUpPolicy) -> int:
    """Return after how many mails *lead* rests. Its owner is told once of a customer whom nobody can reach."""
    return len(policy.waits) if lead.is_reachable else 1


def _hand_over(lead: Lead, owners: Owners) -> Lead:
    """Note who gets the mails about *lead* from now on. A mail on its way to another does not count."""
    owner, before = _find_standing_recipient(lead, owners), lead.handover
    if not owner or owner == before.owner:
        return lead
    if not before.owner:  # The lead is new, or a version wrote it that did not note this.
        return replace(lead, handover=Handover(owner, told=owner if lead.last_reminder_at else ""))
    return replace(lead, handover=before._replace(owner=owner, number=before.number + 1))


def find_owner(lead: Lead) -> str:
    """Return the address that gets the mails about *lead*, or what its owner cell says if there are no rules."""
    return lead.handover.owner or lead.cells.owner.strip()


def has_untold_owner(lead: Lead) -> bool:
    """Whether another owner had a mail about *lead*, and its owner now has had none yet."""
    told = lead.handover.told
    return lead.status is Status.NEW and bool(told) and told != lead.handover.owner


def _find_standing_recipient(lead: Lead, owners: Owners) -> str:
    """Return the address for mails about *lead* as long as a refused address is not tried again."""
    owner = owners.read(lead.cells.owner, lead.confirmed_owner)
    return owner if owner and owner != lead.refused_owner else owners.default


def is_owner(lead: Lead, address: str, owners: Owners) -> bool:
    """Whether the owner cell of *lead* means *address*, and the mail provider does not refuse it."""
    return owners.read(lead.cells.owner, lead.confirmed_owner) == address != lead.refused_owner


def explain_owner(lead: Lead, owners: Owners, *, quotes: bool = True) -> str:
    """Return what is wrong with the owner cell of *lead*, and what to write. ``""`` if nothing is."""
    if lead.refused_owner and owners.read(lead.cells.owner, lead.confirmed_owner) == lead.refused_owner:
        return (
            f"The mail provider refused the address in the Owner cell. Mails go to {owners.default}, and the address "
            "is tried again with each later mail. Write another if it is wrong."
        )
    return owners.explain(lead.cells.owner, lead.confirmed_owner, quotes=quotes)


def find_due_time(lead: Lead, policy: FollowUpPolicy) -> datetime | None:
    """Return when the next mail about *lead* is due. None if it is no work, is answered or rests."""
    due_at = _find_due_moment(lead, policy)
    return policy.working_hours.next(due_at) if due_at and policy.working_hours else due_at


def _find_due_moment(lead: Lead, policy: FollowUpPolicy) -> datetime | None:
    status = lead.status
    if lead.is_test or lead.is_internal or status is Status.DO_NOT_CONTACT:
        return None
    if status is not Status.NEW:
        # A follow-up that was planned, or news: the customer did something more.
        return min(filter(None, (lead.snoozed_until, lead.history.news_since)), default=None)
    if passing := find_passing_on(lead):
        return passing.at
    # The customer waits, even if a person typed another status.
    since = lead.waiting_since or lead.history.waiting_since or lead.history.first_at
    if has_untold_owner(lead):
        return since
    if is_awaiting_attempt(lead):
        return lead.snoozed_until  # Neither earlier nor later, whatever the ladder says.
    return _find_moment_by_ladder(lead, since, policy)


def _find_moment_by_ladder(lead: Lead, since: datetime, policy: FollowUpPolicy) -> datetime | None:
    """Return when the next mail about an unanswered lead is due whose customer has waited *since* then."""
    sent = lead.reminders_sent
    if sent >= count_mails(lead, policy):
        return max(filter(None, (lead.escalates_at, lead.snoozed_until)), default=None)
    due_at = since + policy.waits[sent]
    if sent and lead.last_reminder_at:
        due_at = max(due_at, lead.last_reminder_at + policy.waits[sent] - policy.waits[sent - 1])
    return max(due_at, lead.snoozed_until) if lead.snoozed_until else due_at


def find_passing_on(lead: Lead) -> Decision | None:
    """Find how the lead was passed to an owner who has had no mail about it yet. None if it was not."""
    # An attempt by the previous owner does not count.
    last = next((taken for taken in reversed(lead.decisions) if taken.choice != Choice.TRIED), None)
    is_untold = last and (lead.last_reminder_at is None or lead.last_reminder_at < last.at)
    return last if last and is_untold and last.choice == Choice.PASS else None


def is_typed_in_vain(lead: Lead) -> bool:
    """Whether a person typed another owner, and the mails still go to the one who knows of *lead*."""
    passing, handover = find_passing_on(lead), lead.handover
    return passing is not None and passing.by == BY_GRID and bool(handover.told) and handover.told == handover.owner


def record_mail(lead: Lead, *, to: str, sent_at: datetime, policy: FollowUpPolicy) -> Lead:
    """Return *lead* after a mail about it went out. After the last one to its owner, it may be escalated."""
    is_new, is_handed_over, is_escalated = lead.status is Status.NEW, has_untold_owner(lead), is_escalating(lead)
    mails = _count_after(lead, policy) if is_new else lead.reminders_sent
    told = lead.handover.known()._replace(number=lead.handover.number + is_handed_over)
    if is_escalated:
        told = lead.handover._replace(escalated_to=to)
    is_told = is_new and not is_escalated
    is_over = lead.snoozed_until is not None and lead.snoozed_until <= sent_at
    return replace(
        lead,
        handover=told if is_new else lead.handover,
        reminders_sent=mails,
        last_reminder_at=sent_at if is_told else lead.last_reminder_at,
        first_told_at=lead.first_told_at or lead.last_reminder_at or (sent_at if is_told else None),
        escalates_at=_find_escalation(lead, to, sent_at, policy),
        snoozed_until=None if is_over else lead.snoozed_until,
        due_plan_at=lead.snoozed_until if is_over and not is_new else lead.due_plan_at,
        # News is told once. The turn must also move on after a mail that was put off until now.
        history=lead.history
        if is_new and (mails > lead.reminders_sent or is_handed_over)
        else lead.history.settled(is_left_open=is_new and lead.history.left_open_since is not None),
    )


def _count_after(lead: Lead, policy: FollowUpPolicy) -> int:
    """Return how many mails of the ladder are sent after the next one about an unanswered lead."""
    sent, ladder = lead.reminders_sent, count_mails(lead, policy)
    if sent < ladder and (has_untold_owner(lead) or _asks_for_attempt(lead)):
        return 1  # The ladder begins with the notice of a new owner, or of an attempt. A lead that rests is told once.
    return max(sent, min(sent + 1, ladder))


def _asks_for_attempt(lead: Lead) -> bool:
    """Whether the next mail about *lead* asks for the next attempt. A new owner is told first."""
    return is_awaiting_attempt(lead) and not has_untold_owner(lead) and find_passing_on(lead) is None


def is_escalating(lead: Lead) -> bool:
    """Whether the next mail about *lead* says to `ESCALATE_TO` that nobody answered. A new owner is told first."""
    return lead.status is Status.NEW and lead.escalates_at is not None and not has_untold_owner(lead)


def _find_escalation(lead: Lead, to: str, sent_at: datetime, policy: FollowUpPolicy) -> datetime | None:
    """Return since when *lead* is to be escalated, after a mail about it went out *to* an address."""
    if is_escalating(lead):
        return None
    if not is_last_mail(lead, policy):
        return lead.escalates_at
    escalation = policy.owners.escalation
    return None if fold_text(escalation) in {"", fold_text(to)} else sent_at


def find_turn(lead: Lead) -> Turn:
    """Return which mail about *lead* is the next."""
    return Turn(lead.history.round, lead.reminders_sent, lead.handover.number)


def find_kind(lead: Lead, *, now: datetime, policy: FollowUpPolicy) -> Kind:
    """Return what the next mail about *lead* is."""
    if lead.status is not Status.NEW:
        return Kind.PLANNED if lead.snoozed_until and lead.snoozed_until <= now else Kind.NEWS
    if _asks_for_attempt(lead):
        return Kind.ATTEMPT
    is_notice = lead.reminders_sent == 0 and TOLD_AT_ONCE in policy.waits and not is_typed_in_vain(lead)
    is_notice = is_notice or has_untold_owner(lead)
    return Kind.NOTICE if is_notice else Kind.REMINDER


def is_last_mail(lead: Lead, policy: FollowUpPolicy) -> bool:
    """Whether the next mail about *lead* is the last reminder before it rests. A new owner's first is none."""
    is_at_the_end = lead.status is Status.NEW and _count_after(lead, policy) >= len(policy.waits)
    return is_at_the_end and lead.is_reachable and not has_untold_owner(lead)


def rank(lead: Lead, kind: Kind, *, now: datetime) -> tuple[int, int, timedelta]:
    """Return what the leads of a mail are sorted by: the kind, the strongest wish, the longest wait."""
    return list(Kind).index(kind), rank_wish(find_code(lead)), (lead.waiting_since or now) - now
