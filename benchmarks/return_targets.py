"""The return test on six targets: python -m benchmarks.return_targets RUNS [--to FOLDER].

RUNS holds finished runs DATA-TARGET-SEED, three networks for each kind of ECGs and target:

    python train.py data=DATA target=TARGET seed=SEED fit.epochs=8 hydra.run.dir=RUNS/…

for DATA deepfake, exact and ptbxl (`data.path=… data.split.by=folds`), TARGET pr, qrs, qt, r, j and
t, SEED 1, 2 and 3. The test was chosen on hand-set networks and tried on one network, of seed 0 and
PR: none of these had a part in it. Each network is asked about 64 of its test ECGs with expected
gradients, which stand in the list of methods, and integrated gradients from 0 µV beside them; the
same expected gradients of a network with redrawn weights are put through it alone. A run that is
not there, and one whose row is there already, is passed over.

Wanted, written before any of these was run. By expected gradients, for both typical ECGs:

1. five segments bring back at least 70 % of the deviation;
2. the upper end of every null's interval is at most 60 % of the own return (of all four nulls,
   where two had been thought of);
3. |x − mean beat| and the map of the network with redrawn weights return at most 10 % of it.

A target counts where this holds on each of its three networks; at least five of six targets should
count, on generated ECGs and on PTB-XL. *Shown* is as in docs/ladder.md: p below 0.05 in every null
and typical ECG, 70 %, corrected over the two methods.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from ecglens import evaluate
from ecglens.eval.evaluations.return_test import DEVIATION, NULLS, ReturnTest
from ecglens.explain import find
from ecglens.jobs import Job, findings_in, kept_network
from ecglens.models import layers, randomised

from benchmarks.template_maps import OfOneNetwork

KEPT = Path(__file__).parents[1] / "results" / "return_test"
DATA, TARGETS, SEEDS = ("deepfake", "ptbxl", "exact"), ("pr", "qrs", "qt", "r", "j", "t"), (1, 2, 3)
ECGS = 64
CANDIDATE, REDRAWN = "expected_gradients", "redrawn"
FIVE, NULL, CONTROL = 0.7, 0.6, 0.1


def rows(run: Path, ecgs: int = ECGS) -> pd.DataFrame:
    """A row per map and typical ECG; controls' returns as shares of the candidate's."""
    job = Job.of_finding(findings_in(run)[0])
    net, data = kept_network(job), job.data
    methods = {name: find(name) for name in (CANDIDATE, "integrated_gradients")}
    (own,) = evaluate(net, data, ReturnTest(), methods, n=ecgs, workers=1)
    x = data.test_batch(ecgs).x
    bare = OfOneNetwork(methods[CANDIDATE], randomised(net, layers(net, x), x, seed=0))
    (other,) = evaluate(net, data, ReturnTest(), {REDRAWN: bare}, n=ecgs, workers=1)
    found, redrawn = own.details["shown"], other.details["shown"]
    redrawn = redrawn[redrawn["method"] == REDRAWN].assign(shown=False, p=np.nan)
    table = pd.concat([found, redrawn], ignore_index=True)
    fit = own.facts["networks"][0].get("fit", {}) if "networks" in own.facts else {}
    candidate = table[table["method"] == CANDIDATE].set_index("typical")["returned"]
    table["of_candidate"] = table["returned"] / candidate.loc[table["typical"]].to_numpy()
    ends = [f"{null.name}_high" for null in NULLS]
    table["upper"] = table[ends].max(axis=1, skipna=False)
    data_name, target, seed = run.name.split("-")
    about = {"data": data_name, "target": target, "seed": int(seed), "ecgs": len(own.about.records)}
    about |= {key: float(fit[key]) for key in ("mae", "r2") if key in fit}
    for place, (key, value) in enumerate(about.items()):
        table.insert(place, key, value)
    return table.drop(columns="network")


def wanted(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a network, each of the three wishes, both typical ECGs together."""
    keys = ["data", "target", "seed"]
    own = table[table["method"] == CANDIDATE].groupby(keys, sort=False)
    of_controls = table[table["method"].isin([DEVIATION, REDRAWN])].groupby(keys, sort=False)
    upper = own["upper"].agg(lambda ends: ends.max(skipna=False))
    found = pd.DataFrame(
        {
            "five": own["share_5"].min(),
            "upper": upper,
            "control": of_controls["of_candidate"].max(),
            "shown": own["shown"].all(),
        }
    ).reset_index()
    held = (found["five"] >= FIVE, found["upper"] <= NULL, found["control"] <= CONTROL)
    return found.assign(back=held[0], nulls=held[1], controls=held[2], all=np.all(held, axis=0))


WORDS = {"deepfake": "generated", "ptbxl": "PTB-XL", "exact": "exact"}


def lines(table: pd.DataFrame) -> list[str]:
    """Rows of the table in docs/ladder.md: ranges over the networks of each target."""
    found = []
    nulls = [null.name for null in NULLS]
    own = table[table["method"] == CANDIDATE]
    strongest = own.assign(null=own[nulls].max(axis=1)).groupby(["data", "target", "seed"])["null"]
    of_networks = wanted(table).set_index(["data", "target", "seed"]).assign(null=strongest.max())
    of_networks = of_networks.sort_index()
    for data in DATA:
        for target in TARGETS:
            each = of_networks.loc[(data, target)]
            cells = [_percent(each[name]) for name in ("five", "null", "upper", "control")]
            counts = [f"{int(each[name].sum())} of {len(each)}" for name in ("shown", "all")]
            words = [WORDS[data], target.upper(), counts[0], *cells, counts[1]]
            found.append(f"| {' | '.join(words)} |")
    return found


def _percent(values: pd.Series) -> str:
    ends = (f"{round(100 * each)}" for each in (values.min(), values.max()))
    low, high = (each.replace("-", "−") for each in ends)
    return low if low == high else f"{low}–{high}"


def runs_in(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Finished runs, the first seed of every target first."""
    for seed in SEEDS:
        for data in DATA:
            for target in TARGETS:
                run = folder / f"{data}-{target}-{seed}"
                if (run / "finished.json").is_file():
                    yield run, {"data": data, "target": target, "seed": seed}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the rows of each network that has none yet, then say which wishes came true."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--to", type=Path, default=KEPT)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    to = asked.to / "targets.csv"
    tables = [pd.read_csv(to)] if to.is_file() else []
    for run, about in runs_in(asked.runs):
        done = {key for each in tables for key, _ in each.groupby([*about])}
        if tuple(about.values()) not in done:
            tables.append(rows(run).round(4))
            to.parent.mkdir(parents=True, exist_ok=True)
            pd.concat(tables).to_csv(to, index=False, lineterminator="\n")
            print(run.name, flush=True)
    print("\n".join(lines(pd.concat(tables))))


if __name__ == "__main__":
    main()
