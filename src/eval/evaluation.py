"""A question that cannot be asked of these networks and ECGs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ..store import write_json

UNANSWERED = "unanswered.json"


class NotApplicable(ValueError):  # noqa: N818 - a reason, not a fault
    """Raised by an experiment that says nothing here: what was expected, what came, what to do."""


@dataclass(frozen=True, eq=False)
class Unanswered:
    """Stands where a finding would, with the reason in `sentence`; has no numbers."""

    experiment: str
    sentence: str
    question: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        """Without rows."""
        return pd.DataFrame({"method": []})

    def save(self, folder: Path) -> Path:
        """Write the reason, atomically; the folder."""
        write_json(folder / UNANSWERED, {"experiment": self.experiment, "sentence": self.sentence})
        return folder

    @classmethod
    def load(cls, folder: Path) -> "Unanswered":
        """Read what save() wrote."""
        return cls(**json.loads((folder / UNANSWERED).read_text(encoding="utf-8")))
