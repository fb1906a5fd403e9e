"""Each exception from a rule of ruff or mypy has its reason beside it, in one spelling."""

import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "function_app.py",
    *(
        path
        for folder in ("lead_core", "local", "tests", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
    ),
]
MENTIONS = re.compile(r"#.*(noqa|type:\s*ignore)")
SPELLINGS = re.compile(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)* -- \S.*|# type: ignore\[[a-z,-]+\]  # \S.*")
"""mypy takes nothing but another comment after its brackets."""


def find_exceptions(path: Path) -> list[str]:
    """Return the comments that make an exception."""
    with tokenize.open(path) as file:
        comments = [token.string for token in tokenize.generate_tokens(file.readline) if token.type == tokenize.COMMENT]
    return [comment for comment in comments if MENTIONS.match(comment)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_exception_from_a_rule_has_a_reason(path: Path) -> None:
    assert [comment for comment in find_exceptions(path) if not SPELLINGS.fullmatch(comment)] == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: S101",
        "# noqa: S101 - why",
        "# noqa: S101  # why",
        "#noqa: S101 -- why",
        "# noqa: S101 -- ",
        "# type: ignore",
        "# type: ignore[arg-type]",
        "# type: ignore[arg-type] -- why",
    ],
)
def test_an_exception_without_a_reason_or_in_another_spelling_would_be_found(comment: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(f"x = 1  {comment}\n")
    (found,) = find_exceptions(path)
    assert not SPELLINGS.fullmatch(found)
