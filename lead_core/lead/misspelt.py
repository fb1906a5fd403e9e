"""Which offers look like a typing error of another: ``contoso.cmr`` has 2 leads, and ``contoso.crm`` has 40."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

TIMES_MORE: Final = 5
"""How many leads the right spelling has for each one under the wrong spelling, at least."""
_SHORTEST: Final = 4
"""In a shorter name, another letter is another name: ``crm`` and ``erm``. Only two letters may have changed places."""
_LONG: Final = 8
"""From this length on, two typing errors may be in a name."""
_LONGEST: Final = 60
"""The names of longer offers are titles. Comparing takes time by the square."""
_VERSION = re.compile(r"\d+|(?<![^\W_])[^\W_](?![^\W_])")
"""A number, or a letter that stands alone. Offers that differ in one are different offers: ``crm2``, ``plan-b``."""


class Misspelt(NamedTuple):
    """An offer that is probably another one, spelled wrongly."""

    offer: str
    leads: int
    likely: str
    """The offer that was meant."""
    leads_of_likely: int


def find_misspelt(leads_by_offer: Mapping[str, int]) -> list[Misspelt]:
    """Return each offer with few leads that is spelled almost as one with many, and the one that was meant."""
    found = []
    for offer, leads in sorted(leads_by_offer.items()):
        alike = [
            (number, other)
            for other, number in leads_by_offer.items()
            if number >= TIMES_MORE * leads and is_alike(offer, other)
        ]
        if alike:
            number, likely = max(alike)
            found.append(Misspelt(offer, leads, likely, number))
    return found


def is_alike(one: str, other: str) -> bool:
    """Whether one part of two offers is the same, publisher or name, and the other part almost."""
    if max(len(one), len(other)) > _LONGEST or one == other or _VERSION.findall(one) != _VERSION.findall(other):
        return False
    (publisher, name), (other_publisher, other_name) = _split(one), _split(other)
    if publisher == other_publisher:
        return _is_typing_error(name, other_name)
    return name == other_name and _is_typing_error(publisher, other_publisher)


def _split(offer: str) -> tuple[str, str]:
    publisher, dot, name = offer.partition(".")
    return (publisher, name) if dot else ("", offer)


def _is_typing_error(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    if shorter < _SHORTEST:
        return sorted(one) == sorted(other) and count_typing_errors(one, other) == 1
    return count_typing_errors(one, other) <= (2 if shorter >= _LONG else 1)


def count_typing_errors(one: str, other: str) -> int:
    """Return the fewest letters that were added, left out, replaced or swapped with the next one.

    https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance (optimal string alignment)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, above, row = row, before, [i]
        for j, other_letter in enumerate(other, start=1):
            errors = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other_letter:
                errors = min(errors, above[j - 2] + 1)
            row.append(errors)
    return row[-1]
