"""Who answers a lead: rules by offer, country and action. The last rule takes the rest.

``contoso.erp PLT: erp@contoso.com; contoso.* DE AT: anna@contoso.com, bob@contoso.com; sales@contoso.com``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lead_core.lead.addresses import is_address
from lead_core.lead.owner_cell import MYSELF, STRANGER, UNKNOWN_NAME, Meaning, is_at_team_domain, read_owner_cell
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

    @property
    def team(self) -> tuple[str, ...]:
        """All addresses that a lead may go to without a confirmation, in small letters."""
        return tuple(dict.fromkeys((*self.people, *filter(None, (self.escalate_to.lower(),)))))

    def read(self, cell: str, confirmed: str | None = "") -> str:
        """Return the address that a typed cell means. ``""`` if mails must not go where it says.

        *confirmed* is the address outside the team that a person confirmed for this lead.
        """
        return self.interpret(cell, confirmed).address

    def belongs_to(self, lead: Lead, address: str) -> bool:
        """Whether *lead* is of the person with that *address*, who may have left the team.

        A lead whose owner cell means nobody is of the default owner too, who gets its mails.
        """
        cell = lead.cells.owner
        meant = self.read(cell, lead.confirmed_owner)
        return address in ({meant} if meant else {cell.strip().lower(), self.default})

    def explain(self, cell: str, confirmed: str | None = "", *, quotes: bool = True) -> str:
        """Return what is wrong with an owner cell, where the mails go and what to write. ``""`` if it is clear.

        It never changes for the same cell and settings. A mail that may say little has no quote of the cell.
        """
        meaning = self.interpret(cell, confirmed)
        if not meaning.problem or not self.rules:
            return ""
        text = f"The Owner cell says “{shorten(clean_line(cell), _MAX_QUOTED_CHARACTERS)}”, which"
        what = text if quotes else "The text in the Owner cell"
        return f"{what} {meaning.problem}. Mails go to {meaning.address or self.default}. {_advise(meaning)}"

    def find_confirmed(self, lead: Lead) -> str | None:
        """Return the address outside the team that a person confirmed for *lead*.

        The version before took any address of the team's domains that was no near miss. In its rows, the owner stays.
        """
        if lead.confirmed_owner is not None:
            return lead.confirmed_owner
        if lead.cells.owner.strip() in {"", lead.written_owner}:
            return ""  # The rules wrote it.
        meaning = self.interpret(lead.cells.owner)
        return (meaning.to_confirm if not meaning.alike else "") or None

    def interpret(self, cell: str, confirmed: str | None = "") -> Meaning:
        """Return what a name or an address means, for an owner cell and for the page alike."""
        known = dict.fromkeys(self.team)
        if confirmed and is_address(confirmed) and is_at_team_domain(confirmed, known):
            known[confirmed] = None
        return read_owner_cell(cell, known)


def _advise(meaning: Meaning) -> str:
    """Return what to write into an owner cell instead."""
    if meaning.to_confirm:
        return "Write an address of OWNERS. If this one is right, pass the lead on from its page, which asks once more."
    if meaning.problem.startswith(STRANGER):
        return "Write an address of OWNERS, or have this one added there."
    if meaning.problem == MYSELF:
        return "Write your own address."
    if meaning.problem.startswith(UNKNOWN_NAME):
        return "Write an address of OWNERS, or have theirs added there."
    return "Write one address of OWNERS."
