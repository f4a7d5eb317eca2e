"""What every experiment gives: one row per method, with its floors beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ....store import write_json, write_text
from ...frames import read_frame, read_frames, write_frames
from .floors import FLOORS
from .gates import VERDICTS

COLUMNS = ("method", "value", "low", "high", *FLOORS, "verdict")
FINDING, TABLE, DETAILS = "finding.json", "table.csv", "details"


@dataclass(frozen=True, eq=False)
class Finding:
    """The answer of one experiment.

    `question` is in words, `source` says whose experiment it is and what is our own. `table` has
    a row per method and control: value, low and high (a mean ρ and its 95 % interval), the floors
    (see sanity.floors) and the verdict. `details` holds further tables by name. `notes` are what
    a reader should know before. Raises ValueError for a ρ without its floors.
    """

    experiment: str
    question: str
    source: str
    table: pd.DataFrame
    details: Mapping[str, pd.DataFrame]
    sentence: str
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        _check_columns(f"the table of {self.experiment}", self.table, COLUMNS)
        unknown = set(self.table["verdict"]) - set(VERDICTS)
        if unknown:
            raise ValueError(f"expected verdicts {', '.join(VERDICTS)}, got {unknown}")
        bare = self.table["value"].notna() & self.table["other_ecg"].isna()
        if bare.any():
            names = ", ".join(self.table["method"][bare])
            raise ValueError(f"expected the other-ECG floor of every ρ, got none for {names}")
        for name, frame in self.details.items():
            if "value" in frame:
                _check_columns(f"{name} of {self.experiment}", frame, FLOORS)

    def save(self, folder: Path) -> Path:
        """Write table.csv, details/ and last finding.json, each atomically; the folder."""
        (folder / FINDING).unlink(missing_ok=True)
        write_text(folder / TABLE, self.table.to_csv(index=False))
        write_frames(self.details, folder / DETAILS)
        words = {
            "experiment": self.experiment,
            "question": self.question,
            "source": self.source,
            "sentence": self.sentence,
            "notes": list(self.notes),
            "details": list(self.details),
        }
        write_json(folder / FINDING, words)
        return folder

    @classmethod
    def load(cls, folder: Path) -> "Finding":
        """Read what save() wrote; ValueError when the folder holds no finished finding."""
        if not (folder / FINDING).is_file():
            raise ValueError(f"expected a finished finding in {folder}, found no {FINDING}")
        words = json.loads((folder / FINDING).read_text(encoding="utf-8"))
        details = read_frames(words.pop("details"), folder / DETAILS)
        notes = tuple(words.pop("notes"))
        return cls(table=read_frame(folder / TABLE), details=details, notes=notes, **words)


def _check_columns(what: str, frame: pd.DataFrame, wanted: tuple[str, ...]) -> None:
    missing = [column for column in wanted if column not in frame]
    if missing:
        raise ValueError(
            f"expected {what} to have {', '.join(missing)}: a correlation of heatmaps cannot "
            "be read without its floors"
        )
