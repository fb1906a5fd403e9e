"""Files that a command writes. They hold personal data, so nobody but their owner can read them."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes, *, over: bool = False) -> None:
    """Write a file that its owner alone can read. Raises: FileExistsError if it is there, unless *over* is true."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if over else os.O_EXCL)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        if os.name == "posix" and path.is_file():  # A file that was there already may be open to others.
            os.fchmod(file.fileno(), 0o600)
        file.write(content)
