"""In which forms a mail to an owner is tried, if the provider refuses what it says."""

import itertools
from collections.abc import Iterator
from typing import Final

from lead_core.views.card import Detail

MAX_GROUPS: Final = 8
"""Among no more leads than this, the one that is refused is found exactly. Each group is one try more."""

Form = tuple[Detail, ...]
"""How much is told about each lead."""


def list_forms(number: int, *, is_brief: bool) -> list[Form]:
    """Return the forms of a mail about *number* leads, in the order in which they are tried.

    First one lead after another is told about briefly, because most often the words of one customer are the reason. The
    form that is taken tells about all leads, so nobody gets two mails. The last form has no word of any customer.
    """
    details = (Detail.BRIEF, Detail.BARE) if is_brief else tuple(Detail)
    forms: list[Form] = [(details[0],) * number]
    for usual, less in itertools.pairwise(details):
        forms += [*_isolate(number, usual, less), (less,) * number]
    return list(dict.fromkeys(forms))


def _isolate(number: int, usual: Detail, less: Detail) -> Iterator[Form]:
    size = -(-number // MAX_GROUPS) or 1
    for start in range(0, number, size):
        yield tuple(less if start <= place < start + size else usual for place in range(number))
