"""Lines on the console: a label and a text, wrapped to the window.

Where no window is, as in a pipe, each text stays on one line. No colours and no moving cursor, so that both read alike.
"""

import shutil
import sys
import unicodedata
from collections.abc import Collection, Sequence

_LABEL_CELLS = 13
"""The longest label, ``DoNotContact``, and a blank."""
_FEWEST_CELLS = 20


def join(names: Collection[str]) -> str:
    """Return ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def be(names: Collection[str]) -> str:
    """Return the verb that goes with *names*."""
    return "is" if len(names) == 1 else "are"


def say(label: str, *texts: str) -> None:
    """Print each of *texts* behind *label*."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print("\n".join(lay_out(label, texts, width)), flush=True)


def lay_out(label: str, texts: Sequence[str], width: int | None) -> list[str]:
    """Return the lines of *texts*, for a window of *width* cells or for none.

    A word that is longer than a line stays whole, so that it can be copied.
    """
    room = max(width - _LABEL_CELLS, _FEWEST_CELLS) if width else sys.maxsize
    lines = [line for text in texts for line in _wrap(_make_visible(text), room)]
    margins = [f"{label:<{_LABEL_CELLS - 1}} ", *[" " * _LABEL_CELLS] * (len(lines) - 1)]
    return [f"{margin}{line}".rstrip() for margin, line in zip(margins, lines, strict=True)]


def _wrap(text: str, room: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and _count_cells(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _count_cells(text: str) -> int:
    """Return how much of a line *text* takes. A Chinese character takes two cells."""
    return sum(1 + (unicodedata.east_asian_width(character) in "FW") for character in text)


def _make_visible(text: str) -> str:
    """Replace what would steer a terminal. A stranger may have written it."""
    return "".join(character if character.isprintable() else "?" for character in text)
