"""One line of the table, and the file that keeps them all."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .clock import Cost

OURS = "ECGLens"


@dataclass(frozen=True)
class Row:
    """What one way of doing one task cost, in ms per ECG (curves: per ECG and step) or in MB.

    None stands for what was not measured; the note then says why.
    """

    part: str
    task: str
    input: str
    way: str
    cpu_ms: float | None = None  # on one thread
    wall_ms: float | None = None  # on all cores
    gpu_ms: float | None = None
    memory_mb: float | None = None
    note: str = ""

    @classmethod
    def timed(cls, part: str, task: str, input: str, way: str, cost: Cost, note: str = "") -> "Row":
        """A row of times."""
        return cls(part, task, input, way, **asdict(cost), note=note)

    @property
    def place(self) -> tuple[str, str, str]:
        """What rows must share for their ratio to mean something."""
        return self.part, self.task, self.input


@dataclass(frozen=True)
class Results:
    """All rows with the machine, the versions and the day they were measured on."""

    facts: dict[str, str]
    rows: tuple[Row, ...]

    def save(self, path: Path) -> None:
        """Write the file; three digits are more than two runs agree on."""
        rows = [
            {key: _short(value) for key, value in asdict(row).items() if value not in (None, "")}
            for row in self.rows
        ]
        text = json.dumps({"facts": self.facts, "rows": rows}, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """What save() wrote."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(kept["facts"], tuple(Row(**row) for row in kept["rows"]))

    def part(self, name: str) -> tuple[Row, ...]:
        """The rows of one part of the table."""
        return tuple(row for row in self.rows if row.part == name)

    def times_ours(self, row: Row) -> float | None:
        """How many times as much CPU time this way takes as ECGLens does for the same task.

        None where only one way was measured.
        """
        ms = {other.way: other.cpu_ms for other in self.rows if other.place == row.place}
        ours = ms.get(OURS)
        return row.cpu_ms / ours if row.cpu_ms and ours and len(ms) > 1 else None


def samples(length: int) -> str:
    """An input as it is written: leads × samples."""
    return f"12×{length}"


def shown(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows, each printed as it comes."""
    for row in rows:
        numbers = {"one thread": row.cpu_ms, "all cores": row.wall_ms, "GPU": row.gpu_ms}
        times = [f"{value:9.3f} ms {name}" for name, value in numbers.items() if value is not None]
        if row.memory_mb is not None:
            times.append(f"{row.memory_mb:9.0f} MB")
        print(f"{row.input:>8}  {row.task:<22} {row.way:<20}", *times, row.note, flush=True)
        yield row


def show(rows: Iterable[Row]) -> None:
    """Print the rows of one part."""
    for _ in shown(rows):
        pass


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value
