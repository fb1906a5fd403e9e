"""The JSON documents of the command `leads`."""

import ast
import re
from pathlib import Path

import pytest

from lead_core.lead.changes import delivered
from lead_core.lead.follow_up import FollowUpPolicy
from leads.documents import describe_lead
from tests.examples import delivery

ROOT = Path(__file__).parents[2]
MODULES = [path for path in sorted((ROOT / "leads").rglob("*.py")) if path.name != "shapes.py"]
"""All but the shapes in which the marketplace posts."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_names_are_written_in_one_way(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            for key in node.keys:
                assert not (isinstance(key, ast.Constant) and re.search("[a-z]_[a-z]", str(key.value))), ast.dump(key)


def test_the_page_names_what_every_lead_has() -> None:
    page = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
    names = describe_lead(delivered(None, delivery(code="PLT"), FollowUpPolicy()))
    assert ", ".join(f"`{name}`" for name in names) in page
