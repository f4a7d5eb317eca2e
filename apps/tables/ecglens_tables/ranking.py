"""Mean scores of the methods of a table, from its parts as a stream."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from ecglens.eval.statistics import REPLICATES, interval, too_few
from ecglens.explain import controls
from jaxtyping import Float, UInt8

from .parts import PARTS, meta_of, totals
from .scores import column

AT_ONCE = 1024  # rows: their counts take 8 MB as numbers of 4 bytes
MANY = 10_000  # patients: from there on an interval does not depend on their number
LEVELS = 2**16


@dataclass(frozen=True)
class Scores:
    """Methods, controls and target priors by their mean score, highest first.

    `table` has for each its `kind`, the mean area over ECGs as `value` with the 95 % interval
    `low`–`high`, and the paired `difference` from random with its interval. Intervals are over
    patients, of this network, and not corrected for the number of methods. `ecgs` have every score;
    `without` are usable or not and lack one; `missing` parts are not there. `few` is the number of
    patients where they are too few for 95 % intervals, else 0.
    """

    table: pd.DataFrame
    ecgs: int
    without: int
    missing: int
    few: int = 0


def rank_parts(folder: str | Path) -> Scores:
    """Means and intervals of the scores in a folder of parts; memory does not grow with the ECGs.

    Each patient is drawn 0, 1, 2, … times in each of REPLICATES resamples, by Poisson numbers that
    depend on their name alone, so that rows need not be sorted (Poisson bootstrap; Chamandy et al.
    2012). Raises ValueError as `totals`, for parts without scores, and for fewer than 2 patients.
    """
    found = totals(folder)
    files = sorted(Path(folder).expanduser().glob(PARTS))
    made = meta_of(files[0])["made_by"].get("scores")
    if made is None:
        raise ValueError(f"expected parts with scores in {folder}, got a table without: --scores")
    kinds = {**dict.fromkeys(made["methods"], "method"), **dict.fromkeys(controls(), "control")}
    names = [each for each in pq.read_schema(files[0]).names if each.startswith(column(""))]
    kinds = {column(name): kind for name, kind in kinds.items()}
    sums = np.zeros((len(names), REPLICATES))
    count, total, ecgs = np.zeros(REPLICATES), np.zeros(len(names)), 0
    patients = set[str]()
    for scores, own in _read(files, names):
        drawn = np.stack([times_drawn(each) for each in own]).astype(np.float32)
        sums += scores @ drawn
        count, total, ecgs = count + drawn.sum(0), total + scores.sum(1), ecgs + len(own)
        patients.update(own if len(patients) < MANY else ())
    if len(patients) < 2:
        raise ValueError(f"expected scores of at least 2 patients, got {len(patients)}")
    random = names.index(column("random"))
    some = count > 0  # of few patients a resample may have none
    means, value = sums[:, some] / count[some], total / ecgs
    few = len(patients) if too_few(len(patients)) else 0
    low, high = interval(means, len(patients))
    apart_low, apart_high = interval(means - means[random], len(patients))
    table = pd.DataFrame(
        {
            "method": [name.removeprefix(column("")) for name in names],
            "kind": [kinds.get(name, "target prior") for name in names],
            "value": value,
            "low": low,
            "high": high,
            "difference": value - value[random],
            "difference_low": apart_low,
            "difference_high": apart_high,
        }
    ).sort_values("value", ascending=False, kind="stable", ignore_index=True)
    return Scores(table, ecgs, found.ecgs - ecgs, len(found.missing), few)


def _read(
    files: list[Path], names: list[str]
) -> Iterator[tuple[Float[np.ndarray, "series ecg"], list[str]]]:
    """Scores of the ECGs that have all, and the patient of each, some at a time."""
    for file in files:
        with pq.ParquetFile(file) as part:
            for rows in part.iter_batches(AT_ONCE, columns=["patient", *names]):
                scores = np.stack([rows[name].to_numpy(zero_copy_only=False) for name in names])
                there = np.isfinite(scores.astype(float)).all(0)
                if there.any():
                    patients = rows["patient"].to_numpy(zero_copy_only=False)[there]
                    yield scores[:, there].astype(float), patients.tolist()


def times_drawn(patient: str) -> UInt8[np.ndarray, " replicate"]:
    """How often a patient is drawn in each resample, by its name."""
    random = hashlib.shake_128(patient.encode()).digest(2 * REPLICATES)
    return POISSON[np.frombuffer(random, "<u2")]


def _poisson() -> UInt8[np.ndarray, " level"]:
    """Numbers of Poisson's distribution of mean 1 at evenly spaced levels of probability."""
    reached = np.cumsum([np.exp(-1.0) / factorial(times) for times in range(20)])
    return np.searchsorted(reached, (np.arange(LEVELS) + 0.5) / LEVELS).astype(np.uint8)


POISSON = _poisson()
