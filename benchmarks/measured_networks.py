"""Data sheets of networks of one target side by side: python -m benchmarks.measured_networks RUNS.

RUNS holds a finished run for each target and kind of training ECGs, such as RUNS/deepfake-pr:
`python train.py target=pr data=deepfake fit.epochs=8 hydra.run.dir=RUNS/deepfake-pr`, likewise with
`data=exact`, and with `data=ptbxl data.path=… data.split.by=folds`. Every network is measured on
the same ECGs: 64 generated test ECGs, 64 of fold 10 of PTB-XL (the first that have a PR interval,
so that every label is known), and 64 exact ECGs that no network has seen. results/measure gets for
each target a page with five of the nine measurements, TARGET_gains.csv and TARGET_errors.csv. The
four that no page shows are made for the network's own doses alone, which costs less. A target that
is there already is not measured again. `--permuted` measures RUNS/permuted-pr, whose labels were
permuted (`data=exact permute_labels=true`), on generated and exact ECGs alone. What the tables say
is read by `python -m benchmarks.measured_tables`.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import EcgData
from ecglens.eval.statistics import sampling
from ecglens.report import write_table
from ecglens_measure.doses import doses
from ecglens_measure.known import Known, exact_ecgs, of_data, ranges_of
from ecglens_measure.library import on_ecgs, sheet_of
from ecglens_measure.measurement import GRADED, Measurement
from ecglens_measure.sheet import DataSheet
from ecglens_sheets import opened_run

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "results" / "measure"
TARGETS = ("pr", "qrs", "qt", "r", "j", "t")
# Names of ECGs in words by the data set of the commands.
KINDS = {"deepfake": "generated ECGs", "ptbxl": "PTB-XL", "exact": "exact ECGs"}
ECGS = 64
SEED = 0  # of the patients that are drawn again
# On the page of a target: ECGs trained and measured on. The first has the disturbances too.
SHOWN = (
    ("deepfake", "deepfake"),
    ("deepfake", "ptbxl"),
    ("deepfake", "exact"),
    ("ptbxl", "ptbxl"),
    ("exact", "exact"),
)
ABOUT = ("target", "trained_on", "measured_on")
DIGITS = 4  # significant: an interval has three


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every network on every kind of ECG."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--to", type=Path, default=KEPT)
    parser.add_argument("--targets", nargs="+", default=TARGETS)
    parser.add_argument("--permuted", action="store_true")
    asked = parser.parse_args(arguments)
    ecgs = sets(asked.runs)
    if asked.permuted:
        print(permuted(asked.runs, ecgs, asked.to), flush=True)
        return
    for target in asked.targets:
        if not (asked.to / f"{target}_gains.csv").is_file():
            found = measured(asked.runs, target, ecgs)
            keep(found, target, asked.to)
            print(target, DataSheet((found[SHOWN[0]],)).answer, flush=True)


def sets(runs: Path) -> Mapping[str, Known]:
    """The ECGs on which all networks are measured, by data set."""
    found = {"exact": exact_ecgs("pr", ECGS)}
    for name in ("deepfake", "ptbxl"):
        own = opened_run(runs / f"{name}-pr").training
        assert own is not None
        found[name] = of_data(own, ECGS)
    words = {
        "exact": "64 exact ECGs",
        "deepfake": "64 generated ECGs",
        "ptbxl": "64 ECGs of PTB-XL",
    }
    return {name: replace(each, words=words[name]) for name, each in found.items()}


def measured(
    runs: Path, target: str, ecgs: Mapping[str, Known]
) -> Mapping[tuple[str, str], Measurement]:
    """Measurements by training and measured ECGs."""
    every = [*doses().values()]
    graded = [dose for dose in every if dose.kind in GRADED]
    of_label = [dose for dose in graded if dose.label == target]
    found = {}
    for trained, words in KINDS.items():
        known = opened_run(runs / f"{trained}-{target}")
        about, own = known.finding.about.target, known.training
        for name, given in ecgs.items():
            rest = graded if (trained, name) in SHOWN else of_label
            asked = every if (trained, name) == SHOWN[0] else rest
            labelled = _labelled(given, target, own)
            one = on_ecgs([known.net], labelled, asked, about, known.store)
            found[trained, name] = replace(one, network=f"Network of {words}")
    return found


def permuted(runs: Path, ecgs: Mapping[str, Known], folder: Path) -> str:
    """Write page and gains of the network of permuted labels; the first sentence of the page."""
    known = opened_run(runs / "permuted-pr")
    graded = [dose for dose in doses().values() if dose.kind in GRADED]
    every = [_labelled(ecgs[name], "pr", known.training) for name in ("deepfake", "exact")]
    sheet = sheet_of([known.net], every, graded, known.finding.about.target, known.store, 0)
    sheet.save(folder / "permuted.html")
    write_table(rounded(sheet.gains.drop(columns="output")), folder / "permuted_gains.csv")
    return sheet.answer


def _labelled(ecgs: Known, target: str, training: EcgData | None) -> Known:
    """ECGs with the label of a target, and the ranges of its training ECGs."""
    ranges = {} if training is None else ranges_of(training)
    return replace(ecgs, y=ecgs.labels[target][:, None], ranges=ranges)


def keep(found: Mapping[tuple[str, str], Measurement], target: str, folder: Path) -> None:
    """Write the page of a target and its tables."""
    DataSheet(tuple(found[key] for key in SHOWN)).save(folder / f"{target}.html")
    gains, errors = [], []
    for key, each in found.items():
        about = dict(zip(ABOUT, (target, *key), strict=True))
        gains.append(each.gains.drop(columns="output").assign(**about))
        errors.append({**about, **error(each)})
    every = pd.concat(gains, ignore_index=True)
    ordered = [*ABOUT, *(name for name in every if name not in ABOUT)]
    write_table(rounded(every.reindex(columns=ordered)), folder / f"{target}_gains.csv")
    write_table(rounded(pd.DataFrame(errors)), folder / f"{target}_errors.csv")


def error(found: Measurement) -> dict[str, Any]:
    """Mean absolute error with its interval over patients, bias, and r."""
    assert found.known.y is not None
    y = found.known.y[:, 0]
    there = np.flatnonzero(np.isfinite(y))
    read = found.before[0, there, 0]
    wrong = np.abs(read - y[there])
    patients = [found.known.patients[row] for row in there]
    low, high = sampling(len(wrong[None]), 1, patients, SEED).interval(wrong[None, None])
    return {
        "unit": found.target.unit,
        "mae": wrong.mean(),
        "low": float(low[0]),
        "high": float(high[0]),
        "bias": (read - y[there]).mean(),
        "r": float(np.corrcoef(read, y[there])[0, 1]),
        "sd": y[there].std(ddof=1),
        "n": len(there),
    }


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with DIGITS significant digits."""
    shown = table.copy()
    for name in shown.select_dtypes("float"):
        shown[name] = [float(f"{value:.{DIGITS}g}") for value in shown[name]]
    return shown


if __name__ == "__main__":
    main()
