"""Result of an evaluation: scores of heatmaps, a table, and a sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..datamodules import Target
from .curves import Curves
from .measures import FIRST_COLUMNS, Measure, table_of, who_beats_the_controls

# By measure and by method or control a number of each network, noise draw and ECG.
Scores = Mapping[str, Mapping[str, Float[np.ndarray, "network draw ecg"]]]


@dataclass(frozen=True, eq=False)
class About:
    """Description of a finding: evaluation, networks and ECGs.

    `networks` are keys (models.network_key); `data` (plain JSON) describes the data set, `fits`
    each network: how well it reads its target, its settings. `cites` are the sources of the
    evaluation, `method_cites` those of each method: keys of the report's references, or BibTeX
    entries.
    """

    evaluation: str
    question: str
    source: str
    target: Target
    input: str
    networks: tuple[str, ...]
    records: tuple[str, ...]
    patients: tuple[str, ...]
    seed: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    fits: tuple[Mapping[str, Any], ...] = ()
    cites: tuple[str, ...] = ()
    method_cites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def facts(self, network: int = 0) -> dict[str, Any]:
        """Facts about the data and one network."""
        return {**self.data, **(self.fits[network] if self.fits else {})}


@dataclass(frozen=True, eq=False, repr=False)
class Finding:
    """Result of an evaluation.

    `scores` holds the numbers per network, draw and ECG, NaN where there is none; `table` a row per
    measure and method or control, which begins with FIRST_COLUMNS; left out, it is that of
    measures.table_of. `sentence` is the answer, left out for the methods that beat every control.
    `details` are further tables by name, `notes` what a reader should know first. `curves` are the
    perturbation curves of each network, where there are any. `reason` says why the evaluation does
    not apply; it is empty where it was made. `trusted` says that classes which it names may be
    called: this user made it, or said so; `own` that its store may be used: this user made it, in
    whatever folder, or said so. Raises ValueError for measures without numbers,
    numbers of another shape, and measures whose methods differ.
    """

    about: About
    measures: tuple[Measure, ...] = ()
    scores: Scores = field(default_factory=dict)
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    sentence: str = ""
    notes: tuple[str, ...] = ()
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: tuple[Curves, ...] = ()
    reason: str = ""
    trusted: bool = True
    own: bool = True

    def __post_init__(self) -> None:
        self._check()
        if not len(self.table):
            table = table_of(self.measures, self.scores, self.about.patients, self.about.seed)
            object.__setattr__(self, "table", table)
        if not self.sentence:
            sentence = who_beats_the_controls(self.measures, self.table)
            object.__setattr__(self, "sentence", sentence)

    def __repr__(self) -> str:
        return f"{self.about.evaluation}: {self.sentence}\n{self._shown.to_string(index=False)}"

    def _repr_html_(self) -> str:
        said = escape(f"{self.about.evaluation}: {self.sentence}")
        return f"<p>{said}</p>{self._shown.to_html(index=False, border=0)}"

    @property
    def _shown(self) -> pd.DataFrame:
        """The columns that every table has."""
        return self.table.filter(items=[*FIRST_COLUMNS])

    def _check(self) -> None:
        names = [measure.name for measure in self.measures]

        def quoted(every: Iterable[str]) -> str:
            return ", ".join(map(repr, every))

        if names != [*self.scores] or bool(names) == bool(self.reason):
            raise ValueError(
                f"expected numbers of the measures {quoted(names) or '(none)'} in this order, "
                f"or a reason without any, got {quoted(self.scores) or 'none'}"
            )
        shapes = {each.shape for by in self.scores.values() for each in by.values()}
        ecgs, networks = len(self.about.records), len(self.about.networks)
        # One row where a number belongs to all networks together, or to none.
        if len(shapes) > 1 or any(s[0] not in (networks, 1) or s[2:] != (ecgs,) for s in shapes):
            raise ValueError(f"expected numbers of shape ({networks}, draw, {ecgs}), got {shapes}")
        if len({tuple(by) for by in self.scores.values()}) > 1:
            raise ValueError("expected the same methods for each measure, in the same order")
        if len(self.about.patients) != ecgs:
            raise ValueError(
                f"expected a patient for each of {ecgs} ECGs, got {len(self.about.patients)}"
            )
        missing = [name for name in FIRST_COLUMNS if len(self.table) and name not in self.table]
        if missing:
            raise ValueError(f"expected a table with {', '.join(missing)}")

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods and controls, in the order in which they were given."""
        return tuple(next(iter(self.scores.values()), ()))

    @property
    def ranked(self) -> bool:
        """True if its curves rank methods, which takes an outcome of 2 patients."""
        return bool(self.curves) and "position" in self.table

    @property
    def patients(self) -> int:
        """Number of patients."""
        return len({*self.about.patients})

    @property
    def facts(self) -> dict[str, Any]:
        """Facts about the data and the first network."""
        return self.about.facts()

    def tidy(self) -> pd.DataFrame:
        """One row per measure, method, network, noise draw and ECG.

        `network` is empty for numbers of all networks together, and of none.
        """
        about = self.about
        rows = []
        for measure, methods in self.scores.items():
            for method, values in methods.items():
                networks, draws, ecgs = values.shape
                keys = about.networks if networks == len(about.networks) else ("",)
                rows.append(
                    pd.DataFrame(
                        {
                            "measure": measure,
                            "method": method,
                            "network": np.repeat(keys, draws * ecgs),
                            "draw": np.tile(np.repeat(np.arange(draws), ecgs), networks),
                            "record": np.tile(np.asarray(about.records, object), networks * draws),
                            "value": values.ravel(),
                        }
                    )
                )
        return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


UNEVALUATED = "This network was not evaluated with ECGLens"


def main_finding(findings: Sequence[Finding]) -> Finding:
    """The first finding with curves, else the first."""
    return next((each for each in findings if each.curves), findings[0])


def fit_of(trainer: Any) -> dict[str, float]:
    """Metrics of the test part by their short names, of a Lightning Trainer after its test."""
    return {
        name.removeprefix("test/"): float(value)
        for name, value in trainer.callback_metrics.items()
        if name.startswith("test/")
    }


def numbers(finding: Finding) -> dict[str, float]:
    """The value of every measure and method, as auc/default/saliency."""
    name, table = finding.about.evaluation, finding.table
    return {
        f"{row['measure']}/{name}/{row['method']}": float(row["value"])
        for row in table.to_dict("records")
    }
