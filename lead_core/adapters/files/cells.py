"""What spreadsheets leave in the cells of a file: formulas that guard a text, apostrophes, rounded numbers."""

import re
from typing import Final

from lead_core.lead.actions import ActionCode

_GUARDED = re.compile(r'="(?P<text>(?:[^"]|"")*)"', re.DOTALL)
"""``="0049301234"``: a formula that keeps a spreadsheet from making a number of a text."""
_APOSTROPHE = re.compile(r"'(?=[=+@|%\d-])")
_ROUNDED = re.compile(r"[+-]?\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
_WHOLE = re.compile(r"(\d+)[.,]0+")

_ACTIONS: Final = {
    "contactme": ActionCode.CONTACT_ME.value,
    "testdrive": ActionCode.START_TEST_DRIVE.value,
    "getitnow": ActionCode.GET_IT_NOW.value,
    "freetrial": ActionCode.GET_IT_NOW.value,
}
"""What the buttons on the marketplace's pages are called."""


def clean_cell(text: str) -> str:
    """Return what a cell says, without what only a spreadsheet needs."""
    text = text.strip()
    if guarded := _GUARDED.fullmatch(text):
        text = guarded["text"].replace('""', '"').strip()
    return _APOSTROPHE.sub("", text, count=1) if text.startswith("'") else text


def is_rounded(phone: str) -> bool:
    """Whether a spreadsheet rounded a phone number, so that its last digits are lost: ``1,23E+11``."""
    return _ROUNDED.fullmatch(phone) is not None


def clean_phone(text: str) -> str:
    """Return a phone number without the decimals that a spreadsheet gave it: ``16175555555.0``."""
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def find_action_code(text: str) -> str:
    """Return the code of an action that a file names in words: ``Contact me`` is ``PLT``. Others stay as they are."""
    return _ACTIONS.get(re.sub(r"[\W_]", "", text).casefold(), text)
