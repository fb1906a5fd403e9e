"""Plain English: words that a newcomer stumbles over do not come back."""

import re
import tokenize
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
FOLDERS = (PROJECT / "lead_core", PROJECT / "local")
SOURCES = [PROJECT / "function_app.py", *(file for folder in FOLDERS for file in folder.rglob("*.py"))]
OURS = [file for file in SOURCES if "node_modules" not in file.parts]
TEMPLATES = list((PROJECT / "lead_core").rglob("*.j2"))

STUMBLING_BLOCK = re.compile(
    r"\b(?:whoever|somebody|mend|mends|mended|he|him|his|those\s+without\s+which|so\s+many)\b", re.IGNORECASE
)
# Since Python 3.12, the texts of an f-string are tokens of their own kind.
PROSE = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


def find_stumbling_blocks(source: bytes) -> Iterator[tuple[int, str]]:
    """Yield the line and the word of each in the comments, docstrings and other strings of *source*."""
    for token in tokenize.tokenize(BytesIO(source).readline):
        if token.type in PROSE:
            for found in STUMBLING_BLOCK.finditer(token.string):
                yield token.start[0] + token.string.count("\n", 0, found.start()), found[0]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (b"# Whoever reads this\n", [(1, "Whoever")]),
        (b'"""First line.\n\nIt is mended.\n"""\n', [(3, "mended")]),
        (b'print(f"{name} is told that he waits")\n', [(1, "he")]),
        (b'he = "the history of this"  # mending, then\n', []),
    ],
)
def test_a_stumbling_block_is_found_in_prose_alone(source: bytes, found: list[tuple[int, str]]) -> None:
    assert list(find_stumbling_blocks(source)) == found


def test_our_code_has_no_word_that_a_newcomer_stumbles_over() -> None:
    assert len(OURS) > len(FOLDERS)
    found = [
        (str(file.relative_to(PROJECT)), *each) for file in OURS for each in find_stumbling_blocks(file.read_bytes())
    ]
    assert found == []


def test_no_template_has_one() -> None:
    assert TEMPLATES
    assert [file.name for file in TEMPLATES if STUMBLING_BLOCK.search(file.read_text(encoding="utf-8"))] == []
