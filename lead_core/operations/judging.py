"""What is right, worth a look or wrong in what was seen of storage, the queues and the timers. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from lead_core.errors import ErasureKeyLostError
from lead_core.lead.canary import find_failed
from lead_core.lead.findings import Finding, Section, Verdict
from lead_core.ports.runs import Timer
from lead_core.views.canary import describe_lost
from lead_core.views.moments import format_moment, format_wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    from lead_core.lead.canary import Canary
    from lead_core.lead.erasure import Erasures
    from lead_core.ports.examining import AccountSeen, QueueDepth
    from lead_core.ports.runs import Run

SMALL_SKEW: Final = timedelta(seconds=30)
LARGE_SKEW: Final = timedelta(minutes=5)
"""Storage refuses a request whose clock differs by 15 minutes."""
_SET_CLOCK: Final = "Set the clock by a time server. Storage refuses requests from a clock that is 15 minutes off."
OLD_MESSAGE: Final = timedelta(minutes=10)
"""After five tries, a minute apart, a message goes to the poison queue. So an older one is taken by nobody."""
LATE: Final = {
    Timer.REMINDERS: (timedelta(minutes=16), timedelta(hours=2)),
    Timer.CHECK: (timedelta(hours=3), timedelta(hours=24)),
    Timer.SUMMARY: (timedelta(hours=3), timedelta(hours=24)),
    Timer.CANARY: (timedelta(hours=36), timedelta(hours=72)),
}
"""From when on a timer's last run is worth a look, and wrong. They run every five minutes, every hour and every day."""
LATE_BY_OWN_SCHEDULE: Final = {
    Timer.REMINDERS: (timedelta(days=3), timedelta(days=8)),
    Timer.CHECK: (timedelta(days=3), timedelta(days=8)),
    Timer.SUMMARY: (timedelta(days=8), timedelta(days=15)),
    Timer.CANARY: (timedelta(days=3), timedelta(days=8)),
}
"""The same with a schedule of its own, which may leave out nights and weekends, or be once a week."""
_RUNS_CODES: Final = {
    Timer.REMINDERS: "last-tick",
    Timer.CHECK: "last-check",
    Timer.SUMMARY: "last-summary",
    Timer.CANARY: "last-canary",
}
_RUNS_WORDS: Final = {
    Timer.REMINDERS: "mails and retries",
    Timer.CHECK: "the check of all leads",
    Timer.SUMMARY: "the weekly summary",
    Timer.CANARY: "the app's own test lead",
}
_RUNS_EVERY: Final = {
    Timer.REMINDERS: "every 5 minutes",
    Timer.CHECK: "every hour",
    Timer.SUMMARY: "every hour",
    Timer.CANARY: "every day",
}
"""How often they run by the default schedules."""
SCHEDULES: Final = {
    Timer.REMINDERS: "REMINDER_SCHEDULE",
    Timer.CHECK: "CHECK_SCHEDULE",
    Timer.SUMMARY: "SUMMARY_SCHEDULE",
    Timer.CANARY: "CANARY_SCHEDULE",
}
"""The setting that says when a timer runs."""
_FIRST_RUN_IS_LATE: Final = {Timer.CANARY}
"""Whose first run comes so late that it is no news if none is known."""
START_IN_AZURE: Final = "Is the app started? az functionapp start -n APP -g GROUP. If it is, its log says why."
START_HERE: Final = "Is the app started? make run"


def judge_clock(section: Section, code: str, whose: str, *, theirs: datetime, ours: datetime) -> Finding:
    """Judge a clock, *ours*, against the storage account's."""
    skew = abs(ours - theirs)
    verdict = Verdict.WRONG if skew >= LARGE_SKEW else Verdict.LOOK if skew >= SMALL_SKEW else Verdict.OK
    if verdict is Verdict.OK:
        return Finding(section, code, verdict, f"{whose} and storage's show the same time")
    direction = "ahead of" if ours > theirs else "behind"
    return Finding(section, code, verdict, f"{whose} is {format_wait(skew)} {direction} storage's", _SET_CLOCK)


def judge_tables(seen: AccountSeen, inbox: str, needed: tuple[str, ...]) -> Finding:
    """Judge which tables are there. *needed* are those that the app makes with the first lead, beside the *inbox*."""
    there = {name.lower() for name in seen.tables}  # Letter case does not count in the names of tables.
    missing = [name for name in needed if name.lower() not in there]
    if inbox.lower() not in there and len(missing) == len(needed):
        return Finding(
            Section.STORAGE,
            "no-tables",
            Verdict.LOOK,
            "no table of the app is there: no lead was ever stored in this account",
            "Send a test lead: leads send-test. If leads were stored, this is another account or other table names.",
        )
    if missing:
        return Finding(
            Section.STORAGE,
            "table-missing",
            Verdict.WRONG,
            f"missing: {', '.join(missing)}, while other tables of the app are there",
            f"Make it again from {inbox}: leads replay --dry-run, then leads replay",
            ", ".join(missing),
        )
    if inbox.lower() not in there:
        return Finding(
            Section.STORAGE,
            "inbox-missing",
            Verdict.LOOK,
            f"missing: {inbox}. Nothing can be made again from it",
            "It comes back with the next lead. If it was deleted by mistake: docs/runbook.md",
            inbox,
        )
    return Finding(Section.STORAGE, "tables", Verdict.OK, f"{', '.join((inbox, *needed))} are there")


def judge_erasures(erasures: Erasures) -> Finding | None:
    """Judge whether erased persons stay erased. None if they do."""
    if not erasures.is_blind:
        return None
    what = "the table Erasures has no key any more, so erased persons may come back"
    return Finding(Section.STORAGE, "erasure-key-lost", Verdict.WRONG, what, ErasureKeyLostError.ADVICE)


def judge_queue(name: str, depth: QueueDepth | None, *, is_poison: bool, now: datetime, start: str) -> Finding:
    """Judge how much waits in a queue, and how long. *start* says how the app is started."""
    code = "poison-queue" if is_poison else "queue"
    if depth is None or not depth.messages:
        return Finding(Section.QUEUES, code, Verdict.OK, f"the queue {name} is empty", about=name)
    waits = f", the oldest for {format_wait(now - depth.oldest_at)}" if depth.oldest_at else ", all being worked on"
    number = f"{depth.messages:,} message{'' if depth.messages == 1 else 's'}"
    what = f"the queue {name} has {number}{waits}"
    is_old = depth.oldest_at is not None and now - depth.oldest_at >= OLD_MESSAGE
    if is_poison:
        advice = "The app moves them to RejectedLeads, and tries again. See: leads rejected. At once: leads retry --all"
        return Finding(Section.QUEUES, code, Verdict.WRONG if is_old else Verdict.LOOK, what, advice, name)
    if is_old:
        return Finding(Section.QUEUES, code, Verdict.WRONG, what, f"Nobody takes them. {start}", name)
    return Finding(Section.QUEUES, code, Verdict.OK, what, about=name)


def judge_runs(
    runs: Mapping[Timer, Run], own_schedules: frozenset[Timer], *, now: datetime, zone: tzinfo, start: str
) -> Iterator[Finding]:
    """Judge when each timer last did its work. *start* says how the app is started.

    *own_schedules* are the timers that run by another schedule than the default.
    """
    told: set[str] = set()  # One wrong setting may stop several timers.
    for timer in Timer:
        run, code = runs.get(timer), _RUNS_CODES[timer]
        if run is None and timer in _FIRST_RUN_IS_LATE:
            continue
        if run is None:
            yield Finding(
                Section.APP,
                code,
                Verdict.LOOK,
                f"no finished run of {timer} ({_RUNS_WORDS[timer]}) is known",
                f"By default it runs {_RUNS_EVERY[timer]}: wait that long if the app is new. {start}",
            )
            continue
        age = now - run.finished_at
        look, wrong = (LATE_BY_OWN_SCHEDULE if timer in own_schedules else LATE)[timer]
        verdict = Verdict.WRONG if age >= wrong else Verdict.LOOK if age >= look else Verdict.OK
        what = f"{timer} last ran at {format_moment(run.finished_at, zone)}, {format_wait(age)} ago"
        advice = f"It is late, unless {SCHEDULES[timer]} says so. {start}" if verdict is not Verdict.OK else ""
        yield Finding(Section.APP, code, verdict, what, advice)
        if run.trouble and run.trouble not in told:
            told.add(run.trouble)
            yield Finding(Section.APP, "sends-no-mails", Verdict.WRONG, f"{timer} could send no mails", run.trouble)


def judge_canary(canaries: Sequence[Canary], *, now: datetime, zone: tzinfo) -> Iterator[Finding]:
    """Judge whether the app's own test lead arrived. One of long ago says that none is posted any more."""
    failed = find_failed(canaries)
    if failed and now - failed.posted_at < LATE[Timer.CANARY][0]:
        what = describe_lost(failed.trouble, failed.posted_at.astimezone(zone))
        yield Finding(Section.APP, "canary-lost", Verdict.WRONG, what, "Real leads may be lost. More: docs/runbook.md")


def judge_app_clock(runs: Mapping[Timer, Run]) -> Finding | None:
    """Judge the app's clock by the last run that a timer noted. None if there is none."""
    noted = [(run.noted_at, run.finished_at) for run in runs.values() if run.noted_at]
    if not noted:
        return None
    theirs, ours = max(noted)
    return judge_clock(Section.APP, "app-clock", "the app's clock", theirs=theirs, ours=ours)
