"""Run the unit tests on mutants: for each mutant those that cover its lines, several mutants at once.

One process loads everything but our own code. For each mutant it forks a child, which loads ours with the change.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, ModuleType
from typing import Any

import coverage
import pytest

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).parents[2]
TESTS = "tests/unit"
OURS = {"lead_core", "tests", "local", "function_app", "bench"}
QUIETLY = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:schemathesis", "--hypothesis-seed=0"]
QUIETLY += ["-m", "not measures_time"]  # On a busy machine these fail without any change.
PATIENCE_SECONDS, PATIENCE_FACTOR = 20, 10
"""How much processor time the tests of a mutant may take: so much, and so many times as long as without a change."""
TESTS_AT_FIRST = 40
WAITING_FACTOR = 10
"""A process that waits, or gets little of a busy machine, may take so many times as long."""


class Verdict(StrEnum):
    """What the tests say of a mutant."""

    KILLED = "killed"
    SLOW = "too slow"
    """Counts as killed: it probably never ends."""
    SURVIVED = "survived"
    UNSEEN = "no test runs it"


@dataclass
class Coverage:
    """Which tests run each line, and how long each takes."""

    by_line: dict[Path, dict[int, set[str]]]
    seconds: dict[str, float]

    def find_tests(self, mutant: Mutant) -> list[str]:
        """Return the tests that run the mutant's lines, the quickest first.

        What runs at import may matter to any test of the file, or to any test at all if the file has nothing else.
        """
        lines = self.by_line.get(mutant.path, {})
        tests = set[str]().union(*(lines.get(line, set()) for line in mutant.lines))
        if tests == {""}:
            tests = set[str]().union(*lines.values())
        if tests == {""}:
            tests = set(self.seconds)
        return sorted(tests - {""}, key=lambda test: (self.seconds.get(test, 0), test))


def name_test(context: str) -> str:
    """Return the test of a context of coverage: ``tests/unit/test_a.py::test_b[c|d]|run``. ``""`` outside of tests."""
    return context.rpartition("|")[0]


def measure_coverage() -> Coverage:
    """Run the unit tests once. Raises: RuntimeError if one fails."""
    with TemporaryDirectory() as folder:
        times = Path(folder) / "seconds.json"
        os.environ["COVERAGE_FILE"] = str(Path(folder) / "coverage")
        child = _fork(partial(_measure, times))
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            failed = json.loads(times.read_text())["failed"] if times.exists() else []
            raise RuntimeError(f"The unit tests fail without any change: {', '.join(failed)}")
        found = coverage.CoverageData(os.environ.pop("COVERAGE_FILE"))
        found.read()
        by_line = {
            Path(name): {
                line: {name_test(context) for context in contexts}
                for line, contexts in found.contexts_by_lineno(name).items()
            }
            for name in found.measured_files()
        }
        covered = Coverage(by_line, json.loads(times.read_text())["seconds"])
        named = set[str]().union(*(tests for lines in by_line.values() for tests in lines.values()))
        # A test that pytest does not find fails, and would seem to notice every change.
        if unknown := named - {""} - covered.seconds.keys():
            raise RuntimeError(f"No such tests: {', '.join(sorted(unknown))}")
        return covered


@dataclass
class _Stopwatch:
    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
        if report.failed:
            self.failed.append(report.nodeid)


def _measure(times: Path) -> int:
    stopwatch = _Stopwatch()
    code = pytest.main([*QUIETLY, "--cov=lead_core", "--cov-context=test", "--cov-report=", TESTS], [stopwatch])
    times.write_text(json.dumps(asdict(stopwatch)))
    return code


def load_everything_else() -> None:
    """Load all that the tests need, and forget our own modules. So each child loads only these."""
    with _silence():
        pytest.main([*QUIETLY, "--collect-only", TESTS])
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS and name != "tests"]:
        if not name.startswith("tests.mutation"):
            del sys.modules[name]


def run_mutants(mutants: Sequence[Mutant], covered: Coverage, *, at_once: int) -> Iterator[tuple[Mutant, Verdict]]:
    """Run the tests on each mutant, and yield what they say, in the order in which they end."""
    waiting, running = list(reversed(mutants)), dict[int, tuple[Mutant, float]]()
    while waiting or running:
        while waiting and len(running) < at_once:
            mutant = waiting.pop()
            tests = covered.find_tests(mutant)
            if not tests:
                yield mutant, Verdict.UNSEEN
                continue
            limit = PATIENCE_SECONDS + PATIENCE_FACTOR * sum(covered.seconds.get(test, 0) for test in tests)
            child = _fork(partial(_test, mutant, tests, round(limit)))
            running[child] = mutant, time.monotonic() + WAITING_FACTOR * limit
        for child, verdict in _find_ended({child: ends_at for child, (_, ends_at) in running.items()}):
            yield running.pop(child)[0], verdict
        time.sleep(0.02)


def _find_ended(running: Mapping[int, float]) -> Iterator[tuple[int, Verdict]]:
    for child, ends_at in running.items():
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            yield child, _judge(os.waitstatus_to_exitcode(status))
        elif time.monotonic() > ends_at:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            yield child, Verdict.SLOW


def _judge(exit_code: int) -> Verdict:
    if exit_code == -signal.SIGXCPU:
        return Verdict.SLOW
    return Verdict.KILLED if exit_code else Verdict.SURVIVED


def _test(mutant: Mutant, tests: Sequence[str], limit_seconds: int) -> int:
    import resource  # noqa: PLC0415 -- Windows, where nothing can fork, does not have it

    resource.setrlimit(resource.RLIMIT_CPU, (limit_seconds, resource.RLIM_INFINITY))
    sys.meta_path.insert(0, _MutantFinder(mutant))
    # Most mutants fall to the first tests. So most children need not load and collect the others.
    first = int(pytest.main([*QUIETLY, "-x", *tests[:TESTS_AT_FIRST]]))
    return first or int(len(tests) > TESTS_AT_FIRST and pytest.main([*QUIETLY, "-x", *tests[TESTS_AT_FIRST:]]))


def _fork(work: Callable[[], int]) -> int:
    child = os.fork()
    if child:
        return child
    code = 99
    with contextlib.suppress(BaseException), _silence():
        code = int(work())
    os._exit(code)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let nothing be printed, by whatever means."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    kept_errors = os.dup(2)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.dup2(kept_errors, 2)
        for each in (kept, kept_errors, nowhere):
            os.close(each)


class _MutantFinder(importlib.abc.MetaPathFinder):
    """Finds the mutant's module before anybody else does."""

    def __init__(self, mutant: Mutant) -> None:
        self._path = str(mutant.path)
        self._name = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        self._source = mutant.apply()

    def find_spec(
        self, fullname: str, path: Any, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=_MutantLoader(fullname, self._path, self._source)
        )


class _MutantLoader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._text = source

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self._text, self.path, "exec", dont_inherit=True)
        return code
