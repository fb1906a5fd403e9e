"""The command as it is installed, outside the project's folder."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from leads.program import SECTIONS
from local.toolchain import find_uv
from tests.good_settings import GOOD_SETTINGS

ROOT = Path(__file__).parents[2]
NAMES = [name for names in SECTIONS.values() for name in names]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program, installed from a wheel of the project, with the packages of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    python = folder / "venv/bin/python"
    offline = {**os.environ, "UV_OFFLINE": "1"}
    commands: list[list[str | Path]] = [
        ["build", "--wheel", "--no-build-isolation", f"--python={sys.executable}", f"--out-dir={folder}", ROOT],
        ["venv", "--quiet", f"--python={sys.executable}", folder / "venv"],
        [
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            f"--python={python}",
            folder / "marketplace_leads-0.1.0-py3-none-any.whl",
        ],
    ]
    for command in commands:
        subprocess.run([*find_uv(), *command], check=True, capture_output=True, env=offline, cwd=folder)
    packages = next((folder / "venv/lib").glob("python*/site-packages"))
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "venv/bin/leads"


def run(program: Path, *arguments: str, folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings}
    return subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_it_says_its_version_and_its_commands(installed: Path, tmp_path: Path) -> None:
    assert run(installed, "--version", folder=tmp_path).stdout.strip() == "0.1.0"
    said = run(installed, "--help", folder=tmp_path).stdout
    assert all(f"\n  {name} " in said for name in NAMES)


def test_what_is_read_from_files_comes_with_it(installed: Path) -> None:
    """The drafts of answers and the templates, as in a clone."""
    (packages,) = (installed.parents[1] / "lib").glob("python*/site-packages")
    for files in ("draft_texts/*/*.txt", "templates/*.j2"):
        kept, cloned = (set(root.glob(f"lead_core/views/{files}")) for root in (packages, ROOT))
        assert {file.relative_to(packages) for file in kept} == {file.relative_to(ROOT) for file in cloned} != set()


def test_outside_a_clone_an_account_must_be_named(installed: Path, tmp_path: Path) -> None:
    ran = run(installed, "list", folder=tmp_path)
    assert ran.returncode == 2
    assert "--account NAME" in ran.stderr


def test_it_reads_the_file_in_the_current_folder(installed: Path, tmp_path: Path, account: str) -> None:
    (tmp_path / "local.settings.json").write_text(f'{{"Values": {{"LEADS_STORAGE": "{account}"}}}}')
    ran = run(installed, "list", "--json", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "settings from local.settings.json" in ran.stderr


COMMANDS = {
    "doctor": ([], 1),
    "list": ([], 0),
    "find": (["ada@contoso.example"], 0),
    "show": (["ada@contoso.example"], 1),
    "rejected": ([], 0),
    "give": (["--from", "anna@contoso.example", "--to", "sales@contoso.example", "--yes"], 0),
    "export": ([], 0),
    "send-test": (["http://127.0.0.1:9/api/leads", "--shape", "x"], 2),
    "retry": (["--all", "--yes"], 0),
    "replay": (["--yes"], 0),
    "import": (["nothing.csv", "--yes"], 1),
    "reconcile": (["nothing.csv", "--yes"], 1),
    "dossier": (["ada@contoso.example"], 1),
    "forget": (["ada@contoso.example", "--yes"], 1),
    "purge": (["--older-than", "24m", "--yes"], 0),
}
"""What each command is called with on an empty account, and its exit code."""


@pytest.mark.parametrize("name", NAMES)
def test_each_command_runs_as_it_is_installed(name: str, installed: Path, tmp_path: Path, account: str) -> None:
    arguments, code = COMMANDS[name]
    settings = {**GOOD_SETTINGS, "LEADS_STORAGE": account, "PUBLIC_URL": "http://127.0.0.1:9"}
    ran = run(installed, name, *arguments, "--json", folder=tmp_path, **settings)
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stderr.startswith("account ") or code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_completes_what_is_typed(installed: Path, tmp_path: Path, shell: str) -> None:
    script = run(installed, folder=tmp_path, _LEADS_COMPLETE=f"{shell}_source").stdout
    assert "_LEADS_COMPLETE" in script
    words = run(
        installed, folder=tmp_path, _LEADS_COMPLETE="zsh_complete", COMP_WORDS="leads do", COMP_CWORD="1"
    ).stdout
    assert "doctor" in words
