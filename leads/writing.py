"""Files that a command writes. They hold personal data, so nobody but their owner can read them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leads.command import Refused


def write_private(path: Path, content: bytes, *, over: bool = False, advice: str = "") -> None:
    """Write a file that its owner alone can read.

    Raises: Refused if it can't be written, and with *advice* if it is there already and not to be written *over*.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if over else os.O_EXCL)
    with _refusing(path, advice), os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        if os.name == "posix" and path.is_file():  # A file that was there already may be open to others.
            os.fchmod(file.fileno(), 0o600)
        file.write(content)


def make_private_folder(path: Path) -> None:
    """Make a folder that its owner alone can open, if it is not there. Raises: Refused if it can't be made."""
    with _refusing(path, "It is no folder."):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def _refusing(path: Path, advice: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise Refused(f"{path} is there already. {advice}".rstrip()) from None
    except OSError as error:
        raise Refused(f"{path} can't be written: {error.strerror}.") from None
