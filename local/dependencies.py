"""Pins what pip and npm install, writes the bill of materials, and asks for known vulnerabilities."""

import json
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from local.toolchain import (
    AZURE_PYTHON,
    AZURITE,
    MAILBOX,
    ROOT,
    find_node,
    npm,
    prepare_programs,
    prepare_tools,
    run_quietly,
    skip,
    step,
)

BILL = ROOT / "docs" / "sbom.cdx.json"

# Each file, and what uv makes it from. Every package has one version in all of them, so the tests run on what
# is deployed: each is held to those above it.
REQUIREMENTS = {
    "requirements.txt": ("--python-version=3.11", "pyproject.toml"),
    "requirements-dev.txt": ("--python-version=3.11", "pyproject.toml", "--group=dev", "-c=requirements.txt"),
    "tests/worker/requirements.txt": ("--python-version=3.13", "--group=worker", "-c=requirements-dev.txt"),
    "local/requirements-tools.txt": ("--python-version=3.11", "--group=tools", "-c=requirements-dev.txt"),
    "local/requirements-node.txt": ("--python-version=3.11", "--group=node"),
}

# Debian 12, on which the Functions host runs Python 3.13.
_AZURE = ("--python-version=" + ".".join(map(str, AZURE_PYTHON)), "--python-platform=x86_64-manylinux_2_36")


def lock_python(arguments: Sequence[str]) -> None:
    """Write each requirements file from pyproject.toml, with the hashes of every file that a package has."""
    resolve = (prepare_tools(), "-m", "uv", "pip", "compile", "--universal", "--generate-hashes")
    with step("Resolving Python packages"):
        for file, made_from in REQUIREMENTS.items():
            run_quietly([*resolve, "--no-header", "--no-annotate", *made_from, *arguments, f"--output-file={file}"])


def lock_programs() -> None:
    """Write each package-lock.json from the package.json beside it, without any registry's address."""
    prepare_programs()
    for folder in (AZURITE, MAILBOX):
        with step(f"Resolving the packages of {folder.name}"):
            npm(folder, "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved")


def write_bill() -> None:
    """Write the bill of materials: what Azure installs of requirements.txt, with licences and hashes.

    CycloneDX, https://cyclonedx.org/docs/1.6/json/. The same pins give the same text: no time, number or path.
    """
    tools = prepare_tools()
    with step("Writing the bill of materials"), tempfile.TemporaryDirectory() as folder:
        files, venv, bill = Path(folder, "pylock.toml"), Path(folder, "venv"), Path(folder, "bill.json")
        uv = (tools, "-m", "uv")
        wheels = (*_AZURE, "--only-binary=:all:")
        run_quietly([*uv, "pip", "compile", *wheels, "requirements.txt", f"--output-file={files}"])
        run_quietly([*uv, "venv", venv, f"--python={tools}"])
        run_quietly([*uv, "pip", "install", f"--python={venv}", *wheels, "--requirement=requirements.txt"])
        describe = (tools, "-m", "cyclonedx_py", "environment", venv, "--pyproject=pyproject.toml")
        run_quietly([*describe, "--output-reproducible", "--short-PURLs", f"--output-file={bill}"])
        short = _short_bill(bill.read_text(encoding="utf-8"), files.read_text(encoding="utf-8"))
        BILL.write_text(short, encoding="utf-8", newline="\n")


def _short_bill(bill_text: str, files_text: str) -> str:
    """Give the bill without links, and with the hashes of the wheels that *files_text*, a pylock.toml, names."""
    bill = json.loads(bill_text)
    hashes = {
        package["name"]: sorted(wheel["hashes"]["sha256"] for wheel in package["wheels"])
        for package in tomllib.loads(files_text)["packages"]
    }
    for component in bill["components"]:
        name = component["purl"].removeprefix("pkg:pypi/").partition("@")[0]
        component["hashes"] = [{"alg": "SHA-256", "content": sha256} for sha256 in hashes[name]]
    for component in (*bill["components"], *bill["metadata"]["tools"]["components"]):
        for wordy in ("externalReferences", "properties"):
            component.pop(wordy, None)
    return json.dumps(bill, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


class Advice(NamedTuple):
    """What an advisory service said: a line for each vulnerability, and whether it spoke of every package."""

    found: tuple[str, ...] = ()
    is_complete: bool = False


def audit(arguments: Sequence[str]) -> int:
    """Print each known vulnerability, and fail for those of Python packages; *arguments* are pip-audit's.

    The emulators' are told only: they are not deployed, and what they consist of is for their makers to mend.
    """
    python = _audit_python(arguments)
    skipped = [
        tell("Python packages", python),
        tell("Azurite, not deployed", _audit_program(AZURITE)),
        tell("MailDev, not deployed", _audit_program(MAILBOX)),
    ]
    return int(bool(python.found) or any(skipped))


def read_pip_audit(report: str) -> Advice:
    """Read pip-audit's JSON. It counts a package that the service does not know as a good one; this does not."""
    packages = json.loads(report)["dependencies"] if report else []
    found = tuple(
        f"{package['name']} {package['version']}: {known['id']}, mended in {' or '.join(known['fix_versions']) or '-'}"
        for package in packages
        for known in package.get("vulns", ())
    )
    return Advice(found, is_complete=bool(packages) and not any("skip_reason" in package for package in packages))


def read_npm_audit(report: str) -> Advice:
    """Read ``npm audit --json``, which says in JSON as well that there was no answer."""
    packages = json.loads(report or "{}").get("vulnerabilities")
    if packages is None:
        return Advice()
    found = tuple(
        f"{name} {known['range']}: {known['severity']}, {known['title']}"
        for name, package in packages.items()
        for known in package["via"]
        if isinstance(known, dict)  # text is the name of another package: this one only needs it
    )
    return Advice(found, is_complete=True)


def tell(whose: str, advice: Advice) -> int:
    """Print *advice* and give the exit code: that of something skipped, where it is not complete."""
    for line in advice.found:
        print(f"{whose}: {line}")
    if not advice.is_complete:
        return skip(f"audit ({whose}): the advisory service did not answer for every package")
    if not advice.found:
        print(f"{whose}: no known vulnerabilities")
    return 0


def _audit_python(arguments: Sequence[str]) -> Advice:
    files = [f"--requirement={file}" for file in REQUIREMENTS]
    command = [str(prepare_tools()), "-m", "pip_audit", "--disable-pip", "--progress-spinner=off", "--format=json"]
    # Its own words, such as a traceback where nothing answers, are for those who ask for more.
    words = None if arguments else subprocess.DEVNULL
    return read_pip_audit(_printed([*command, *files, *arguments], stderr=words))


def _audit_program(folder: Path) -> Advice:
    node = find_node()
    if node is None:
        return Advice()
    return read_npm_audit(_printed([*node.npm, "audit", "--json", "--omit=dev", "--fetch-retries=0"], cwd=folder))


def _printed(command: Sequence[str], *, cwd: Path = ROOT, stderr: int | None = subprocess.DEVNULL) -> str:
    # Both fail where they find something.
    return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False).stdout
