"""The codes of what a customer did. A code that the marketplace invents later stays the text that came."""

from enum import StrEnum


class ActionCode(StrEnum):
    """The documented codes. The strongest wish to be contacted comes first."""

    CONTACT_ME = "PLT"
    START_TEST_DRIVE = "StartTestDrive"
    CREATE = "Create"
    GET_IT_NOW = "INS"
    ASKED_SOMEONE_ELSE = "DNC"
    """A notice that the customer asked another partner. It is the only code that is no action of the customer's own."""


_SPELLINGS = {code.lower(): code.value for code in ActionCode}


def format_action_code(text: str) -> str:
    """Return an action code in its documented spelling. An unknown one stays as it came."""
    return _SPELLINGS.get(text.lower(), text)


def is_action_code(word: str) -> bool:
    """Whether *word* is a documented code, in any letter case."""
    return word.lower() in _SPELLINGS


def is_own_action(code: str) -> bool:
    """Whether the customer acted. Unknown codes count: a needless answer is better than a missed customer."""
    return code != ActionCode.ASKED_SOMEONE_ELSE


_WISHES = [code.value for code in ActionCode if is_own_action(code)]


def rank_wish(code: str) -> int:
    """Return the place of *code* among the wishes to be contacted: 0 is the strongest, other codes come last."""
    return _WISHES.index(code) if code in _WISHES else len(_WISHES)
