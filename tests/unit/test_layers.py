"""Who may import whom, and what a cold start pays for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "lead_core"
FLOORS = {  # of lead_core, from the ground up; each may import itself and what is below
    "lead": 0,
    "errors": 0,
    "messages": 0,
    "marketplace": 1,
    "settings": 1,
    "views": 2,
    "ports": 2,
    "adapters": 3,
    "links": 3,
    "steps": 4,
    "wiring": 5,
}
OUTSIDE = {"azure": "adapters", "aiohttp": "adapters", "smtplib": "adapters", "jinja2": "views", "os": "settings"}


def imported_by(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def floor_of(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


MODULES = [path for path in sorted(CORE.rglob("*.py")) if path != CORE / "__init__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CORE)))
def test_a_module_imports_only_what_is_on_its_floor_or_below(path: Path) -> None:
    here = floor_of(path)
    for name in imported_by(path):
        package, _, rest = name.partition(".")
        if package == "lead_core":
            there = rest.partition(".")[0]
            assert here == there or FLOORS[there] < FLOORS[here] or there in {"ports", "views"}, name
        assert OUTSIDE.get(package, here) == here or (here, name) == ("wiring", "azure.data.tables.aio"), name


def test_the_steps_know_no_adapter() -> None:
    for step in (CORE / "steps").glob("*.py"):
        assert not any("adapters" in name for name in imported_by(step))


def test_only_the_edge_knows_the_page() -> None:
    """The steps return plain outcomes; `function_app` renders them."""
    page = {f"lead_core.views.{room}" for room in ("page", "form", "rendering")}
    for path in MODULES:
        assert floor_of(path) == "views" or not page & imported_by(path), path


def test_intake_starts_without_what_it_does_not_need() -> None:
    """A cold start of intake pays for no table, phone number, country or credential."""
    program = "import sys, function_app\nfrom lead_core.wiring import services\nservices().intake\nprint(*sys.modules)"
    environment = {"LEADS_STORAGE": "UseDevelopmentStorage=true", "PATH": ""}
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    not_needed = {
        "azure.data.tables",
        "azure.identity",
        "jinja2",
        "phonenumbers",
        "pycountry",
        "lead_core.steps.processing",
    }
    assert not not_needed & set(loaded.stdout.split())


def test_nothing_happens_at_import_even_if_every_setting_is_wrong() -> None:
    environment = dict.fromkeys(("LEADS_STORAGE", "OWNERS", "MAIL_URL", "REMINDER_WAITS", "LEADS_TABLE"), "???")
    subprocess.run([sys.executable, "-c", "import function_app"], cwd=ROOT, env=environment, check=True)
