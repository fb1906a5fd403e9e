"""A lead as it is exported: what several formats say of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, Self, TypeAlias

from lead_core.lead.addresses import find_address
from lead_core.lead.lead import Lead
from lead_core.lead.values import clean_text
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.safe_text import calm
from lead_core.views.words import begin_sentence, describe_action, describe_moment, name_country

NOT_KNOWN: Final = "[not provided]"
"""What Salesforce itself writes where a name must stand and none is known."""


@dataclass(frozen=True, slots=True)
class ExportedLead:
    """A lead, with what several formats say of it."""

    lead: Lead
    facts: Facts

    @classmethod
    def of(cls, lead: Lead, others: Sequence[Lead], *, now: datetime, zone: tzinfo) -> Self:
        """Return *lead* as it is exported. *others* are those of the same person that have no row of their own."""
        return cls(lead, collect_facts(lead, others, now=now, zone=zone))

    @property
    def first_name(self) -> str:
        """``""`` if only one name is known, because the last name must be known."""
        return self.lead.shown.first_name if self.lead.shown.last_name else ""

    @property
    def last_name(self) -> str:
        """The last name, or the best that is known instead: CRMs take no lead without one."""
        shown = self.lead.shown
        return shown.last_name or shown.first_name or self.email or NOT_KNOWN

    @property
    def email(self) -> str:
        """The first address alone, because CRMs refuse a row with anything else in that cell."""
        return find_address(self.lead.shown.email)

    @property
    def country(self) -> str:
        """The country's name."""
        return name_country(self.lead.shown.country)

    @property
    def topic(self) -> str:
        """What it is about, in one line."""
        shown = self.facts.shown
        did = describe_action(shown.action_code, shown.source)
        return f"{self.facts.offer}: {did}" if self.facts.offer else begin_sentence(did)

    @property
    def story(self) -> str:
        """What the customer did and wrote, what the team noted, and what was not exported otherwise."""
        shown, facts = self.facts.shown, self.facts
        has_other_address = shown.email.strip() not in {"", self.email}
        lines = [
            f"{self.topic}, on {describe_moment(facts.wished_at or facts.acted_at)}.",
            f"Later they {facts.did_later}." if facts.did_later else "",
            f"They wrote: {shown.description}" if shown.description else "",
            f"Address as they wrote it: {shown.email}" if has_other_address else "",
            f"Note: {facts.note}" if facts.note else "",
            f"Not a fit: {facts.disqualified_reason}" if facts.disqualified_reason else "",
            *(f"{offer}." for offer in facts.other_offers),
        ]
        return clean_text(calm("\n".join(line for line in lines if line)))


Columns: TypeAlias = Mapping[str, Callable[[ExportedLead], object]]
"""What stands in each column, by its title."""
