"""Keep a spreadsheet from running a text as a formula, because tables can be exported.

The apostrophe that does so stands in the table alone: it is added when a row is written and removed when it is read.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import re
import unicodedata

_UNSEEN = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]+"
)
_PHONE = re.compile(r"\+[\d ()./x-]*")
_RULE = re.compile(r"[-. ]*")


def defuse(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run. A phone number stays readable: ``+44 20 …``."""
    return f"'{text}" if _would_run(text) else text


def undo_defuse(cell: str) -> str:
    """Remove the apostrophe that `defuse` put there. Any other apostrophe is the text's own."""
    return cell[1:] if cell.startswith("'") and _would_run(cell) else cell


def _would_run(text: str) -> bool:
    """Whether *text* is a formula. Apostrophes before it do not count, so that `undo_defuse` knows what was written."""
    if not text or text[0].isalnum():
        return False
    bare = text.lstrip("'")
    if seen := _UNSEEN.match(bare):
        bare = bare[seen.end() :]
    first = unicodedata.normalize("NFKC", bare[:1]).replace("\N{MINUS SIGN}", "-")
    if first == "+":
        return not _PHONE.fullmatch(bare)
    return first in {"=", "@", "|", "%"} or (first == "-" and not _RULE.fullmatch(bare))
