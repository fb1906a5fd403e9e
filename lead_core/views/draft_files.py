"""Files with drafts of answers: their names, and what stands in them. ``docs/drafts.md`` says it to their writers.

``de/PLT-1.txt`` is the first answer to *Contact me*, in German::

    Subject: Ihr Interesse an {offer}

    Guten Tag[ {first_name} {last_name}],
    …
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from lead_core.lead.actions import ActionCode, format_action_code
from lead_core.lead.values import MAX_TOUCHES
from lead_core.views.languages import Language

ANY: Final = "any"
"""Stands for every action that has no file of its own."""
LAST, AGAIN, FOLLOW_UP = "last", "again", "follow-up"
"""Instead of the number of an attempt: the last one of the plan, to who asks again, to who was answered before."""
MAX_DRAFT_BYTES: Final = 10_000

PLACEHOLDERS: Final = ("first_name", "last_name", "offer", "sender", "booking_link", "wrote")
_ATTEMPTS: Final = (*map(str, range(1, MAX_TOUCHES + 1)), LAST, AGAIN, FOLLOW_UP)
_ACTIONS: Final = (*(code.value for code in ActionCode if code is not ActionCode.ASKED_SOMEONE_ELSE), ANY)
_MAX_LINK_CHARACTERS: Final = 1_300
"""How long a draft may be in a link, without what is filled in."""

_FOLDER: Final = Path(__file__).parent / "draft_texts"
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]")


class DraftName(NamedTuple):
    """What a draft is for."""

    language: Language
    action: str
    """An action code, or `ANY`."""
    attempt: str
    """The number of the attempt to reach the customer, `LAST`, `AGAIN` or `FOLLOW_UP`."""


class DraftText(NamedTuple):
    """A draft with placeholders, as its file holds it."""

    subject: str
    body: str


def parse_draft_name(folder: str, stem: str) -> DraftName:
    """Read the name of a file: its *folder*, and its name without ``.txt``. Raises: ValueError, for its writer."""
    action, _, attempt = stem.partition("-")
    code = ANY if action.lower() == ANY else format_action_code(action)
    if folder.lower() not in set(Language):
        raise ValueError(f"put it into a folder with the name of its language: {', '.join(Language)}")
    if code not in _ACTIONS:
        raise ValueError(f"begin its name with one of {', '.join(_ACTIONS)}, such as PLT-1.txt")
    if attempt.lower() not in _ATTEMPTS:
        raise ValueError(f"end its name with 1 to {MAX_TOUCHES}, {LAST}, {AGAIN} or {FOLLOW_UP}, such as {code}-1.txt")
    return DraftName(Language(folder.lower()), code, attempt.lower())


def parse_draft(content: bytes) -> DraftText:
    """Read a file. Raises: ValueError, for its writer."""
    if len(content) > MAX_DRAFT_BYTES:
        raise ValueError(f"make it shorter: at most {MAX_DRAFT_BYTES // 1_000} KB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("save it as UTF-8") from error
    first, _, body = "\n".join(line.rstrip() for line in text.splitlines()).partition("\n")
    label, colon, subject = first.partition(":")
    if label.strip().lower() != "subject" or not colon or not subject.strip():
        raise ValueError("begin its first line with Subject: and the subject")
    if body[:1] != "\n" or not body.strip():
        raise ValueError("write a blank line after the subject, and then the text")
    draft = DraftText(subject.strip(), body.strip())
    _check(draft)
    return draft


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with *values* in place of its placeholders. A value that is ``""`` is not known.

    What stands in square brackets is left out if a value in it is not known, and so is a line outside of brackets.
    """
    known = {name for name, value in values.items() if value}

    def keep(found: re.Match[str]) -> str:
        names = _list_names(found[1])
        return found[0] if not names else found[1] if names <= known else ""

    kept = [line for line in _BRACKETS.sub(keep, text).split("\n") if _list_names(line) <= known]
    whole = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return _PLACEHOLDER.sub(lambda found: values[found[1]], whole)


def count_in_link(*texts: str) -> int:
    """Return how long *texts* are as parts of a link."""
    return sum(len(quote(text.replace("\n", "\r\n"), safe="")) for text in texts)


@cache
def read_our_drafts(language: Language) -> Mapping[DraftName, DraftText]:
    """Return the drafts that come with the app, in one language."""
    files = (_FOLDER / language).glob("*.txt")
    return {parse_draft_name(language, file.stem): parse_draft(file.read_bytes()) for file in files}


def _list_names(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _check(draft: DraftText) -> None:
    for text in draft:
        _check_placeholders(text)
        if set("[]") & set(_BRACKETS.sub("", text)):
            raise ValueError("close each [ with a ], and put no brackets into brackets")
    needed = _list_names(_BRACKETS.sub("", draft.subject)) - {"offer"}
    if needed or "wrote" in _list_names(draft.subject) or not fill_in(draft.subject, {"offer": "x"}):
        raise ValueError("its subject needs words beside {offer}: put other placeholders into [square brackets]")
    too_long = count_in_link(*(fill_in(text, {"offer": "x"}) for text in draft)) - _MAX_LINK_CHARACTERS
    if too_long > 0:
        raise ValueError(
            f"shorten it by {too_long} characters: a link can't open so long a mail. ü counts as 6, 語 as 9"
        )


def _check_placeholders(text: str) -> None:
    unknown = re.search(r"\{[^{}\n]*\}|[{}]", re.sub("|".join(rf"\{{{name}\}}" for name in PLACEHOLDERS), "", text))
    if not unknown:
        return
    typed = unknown[0].removeprefix("{").removesuffix("}")
    near = get_close_matches(typed.strip().lower(), PLACEHOLDERS, 1)
    names = near or PLACEHOLDERS
    shown = f"{{{typed[:40]}}}" if typed.isprintable() and typed.strip() else "a brace"
    raise ValueError(f"instead of {shown}, write {' or '.join(f'{{{name}}}' for name in names)}")
