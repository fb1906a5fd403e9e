"""What is wrong with a value whatever it is for: what people paste when they mean to paste something else."""

import re

_REFERENCE = re.compile(r"@Microsoft\.\w+\(", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u00ab": "\u00bb"}
_PLACEHOLDER = re.compile(
    r"\[[^\]]*\]|\{.*\}|\$\w+|\$[({].*[)}]|%\w*%|your[-_ ][^@]*"
    r"|change[-_ ]?me|to[-_ ]?do|tbd|xxx+|\.\.\.|…|placeholder|null|none|undefined|n/a",
    re.IGNORECASE,
)
_GAP = re.compile(r"(?<![^\s/:=;,.@-])<[A-Za-z][\w .-]*>(?![^\s/:=;,.@-])|\{\{[^{}]*\}\}")
"""``https://<app>.azurewebsites.net``. A password may hold these signs, too, but seldom begins and ends with them."""


def clean_pasted(text: str) -> str:
    """Return *text* without blanks round it. Raises: ValueError with what to write instead."""
    text = text.strip()
    if _REFERENCE.match(text):
        raise ValueError(
            "the reference was not resolved: see in the portal, beside the setting, why the app may not read its secret"
        )
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        raise ValueError("leave out the quotes round the value")
    if _PLACEHOLDER.fullmatch(text) or _GAP.search(text):
        raise ValueError("this is a placeholder: write a value of your own, or leave it empty")
    return text
