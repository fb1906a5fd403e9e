"""What people read about an action code: what the customer did, and what that does not prove."""

from collections.abc import Mapping
from dataclasses import dataclass

from lead_core.lead.actions import ActionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWords:
    """The words of one action code."""

    did: str
    """What the customer did. ``{place}`` is where, ``{code}`` the code as it came."""
    caution: str = ""
    """What must not be read into the action, ``""`` if there is nothing to warn of."""


_WORDS: Mapping[str, ActionWords] = {
    ActionCode.CONTACT_ME: ActionWords(
        did="pressed Contact me {place}",
    ),
    ActionCode.START_TEST_DRIVE: ActionWords(
        did="started a test drive",
    ),
    ActionCode.CREATE: ActionWords(
        did="pressed Create in the Azure portal",
        caution="That is no proof of a purchase.",
    ),
    ActionCode.GET_IT_NOW: ActionWords(
        did="pressed Get it now or Free trial {place}",
        caution="That is no proof of a purchase.",
    ),
    ActionCode.ASKED_SOMEONE_ELSE: ActionWords(did="asked another partner {place}"),
}
_NO_CODE = ActionWords(did="got in touch {place}")
_UNKNOWN_CODE = ActionWords(did="did “{code}” {place}")


def find_action_words(code: str) -> ActionWords:
    """Return the words of *code*. An unknown code is quoted as it came."""
    return _WORDS.get(code, _UNKNOWN_CODE if code else _NO_CODE)
