"""The publisher's own drafts: files in a folder of the app, named in ``DRAFTS``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from lead_core.errors import WrongDraftsError
from lead_core.views.draft_files import MAX_DRAFT_BYTES, DraftName, DraftText, parse_draft, parse_draft_name
from lead_core.views.safe_text import show_line

APP: Final = Path(__file__).parents[2]
"""The folder that is deployed."""
MAX_FILES: Final = 500
_MAX_NAMED: Final = 5
_MAX_NAME_CHARACTERS: Final = 80
_NO_FOLDER: Final = "write the name of a folder that is deployed with the app, such as drafts (docs/drafts.md)"


@dataclass(slots=True)
class OwnDrafts:
    """What the folder holds. It is a `Probe`: whether all of it can be used."""

    texts: Mapping[DraftName, DraftText] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    """What is wrong with a file, and what to write. Instead of such a file, the app's own draft is used."""
    name: str = "DRAFTS"

    async def check(self) -> None:
        """See `Probe.check`. Raises: WrongDraftsError."""
        more = len(self.faults) - _MAX_NAMED
        if self.faults:
            named = [*self.faults[:_MAX_NAMED], *([f"and {more} more"] if more > 0 else [])]
            raise WrongDraftsError("; ".join(named))


def read_own_drafts(folder: str, *, app: Path = APP) -> OwnDrafts:
    """Read the drafts in *folder*, whose name is relative to *app*. Nothing outside of it is read."""
    if not folder:
        return OwnDrafts()
    root, texts, faults = (app / folder).resolve(), dict[DraftName, DraftText](), list[str]()
    if Path(folder).is_absolute() or app.resolve() not in root.parents or not root.is_dir():
        return OwnDrafts(faults=(_NO_FOLDER,))
    files = list(islice(_list_files(root), MAX_FILES + 1))
    if len(files) > MAX_FILES:
        faults.append(f"keep at most {MAX_FILES} files in the folder")
    for file in sorted(files[:MAX_FILES]):
        try:
            name, text = parse_draft_name(file.parent.name, file.stem), parse_draft(_read(file))
        except ValueError as fault:
            faults.append(_name_fault(file, root, f"{fault}"))
            continue
        if texts.setdefault(name, text) is not text:
            faults.append(_name_fault(file, root, "remove it: another file is the same draft"))
    return OwnDrafts(texts, tuple(faults))


def _name_fault(file: Path, root: Path, fault: str) -> str:
    return f"{show_line(file.relative_to(root).as_posix(), _MAX_NAME_CHARACTERS)}: {fault}"


def _list_files(root: Path) -> Iterator[Path]:
    """Return the text files below *root*. A link may lead out of it: then it is left out."""
    found = (file for file in root.rglob("*") if file.suffix.lower() == ".txt" and file.is_file())
    return (file for file in found if root in file.resolve().parents)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_DRAFT_BYTES + 1)
    except OSError as error:
        raise ValueError("the app may not read it") from error
