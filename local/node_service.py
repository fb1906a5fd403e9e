"""What Azurite and the mailbox share: a Node program of this project, with its own ports and folder."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Self

from local.child import Child, ChildError
from local.toolchain import find_node


@dataclass
class NodeService(ABC):
    """One such program. Without a folder, its data is lost when it stops."""

    name: ClassVar[str]

    data_dir: Path | None = None
    _child: Child | None = field(default=None, init=False, repr=False)
    _scratch: TemporaryDirectory[str] | None = field(default=None, init=False, repr=False)

    def launch(self) -> Self:
        """Start it on what its folder holds."""
        if self.data_dir:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        else:
            self._scratch = TemporaryDirectory(prefix="service-")
        folder = self.data_dir or Path(self._scratch.name if self._scratch else "")
        if not self.program.exists():
            raise ChildError(f"{self.name} is not installed. `python -m local test` installs it.")
        # Node without npm around it, so that stopping the process stops the server.
        self._child = self._make_child([find_node().node, str(self.program)], folder)
        self._child.launch()
        return self

    def await_answer(self) -> Self:
        """Wait until it answers."""
        if self._child:
            self._child.await_answer()
        return self

    def start(self) -> Self:
        """Start it and wait until it answers."""
        return self.launch().await_answer()

    def check(self) -> None:
        """Raise ChildError if it is no longer running."""
        if self._child:
            self._child.check()

    def stop(self) -> None:
        """Stop it. What its folder holds is kept."""
        if self._child:
            self._child.stop()
        if self._scratch:
            self._scratch.cleanup()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    @abstractmethod
    def program(self) -> Path:
        """The file that Node runs."""

    @abstractmethod
    def _make_child(self, command: list[str], folder: Path) -> Child:
        """Return the process: *command* and its options, with data and log in *folder*."""
