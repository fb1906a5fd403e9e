"""One rule of ``OWNERS``: for which leads it is, and who answers them."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lead_core.lead.actions import is_action_code
from lead_core.lead.addresses import find_mistake
from lead_core.lead.condition_words import COUNTRY_CODES, find_doubtful_words

if TYPE_CHECKING:  # Intake reads the settings, and they read owners. Its cold start must not load what a lead needs.
    from lead_core.lead.lead import Lead

_COUNTRY = re.compile(r"[A-Z]{2}")
_SEPARATORS = re.compile(r"[,\s]+")
_OTHER_SIGN = re.compile(r"([A-Z]{2}|[^@=>|]*\*)[=>|][^@]*@")
"""``DE=anna@contoso.com``: an address may hold these signs, but nobody's is a condition with one of them."""
_ADDRESSES = "write the bare addresses of the people who answer, such as sales@contoso.com"


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

        Raises: ValueError with what to write instead. It quotes no address.
        """
        conditions, colon, people = text.rpartition(":")
        _check_places(conditions, people)
        addresses = tuple(part.lower() for part in _split(people))
        for address in addresses or ("",):
            if wrong := find_mistake(address):
                raise ValueError(f"{_ADDRESSES}: {wrong}")
        words = _split(conditions)
        if colon and not words:
            raise ValueError("write before the colon for which offer, country or action the rule is")
        actions = frozenset(word.lower() for word in words if is_action_code(word))
        countries = frozenset(word for word in words if word in COUNTRY_CODES)
        offers = [word for word in words if word.lower() not in actions and word not in countries]
        if doubts := list(find_doubtful_words(offers)):
            raise ValueError("; ".join(doubts))
        if any(map(_COUNTRY.fullmatch, offers)):
            raise ValueError("two capitals stand for a country, and these are the code of none: write its ISO code")
        is_any_offer = any(not word.strip("*") for word in offers)
        return cls(addresses, () if is_any_offer else tuple(word.lower() for word in offers), countries, actions)

    @property
    def takes_all(self) -> bool:
        """Whether the rule has no condition."""
        return not (self.offers or self.countries or self.actions)

    def fits(self, lead: Lead) -> bool:
        """Whether *lead* fits the rule's conditions."""
        shown = lead.shown
        return (
            (not self.offers or any(fnmatch.fnmatchcase(lead.key.row, offer) for offer in self.offers))
            and (not self.countries or shown.country in self.countries)
            and (not self.actions or shown.action_code.lower() in self.actions)
        )

    def covers(self, other: OwnerRule) -> bool:
        """Whether each lead that fits *other* certainly fits this rule too."""
        return (
            (not self.offers or (bool(other.offers) and all(map(self._takes, other.offers))))
            and (not self.countries or (bool(other.countries) and other.countries <= self.countries))
            and (not self.actions or (bool(other.actions) and other.actions <= self.actions))
        )

    def _takes(self, pattern: str) -> bool:
        """Whether one of the rule's offers fits all that *pattern* fits. Of the wildcards, only ``*`` is understood."""
        return any(
            pattern == offer or (not re.search(r"[?\[]", offer) and fnmatch.fnmatchcase(pattern, offer))
            for offer in self.offers
        )


def parse_rules(text: str) -> tuple[OwnerRule, ...]:
    """Read rules divided by semicolons. Each can be reached, and the last takes the rest.

    Raises: ValueError that names each rule that is wrong, and what to write instead.
    """
    parts = [part for part in text.split(";") if part.strip()]
    rules, wrong = [], []
    for number, part in enumerate(parts, start=1):
        try:
            rules.append(OwnerRule.parse(part))
        except ValueError as error:
            wrong.append(f"rule {number}: {error}" if len(parts) > 1 else str(error))
    if wrong:
        raise ValueError(". ".join(wrong))
    for number, rule in enumerate(rules):
        if (earlier := next((n for n, each in enumerate(rules[:number]) if each.covers(rule)), None)) is not None:
            wrong.append(_explain_unreachable(number + 1, earlier + 1, takes_all=rules[earlier].takes_all))
    if wrong:
        raise ValueError(". ".join(wrong))
    if rules and not rules[-1].takes_all:
        last = f"rule {len(rules)}, the last, has" if len(rules) > 1 else "the rule has"
        raise ValueError(
            f"{last} a condition, so other leads have no owner: end with a rule that is an address alone,"
            " such as sales@contoso.com"
        )
    return tuple(rules)


def _explain_unreachable(number: int, earlier: int, *, takes_all: bool) -> str:
    if takes_all:
        return (
            f"rule {earlier} has no condition and takes every lead, so rule {number} never fits: write it last. "
            "Several people of one rule are divided by commas"
        )
    return f"rule {number} never fits, because rule {earlier} takes all its leads: write the narrower one first"


def _check_places(conditions: str, people: str) -> None:
    """Raise ValueError if something stands on the wrong side of the colon."""
    if "@" in conditions:
        raise ValueError("write the conditions before the colon and the addresses after it, with one colon in a rule")
    if "mailto" in conditions.lower():
        raise ValueError(f"{_ADDRESSES}, without mailto")
    if ":" in conditions:
        raise ValueError("write one colon, between the conditions and the addresses, and a semicolon between rules")
    words = _split(people)
    if len({"@" in word for word in words}) > 1:
        raise ValueError(f"{_ADDRESSES}, without their names, and a colon between conditions and addresses")
    if any(_OTHER_SIGN.match(word) for word in words):
        raise ValueError("write a colon, not another sign, between the conditions and the addresses")


def _split(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]
