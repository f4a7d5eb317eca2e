"""ECGs of a measurement with what is known of each: of a data set, of files, arrays, exact ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import EcgData, FileReader, Prepared, Records, exact_parameters, overlap
from ecglens.ecg import MARKS, ExactParameters, Segments, draw_exact, exact_beat
from ecglens.engine import sample_ids
from ecglens.report.text import counted
from jaxtyping import Float, Int

from .doses import Marked, marked

EXACT = 64  # exact ECGs beside others, as many as the test ECGs of a default run
EXACT_SEED = 20_260_000  # no data set here has it
RANGED = ("pr", "qrs", "qt", "r", "j", "t", "rate")
WORDS = {"val": "validation"}
GENERATED, EXACT_ECGS, RECORDINGS = "generated", "exact", "recordings"


@dataclass(frozen=True, eq=False)
class Known:
    """ECGs of a measurement with what is known of each.

    `words` name them for a reader. `y` are labels in the unit of the outputs, NaN where there is
    none. `traits` are such as sex and age, `ranges` the smallest and largest value of each label in
    the training part. `caution` says where training ECGs among these would not be noticed ("" where
    there are none).
    """

    ecgs: Marked
    words: str
    patients: tuple[str, ...]
    y: Float[np.ndarray, "ecg output"] | None = None
    traits: Mapping[str, Float[np.ndarray, " ecg"]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    generated: bool = False
    caution: str = ""

    @property
    def kind(self) -> str:
        """Generated, exact, or recordings."""
        return EXACT_ECGS if self.exact else GENERATED if self.generated else RECORDINGS

    @cached_property
    def labels(self) -> Mapping[str, Float[np.ndarray, " ecg"]]:
        """Every label of the ECGs before a change, in ms, µV or 1/min; NaN where there is none."""
        every = pd.DataFrame([dict(each) for each in self.ecgs.labels]).astype(float)
        return {str(name): every[name].to_numpy() for name in every}

    @property
    def exact(self) -> bool:
        """True if every change of these ECGs is exact by construction."""
        return self.ecgs.parameters is not None


def of_data(ecgs: EcgData, n: int, part: str = "test") -> Known:
    """The first `n` ECGs of a part with labels, traits and the ranges of the training part.

    Their words name the part where the data set has others.
    """
    cohort, table = ecgs.cohort, ecgs.prepared.table
    rows = cohort.parts[part]
    others = any(len(each) for name, each in cohort.parts.items() if name != part)
    rows = rows[ecgs.split.order(table["id"].iloc[rows].tolist())[:n]]
    names: Sequence[str] = table["id"].iloc[rows].tolist()
    generated = "generated " if ecgs.counts["generated"] else ""
    own = f"{WORDS.get(part, part)} " if others else ""
    return Known(
        _marked(ecgs.prepared.x(rows), table, rows),
        f"{counted(len(rows), f'{generated}{own}ECG')} ({ecgs.records.name})",
        tuple(ecgs.patients_of(names)),
        cohort.y[rows].astype(float),
        ecgs.traits_of(names),
        ranges_of(ecgs),
        ecgs.records.reader.generated,
    )


def of_prepared(
    prepared: Prepared, words: str, rows: Sequence[int], generated: bool = False
) -> Known:
    """These rows of prepared ECGs of files; labels of the target are not known."""
    at, table = np.array(rows, int), prepared.table
    patients = tuple(table["patient"].iloc[at])
    return Known(_marked(prepared.x(at), table, at), words, patients, generated=generated)


def check_apart(other: Records, own: EcgData | None, word: str) -> None:
    """Raise ValueError where ECGs that `word` names are of the network's own data set.

    As `data.external` does; training ECGs would be measured as others.
    """
    if own is not None and overlap(other.reader, own.records.reader):
        raise ValueError(
            f"expected in {word} other ECGs than the run's, whose test ECGs are measured anyway, "
            "got ECGs of its data set; give another folder, or another seed of generated ECGs, as "
            "--set seed=1"
        )


def caution(other: Records, own: EcgData | None) -> str:
    """What cannot be known of training ECGs among others; "" where they cannot be among them.

    Files are compared by their names, ECGs that are generated here by their seed (`overlap`).
    """
    if own is None:
        return f"Whether the network was trained on ECGs of {other.name} is not known."
    both = (other.reader, own.records.reader)
    if any(each.generated and not isinstance(each, FileReader) for each in both):
        return ""
    return f"Copies of training ECGs under other names would not be noticed in {other.name}."


def of_array(x: Float[np.ndarray, "ecg 12 time"]) -> Known:
    """ECGs in µV, each of its own patient; their waves are found by measuring."""
    ids = sample_ids(torch.from_numpy(x))
    return Known(marked(x, ids=ids), counted(len(x), "ECG"), tuple(ids))


def exact_ecgs(label: str = "", count: int = EXACT) -> Known:
    """Exact median beats with their parameters, each of its own patient; `y` is this label."""
    parameters = [draw_exact(EXACT_SEED, place) for place in range(count)]
    records = [exact_beat(each) for each in parameters]
    ids = tuple(record.id for record in records)
    x = np.stack([record.signal for record in records])
    y = np.array([[each.labels.get(label, np.nan)] for each in parameters])
    return Known(marked(x, parameters=parameters, ids=ids), counted(count, "exact ECG"), ids, y)


def ranges_of(ecgs: EcgData) -> dict[str, tuple[float, float]]:
    """Smallest and largest value of each label in the training part, where any is known."""
    training = ecgs.prepared.table.iloc[ecgs.cohort.parts["train"]]
    return {
        name: (float(training[name].min()), float(training[name].max()))
        for name in RANGED
        if name in training and training[name].notna().any()
    }


def _marked(
    x: Float[np.ndarray, "ecg 12 time"], table: pd.DataFrame, rows: Int[np.ndarray, " ecg"]
) -> Marked:
    own = table.iloc[rows]
    marks = [Segments(*each) for each in own[[*MARKS]].to_numpy(float).tolist()]
    rr_ms = (6e4 / own["rate"].to_numpy(float)).tolist()
    return known_as(x, own["id"].tolist(), marks, rr_ms, own["reasons"].map(json.loads).tolist())


def known_as(
    x: Float[np.ndarray, "ecg 12 time"],
    ids: Sequence[str],
    marks: Sequence[Segments] | None,
    rr_ms: Sequence[float],
    reasons: Sequence[Mapping[str, str]],
) -> Marked:
    """ECGs of a data set, marked with all that it knows: exact ones by their parameters.

    `reasons` are those against labels when the ECGs were prepared.
    """
    parameters = parameters_of(ids, x, rr_ms)
    return marked(x, marks=marks, parameters=parameters, rr_ms=rr_ms, ids=ids).knowing(reasons)


def parameters_of(
    ids: Sequence[str], x: Float[np.ndarray, "ecg 12 time"], rr_ms: Sequence[float]
) -> list[ExactParameters] | None:
    """Parameters of exact ECGs by their names and rates; None for any others."""
    try:
        return [*map(exact_parameters, ids, x, 6e4 / np.array(rr_ms, float))]
    except ValueError:
        return None
