"""The page's field for a colleague, whom it suggests, and what it says if it is not clear who is meant."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from lead_core.lead.owner_cell import NO_ADDRESS, SEVERAL_NAMES, SEVERAL_PEOPLE, STRANGER, Meaning
from lead_core.lead.who import guess_name, is_shared

_MAX_NAMED = 3
"""More colleagues than this are not listed in a sentence. The field suggests them."""


class Colleague(NamedTuple):
    """An address that leads may be passed on to, with the name that it spells."""

    address: str
    name: str

    @classmethod
    def list_of(cls, team: Iterable[str], *, owner: str) -> tuple[Self, ...]:
        """Return all of *team* but the *owner* of the lead."""
        others = (address for address in team if address != owner)
        return tuple(cls(address, "" if is_shared(address) else guess_name(address)) for address in others)


def refuse_colleague(meaning: Meaning, colleagues: Sequence[Colleague]) -> str:
    """Return why a lead can't be passed on, and what to do. *meaning* is what the field could be read as.

    What was typed is not repeated: it stands in the field.
    """
    problem = meaning.problem
    if problem == SEVERAL_PEOPLE:
        return "A lead has one owner. Name one colleague only."
    if problem == SEVERAL_NAMES:
        return "That can mean several people. Choose one colleague only."
    names = [colleague.name or colleague.address for colleague in colleagues if colleague.address in meaning.alike]
    if problem.startswith(STRANGER):
        why, instead = "A lead can only be passed on within your company.", "Type an address at your company"
    elif problem.startswith(NO_ADDRESS):
        why, instead = f"That {problem}.", "Type their whole e-mail address"
    else:
        why, instead = "Nobody of that name gets leads so far.", "Type their whole e-mail address"
    if names:
        return f"{why} Did you mean {_join(names)}?"
    others = [colleague.name or colleague.address for colleague in colleagues]
    if not others:
        return f"{why} {instead}."
    known = _join(others) if len(others) <= _MAX_NAMED else "one that the field suggests"
    return f"{why} {instead}, or choose {known}."


def ask_colleague(meaning: Meaning) -> str:
    """Return the question before a customer's data goes to an address that nobody named."""
    resembles = f", and resembles {_join(meaning.alike)}" if meaning.alike else ""
    return f"{meaning.to_confirm} gets no leads so far{resembles}. Send this customer's data there?"


def say_has_it(address: str, *, reader: str) -> str:
    """Return that the lead is that colleague's already. *reader* is who wants to pass it on."""
    return "You have this lead already." if address == reader else f"{address} has this lead already."


def _join(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
