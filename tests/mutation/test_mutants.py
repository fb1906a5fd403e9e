"""The mutation run finds what could be changed, and tells what a test noticed."""

from pathlib import Path

import pytest

from tests.mutation.__main__ import count_up, find_all, name, read_equivalent
from tests.mutation.mutants import Mutant, find_mutants
from tests.mutation.runs import ROOT, Coverage, Verdict, name_test


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = a < b", {"x = a <= b", "pass"}),
        ("x = a is not b", {"x = a is b", "pass"}),
        ("x = a not in (b)", {"x = a in (b)", "pass"}),
        ("x = a and b and c", {"x = a or b and c", "x = a and b or c", "pass"}),
        ("x = not a", {"x = a", "pass"}),
        ("x = 1", {"x = 2", "pass"}),
        ("x = True", {"x = False", "pass"}),
        ('x = "ü" + y', {'x = ("XX" + "ü") + y', 'x = "ü" - y', "pass"}),
        ('x = ""', {'x = "XX"', "pass"}),
        ("f(a, until=b)", {"f(a, )", "pass"}),
        ("f(until=b, a=c)", {"f( a=c)", "f(until=b, )", "pass"}),
        ("x = [a for a in b if c]", {"x = [a for a in b if True]", "pass"}),
        ("x = a[:n]", {"x = a[:]", "pass"}),
        ("x = a if b else c", {"x = a if (not (b)) else c", "pass"}),
        ("raise a", {"pass"}),
        ('"""A docstring."""', set[str]()),
        ('logger.info("x", extra={"a": 1})', set[str]()),
        ("assert a == 1", set[str]()),
        ("def f(a: 'int') -> 'str': ...", set[str]()),
        ('x = "a sentence of words"', {"pass"}),
        ('x = f"{a + 1}"', {"pass"}),
        ("def f():\n    return a", {"return None"}),
        ("for a in b:\n    continue", {"break"}),
    ],
)
def test_each_small_change_is_found(before: str, after: set[str], tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text(f"{before}\n", encoding="utf-8")
    assert {mutant.after for mutant in find_mutants(file)} == after


def test_a_mutant_is_the_file_with_one_change(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text("é = 1\ny = 2\n", encoding="utf-8")
    assert "é = 1\ny = 3\n" in {mutant.apply() for mutant in find_mutants(file)}


def test_a_mutant_is_shown_to_the_tests_that_run_its_lines_the_quickest_first(tmp_path: Path) -> None:
    mutant = Mutant(tmp_path, 0, 1, "", range(5, 7))
    covered = Coverage({tmp_path: {5: {"", "slow"}, 6: {"quick"}, 9: {"other"}}}, {"slow": 2, "quick": 1})
    assert covered.find_tests(mutant) == ["quick", "slow"]


@pytest.mark.parametrize(
    ("context", "test"),
    [("", ""), ("a.py::b|run", "a.py::b"), ("a.py::b[AppSource-INS|x]|run", "a.py::b[AppSource-INS|x]")],
)
def test_the_name_of_a_test_may_hold_a_bar(context: str, test: str) -> None:
    assert name_test(context) == test


def test_what_runs_at_import_is_shown_to_every_test_of_the_file(tmp_path: Path) -> None:
    covered = Coverage({tmp_path: {1: {""}, 6: {"quick"}, 9: {"other"}}}, {})
    assert covered.find_tests(Mutant(tmp_path, 0, 1, "", range(1, 2))) == ["other", "quick"]
    assert covered.find_tests(Mutant(tmp_path, 0, 1, "", range(7, 8))) == []


def test_what_only_runs_at_import_is_shown_to_every_test(tmp_path: Path) -> None:
    covered = Coverage({tmp_path: {1: {""}, 6: {""}}}, {"slow": 2, "quick": 1})
    assert covered.find_tests(Mutant(tmp_path, 0, 1, "", range(1, 2))) == ["quick", "slow"]


def test_what_never_ends_counts_as_noticed_and_what_no_test_runs_does_not() -> None:
    path = ROOT / "lead_core" / "lead" / "values.py"
    verdicts = {Mutant(path, n, n, "", range(1)): verdict for n, verdict in enumerate(Verdict)}
    assert count_up(verdicts) == [
        ["lead_core/lead/values.py", "4", "2", "2", "50.0"],
        ["all", "4", "2", "2", "50.0"],
    ]


def test_each_change_that_makes_no_difference_is_still_one() -> None:
    listed = read_equivalent()
    assert all(each["because"] for each in listed)
    every = {
        (name(mutant), mutant.before, mutant.after)
        for file in {each["file"] for each in listed}
        for mutant in find_mutants(ROOT / file)
    }
    assert [each for each in listed if (each["file"], each["before"], each["after"]) not in every] == []
    assert len(find_all()) > 1_000
