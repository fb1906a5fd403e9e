"""What people read about an action code: what the customer did, what that does not prove, and how to answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from lead_core.lead.actions import ActionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWords:
    """The words of one action code."""

    did: str
    """What the customer did. ``{place}`` is where, ``{code}`` the code as it came."""
    thanks: str = "Thank you for your interest in {offer}. I am your contact here."
    """How a first answer begins."""
    question: str = "How can I help you?"
    """The one question that a first answer asks."""
    caution: str = ""
    """What must not be read into the action, ``""`` if there is nothing to warn of."""


_WORDS: Mapping[str, ActionWords] = {
    ActionCode.CONTACT_ME: ActionWords(
        did="pressed Contact me {place}",
        thanks="Thank you for asking us to get in touch about {offer}. I am glad to help.",
        question="When would a short call suit you, today or tomorrow?",
    ),
    ActionCode.START_TEST_DRIVE: ActionWords(
        did="started a test drive",
        thanks="Thank you for taking a test drive of {offer}. If anything is unclear, just reply to this mail.",
        question="What would you like it to do for you?",
    ),
    ActionCode.CREATE: ActionWords(
        did="pressed Create in the Azure portal",
        thanks="Thank you for your interest in {offer}. If you are setting it up in Azure, I am glad to help.",
        question="Is there anything in your way?",
        caution="That is no proof of a purchase.",
    ),
    ActionCode.GET_IT_NOW: ActionWords(
        did="pressed Get it now or Free trial {place}",
        thanks="Thank you for your interest in {offer}. I am your contact here and glad to help.",
        question="What would you like to use it for?",
        caution="That is no proof of a purchase.",
    ),
    ActionCode.ASKED_SOMEONE_ELSE: ActionWords(did="asked another partner {place}"),
}
_NO_CODE = ActionWords(did="got in touch {place}")
_UNKNOWN_CODE = ActionWords(did="did “{code}” {place}")


def find_action_words(code: str) -> ActionWords:
    """Return the words of *code*. An unknown code is quoted as it came."""
    return _WORDS.get(code, _UNKNOWN_CODE if code else _NO_CODE)
