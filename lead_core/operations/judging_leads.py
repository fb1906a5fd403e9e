"""What is right, worth a look or wrong in the leads, their mails and their offers. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from lead_core.lead.findings import Finding, Section, Verdict
from lead_core.lead.misspelt import find_misspelt
from lead_core.lead.problems import RETRIED
from lead_core.steps.troubles import TroubleCode, describe_trouble
from lead_core.views.moments import format_moment, format_wait
from lead_core.views.silence import describe_silence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime, tzinfo

    from lead_core.lead.silence import Silence
    from lead_core.operations.census import Census
    from lead_core.ports.rejects import StoredReject
    from lead_core.ports.troubles import Trouble

QUIET: Final = timedelta(days=30)
"""After as long without a lead, a person should look whether the URL is still right."""
OVERDUE: Final = timedelta(minutes=30)
"""Six ticks."""
_NAMED: Final = 5
_MAY_BE_RIGHT: Final = {TroubleCode.MANY_LEADS, TroubleCode.MANY_MAILS}


def judge_leads(census: Census, *, now: datetime, zone: tzinfo) -> Iterator[Finding]:
    """Judge when leads came, and what became of them."""
    yield _judge_last(census, now, zone)
    yield _judge_last_test(census, now, zone)
    if census.resting:
        wait = format_wait(now - census.resting_since) if census.resting_since else ""
        what = f"{_count(census.resting, 'lead')} never answered, the first waits for {wait}"
        yield _look("resting", what, "Their reminders have ended. See who: leads list --resting")
    else:
        yield Finding(Section.LEADS, "resting", Verdict.OK, "no lead rests unanswered")
    if census.missing:
        named = "; ".join("/".join(key) for key in census.missing[:_NAMED])
        what = f"{_count(len(census.missing), 'lead')} missing on the to-do list: {named}"
        yield _look("entry-missing", what, "The hourly check writes them. If not: is it late, above?")
    else:
        yield Finding(Section.LEADS, "entry-missing", Verdict.OK, "every open lead is on the to-do list")
    if census.damaged:
        what = f"{_count(census.damaged, 'row')} of Leads with a damaged history"
        yield _look("damaged", what, "The hourly check rebuilds them. At once: leads replay --dry-run")
    if census.with_problems:
        what = f"{_count(census.with_problems, 'row')} of Leads with something typed that was not understood"
        yield _look("problem", what, "The column Problem says what to write instead: filter Leads by Problem ne ''")


def _judge_last(census: Census, now: datetime, zone: tzinfo) -> Finding:
    if census.last_at is None:
        advice = "Send a test lead: leads send-test URL. Is the URL in Partner Center the one below?"
        return _look("last-lead", "no lead of a customer has come yet", advice)
    age = now - census.last_at
    what = (
        f"{_count(census.leads, 'lead')}, {census.test_leads:,} for tests; "
        f"the last at {format_moment(census.last_at, zone)}, {format_wait(age)} ago"
    )
    if age >= QUIET:
        return _look(
            "last-lead", what, "If you expect more: is the URL in Partner Center the one below? leads send-test URL"
        )
    return Finding(Section.LEADS, "last-lead", Verdict.OK, what)


def _judge_last_test(census: Census, now: datetime, zone: tzinfo) -> Finding:
    if census.last_test_at is None:
        advice = "Prove the whole way, from the URL to the table: leads send-test URL"
        return _look("last-test-lead", "no test lead has come yet", advice)
    age = format_wait(now - census.last_test_at)
    what = f"the last test lead came at {format_moment(census.last_test_at, zone)}, {age} ago"
    return Finding(Section.LEADS, "last-test-lead", Verdict.OK, what)


def judge_rejects(rejects: Collection[StoredReject], days: int) -> Finding:
    """Judge what could not be read in the last *days*."""
    open_ones = [each for each in rejects if each.reason != RETRIED and not each.wants_retry]
    waiting = sum(each.wants_retry for each in rejects)
    if not open_ones and not waiting:
        return Finding(Section.LEADS, "rejected", Verdict.OK, f"nothing was rejected in {days} days")
    reasons = ", ".join(sorted({each.reason or "no reason" for each in open_ones}))
    what = f"{_count(len(open_ones), 'reject')} in {days} days" + (f" ({reasons})" if reasons else "")
    what += f", and {waiting} about to be tried again" if waiting else ""
    return _look("rejected", what, "They may be customers. Why: leads rejected. Once more: leads retry --all")


def judge_mails(census: Census, troubles: Collection[Trouble], *, now: datetime) -> Iterator[Finding]:
    """Judge whether mails go out."""
    for trouble in troubles:
        if says := describe_trouble(trouble, now=now):
            verdict = Verdict.LOOK if trouble.code in _MAY_BE_RIGHT else Verdict.WRONG
            what, _, advice = says.partition(". ")
            yield Finding(Section.MAILS, trouble.code, verdict, what.rstrip("."), advice)
    late = [at for at in census.due_at if now - at >= OVERDUE]
    if late:
        what = f"{_count(len(late), 'mail')} late, the first for {format_wait(now - min(late))}"
        advice = "Is the timer late, or does the mail server refuse? More than 25 for one owner go out bit by bit."
        yield Finding(Section.MAILS, "late-mails", Verdict.LOOK, what, advice)
    else:
        yield Finding(Section.MAILS, "late-mails", Verdict.OK, "no mail is late")
    for address, leads in sorted(census.refused_owners.items()):
        what = f"the mail provider refused {address}, the owner of {_count(leads, 'lead')}"
        advice = f"Their mails go to the default owner. Is it right? Else: leads give --from {address} --to COLLEAGUE"
        yield Finding(Section.MAILS, "owner-refused", Verdict.LOOK, what, advice, address)


def judge_offers(census: Census) -> Iterator[Finding]:
    """Judge how the offers are spelled."""
    for offer, leads, likely, number in find_misspelt(census.offers):
        what = f"{offer} ({_count(leads, 'lead')}) looks like a misspelt {likely} ({number:,})"
        yield Finding(
            Section.OFFERS,
            "misspelt-offer",
            Verdict.LOOK,
            what,
            f"Paste the URL of {likely} into Partner Center once more. What to do with the leads: docs/runbook.md",
            offer,
        )
    if census.without_offer:
        what = f"{_count(census.without_offer, 'lead')} known by the title of the offer alone"
        advice = "Put publisher.offer into the URL in Partner Center, as below."
        yield Finding(Section.OFFERS, "no-offer-id", Verdict.LOOK, what, advice)


def judge_silence(silent: Iterable[Silence], zone: tzinfo) -> Iterator[Finding]:
    """Judge whether leads come as they did."""
    for silence in silent:
        advice = "Is its URL still the one in Partner Center? Press Validate there. More: docs/runbook.md"
        yield Finding(
            Section.OFFERS,
            "silent",
            Verdict.LOOK,
            describe_silence(silence, zone),
            advice,
            silence.offer or "all offers",
        )


def _look(code: str, what: str, advice: str) -> Finding:
    return Finding(Section.LEADS, code, Verdict.LOOK, what, advice)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
