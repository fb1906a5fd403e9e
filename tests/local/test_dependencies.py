"""Every installed package is pinned by hash, and the docs name its licence. An audit says what it does not know."""

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from local.dependencies import BILL, REQUIREMENTS, Advice, read_npm_audit, read_pip_audit, tell, write_bill
from local.installing import ROOT
from local.toolchain import AZURE_PYTHON, AZURITE, MAILBOX

PIN = re.compile(
    r"([a-z0-9-]+)(?:\[[a-z,-]+\])?==(\S+)(?: ; [^\\\n]+)? \\\n((?: {4}--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIRECT = {re.split("[^a-z0-9-]", needed)[0] for needed in PROJECT["project"]["dependencies"]}
DOC = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")

ALLOWED = {"Apache-2.0", "BSD-3-Clause", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
ALLOWED_FOR_ONE = {"pycountry": {"LGPL-2.1-only"}}
# Names in older metadata. The licence texts show that these BSD licences have three clauses.
SAME_LICENCE = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}

# It declares none. Its LICENSE is MIT's, and axe-core, which it holds, says MPL-2.0 in its first lines.
UNDECLARED = {"axe-playwright-python": "MIT AND MPL-2.0"}


def read_pins(file: str) -> dict[tuple[str, str], set[str]]:
    """Return the hashes of each name and version."""
    pins = PIN.findall((ROOT / file).read_text())
    return {(name, version): set(re.findall("sha256:([0-9a-f]+)", hashes)) for name, version, hashes in pins}


def licence_of(package: str) -> str:
    """Return what the installed *package* declares, in SPDX's words."""
    declared = importlib.metadata.metadata(package).json
    classifiers = [SAME_LICENCE[line] for line in declared.get("classifier", ()) if line in SAME_LICENCE]
    named = declared.get("license_expression") or " AND ".join(classifiers) or declared.get("license")
    return str(named or UNDECLARED[package])


def licence_words(expression: str) -> set[str]:
    return set(re.split(" AND | OR ", expression))


def read_rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of the tables under *heading*."""
    section = DOC.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith(("| package |", "| licence |")):
            yield [cell.strip() for cell in line.strip("|").split("|")]


DEPLOYED = {row[0].strip("`"): row[2] for row in read_rows("What runs in Azure") if len(row) == 4}
BROUGHT_ALONG = {
    name: row[0] for row in read_rows("What runs in Azure") if len(row) == 2 for name in row[1].replace("`", "").split()
}
NOT_DEPLOYED = ("What the command `leads` needs", "What only developing needs")
DEVELOPING = {row[0].strip("`"): row[2] for heading in NOT_DEPLOYED for row in read_rows(heading)}
TOLD = DEPLOYED | BROUGHT_ALONG | DEVELOPING


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_a_requirements_file_is_pins_with_hashes_and_nothing_else(file: str) -> None:
    """It holds no registry's address, no option and no unpinned name."""
    assert PIN.sub("", (ROOT / file).read_text()) == ""
    assert read_pins(file)


def test_no_requirements_file_is_forgotten() -> None:
    found = [
        *ROOT.glob("requirements*.txt"),
        *ROOT.glob("local/requirements*.txt"),
        *ROOT.glob("tests/**/requirements*.txt"),
    ]
    assert {file.relative_to(ROOT).as_posix() for file in found} == REQUIREMENTS.keys()


def test_a_package_has_one_version_and_the_same_hashes_everywhere() -> None:
    """So the tests run on what is deployed. Only azure-functions differs, by the Python version."""
    assert read_pins("requirements.txt").items() <= read_pins("requirements-dev.txt").items()
    everywhere: dict[str, set[str]] = {}
    for file in REQUIREMENTS:
        for name, version in read_pins(file):
            everywhere.setdefault(name, set()).add(version)
    assert {name for name, versions in everywhere.items() if len(versions) > 1} <= {"azure-functions"}


def test_what_azure_runs_holds_nothing_for_tests() -> None:
    names = {name for name, _ in read_pins("requirements.txt")}
    assert names >= DIRECT
    assert not {"pytest", "hypothesis", "uvicorn", "click", "rich", "httpx"} & names
    ignored = (ROOT / ".funcignore").read_text().splitlines()
    assert {"leads/", "local/", "tests/", "bench/", "docs/", "infra/"} <= set(ignored)
    assert not [line for line in ignored if line.startswith(("lead_core", "drafts", "*"))]  # Our drafts and theirs.


def test_the_command_needs_the_same_whether_it_is_installed_or_set_up() -> None:
    assert PROJECT["project"]["optional-dependencies"]["leads"] == PROJECT["dependency-groups"]["leads"]


@pytest.mark.parametrize("folder", [AZURITE, MAILBOX], ids=lambda folder: folder.name)
def test_every_package_of_npm_has_a_hash_and_names_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert {of.get("integrity", "")[:7] for name, of in packages.items() if name} == {"sha512-"}
    assert not any("resolved" in of for of in packages.values())


def test_dependabot_looks_into_every_folder_with_a_lock() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    looked_into = {
        each["package-ecosystem"]: {ROOT / folder.strip("/") for folder in each.get("directories", ())}
        for each in updates
    }
    assert looked_into["pip"] == {(ROOT / file).parent for file in REQUIREMENTS}
    assert looked_into["npm"] == {AZURITE, MAILBOX}


def test_the_bill_of_materials_names_each_pin_with_its_hashes() -> None:
    """A release makes it. This test makes it, too, so that a release does not find it broken."""
    write_bill()
    components = json.loads(BILL.read_text(encoding="utf-8"))["components"]
    pins = read_pins("requirements.txt")
    assert {(of["name"], of["version"]) for of in components} == pins.keys()
    for of in components:
        hashes = {each["content"] for reference in of["externalReferences"] for each in reference.get("hashes", ())}
        assert hashes == pins[of["name"], of["version"]], of["name"]


def test_the_docs_are_for_the_python_that_the_guide_deploys() -> None:
    version = ".".join(map(str, AZURE_PYTHON))
    assert f"--runtime-version {version} " in (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    assert f"Python {version} on Linux" in DOC


def test_the_docs_tell_of_every_package_that_is_deployed_and_its_licence() -> None:
    assert DEPLOYED.keys() == DIRECT
    for name, licence in (DEPLOYED | BROUGHT_ALONG).items():
        assert licence_words(licence) == licence_words(licence_of(name)), name
    assert (DEPLOYED | BROUGHT_ALONG).keys() == {name for name, _ in read_pins("requirements.txt")}


def test_the_docs_tell_of_everything_else_that_is_needed_by_name() -> None:
    groups = PROJECT["dependency-groups"].values()
    named = {re.split("[^a-z0-9-]", needed)[0] for group in groups for needed in group if isinstance(needed, str)}
    for folder in (AZURITE, MAILBOX):
        named |= json.loads((folder / "package.json").read_text())["dependencies"].keys()
    assert DEVELOPING.keys() == named


def test_what_is_not_deployed_declares_the_licence_that_the_docs_say() -> None:
    installed = {re.sub("[-_.]+", "-", package.name).lower() for package in importlib.metadata.distributions()}
    for name in DEVELOPING.keys() & installed:
        assert licence_words(DEVELOPING[name]) == licence_words(licence_of(name)), name


def test_every_licence_is_allowed() -> None:
    for name, licence in TOLD.items():
        assert licence_words(licence) <= ALLOWED | ALLOWED_FOR_ONE.get(name, set()), name


@pytest.mark.parametrize(("folder", "name"), [(AZURITE, "azurite"), (MAILBOX, "maildev")])
def test_an_emulator_declares_the_licence_that_the_docs_say(folder: Path, name: str) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert packages[f"node_modules/{name}"]["license"] == TOLD[name]


def test_packages_are_imported_when_the_docs_say() -> None:
    program = """
import asyncio, sys
async def main():
    import function_app
    print("at start:", *sys.modules)
    from lead_core.wiring import services
    services().intake
    print("when a lead is taken:", *sys.modules)
    services().rest.processing
    print("when a lead is stored:", *sys.modules)
    services().rest.reminding
    print("when an owner is told:", *sys.modules)
asyncio.run(main())
"""
    settings = {"MAIL_URL": "acs://contoso.communication.azure.com", "LEADS_STORAGE__accountName": "contoso"}
    settings |= {
        "MAIL_FROM": "leads@contoso.com",
        "OWNERS": "sales@contoso.com",
        "LINK_KEY": "0b6f7c1e94d25a83c7e1f04a9d3b6285",
    }
    settings |= {"PUBLIC_URL": "https://contoso.example"}
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=settings, capture_output=True, text=True, check=True
    ).stdout
    loaded = {
        stage: set(modules.split()) for stage, _, modules in (line.partition(":") for line in printed.splitlines())
    }
    modules = {"azure-communication-email": "azure.communication.email", "azure-data-tables": "azure.data.tables"}
    modules |= {"azure-functions": "azure.functions", "azure-identity": "azure.identity"}
    modules |= {"azure-storage-queue": "azure.storage.queue", "pydantic-settings": "pydantic_settings"}
    for row in read_rows("What runs in Azure"):
        if len(row) == 4:
            module = modules.get(row[0].strip("`"), row[0].strip("`"))
            first = next((stage for stage, names in loaded.items() if module in names), "when text is written")
            assert row[3].partition(",")[0] == first, module


PIP_AUDIT = {
    "good": '{"dependencies": [{"name": "yarl", "version": "1.25.1", "vulns": []}], "fixes": []}',
    "bad": """{"dependencies": [
        {"name": "yarl", "version": "1.25.1", "vulns": []},
        {"name": "urllib3", "version": "2.8.0", "vulns": [
            {"id": "CVE-2026-1", "fix_versions": ["2.8.1", "3.0"], "aliases": ["GHSA-x"], "description": "Bad."},
            {"id": "CVE-2026-2", "fix_versions": [], "aliases": [], "description": "Bad."}]}], "fixes": []}""",
    "unknown to the service": """{"dependencies": [
        {"name": "urllib3", "version": "2.8.0", "vulns": []},
        {"name": "yarl", "skip_reason": "Dependency not found on PyPI and could not be audited: yarl (1.25.1)"}]}""",
}


@pytest.mark.parametrize(
    ("report", "advice"),
    [
        (PIP_AUDIT["good"], Advice((), is_complete=True)),
        (
            PIP_AUDIT["bad"],
            Advice(
                ("urllib3 2.8.0: CVE-2026-1, fixed in 2.8.1 or 3.0", "urllib3 2.8.0: CVE-2026-2, fixed in -"),
                is_complete=True,
            ),
        ),
        (PIP_AUDIT["unknown to the service"], Advice((), is_complete=False)),
        ('{"dependencies": []}', Advice((), is_complete=False)),
        ("", Advice((), is_complete=False)),
    ],
    ids=["good", "bad", "unknown to the service", "nothing looked at", "no answer"],
)
def test_a_package_is_good_only_if_the_advisory_service_knows_it(report: str, advice: Advice) -> None:
    assert read_pip_audit(report) == advice


@pytest.mark.parametrize(
    ("report", "advice"),
    [
        ('{"auditReportVersion": 2, "vulnerabilities": {}}', Advice((), is_complete=True)),
        (
            """{"auditReportVersion": 2, "vulnerabilities": {
                "maildev": {"severity": "high", "range": "", "via": ["express"]},
                "express": {"severity": "high", "range": "*", "via": [
                    {"title": "Bad.", "severity": "high", "range": "<6", "url": "https://a.example"}]}}}""",
            Advice(("express <6: high, Bad.",), is_complete=True),
        ),
        ('{"statusCode": 405, "body": "", "error": {"summary": "", "detail": ""}}', Advice((), is_complete=False)),
        ("", Advice((), is_complete=False)),
    ],
    ids=["good", "bad", "refused", "no answer"],
)
def test_the_emulators_audit_tells_advisories_and_who_gave_none(report: str, advice: Advice) -> None:
    assert read_npm_audit(report) == advice


def test_an_audit_without_an_answer_says_so_and_fails_only_in_ci(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert tell("Python packages", Advice(("yarl 1: CVE-2026-1, fixed in 2",))) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Python packages: yarl 1: CVE-2026-1, fixed in 2",
        "SKIPPED: audit (Python packages): the advisory service did not answer for every package",
    ]
    monkeypatch.setenv("CI", "true")
    assert tell("Python packages", Advice()) == 1
    assert tell("Python packages", Advice(is_complete=True)) == 0
