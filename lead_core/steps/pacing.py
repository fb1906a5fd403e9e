"""Which leads go into the next mail, and when a mail is too many."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from lead_core.lead.actions import ActionCode
from lead_core.lead.follow_up import FollowUpPolicy, Kind, find_kind, find_turn, rank
from lead_core.lead.lead import Lead
from lead_core.lead.recipients import Recipient
from lead_core.lead.wishes import find_code
from lead_core.ports.outgoing import ClaimedLead, OwnersDigest
from lead_core.steps.due import MAX_LEADS_PER_MAIL, Due
from lead_core.steps.troubles import Findings, TroubleCode

FULL_MAILS_APART: Final = timedelta(hours=6)
"""If more is due than one mail holds, or an owner had many mails, the rest comes at most four times a day."""
UNUSUALLY_MANY: Final = 4 * MAX_LEADS_PER_MAIL
"""More leads due for one owner than a day's full mails hold."""


def choose(digest: OwnersDigest, due: Due, *, now: datetime, policy: FollowUpPolicy) -> list[Lead]:
    """Return the leads for the next mail. None of them if it is too early for a mail that gathers or is full.

    Then it is still told at once who asks to be contacted, as long as these are not too many themselves.
    """
    # However a clock went wrong, or a person edited the time, it puts off no mail for longer.
    is_early = digest.last_full_at is not None and abs(now - digest.last_full_at) < FULL_MAILS_APART
    if not is_early or (due.number <= MAX_LEADS_PER_MAIL and not digest.has_many_mails(now)):
        return due.leads
    urgent = [lead for lead in due.leads if _is_urgent(lead, now, policy)]
    return urgent if len(urgent) < MAX_LEADS_PER_MAIL else []


def freeze(digest: OwnersDigest, leads: Sequence[Lead], *, now: datetime, policy: FollowUpPolicy) -> OwnersDigest:
    """Return the digest with the leads that matter most, as many as fit into one mail."""
    in_order = sorted(leads, key=lambda lead: rank(lead, find_kind(lead, now=now, policy=policy), now=now))
    claimed = (ClaimedLead(lead.key, find_turn(lead)) for lead in in_order[:MAX_LEADS_PER_MAIL])
    return replace(digest, leads=tuple(claimed))


def count_mail(digest: OwnersDigest, leads: Sequence[Lead], *, now: datetime, policy: FollowUpPolicy) -> OwnersDigest:
    """Return the digest after a mail about *leads*, with the time from which the next full one waits."""
    is_gathered = digest.has_many_mails(now) and not all(_is_urgent(lead, now, policy) for lead in leads)
    if is_gathered or len(leads) >= MAX_LEADS_PER_MAIL:
        digest = replace(digest, last_full_at=now)
    return digest.counted(now)


def note_unusual(due: Mapping[Recipient, Due], findings: Findings) -> None:
    """Note whether unusually many leads are due for one owner."""
    if not due:
        return
    most = max(each.number for each in due.values())
    if most > UNUSUALLY_MANY:
        findings.found[TroubleCode.MANY_LEADS] = f"{most:,}"
    else:
        findings.refuted.add(TroubleCode.MANY_LEADS)


def _is_urgent(lead: Lead, now: datetime, policy: FollowUpPolicy) -> bool:
    """Whether its owner is told about *lead* at once, however many mails they get."""
    wants_contact = find_code(lead) == ActionCode.CONTACT_ME
    return wants_contact and find_kind(lead, now=now, policy=policy) is Kind.NOTICE
