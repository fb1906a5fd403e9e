"""The set-up on machines of many kinds, against an index in which every package has a newer release.

Each starts from nothing. Its folder has blanks and non-ASCII letters, it has no home to write to, and its path is
empty: no Node, no npm, no uv, no make and no compiler.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement

from local.child import free_ports
from local.installing import ADVICE, ROOT, find_reason, read_pip_settings
from local.toolchain import AZURE_PYTHON, find_node, find_python, find_uv, this_python
from tests.local.package_index import PackageIndex, find_index
from tests.waiting import wait_for

# The pips of Python 3.11.0, of 3.11.7 and 3.12.1, of 3.13.0 and of 3.14.0, and today's.
PIPS = ["22.3", "23.2.1", "24.2", "25.2", "newest"]
OLDEST_PIP = PIPS[0] if sys.version_info < (3, 12) else PIPS[2]  # older ones do not run there
VENV = f".venv-{sysconfig.get_python_version()}"
NOBODY = "http://127.0.0.1:9"


def read_pins(file: str) -> list[Requirement]:
    lines = (ROOT / file).read_text().splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if line[0].isalpha()]


def name_installed(python: Path) -> set[str]:
    """Return ``name==version`` of all that is installed."""
    asked = "import importlib.metadata as m, json; print(json.dumps([[d.name, d.version] for d in m.distributions()]))"
    printed = subprocess.run([python, "-I", "-c", asked], capture_output=True, text=True, check=True).stdout
    return {f"{re.sub('[-_.]+', '-', name).lower()}=={version}" for name, version in json.loads(printed)}


def name_locked(file: str, version: tuple[int, int]) -> set[str]:
    """Return ``name==version`` of all that *file* has for a Python of *version*."""
    python = ".".join(map(str, version))
    here = {"python_version": python, "python_full_version": f"{python}.9"}
    return {f"{pin.name}{pin.specifier}" for pin in read_pins(file) if not pin.marker or pin.marker.evaluate(here)}


class Machine:
    """A machine that has nothing but Pythons, each with a pip of some age."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.empty = scratch / "empty"
        self.empty.mkdir()

    def python_with(self, pip: str) -> Path:
        """Return a Python with that pip and nothing else."""
        folder = self.scratch / f"pip-{pip}"
        python = folder / "bin" / "python"
        if not python.exists():
            uv, wanted = find_uv(), "pip" if pip == "newest" else f"pip=={pip}"
            subprocess.run([*uv, "venv", "-q", f"--python={this_python()}", folder], check=True)
            subprocess.run([*uv, "pip", "install", "-q", f"--python={python}", wanted], check=True)
        return python

    def copy_project(self) -> Path:
        """Return a folder with the project's files in git, and nothing that a set-up made."""
        folder = self.scratch / "Wärme und Ruß"
        shutil.rmtree(folder, ignore_errors=True)
        made = shutil.ignore_patterns(".*", "node_modules", "__pycache__")
        return Path(shutil.copytree(ROOT, folder, ignore=made))

    def run(self, python: str | Path, code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run *code* in *folder*, where ``local`` can be imported."""
        environment = {"PATH": str(self.empty), "HOME": "/dev/null", **variables}
        return subprocess.run(
            [python, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def index(machine: Machine) -> Iterator[PackageIndex]:
    """Yield the index. Skip if this machine reaches no index."""
    locked: dict[str, set[str]] = {}
    for file in ("requirements-dev.txt", "local/requirements-uv.txt", "local/requirements-node.txt"):
        for pin in read_pins(file):
            locked.setdefault(pin.name, set()).update(each.version for each in pin.specifier)
    index = PackageIndex(find_index(machine.python_with("newest")), ROOT / ".local" / "package-index", locked)
    try:
        index.answer("/simple/uv/")
    except (urllib.error.URLError, TimeoutError) as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"this machine reaches no package index: {error}")
    with index.running():
        yield index


def npms_own_ways() -> dict[str, str]:
    """Return npm's own settings on this machine: its registry and its cache."""

    def ask(name: str) -> str:
        command = [*find_node().npm, "config", "get", name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    names = ("registry", "cache", "cafile")
    return {f"npm_config_{name}": said for name in names if (said := ask(name)) != "null"}


@pytest.mark.parametrize("pip", PIPS)
def test_each_pip_brings_the_pinned_uv(pip: str, index: PackageIndex, machine: Machine) -> None:
    if sys.version_info >= (3, 12) and pip in PIPS[:2]:
        pytest.skip("this pip does not run on this Python")
    code = "from local.toolchain import find_uv, output_of; print(output_of([*find_uv(), '--version']))"
    done = machine.run(machine.python_with(pip), code, machine.copy_project(), **index.environment)
    pinned = read_pins("local/requirements-uv.txt")[0].specifier
    assert f"uv {str(pinned).removeprefix('==')} " in done.stdout, done.stderr


def test_run_sets_up_exactly_what_is_locked_and_is_ready(index: PackageIndex, machine: Machine) -> None:
    """All requests that go past the mirror fail. The second start installs nothing and asks for nothing."""
    folder, python = machine.copy_project(), machine.python_with(OLDEST_PIP)
    azurite = "local/azurite/node_modules"  # npm shows with the mailbox alone that it runs on this Node
    shutil.copytree(ROOT / azurite, folder / azurite, symlinks=True)
    names = ("HTTP_PORT", "AZURITE_BLOB_PORT", "AZURITE_QUEUE_PORT", "AZURITE_TABLE_PORT", "SMTP_PORT", "MAILBOX_PORT")
    ports = dict(zip(names, map(str, free_ports(6)), strict=True))
    environment = {"PATH": str(machine.empty), "HOME": "/dev/null", "SAMPLE_LEADS": "0", **ports, **index.environment}
    environment |= npms_own_ways()
    output = folder / "output"

    def start() -> "subprocess.Popen[bytes]":
        with output.open("wb") as file:
            return subprocess.Popen(
                [python, "-m", "local", "run"], cwd=folder, env=environment, stdout=file, stderr=file
            )

    def stop(process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGINT)
        process.wait(60)

    process = start()
    try:
        wait_for(lambda: "\nready " in output.read_text() or process.poll() is not None, seconds=300)
        assert f" http://127.0.0.1:{ports['HTTP_PORT']}/api/leads\n" in output.read_text().partition("\nready ")[2]
        assert httpx.get(f"http://127.0.0.1:{ports['HTTP_PORT']}/api/health").json() == {"status": "healthy"}
    finally:
        stop(process)
    told = re.findall(r"Installing (\w+).* done in \d+ s", output.read_text())
    assert told == ["uv", "Node", "MailDev", "Python"]
    assert name_installed(folder / VENV / "bin" / "python") == name_locked("requirements-dev.txt", sys.version_info[:2])

    environment |= {"PIP_INDEX_URL": NOBODY, "npm_config_registry": NOBODY}
    process = start()
    try:
        wait_for(lambda: "\nready " in output.read_text() or process.poll() is not None, seconds=60)
    finally:
        stop(process)
    assert "\nready " in output.read_text()
    assert "Installing" not in output.read_text()


@pytest.mark.parametrize("pip", ["pip of Python 3.13", OLDEST_PIP])
def test_azures_file_is_installed_as_it_is_locked_by_pip_alone(pip: str, index: PackageIndex, machine: Machine) -> None:
    """As Azure's remote build does it, even if there are newer releases."""
    python, version = machine.python_with(OLDEST_PIP), sys.version_info[:2]
    if pip.startswith("pip of"):
        found = find_python(AZURE_PYTHON)
        if found is None:
            if os.environ.get("CI") == "true":
                pytest.fail("this machine has no Python 3.13")
            pytest.skip("this machine has no Python 3.13")
        folder, version = machine.scratch / "azure", AZURE_PYTHON
        subprocess.run([found, "-m", "venv", folder], check=True)
        python = folder / "bin" / "python"
    before = name_installed(python)
    install = ("-m", "pip", "install", "--quiet", "--no-compile", "--only-binary=:all:")
    command = [str(python), *install, "-r", str(ROOT / "requirements.txt")]
    environment = {"PATH": str(machine.empty), "HOME": "/dev/null", **index.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert name_installed(python) - before == name_locked("requirements.txt", version)


@pytest.mark.parametrize(
    "platform", ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin", "windows"]
)
@pytest.mark.parametrize("version", ["3.11", "3.14"])
def test_every_locked_package_has_a_wheel_that_needs_no_compiler(
    version: str, platform: str, index: PackageIndex, machine: Machine
) -> None:
    there = ("--python-version", version, "--python-platform", platform, "--target", str(machine.scratch / "none"))
    command = [*find_uv(), "pip", "install", "--dry-run", "--no-deps", "--only-binary=:all:", *there]
    environment = {
        **os.environ,
        "UV_DEFAULT_INDEX": index.url,
        "UV_FIND_LINKS": "",
        "UV_CACHE_DIR": str(machine.scratch / "uv"),
    }
    done = subprocess.run(
        [*command, "-r", "requirements-dev.txt"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_without_a_network_the_first_line_says_so(machine: Machine) -> None:
    environment = {"PIP_INDEX_URL": NOBODY, "PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0"}
    code = "import sys; from local.__main__ import main; sys.argv[1:] = ['lint']; sys.exit(main())"
    done = machine.run(machine.python_with(OLDEST_PIP), code, machine.copy_project(), **environment)
    assert done.returncode == 1
    first, log, *others = done.stderr.splitlines()
    assert re.match(r"Could not find .* uv==.*Is there a network\? Behind a package mirror, set PIP_INDEX_URL", first)
    assert log.startswith("The whole log: ")
    assert "No matching distribution" in Path(log.removeprefix("The whole log: ")).read_text()
    assert not others


def test_without_pip_and_venv_it_says_what_to_install(machine: Machine) -> None:
    code = """
import sys
from local.toolchain import find_uv
sys.executable = "/bin/false"
find_uv()
"""
    done = machine.run(machine.python_with(OLDEST_PIP), code, machine.copy_project())
    assert "SetUpError: This Python has neither pip nor venv. Install pip, for example with" in done.stderr


def test_an_older_python_is_told_which_one_is_needed(machine: Machine) -> None:
    older = next(filter(None, (find_python((3, minor)) for minor in (10, 9, 8, 7, 6))), None)
    if older is None:
        pytest.skip("this machine has no older Python")
    done = subprocess.run([older, "-m", "local", "run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("This project needs Python 3.11 or newer; this is 3.")


def test_what_the_console_cannot_show_does_not_stop_it(machine: Machine) -> None:
    environment = {"PIP_INDEX_URL": NOBODY, "PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0"}
    environment["PYTHONIOENCODING"] = "ascii"
    code = "import sys; from local.__main__ import main; sys.argv[1:] = ['lint']; sys.exit(main())"
    done = machine.run(machine.python_with(OLDEST_PIP), code, machine.copy_project(), **environment)
    assert done.stdout.startswith("Installing uv, which installs the rest (once, about 5 s) ? failed")


def test_a_program_that_does_not_start_is_named_with_what_to_delete(machine: Machine) -> None:
    """As in a folder that another system set up."""
    folder = machine.copy_project()
    code = f"""
from pathlib import Path
from local.installing import install_once, run_quietly
install_once(Path("{folder}/.tools/x"), "x", Path("{folder}/x"), lambda: run_quietly(["/dev/null"]))
"""
    done = machine.run(machine.python_with(OLDEST_PIP), code, folder)
    assert "Delete .tools and all .venv folders, and try again." in done.stderr


def test_a_folder_that_may_not_be_written_is_named(machine: Machine) -> None:
    folder = machine.copy_project()
    (folder / ".tools").symlink_to("/sys")  # not even root may write there
    done = machine.run(machine.python_with(OLDEST_PIP), "from local.toolchain import find_uv; find_uv()", folder)
    assert "SetUpError: Cannot write " in done.stderr
    assert "Copy the project into a folder of your own." in done.stderr


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        (
            "Resolved 84 packages\nerror: Failed to download `a==1`\n  cause: Hash mismatch for `a==1`\n\n   Expected:",
            "Failed to download `a==1`. Hash mismatch for `a==1`.",
        ),
        (
            "WARNING: Ignored.\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    uv: …",
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        ),
        (
            "npm error code EINTEGRITY\nnpm error sha512-a integrity checksum failed\n",
            "sha512-a integrity checksum failed.",
        ),
        (
            "npm http fetch GET http://a.example/b attempt 1 failed with SELF_SIGNED_CERT\nnpm error Exit handler …",
            "http://a.example/b attempt 1 failed with SELF_SIGNED_CERT. " + ADVICE["certificate|_CERT"],
        ),
        ("npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left\nnpm error connect\n", "connect. The disk is full."),
        ("ERROR: Exception:\nOSError: [Errno 28] No space left on device", "The disk is full."),
        ("Traceback", ""),
    ],
    ids=["uv", "pip", "npm", "npm that does not know itself", "full", "full for pip", "something else"],
)
def test_the_line_that_matters_is_found(printed: str, reason: str) -> None:
    assert find_reason(printed) == reason


def test_pips_settings_reach_uv_and_node() -> None:
    listed = """:env:.index-url='https://env.example/simple'
global.cert='/etc/ca.pem'
global.extra-index-url='https://a.example https://b.example'
global.find-links='/wheels\\n/more'
global.index-url='https://file.example/simple'
global.no-index='true'
global.timeout='60'"""
    assert read_pip_settings(listed) == {
        "UV_DEFAULT_INDEX": "https://env.example/simple",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
        "UV_INDEX": "https://a.example https://b.example",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_OFFLINE": "true",
    }
