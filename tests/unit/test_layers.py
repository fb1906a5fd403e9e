"""Who may import whom, and what a cold start pays for."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "lead_core"
MAX_LINES = 300

FLOORS = [  # from the ground up; a room imports itself and the floors below, and no other room of its own floor
    {"at_once", "errors", "log_fields", "messages"},
    {"lead", "lead_url"},
    {"settings", "marketplace", "views", "links", "ports"},
    {"adapters/tables", "adapters/door", "adapters/drafts"},
    {"adapters/azure", "adapters/memory", "adapters/files"},
    {"adapters/mail"},
    {"steps/budget", "steps/extras", "steps/repository", "steps/tidying", "steps/troubles"},
    {"steps/due", "steps/longest", "steps/rebuilding", "steps/sending", "steps/sweeping", "steps/unanswered"},
    {"steps/counting", "steps/pacing", "steps/telling"},
    {
        "steps/intake", "steps/processing", "steps/reminding", "steps/answering",
        "steps/confirming", "steps/renewing", "steps/retrying", "steps/reconciling", "steps/purging", "steps/health",
        "steps/summarising",
        "steps/my_leads", "steps/reporting",
        "steps/canary", "steps/silence",
    },
    {
        "operations/belonging", "operations/census", "operations/judging", "operations/judging_settings",
        "operations/knocking", "operations/mentions",
    },
    {"operations/judging_leads"},
    {
        "operations/examining", "operations/listing", "operations/searching", "operations/showing",
        "operations/listing_rejects", "operations/giving", "operations/exporting", "operations/following",
        "operations/returning", "operations/replaying", "operations/comparing", "operations/importing",
        "operations/collecting", "operations/erasing",
    },
    {"http"},
    {"wiring"},
]  # fmt: skip
HOUSES = {"adapters", "steps", "operations"}
"""Folders with several rooms in them."""
OUTSIDE = {  # who may import what is not ours
    "azure.functions": {"http"},
    "azure": {"adapters/azure", "adapters/mail"},
    "aiohttp": {"adapters/azure", "adapters/mail", "adapters/door"},
    "smtplib": {"adapters/mail"},
    "jinja2": {"views"},
    "os": {"settings"},
}
INTO_CHANGES = {"schedule", "assign_owner", "fold", "write_status", "record_mail", "record_past"}
"""What only the one door may use, together with all of `lead.decisions` and `lead.do_not_contact`."""
MODULES = sorted(CORE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path): path for path in MODULES}


def room_of(module: str) -> str:
    """Return the room of one of our modules: ``lead`` for ``lead_core.lead.person``, ``steps/intake`` for a step."""
    _, first, *rest = [*module.split("."), ""]
    return f"{first}/{rest[0]}" if first in HOUSES and rest[0] else first


FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def imported_by(path: Path) -> set[str]:
    """Return what a module imports anywhere, including late imports and those for types alone."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {part if part in NAMES else node.module for part in parts}
    return names


def ours(path: Path) -> set[str]:
    return {name for name in imported_by(path) if name.partition(".")[0] == "lead_core"}


def each_module() -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(CORE))) for path in MODULES]


@pytest.mark.parametrize("path", each_module())
def test_a_module_imports_only_its_own_room_and_lower_floors(path: Path) -> None:
    here = room_of(name_of(path))
    for name in ours(path):
        there = room_of(name)
        assert there == here or FLOOR_OF[there] < FLOOR_OF[here], name


@pytest.mark.parametrize("path", each_module())
def test_what_is_not_ours_is_imported_where_it_belongs(path: Path) -> None:
    for name in imported_by(path):
        known = next((prefix for prefix in OUTSIDE if f"{name}.".startswith(f"{prefix}.")), None)
        assert known is None or room_of(name_of(path)) in OUTSIDE[known], name


@pytest.mark.parametrize("path", each_module())
def test_no_file_is_longer_than_a_newcomer_reads_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_the_docs_have_the_same_floors() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    told: dict[str, int] = {}
    for floor, rooms in re.findall(r"^\| (\d+) \| (.+?) \|", page, re.MULTILINE):
        told |= dict.fromkeys(
            (room.removesuffix(".py").rstrip("/") for room in re.findall("`(.+?)`", rooms)), int(floor)
        )
    for room, number in FLOOR_OF.items():
        assert (told[room] if room in told else told[room.partition("/")[0]]) == number + 1, room
    assert told.keys() - FLOOR_OF.keys() == {"steps", "operations"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: ours(path) - {name} for name, path in NAMES.items()}
    assert list(TopologicalSorter(graph).static_order())


def test_the_ports_need_the_room_lead_alone() -> None:
    for path in (CORE / "ports").glob("*.py"):
        assert {room_of(name) for name in ours(path)} <= {"errors", "messages", "lead", "ports"}


def test_a_folder_of_several_rooms_is_not_a_room_itself() -> None:
    for house in HOUSES:
        assert imported_by(CORE / house / "__init__.py") == set()


@pytest.mark.parametrize("path", each_module())
def test_every_change_of_a_lead_goes_through_the_one_door(path: Path) -> None:
    if path.is_relative_to(CORE / "lead"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lead_core.lead."):
            assert node.module not in {"lead_core.lead.decisions", "lead_core.lead.do_not_contact"}
            assert not {alias.name for alias in node.names} & INTO_CHANGES


def test_wiring_imports_one_thing_late() -> None:
    late = [
        node.module
        for path in (CORE / "wiring").glob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
    ]
    assert late == ["lead_core.wiring.rest"]


def test_only_the_edge_knows_the_page() -> None:
    """The steps return plain outcomes. `function_app` and `http` render them."""
    page = {f"lead_core.views.{room}" for room in ("page", "form", "rendering")}
    for path in MODULES:
        assert room_of(name_of(path)) in {"views", "http"} or not page & imported_by(path), path


def test_no_tests_import_other_tests() -> None:
    """What they share stands in a module of its own, under a name that says what it gives."""
    for path in (ROOT / "tests").rglob("*.py"):
        assert not [name for name in imported_by(path) if name.startswith("tests.") and ".test_" in name], path


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
        "itsdangerous",
        "jinja2",
        "phonenumbers",
        "pycountry",
        "lead_core.steps.processing",
        "lead_core.wiring.rest",
    }
    assert not not_needed & set(loaded.stdout.split())


def test_no_function_loads_what_only_the_command_needs() -> None:
    program = (
        "import sys, function_app\nfrom lead_core.wiring import services\nrest = services().rest\n"
        "rest.processing, rest.reconciling, rest.purging, rest.retrying\nprint(*sys.modules)"
    )
    environment = {"LEADS_STORAGE": "UseDevelopmentStorage=true", "PATH": ""}
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    rooms = ("operations", "wiring.operations", "adapters.files", "adapters.tables.archive", "adapters.tables.texts")
    prefixes = tuple(f"lead_core.{room}" for room in rooms)
    assert not [name for name in loaded.stdout.split() if name.startswith((*prefixes, "leads", "click", "rich"))]


def test_nothing_happens_at_import_even_if_every_setting_is_wrong() -> None:
    environment = dict.fromkeys(("LEADS_STORAGE", "OWNERS", "MAIL_URL", "REMINDER_WAITS", "LEADS_TABLE"), "???")
    subprocess.run([sys.executable, "-c", "import function_app"], cwd=ROOT, env=environment, check=True)
