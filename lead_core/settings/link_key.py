"""``LINK_KEY``: the random text that signs the links in mails. Who can guess it can open every lead."""

import re
from itertools import pairwise

SAMPLE_KEY = "for-this-machine-only-0123456789abcdef"
"""The key of ``local.settings.sample.json``. Everybody knows it, so it is good on one's own machine only."""
_SHORTEST = 32
_FEWEST_LETTERS = 8
"""Of 32 random hexadecimal digits, one text in 27 million has fewer different ones."""
_WORDS = re.compile(
    r"change.?(me|this|it)|example|placeholder|replace.?(me|this)|your.?(link.?)?key"
    r"|for.this.machine|secret|passw|qwerty|openssl|://",
    re.IGNORECASE,
)
"""Signs of a text that a person made up. A random one holds none of them."""
_ADVICE = f"use a random text of {_SHORTEST} characters or more, as openssl rand -hex 32 writes it"


def check_link_key(text: str) -> str:
    """Return the keys as they came. Raises: ValueError with what to write instead."""
    keys = [key.strip() for key in text.split(",")]
    if keys == [""]:
        return text
    if any(len(key) < _SHORTEST for key in keys):
        raise ValueError(f"{_ADVICE}; two, divided by a comma, in a rotation")
    return text


def find_weakness(keys: tuple[str, ...]) -> str:
    """Return why strangers may know one of *keys*, and what to write. ``""`` if they do not."""
    if SAMPLE_KEY in keys:
        return f"this is the sample's, which everybody knows: {_ADVICE}"
    return f"this text can be guessed: {_ADVICE}" if any(map(_can_be_guessed, keys)) else ""


def _can_be_guessed(key: str) -> bool:
    steps = [ord(b) - ord(a) for a, b in pairwise(key)]
    is_repeated = key in (key + key)[1:-1]
    is_counted = max(map(steps.count, (-1, 0, 1))) > len(steps) // 2
    return len(set(key)) < _FEWEST_LETTERS or is_repeated or is_counted or bool(_WORDS.search(key))
