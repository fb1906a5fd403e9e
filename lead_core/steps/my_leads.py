"""All open leads of one owner, as the page behind a link lists them. Showing them changes nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from lead_core.at_once import do_few_at_once
from lead_core.lead.changes import edited
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.recipients import find_owner_address
from lead_core.lead.to_do import find_follow_up_due
from lead_core.lead.urgency import sort_open
from lead_core.lead.values import LeadKey
from lead_core.links import Holder, LinkSigner, name_recipient
from lead_core.ports.storage import StoredFollowUp
from lead_core.steps.due import PersonReader
from lead_core.steps.repository import LeadRepository
from lead_core.views.facts import collect_facts
from lead_core.views.my_leads import MyLeads, OpenLead

MAX_SHOWN: Final = 100
"""Each of them is read, so that no answered lead is shown. The leads of one person are one request."""
MAX_LISTED: Final = 10_000
"""How many entries of each part of the to-do list are read. A thousand are one request."""
KEPT_FOR_RESTING: Final = MAX_SHOWN // 4
"""How many places are kept for leads that were never answered, whatever else is due."""
_ALWAYS: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Listed:
    """What the to-do list has of one owner."""

    leads: dict[LeadKey, None] = field(default_factory=dict)
    """In the order of the list, each once: a lead whose entry moved may stand there twice."""
    is_cut: bool = False
    """Whether there is more than was read."""


@dataclass(frozen=True, slots=True)
class ShowingMyLeads:
    """Shows the open leads of an owner to those who have a link to them."""

    repository: LeadRepository
    links: LinkSigner
    summary_to: str
    """Who gets the weekly summary. Their page leads to the report, too, so that it is found before the first one."""

    async def show(self, token: str, *, now: datetime) -> MyLeads:
        """Return the open leads of the owner behind a link, as they now stand.

        Raises: ForgedLinkError, IncompleteLinkError, ExpiredListLinkError.
        """
        holder, follow_ups = self.links.read_my_leads(token, now=now), self.repository.follow_ups
        to_do = await self._list(follow_ups.list_due(_ALWAYS), holder)
        planned = await self._list(follow_ups.list_follow_ups(), holder)
        resting = await self._list(follow_ups.list_resting(), holder)
        due = planned.leads | to_do.leads
        chosen = _choose([*due], [lead for lead in resting.leads if lead not in due])
        leads = await self._read(chosen, holder, now)
        return MyLeads(
            leads=tuple(self._describe(leads, holder, now)),
            more=len(due | resting.leads) - len(chosen),
            is_cut=planned.is_cut or to_do.is_cut or resting.is_cut,
            seen_at=now.astimezone(self._policy.zone),
            report_link=self.links.sign_report_for(holder) if self._leads_the_team(holder) else "",
        )

    def _leads_the_team(self, holder: Holder) -> bool:
        return bool(self.summary_to) and name_recipient(self.summary_to) == holder.recipient

    async def _list(self, entries: AsyncIterator[StoredFollowUp], holder: Holder) -> Listed:
        """Return the leads of *entries* that are listed as the holder's."""
        listed, is_holders, number = Listed(), dict[str, bool](), 0
        async for entry in entries:
            number += 1
            if number > MAX_LISTED:
                listed.is_cut = True
                break
            if entry.owner not in is_holders:
                is_holders[entry.owner] = name_recipient(self._find_listed_owner(entry)) == holder.recipient
            if is_holders[entry.owner]:
                listed.leads[entry.lead] = None
        return listed

    def _find_listed_owner(self, entry: StoredFollowUp) -> str:
        """Return who gets the mails about a lead as it is listed. The version before listed what was typed."""
        owners = self._policy.owners
        return owners.read(entry.owner, confirmed=entry.owner) or owners.default

    async def _read(self, chosen: list[LeadKey], holder: Holder, now: datetime) -> list[Lead]:
        """Return those of the *chosen* leads that are the holder's, as they now stand."""
        reader, policy, leads = PersonReader(self.repository.leads), self._policy, list[Lead]()

        async def read(key: LeadKey) -> None:
            stored = await reader.get(key)
            lead = edited(stored, policy) if stored else None
            if lead and name_recipient(find_owner_address(lead, policy.owners, now=now)) == holder.recipient:
                leads.append(lead)

        await do_few_at_once(read, chosen)
        return leads

    def _describe(self, leads: list[Lead], holder: Holder, now: datetime) -> list[OpenLead]:
        zone, touches = self._policy.zone, self._policy.touches
        return [
            OpenLead(
                facts=collect_facts(lead, (), now=now, zone=zone, touches=touches),
                urgency=urgency,
                next_mail_at=lead.next_reminder_at.astimezone(zone) if lead.next_reminder_at else None,
                planned_at=due_at.astimezone(zone) if (due_at := find_follow_up_due(lead)) else None,
                link=self.links.sign_lead_for(holder, lead.key),
            )
            for urgency, lead in sort_open(leads, now=now, policy=self._policy)
        ]

    @property
    def _policy(self) -> FollowUpPolicy:
        return self.repository.policy


def _choose(to_do: list[LeadKey], resting: list[LeadKey]) -> list[LeadKey]:
    """Return which leads are read and shown: those that are due first, and some that were never answered."""
    kept = min(len(resting), max(KEPT_FOR_RESTING, MAX_SHOWN - len(to_do)))
    return [*to_do[: MAX_SHOWN - kept], *resting[:kept]]
