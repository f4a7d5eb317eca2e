"""What `evaluation=effects` says of maps on networks with a known answer, and on a published one.

    python -m benchmarks.yardstick known NEW.csv
    python -m benchmarks.yardstick published WEIGHTS RECORDS NEW.csv  # a Chagas network, CODE-15

The expectations of `known` are in docs/effects.md, written before the first run.
"""

import sys
import time
from pathlib import Path

import pandas as pd
import torch
import yaml
from ecglens import InputSpec, load_ecgs
from ecglens.datamodules import Batch
from ecglens.engine import generator, sample_ids
from ecglens.eval import Finding, Networks, Subject
from ecglens.explain import GivenMaps, find_all
from ecglens.models import load_weights
from ecglens_benchmark.meta_evaluation import ELSEWHERE, NETWORKS, truth_from_mean, truth_of
from ecglens_benchmark.meta_evaluation.maps import exact_batch, template
from ecglens_metrics import Effects
from ecglens_zoo import Inception

ECGS = 64  # as an evaluation asks by default
STRIPS = 16  # whole maps are kept of no more
# Methods of examples/heart_failure, and one that multiplies the gradient by the ECG.
METHODS = ("saliency", "input_x_gradient", "integrated_gradients", "deeplift")
# They read T in I, II, III, aVR or aVF; the others read V1 … V6.
LIMB = ("signed", "two leads, mean", "two leads, max", "three votes")
COLUMNS = ["measure", "method", "value", "slope", "about", "not_above"]


def known() -> pd.DataFrame:
    """True maps, those of a network that reads other cells, a template and noise, on nine."""
    # The first 64 were those of a first trial, after which a rule was changed.
    x, y, segments, record = exact_batch(2 * ECGS)
    ecgs = Batch(x[ECGS:], y[ECGS:], segments[ECGS:], record[ECGS:])
    noise = torch.stack(
        [torch.randn(ecgs.x.shape[1:], generator=generator(0, name)) for name in ecgs.record]
    )
    rows = []
    for name, net in {**NETWORKS, **ELSEWHERE}.items():
        other = NETWORKS["edge" if name in LIMB else "signed"]
        maps = {
            "truth from 0": truth_of(net, ecgs.x),
            "truth from the mean": truth_from_mean(net, ecgs.x),
            "other network's, from 0": truth_of(other, ecgs.x),
            "other network's, from the mean": truth_from_mean(other, ecgs.x),
            "template": template(truth_of(net, ecgs.x), 0, ecgs.record),
            "noise": noise,
        }
        given = {
            each: GivenMaps(dict(zip(sample_ids(ecgs.x), values, strict=True)))
            for each, values in maps.items()
        }
        found = Effects(redrawn=0)(Networks([net]), Subject(ecgs, given, progress=False))
        rows.append(_rows(found).assign(network=name))
    return pd.concat(rows).reindex(columns=["network", *COLUMNS])


def published(weights: Path, records: Path) -> pd.DataFrame:
    """Methods on one fold, on strips; every beat's wave is swapped."""
    ask = yaml.safe_load(Path("examples/heart_failure/chagas.yaml").read_text("utf-8"))
    net = InputSpec.from_plain(ask["input"]).adapt(load_weights(Inception(), weights))
    parts = {"train": 0.1, "val": 0.1, "test": 0.8, "seed": 0}  # nothing is trained
    data = load_ecgs("wfdb", "rate", "rhythm", path=str(records), split=parts)
    subject = Subject(data.test_batch(STRIPS), find_all(METHODS), background=data.background)
    started = time.process_time()
    found = Effects()(Networks([net.eval()]), subject)
    print(f"{len(subject.records)} strips, {time.process_time() - started:.0f} CPU-s here")
    print(*found.notes, found.details["waves"].to_string(index=False), sep="\n")
    return _rows(found)


def _rows(found: Finding) -> pd.DataFrame:
    return found.details["yardstick"]


def main(what: str, *paths: str) -> None:
    """Write the table of one part."""
    *given, target = map(Path, paths)
    table = known() if what == "known" else published(*given)
    table.to_csv(target, index=False, float_format="%.4g")
    print(table[[c for c in ["network", *COLUMNS] if c in table]].round(2).to_string(index=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
