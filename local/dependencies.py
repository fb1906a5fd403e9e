"""Pin what uv and npm install, write a release's bill of materials, and ask for known vulnerabilities."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from local.installing import ROOT, run_quietly, step
from local.toolchain import AZURITE, MAILBOX, find_node, find_uv, npm, prepare_tools, skip

BILL = ROOT / ".local" / "sbom.cdx.json"

# Each file, and what uv makes it from. Each file takes its versions from the file above it. So a package has one
# version in all files, and the tests run on what is deployed.
REQUIREMENTS = {
    "requirements.txt": ("pyproject.toml",),
    "requirements-leads.txt": ("pyproject.toml", "--group=leads", "-c=requirements.txt"),
    "requirements-dev.txt": ("pyproject.toml", "--group=dev", "-c=requirements-leads.txt"),
    "requirements-tools.txt": ("--group=tools", "-c=requirements-dev.txt"),
    "local/requirements-node.txt": ("--group=node",),
    "local/requirements-uv.txt": ("--group=uv",),
}


def lock_python(arguments: Sequence[str]) -> None:
    """Write each requirements file from pyproject.toml, with the hashes of every file that a package has.

    A package with an extra keeps it (``coverage[toml]==…``): a pip before 23.3 finds its pin only under that name.
    """
    resolve = (*find_uv(), "pip", "compile", "--universal", "--python-version=3.11", "--generate-hashes")
    plain = ("--no-strip-extras", "--no-header", "--no-annotate")
    with step("Resolving Python packages"):
        for file, made_from in REQUIREMENTS.items():
            run_quietly([*resolve, *plain, *made_from, *arguments, f"--output-file={file}"])


def lock_programs() -> None:
    """Write each package-lock.json from the package.json beside it, without any registry's address."""
    for folder in (AZURITE, MAILBOX):
        with step(f"Resolving the packages of {folder.name}"):
            npm(folder, "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved")


def write_bill() -> None:
    """Write the bill of materials of a release from requirements.txt: versions and hashes.

    CycloneDX, https://cyclonedx.org/docs/1.6/json/. The same pins give the same text.
    """
    describe = (prepare_tools(), "-m", "cyclonedx_py", "requirements", "requirements.txt", "--pyproject=pyproject.toml")
    run_quietly([*describe, "--output-reproducible", "--short-PURLs", f"--output-file={BILL}"])
    print(BILL)


class Advice(NamedTuple):
    """What an advisory service said: a line for each vulnerability, and whether it knew every package."""

    found: tuple[str, ...] = ()
    is_complete: bool = False


def audit(arguments: Sequence[str]) -> int:
    """Print each known vulnerability, and fail if a Python package has one. *arguments* are pip-audit's.

    Those of the emulators are only printed: emulators are not deployed, and only their makers can fix them.
    """
    python = _audit_python(arguments)
    skipped = [
        tell("Python packages", python),
        tell("Azurite, not deployed", _audit_program(AZURITE)),
        tell("MailDev, not deployed", _audit_program(MAILBOX)),
    ]
    return int(bool(python.found) or any(skipped))


def read_pip_audit(report: str) -> Advice:
    """Read pip-audit's JSON. It counts a package that the service does not know as safe. This does not."""
    packages = json.loads(report)["dependencies"] if report else []
    found = tuple(
        f"{package['name']} {package['version']}: {known['id']}, fixed in {' or '.join(known['fix_versions']) or '-'}"
        for package in packages
        for known in package.get("vulns", ())
    )
    return Advice(found, is_complete=bool(packages) and not any("skip_reason" in package for package in packages))


def read_npm_audit(report: str) -> Advice:
    """Read ``npm audit --json``. It reports a missing answer in JSON, too."""
    packages = json.loads(report or "{}").get("vulnerabilities")
    if packages is None:
        return Advice()
    found = tuple(
        f"{name} {known['range']}: {known['severity']}, {known['title']}"
        for name, package in packages.items()
        for known in package["via"]
        if isinstance(known, dict)  # a text names another package, which this one needs
    )
    return Advice(found, is_complete=True)


def tell(whose: str, advice: Advice) -> int:
    """Print *advice* and return the exit code. Advice that is not complete counts as skipped."""
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
    # Its own output, such as a traceback if nothing answers, is shown only on request.
    words = None if arguments else subprocess.DEVNULL
    return read_pip_audit(_printed([*command, *files, *arguments], stderr=words))


def _audit_program(folder: Path) -> Advice:
    return read_npm_audit(
        _printed([*find_node().npm, "audit", "--json", "--omit=dev", "--fetch-retries=0"], cwd=folder)
    )


def _printed(command: Sequence[str], *, cwd: Path = ROOT, stderr: int | None = subprocess.DEVNULL) -> str:
    # Both fail if they find something.
    return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False).stdout
