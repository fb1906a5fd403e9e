"""Who answers a lead: rules by offer, country and action. The last rule takes the rest.

``contoso.erp PLT: erp@contoso.com; contoso.* DE AT: anna@contoso.com, bob@contoso.com; sales@contoso.com``
"""

from __future__ import annotations

import difflib
import fnmatch
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lead_core.lead.actions import is_action_code
from lead_core.lead.addresses import find_mistake, is_address
from lead_core.lead.values import format_digest

if TYPE_CHECKING:  # Intake reads the settings, and they read owners. Its cold start must not load what a lead needs.
    from lead_core.lead.lead import Lead

_COUNTRY = re.compile(r"[A-Z]{2}")
_CLOSE_ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """One rule. An empty condition fits every lead."""

    people: tuple[str, ...]
    offers: tuple[str, ...] = ()
    """Patterns of row keys: ``contoso.*``."""
    countries: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one rule: conditions, a colon and addresses, or addresses alone.

        Raises: ValueError with what to write instead.
        """
        conditions, colon, people = text.rpartition(":")
        addresses = tuple(part.lower() for part in re.split(r"[,\s]+", people) if part)
        for address in addresses or ("",):
            if wrong := find_mistake(address):
                raise ValueError(f"write the addresses of the people who answer, such as sales@contoso.com: {wrong}")
        words = re.split(r"[,\s]+", conditions.strip()) if colon else []
        if colon and not conditions.strip():
            raise ValueError("write before the colon for which offer, country or action the rule is")
        actions = frozenset(word.lower() for word in words if is_action_code(word))
        countries = frozenset(word for word in words if _COUNTRY.fullmatch(word))
        offers = tuple(word.lower() for word in words if word.lower() not in actions and word not in countries)
        return cls(addresses, offers, countries, actions)

    def fits(self, lead: Lead) -> bool:
        """Whether *lead* fits the rule's conditions."""
        shown = lead.shown
        return (
            (not self.offers or any(fnmatch.fnmatchcase(lead.key.row, offer) for offer in self.offers))
            and (not self.countries or shown.country in self.countries)
            and (not self.actions or shown.action_code.lower() in self.actions)
        )


@dataclass(frozen=True, slots=True)
class Owners:
    """All rules, in order. Without any, leads have no owner yet."""

    rules: tuple[OwnerRule, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``OWNERS``: rules divided by semicolons.

        Raises: ValueError with what to write instead.
        """
        rules = tuple(OwnerRule.parse(part) for part in text.split(";") if part.strip())
        if rules and (rules[-1].offers or rules[-1].countries or rules[-1].actions):
            raise ValueError("end with the address for what no rule fits, such as sales@contoso.com")
        return cls(rules)

    @property
    def default(self) -> str:
        """The address for leads that no other rule fits, ``""`` if there are no rules."""
        return self.rules[-1].people[0] if self.rules else ""

    @property
    def people(self) -> tuple[str, ...]:
        """All addresses of all rules."""
        return tuple(person for rule in self.rules for person in rule.people)

    def of(self, lead: Lead) -> str:
        """Return the address of the owner of *lead*. If a rule names several people, the lead's key picks one."""
        for rule in self.rules:
            if rule.fits(lead):
                return rule.people[int(format_digest(*lead.key), 16) % len(rule.people)]
        return ""

    def read(self, cell: str) -> str:
        """Return the address that a typed cell means. ``""`` if it is no address and resembles no owner."""
        typed = cell.strip().lower()
        known = set(self.people)
        by_name = {address.partition("@")[0]: address for address in sorted(known)}
        close = difflib.get_close_matches(typed, known, n=1, cutoff=_CLOSE_ENOUGH)
        if typed in known:
            return typed
        if is_address(typed):
            return typed
        return by_name.get(typed) or (close[0] if close else "")
