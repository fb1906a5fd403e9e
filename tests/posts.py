"""Every sample as it is posted: its bytes, and the headers that stand beside it in ``<sample>.headers``."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class Sample:
    """One body that a sender may post."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def content(self) -> bytes:
        return self.path.read_bytes()

    @property
    def headers(self) -> dict[str, str]:
        beside = self.path.with_name(f"{self.path.name}.headers")
        lines = beside.read_text(encoding="utf-8").splitlines() if beside.exists() else []
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


SAMPLES = [Sample(path) for path in sorted(FOLDER.iterdir()) if path.suffix not in {".md", ".headers"}]
