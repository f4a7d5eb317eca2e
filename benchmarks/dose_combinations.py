"""Are two doses together the sum of each alone? python -m benchmarks.dose_combinations RUN.

RUN are folders of finished runs, such as demo. Each network reads the first 64 of its test ECGs
with one dose, and with two, one after the other (ecglens_measure.in_turn): before the second dose
the ECG is marked again, and each step is refused like a single dose. Exact ECGs are changed by
their parameters.

The rules, written down before the first run:

1. Doses (DOSES) and all pairs of them, in this order, the first applied first. Sizes are usual ones
   that recordings can be given (results/measure/doses); where a dose is for exact ECGs alone it
   is left out of recordings.
2. Two predictions of the change of the reading by a pair in one ECG. *Own*: the sum of this ECG's
   own changes by each dose alone. *Others*: for each dose the mean gain of the other patients per
   measured unit, times the size that was measured in this ECG, summed. Beside them *the pair in
   others*: the mean change by this pair in the other patients, which has seen the combination.
3. The error is |change by the pair − prediction|. A pair is predicted better by own responses where
   the mean of error(own) − error(others) is below 0 at 5 %, over patients, after Holm's correction
   for the pairs of a network.
4. The goal is reached for a network where the 95 % interval over patients of the mean of
   error(own) − error(others), over all pairs that an ECG can be given, lies below 0.

Writes combinations.csv into the folder --to. A minute on one core for each network.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import EcgData
from ecglens.eval.statistics import holm, sampling
from ecglens.store import Store
from ecglens_measure.answers import consistent, edits, outputs
from ecglens_measure.doses import doses, in_turn
from ecglens_measure.known import Known, of_data
from ecglens_sheets import Opened, opened_run
from torch import nn

ECGS = 64  # as of a data sheet
DOSES: Mapping[str, float] = {
    "pr": 20.0,
    "p_duration": -10.0,
    "qrs": 10.0,
    "qrs_end": 10.0,
    "t_shift": 20.0,
    "p": 20.0,
    "r": 200.0,
    "r_width": 4.0,
}
LEAST = 6  # patients: fewer have no interval
PREDICTIONS = ("own", "others", "pair_in_others")


def opened(run: Path) -> tuple[Opened, EcgData]:
    """Network of a run and the ECGs that it was fitted on."""
    network = opened_run(run)
    if network.training is None:
        raise ValueError(f"expected a run on a data set, got one without training ECGs: {run}")
    return network, network.training


def singles(
    net: nn.Module, known: Known, before: np.ndarray, store: Store
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """By dose the change of the reading and the measured size of each ECG; NaN where left out."""
    change, measured = {}, {}
    for name, by in DOSES.items():
        found = edits(known.ecgs, doses(name)[name], by, store)
        if len(found.index):
            change[name], measured[name] = (np.full(len(before), np.nan) for _ in range(2))
            change[name][found.index] = read(net, found.x) - before[found.index]
            measured[name][found.index] = found.measured
    return change, measured


def read(net: nn.Module, x: np.ndarray) -> np.ndarray:
    """Readings of these ECGs."""
    return outputs([net], x, [*map(str, range(len(x)))])[0, :, 0]


def mean_of_others(values: np.ndarray, patients: Sequence[str]) -> np.ndarray:
    """For each ECG the mean over those of other patients."""
    names, kept = np.array(patients), np.isfinite(values)
    return np.array([values[kept & (names != name)].mean() for name in names])


def errors(net: nn.Module, known: Known, store: Store) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name of each pair, and a row by ECG: joint change and the error of each prediction."""
    before = read(net, consistent(known.ecgs.x))
    change, measured = singles(net, known, before, store)
    gain = {name: mean_of_others(change[name] / measured[name], known.patients) for name in change}
    for one, other in combinations(change, 2):
        found = in_turn(known.ecgs, {one: DOSES[one], other: DOSES[other]})
        joint = np.full(len(before), np.nan)
        joint[found.index] = read(net, found.x) - before[found.index]
        if np.isfinite(joint).sum() < LEAST:
            continue
        sizes = np.full((len(before), 2), np.nan)
        sizes[found.index] = found.measured
        predicted = {
            "own": change[one] + change[other],
            "others": gain[one] * sizes[:, 0] + gain[other] * sizes[:, 1],
            "pair_in_others": mean_of_others(joint, known.patients),
        }
        rows = pd.DataFrame({name: np.abs(joint - each) for name, each in predicted.items()})
        rows.insert(0, "joint", joint)
        rows["patient"] = known.patients
        yield f"{one} {DOSES[one]:+g}, {other} {DOSES[other]:+g}", rows.dropna()


def line(rows: pd.DataFrame) -> dict[str, float]:
    """Mean change and errors, with the interval of error(own) − error(others)."""
    apart = (rows["own"] - rows["others"]).to_numpy()
    drawn = sampling(1, 1, rows["patient"].tolist(), 0)
    low, high = drawn.interval(apart[None, None])
    return {
        "ecgs": len(rows),
        "rms": float(np.sqrt((rows["joint"] ** 2).mean())),
        **{f"error_{name}": float(rows[name].mean()) for name in PREDICTIONS},
        "difference": float(apart.mean()),
        "low": float(low[0]),
        "high": float(high[0]),
        "p": float(drawn.p(apart[None, None])[0]),
    }


def table(net: nn.Module, known: Known, store: Store) -> pd.DataFrame:
    """A line by pair, and one of all pairs: the mean over those that an ECG can be given."""
    pairs = dict(errors(net, known, store))
    lines = [{"pair": name, **line(rows)} for name, rows in pairs.items()]
    corrected = holm([each["p"] for each in lines])
    lines = [{**each, "p": p} for each, p in zip(lines, corrected, strict=True)]
    of_ecg = pd.concat(pairs.values()).groupby(level=0)
    numbers = of_ecg[["joint", *PREDICTIONS]].mean()
    every = numbers.assign(patient=of_ecg["patient"].first())
    return pd.DataFrame([*lines, {"pair": "all", **line(every)}])


def main(arguments: Sequence[str] | None = None) -> None:
    """Predict, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--to", type=Path, default=Path("results/measure"))
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    tables = []
    for run in given.runs:
        network, ecgs = opened(run)
        known = of_data(ecgs, ECGS)
        found = table(network.net, known, network.store)
        tables.append(found.assign(network=ecgs.target.name, ecgs_of=known.words))
        pd.concat(tables).round(4).to_csv(given.to / "combinations.csv", index=False)
        print(found.round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
