"""Few recorded ECGs: from nothing, or from a network of generated ones?

python -m benchmarks.transfer PTBXL RUNS [--to FILE]

RUNS holds finished runs deepfake-TARGET and exact-TARGET (`python train.py data=… target=…`). On
PTB-XL (folds 1–8 to learn from, 10 to test) small networks read PR, QRS and QT, of the first 50,
200 or all training ECGs, which are nested, from fresh weights and from each of the two networks;
seeds 0 and 1. From a network all layers learn at the same rate, or all but the last at a tenth of
it. Every fit has as many steps: 1000, or 500 passes. Without a step (`steps` 0) the networks of the
runs read fold 10 as they are.

Rule, written before any of it was run: a start helps where the mean absolute error on fold 10 is
lower than from fresh weights, with the same ECGs, whichever seeds of the two are compared. Every
row is kept, also where none helps.
Stopped, the same command resumes.
"""

import argparse
from collections.abc import Iterator
from functools import cached_property
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens import fit, load_ecgs
from ecglens.datamodules import EcgData
from ecglens.datamodules.cohort import Cohort
from ecglens.eval.finding_files import read_frame
from ecglens.jobs import Job, findings_in, kept_network
from ecglens.library import errors_of, training_module
from ecglens.models import InUnits

TO = Path(__file__).parents[1] / "results" / "patients" / "transfer.csv"
TARGETS, COUNTS, SEEDS = ("qrs", "pr", "qt"), (None, 200, 50), (0, 1)
STARTS = (("nothing", 1.0), ("deepfake", 1.0), ("exact", 1.0), ("deepfake", 0.1), ("exact", 0.1))
STEPS, PASSES = 1000, 500
KEYS = ["target", "start", "body_lr", "train", "seed", "steps"]


class First(Cohort):
    """The first `count` training ECGs, and all others."""

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """Rows by part."""
        found = super().parts
        return found | {"train": found["train"][: self.__dict__["count"]]}


def first(ecgs: EcgData, count: int | None) -> EcgData:
    """The same data with fewer training ECGs."""
    if count is not None:
        whole = ecgs.cohort
        few = First(whole.prepared, whole.labels, whole.split)
        few.__dict__["count"] = count
        ecgs.__dict__["cohort"] = few
    return ecgs


def rows(ptbxl: Path, runs: Path, store: Path, known: set[tuple[Any, ...]]) -> Iterator[Any]:
    """A row per fit that is not known yet."""
    for target, count, seed in product(TARGETS, COUNTS, SEEDS):
        ecgs = first(
            load_ecgs("ptbxl", target, store=store, path=str(ptbxl), split={"by": "folds"}), count
        )
        train = len(ecgs.cohort.parts["train"])
        a_pass = ceil(train / ecgs.batch_size)
        wanted = [(start, rate, STEPS) for start, rate in STARTS]
        if count is None and seed == 0:
            wanted += [("deepfake", 1.0, 0), ("exact", 1.0, 0)]
        for start, rate, steps in wanted:
            key = (target, start, rate, train, seed, steps)
            if key in known:
                continue
            epochs = min(PASSES, ceil(steps / a_pass))
            given = None if start == "nothing" else network(runs / f"{start}-{target}")
            net = fit(ecgs, epochs=epochs, seed=seed, start=given, body_lr=rate)
            assert isinstance(net, InUnits)
            errors = errors_of(training_module(ecgs.target, net, 1.0, "one_cycle", seed), ecgs)
            yield dict(zip(KEYS, key, strict=True)) | {
                "epochs": epochs, "test": ecgs.counts["test"], "mae": errors["mae"],
                "r2": errors["r2"], "bias": errors["bias"],
            }  # fmt: skip


def network(run: Path) -> InUnits:
    """The network of a finished run."""
    net = kept_network(Job.of_finding(findings_in(run)[0]))
    assert isinstance(net, InUnits)
    return net


def helps(table: pd.DataFrame) -> pd.DataFrame:
    """For each target, number of ECGs and start: errors of both seeds, and whether it helps."""
    fitted = table[table["steps"] > 0]
    found = []
    for _, own in fitted.groupby(["target", "train"], sort=False):
        fresh = own[own["start"] == "nothing"]["mae"]
        for _, each in own.groupby(["start", "body_lr"], sort=False):
            low, high = each["mae"].min(), each["mae"].max()
            row = {name: each[name].iloc[0] for name in ("target", "train", "start", "body_lr")}
            helped = row["start"] != "nothing" and bool(high < fresh.min())
            found.append(row | {"low": low, "high": high, "helps": helped})
    return pd.DataFrame(found)


def main() -> None:
    """Fit what is missing, a row after the other, and print what helps."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--store", type=Path, default=Path("store"))
    parser.add_argument("--to", type=Path, default=TO)
    given = parser.parse_args()
    table = read_frame(given.to) if given.to.is_file() else pd.DataFrame(columns=pd.Index(KEYS))
    known = {tuple(row) for row in table[KEYS].itertuples(index=False)}
    given.to.parent.mkdir(parents=True, exist_ok=True)
    for row in rows(given.ptbxl, given.runs, given.store, known):
        table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
        table.to_csv(given.to, index=False)
        print(row, flush=True)
    print(helps(table).to_string(index=False))


if __name__ == "__main__":
    main()
