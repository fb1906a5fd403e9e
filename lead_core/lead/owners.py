"""Who answers a lead: rules by offer, country and action. The last rule takes the rest.

``contoso.erp PLT: erp@contoso.com; contoso.* DE AT: anna@contoso.com, bob@contoso.com; sales@contoso.com``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lead_core.lead.owner_cell import STRANGER, Meaning, read_owner_cell
from lead_core.lead.owner_rules import OwnerRule, parse_rules
from lead_core.lead.values import clean_line, format_digest, shorten

if TYPE_CHECKING:  # Intake reads the settings, and they read owners. Its cold start must not load what a lead needs.
    from lead_core.lead.lead import Lead

_MAX_QUOTED_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Owners:
    """All rules, in order. Without any, leads have no owner yet."""

    rules: tuple[OwnerRule, ...] = ()
    escalate_to: str = ""
    """``ESCALATE_TO``. Mails about leads may go to it and to its domain, too."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``OWNERS``: rules divided by semicolons.

        Raises: ValueError with what to write instead.
        """
        return cls(parse_rules(text))

    @property
    def default(self) -> str:
        """The address for leads that no other rule fits, ``""`` if there are no rules."""
        return self.rules[-1].people[0] if self.rules else ""

    @property
    def escalation(self) -> str:
        """Who is told of a lead that nobody answered, ``""`` if there are no rules."""
        return self.escalate_to or self.default

    @property
    def people(self) -> tuple[str, ...]:
        """All addresses of all rules."""
        return tuple(person for rule in self.rules for person in rule.people)

    def of(self, lead: Lead) -> str:
        """Return the address of the owner of *lead*.

        If a rule names several people, the person's key picks one. So one person's leads have one owner.
        """
        for rule in self.rules:
            if rule.fits(lead):
                return rule.people[int(format_digest(lead.key.partition), 16) % len(rule.people)]
        return ""

    def read(self, cell: str) -> str:
        """Return the address that a typed cell means. ``""`` if mails must not go where it says."""
        return self._interpret(cell).address

    def explain(self, cell: str, *, quotes: bool = True) -> str:
        """Return what is wrong with an owner cell, where the mails go and what to write. ``""`` if it is clear.

        It never changes for the same cell and settings. A mail that may say little has no quote of the cell.
        """
        meaning = self._interpret(cell)
        if not meaning.problem or not self.rules:
            return ""
        word = f"“{shorten(clean_line(cell), _MAX_QUOTED_CHARACTERS)}”, which" if quotes else "a text that"
        to = meaning.address or self.default
        return (
            f"The Owner cell says {word} {meaning.problem}. Mails go to {to}. "
            "Write an address of OWNERS, or have this one added there."
        )

    def refuse(self, colleague: str) -> str:
        """Return why a lead can't be passed on to *colleague*, ``""`` if it can. The same rule as for the cell."""
        meaning = self._interpret(colleague)
        if meaning.address and not meaning.problem:
            return ""
        limits = (
            " A lead can only be passed on within your company: to an address at the domain of an owner."
            if meaning.problem.startswith(STRANGER)
            else ""
        )
        return f"This address {meaning.problem}.{limits} The person who runs this app can add one to OWNERS."

    def _interpret(self, cell: str) -> Meaning:
        known = dict.fromkeys((*self.people, *filter(None, (self.escalate_to.lower(),))))
        return read_owner_cell(cell, known)
