"""What one evaluation found: one number per ECG for each of its measures and each method."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from ...store import write_json, write_text
from ..chunks import write_arrays
from ..frames import read_frames, write_frames
from .measure import Measure
from .sentence import who_beats_the_controls
from .table import table_of

PANEL, NUMBERS, TABLE, DETAILS = "panel.json", "scores.npz", "table.csv", "details"

Numbers = Mapping[str, Mapping[str, Float[np.ndarray, "network ecg"]]]


@dataclass(frozen=True, eq=False)
class Panel:
    """The answer of one evaluation.

    `scores` holds by measure and by method or control a number of each network and ECG, NaN where
    an ECG has none. `question` is in words, `source` says whose evaluation it is and what is our
    own; `sentence` is the answer, left out for who is better than every control. `details` holds
    further tables by name, `notes` are what a reader should know before. Raises ValueError for
    measures without numbers, numbers of another shape, and measures whose methods differ.
    """

    experiment: str
    question: str
    source: str
    measures: tuple[Measure, ...]
    scores: Numbers
    records: Sequence[str]
    patients: Sequence[str]
    seed: int
    sentence: str = ""
    notes: tuple[str, ...] = ()
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [measure.name for measure in self.measures]
        if names != [*self.scores] or not names:
            raise ValueError(
                f"expected numbers of the measures {', '.join(names) or '(none)'} in this order, "
                f"got {', '.join(self.scores) or 'none'}"
            )
        shapes = {each.shape for by in self.scores.values() for each in by.values()}
        ecgs = len(self.records)
        if len(shapes) != 1 or any(len(each) != 2 or each[1] != ecgs for each in shapes):
            raise ValueError(f"expected numbers of shape (network, {ecgs}), got {shapes}")
        if len({tuple(by) for by in self.scores.values()}) != 1:
            raise ValueError("expected the same methods for each measure, in the same order")
        if len(self.patients) != ecgs:
            raise ValueError(
                f"expected a patient for each of {ecgs} ECGs, got {len(self.patients)}"
            )
        if not self.sentence:
            told = who_beats_the_controls(self.measures, self.table)
            object.__setattr__(self, "sentence", told)

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods and controls, in the order in which they were asked for."""
        return tuple(next(iter(self.scores.values())))

    @property
    def networks(self) -> int:
        """How many networks there are numbers of."""
        return len(next(iter(next(iter(self.scores.values())).values())))

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per measure and method or control; see measures.table."""
        return table_of(self.measures, self.scores, self.patients, self.seed)

    def save(self, folder: Path) -> Path:
        """Write table.csv, the numbers, details/ and last panel.json, each atomically; folder."""
        (folder / PANEL).unlink(missing_ok=True)
        write_text(folder / TABLE, self.table.to_csv(index=False))
        write_frames(self.details, folder / DETAILS)
        stacked = {name: np.stack([*by.values()]) for name, by in self.scores.items()}
        write_arrays(folder / NUMBERS, **stacked)
        words = {
            "experiment": self.experiment,
            "question": self.question,
            "source": self.source,
            "measures": [asdict(measure) for measure in self.measures],
            "methods": list(self.methods),
            "records": list(self.records),
            "patients": list(self.patients),
            "seed": self.seed,
            "sentence": self.sentence,
            "notes": list(self.notes),
            "details": list(self.details),
        }
        write_json(folder / PANEL, words)
        return folder

    @classmethod
    def load(cls, folder: Path) -> "Panel":
        """Read what save() wrote; ValueError when the folder holds no finished panel."""
        if not (folder / PANEL).is_file():
            raise ValueError(f"expected a finished panel in {folder}, found no {PANEL}")
        words = json.loads((folder / PANEL).read_text(encoding="utf-8"))
        methods = words.pop("methods")
        measures = tuple(Measure(**each) for each in words.pop("measures"))
        with np.load(folder / NUMBERS) as kept:
            scores = {
                each.name: dict(zip(methods, kept[each.name], strict=True)) for each in measures
            }
        details = read_frames(words.pop("details"), folder / DETAILS)
        notes = tuple(words.pop("notes"))
        return cls(measures=measures, scores=scores, details=details, notes=notes, **words)
