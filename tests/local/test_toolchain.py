"""What sets a machine up, as far as it can be tried without setting one up."""

from pathlib import Path

from local import toolchain


def test_a_lock_is_held_by_one_only_and_given_back(tmp_path: Path) -> None:
    with toolchain.exclusive(tmp_path / "lock") as first, toolchain.exclusive(tmp_path / "lock") as second:
        assert (first, second) == (True, False)
    with toolchain.exclusive(tmp_path / "lock") as third:
        assert third


def test_a_python_that_is_nowhere_is_not_found() -> None:
    assert toolchain.find_python((3, 99)) is None


def test_lock_files_name_no_registry() -> None:
    for folder in (toolchain.AZURITE, toolchain.MAILBOX):
        assert '"resolved"' not in (folder / "package-lock.json").read_text()
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (toolchain.ROOT / name).read_text()
        assert "://" not in text
        assert not any(line.startswith("--") for line in text.splitlines())
