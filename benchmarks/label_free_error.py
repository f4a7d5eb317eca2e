"""Does an ECG's slope tell, without its label, where a network errs?

python -m benchmarks.label_free_error PTBXL LUDB [--data exact --targets pr qrs]

Networks of the small body (fit.epochs=8) of six targets are fitted to generated ECGs
(data=deepfake), exact ECGs and PTB-XL (folds 1 to 8). The rules, written down before the first run:

1. The flag, its dose, limit and AUROC are those of ecglens_measure.following. Slope, reading and
   error are those of the network with seed 0.
2. The typical slope, its limit and the median reading come from 64 ECGs of the validation part (of
   PTB-XL: fold 9), as many as `ecglens whatif` compares with. They are not tested.
3. Tested are ECGs of the test part, one a patient, in the order of the split: 400 generated and 400
   exact ones, all of fold 10 of PTB-XL. Networks of PTB-XL are tested on LUDB too, and networks of
   generated ECGs on fold 10, since `ecglens whatif` is given recordings.
4. The error is |reading − label|. On LUDB, where the label is the manual one, it is taken without
   its median over the records: where a wave ends is a matter of definition. LUDB has marks of
   intervals alone.
5. Four predictors, each on the test ECGs that have it: distance of the slope from the typical one;
   distance of the reading from the median reading; difference between the readings of two networks
   (seeds 0 and 1, where the second was fitted: --fit); SD of ECGLens' own measurement of that
   ECG (Measurement.sd; labels of exact ECGs are true). Each has Spearman's ρ with the error, and
   AUROC for the upper fifth of the error, with 95 % intervals over patients (2000 replicates).
6. The flag holds where following.py says so. Holm's correction is over all 30 cases of the slope,
   also where fewer were run.

Changed after the first numbers: networks of generated ECGs are tested on LUDB too (there were 27
cases before), since they too have to hold against the manual marks there.

Writes label_free_error.csv into --to; rows of other cases that are there stay. Fits and edits are
kept in the store; without them an hour on one core.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import hydra
import numpy as np
import pandas as pd
from ecglens.datamodules import EcgData, load_ecgs
from ecglens.ecg import Record, UnusableRecord, measure, median_beat
from ecglens.engine import accelerate, full_precision
from ecglens.eval.statistics import REPLICATES, holm
from ecglens.jobs import Job, checked
from ecglens.registry import config_folder
from ecglens_measure.answers import Asked, consistent, outputs
from ecglens_measure.doses import doses
from ecglens_measure.following import OWN, USEFUL, Usual, auroc, large, slopes_of
from ecglens_measure.known import Known, of_data
from scipy.stats import mannwhitneyu, rankdata, spearmanr
from torch import nn

SEEDS = (0, 1)
CASES = 30  # of the slope
CHOOSING, TESTED = 64, 400
INTERVALS = ("pr", "qrs", "qt")
ALL_TEST = {"train": 0.0, "val": 0.0, "test": 1.0}
LEVEL = 0.05
# Kinds of ECGs by the name of the network's data: the first is its own.
KINDS = {
    "generated": ("generated", "PTB-XL", "LUDB"),
    "exact": ("exact",),
    "PTB-XL": ("PTB-XL", "LUDB"),
}


@dataclass(frozen=True)
class Case:
    """Networks of one target fitted to one kind of data."""

    data: str
    target: str
    ptbxl: Path
    ludb: Path

    def job(self, seed: int) -> Job:
        """The job of `python train.py data=… target=… fit.epochs=8 seed=…`."""
        name = {"generated": "deepfake", "PTB-XL": "ptbxl"}.get(self.data, self.data)
        words = [
            f"target={self.target}",
            f"data={name}",
            "fit.epochs=8",
            f"seed={seed}",
            "logger=csv",
        ]
        if name == "ptbxl":
            words += [f"data.path={self.ptbxl}", "data.split.by=folds"]
        with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = checked(hydra.compose("train", words))
        return Job(config, Path(config["store"]) / "logs" / f"{name}-{self.target}-{seed}")

    @cached_property
    def nets(self) -> list[nn.Module]:
        """The network, fitted where it is not in the store, and the second one if it is there."""
        from ecglens.jobs.networks import fitted, is_fitted

        jobs = [self.job(0), *filter(is_fitted, map(self.job, SEEDS[1:]))]
        return [accelerate(fitted(job, may_fit=True).net.eval()) for job in jobs]

    @cached_property
    def own(self) -> EcgData:
        """The ECGs that the networks were fitted to."""
        return self.job(0).data

    def tested(self, kind: str) -> EcgData:
        """ECGs of a kind whose test part is tested."""
        if kind == self.data:
            return self.own
        if kind == "LUDB":
            target, store = self.own.target, self.own.store.root
            return load_ecgs("ludb", target, store=store, path=str(self.ludb), split=ALL_TEST)
        return replace(self, data=kind).own

    def slopes(self, known: Known) -> np.ndarray:
        """Slope of each ECG by the first network."""
        dose = doses(OWN[self.target])[OWN[self.target]]
        (found,) = Asked(self.nets[:1], known.ecgs, self.own.store, 0).answers([dose])
        return slopes_of(found, 0)


def one_of_each(known: Known) -> Known:
    """The first ECG of each patient."""
    rows = np.sort(np.unique(known.patients, return_index=True)[1]).tolist()
    assert known.y is not None
    return Known(
        known.ecgs[rows], known.words, tuple(known.patients[r] for r in rows), known.y[rows]
    )


def own_sd(ecgs: EcgData, kind: str, names: Sequence[str], target: str) -> np.ndarray:
    """SD of ECGLens' own measurement of each of these ECGs; NaN where it has none."""
    table = ecgs.prepared.table.set_index("id")
    found = table[f"{target}_sd"].loc[list(names)].to_numpy(float)
    if kind != "LUDB":
        return found
    sds = {each.id: _sd(each, target) for each in ecgs.records}
    return np.array([sds[name] for name in names])


def _sd(record: Record, target: str) -> float:
    try:
        return measure(median_beat(record)).sd.get(target, np.nan)
    except UnusableRecord:
        return np.nan


def rows_of(case: Case) -> Iterator[dict[str, object]]:
    """A row for each kind of ECGs and predictor."""
    chosen = of_data(case.own, CHOOSING, "val")
    usual = Usual(case.slopes(chosen))
    middle = float(np.median(outputs(case.nets[:1], consistent(chosen.ecgs.x), chosen.ecgs.ids)))
    for kind in KINDS[case.data]:
        if kind == "LUDB" and case.target not in INTERVALS:
            continue
        ecgs = case.tested(kind)
        known = one_of_each(of_data(ecgs, TESTED))
        assert known.y is not None
        readings = outputs(case.nets, consistent(known.ecgs.x), known.ecgs.ids)[..., 0]
        error = readings[0] - known.y[:, 0]
        error = np.abs(error - np.median(error) if kind == "LUDB" else error)
        slopes = case.slopes(known)
        away = usual.distance(slopes)
        predictors = {
            "slope": away,
            "reading": np.abs(readings[0] - middle),
            "ensemble": np.abs(np.diff(readings, axis=0)).mean(0) if len(readings) > 1 else None,
            "label SD": own_sd(ecgs, kind, known.ecgs.ids, case.target),
        }
        for name, values in predictors.items():
            if values is None or np.isnan(values).all():
                continue
            row = {"target": case.target, "network": case.data, "ecgs": kind, "predictor": name}
            row |= judged(values, error)
            if name == "slope":
                there = np.isfinite(away)
                flagged = away[there] > usual.limit
                row |= {
                    "typical": usual.typical,
                    "limit": usual.limit,
                    "flagged": float(flagged.mean()),
                    "mae_flagged": float(error[there][flagged].mean()),
                    "mae_others": float(error[there][~flagged].mean()),
                }
            yield row


def judged(values: np.ndarray, error: np.ndarray) -> dict[str, object]:
    """ρ and AUROC of a predictor with their intervals."""
    there = ~np.isnan(values)
    x, y = values[there], error[there]
    positive, found = large(y), cast(Any, spearmanr(x, y))
    rows = np.random.default_rng(0).integers(0, len(x), (REPLICATES, len(x)))
    ranks, own = rankdata(x[rows], axis=1), rankdata(y[rows], axis=1)
    count, of = len(x), positive[rows].sum(1)
    with np.errstate(invalid="ignore"):  # a replicate without a large error has no AUROC
        areas = ((ranks * positive[rows]).sum(1) - of * (of + 1) / 2) / (of * (count - of))
        mean = (count + 1) / 2
        products = ((ranks - mean) * (own - mean)).sum(1)
        rhos = products / np.sqrt(((ranks - mean) ** 2).sum(1) * ((own - mean) ** 2).sum(1))
    ends = [np.nanquantile(each, [0.025, 0.975]) for each in (rhos, areas)]
    return {
        "n": len(x),
        "without": int((~there).sum()),
        "rho": float(found.statistic),
        "rho_low": ends[0][0],
        "rho_high": ends[0][1],
        "auroc": auroc(x, positive),
        "auroc_low": ends[1][0],
        "auroc_high": ends[1][1],
        "p": float(mannwhitneyu(x[positive], x[~positive], alternative="greater").pvalue),
    }


def held(table: pd.DataFrame) -> pd.DataFrame:
    """The table with p of the slope corrected, and whether the flag holds."""
    slope = table["predictor"] == "slope"
    p = table.loc[slope, "p"].to_numpy(float)
    every = np.append(p, np.ones(CASES - len(p)))  # as if all had been tried
    table.loc[slope, "p_holm"] = holm(every)[: len(p)]
    table.loc[slope, "holds"] = (table["p_holm"] < LEVEL) & (table["auroc"] >= USEFUL)
    manual = table.loc[slope & (table["ecgs"] == "LUDB")]
    for row in manual.loc[manual["auroc"] < USEFUL].to_dict("records"):
        same = (table["target"] == row["target"]) & (table["network"] == row["network"])
        table.loc[slope & same & (table["ecgs"] == "PTB-XL"), "holds"] = False
    return table


@full_precision()
def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, edit, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("ludb", type=Path)
    parser.add_argument("--fit", action="store_true", help="only fit the networks")
    parser.add_argument("--data", nargs="+", default=[*KINDS], choices=[*KINDS])
    parser.add_argument("--targets", nargs="+", default=[*OWN], choices=[*OWN])
    parser.add_argument("--to", type=Path, default=Path("results/measure"))
    given = parser.parse_args(arguments)
    asked = [(data, target) for data in given.data for target in given.targets]
    cases = [Case(*each, given.ptbxl, given.ludb) for each in asked]
    if given.fit:
        from ecglens.jobs.networks import fitted

        for case in cases:
            fits = [fitted(case.job(seed), may_fit=True) for seed in SEEDS]
            print(case.data, case.target, len(fits), flush=True)
        return
    file = given.to / "label_free_error.csv"
    given.to.mkdir(parents=True, exist_ok=True)
    for case in cases:
        found = pd.DataFrame(rows_of(case))
        print(found.round(3).to_string(), flush=True)
        if file.exists():
            before = pd.read_csv(file)
            same = (before["target"] == case.target) & (before["network"] == case.data)
            found = pd.concat([before.loc[~same], found], ignore_index=True)
        held(found).round(6).to_csv(file, index=False)


if __name__ == "__main__":
    main()
