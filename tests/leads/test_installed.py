"""The command as it is installed, outside the project's folder."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from local.toolchain import find_uv

ROOT = Path(__file__).parents[2]


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
    assert "leads doctor" in run(installed, "--help", folder=tmp_path).stdout


def test_outside_a_clone_an_account_must_be_named(installed: Path, tmp_path: Path) -> None:
    ran = run(installed, "list", folder=tmp_path)
    assert ran.returncode == 2
    assert "--account NAME" in ran.stderr


def test_it_reads_the_file_in_the_current_folder(installed: Path, tmp_path: Path, account: str) -> None:
    (tmp_path / "local.settings.json").write_text(f'{{"Values": {{"LEADS_STORAGE": "{account}"}}}}')
    ran = run(installed, "list", "--json", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "settings from local.settings.json" in ran.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_completes_what_is_typed(installed: Path, tmp_path: Path, shell: str) -> None:
    script = run(installed, folder=tmp_path, _LEADS_COMPLETE=f"{shell}_source").stdout
    assert "_LEADS_COMPLETE" in script
    words = run(
        installed, folder=tmp_path, _LEADS_COMPLETE="zsh_complete", COMP_WORDS="leads do", COMP_CWORD="1"
    ).stdout
    assert "doctor" in words
