"""The parts of the set-up that can be tested without setting up a machine."""

from pathlib import Path

import pytest

from local import toolchain
from local.installing import exclusive


def test_a_lock_is_held_by_one_only_and_given_back(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock") as first, exclusive(tmp_path / "lock") as second:
        assert (first, second) == (True, False)
    with exclusive(tmp_path / "lock") as third:
        assert third


def test_a_python_that_is_nowhere_is_not_found() -> None:
    assert toolchain.find_python((3, 99)) is None


@pytest.mark.parametrize(("ci", "exit_code", "word"), [(None, 0, "SKIPPED"), ("true", 1, "FAILED")])
def test_what_is_skipped_fails_in_ci(
    ci: str | None, exit_code: int, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", ci)
    assert toolchain.skip("the moon") == exit_code
    assert capsys.readouterr().out == f"{word}: the moon\n"
