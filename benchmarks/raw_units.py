"""Does the unit that a network is trained in decide the order of the methods on it?

python -m benchmarks.raw_units --store STORE [--targets qrs,qt] [--seeds 0]

Storås 2025 trained on raw µV and on the label in ms; here networks read mV and learn the
standardised label. This fits the reference network in the published units, all else as in
`ecglens reproduce storas --scale laptop`, and writes the areas of the nine methods to
results/storas/raw_units.csv. Rule, written before it was run: the unit explains the departure of
QRS and QT from Table 4 if Guided Backprop and Input × gradient are of class 1 or 2 on the networks
in raw units, as they are in print, and of class 3 on those of the laptop scale.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from ecglens import evaluate, fit, load_ecgs
from ecglens.datamodules import EcgData
from ecglens.eval import Perturbation, rank
from ecglens.library.evaluations import evaluations_of
from ecglens.library.fit import body_of
from ecglens.report.reproduction.agreement import order_agreement
from ecglens.report.reproduction.printed import printed_auc
from torch import Tensor, nn

TO = Path(__file__).parents[1] / "results" / "storas" / "raw_units.csv"
# As in src/app/reproductions/storas.yaml, laptop.
BEATS, ECGS, EPOCHS, STEPS = 13400, 256, 5, 25
LR = 8e-3  # Storås 2025


class RawUnits(nn.Module):
    """A body from µV to the unit of the label, where `fit` gives mV and wants standardised labels.

    The loss is then that of the published code over the variance of the labels, a factor that Adam
    does not see.
    """

    def __init__(self, body: nn.Module, y_mean: float, y_sd: float) -> None:
        super().__init__()
        self.body, self.y_mean, self.y_sd = body, y_mean, y_sd

    def forward(self, x: Tensor) -> Tensor:
        """Standardised predictions of ECGs in mV."""
        return (self.body(1000.0 * x) - self.y_mean) / self.y_sd


def areas_of(ecgs: EcgData, seed: int) -> pd.DataFrame:
    """A row per method: area, class, printed area; the network's error and ρ with the print."""
    target = ecgs.target.name
    ecgs.prepare_data()
    net = RawUnits(body_of("reference", ecgs, seed), ecgs.y_mean, ecgs.y_sd)
    net = fit(ecgs, net, epochs=EPOCHS, lr=LR, seed=seed)
    (published,) = evaluations_of("storas2025", ecgs.target)
    assert isinstance(published, Perturbation)
    rules = replace(published, steps=STEPS, ladder=0)
    (finding,) = evaluate(net, ecgs, rules, "storas2025", n=ECGS, seed=seed, workers=1)
    known = finding.about.facts()["fit"]
    table = rank(finding).table[["method", "value", "low", "high", "tier"]]
    return table.assign(
        target=target,
        seed=seed,
        printed=[printed_auc()[target].get(name) for name in table["method"]],
        mae=known["mae"],
        rho=order_agreement(finding, printed_auc()[target]).rho,
    )


def main() -> None:
    """Fit, score and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, default=Path("store"))
    parser.add_argument("--targets", default="qrs,qt")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--beats", type=int, default=BEATS)
    options = parser.parse_args()
    torch.set_num_threads(1)  # one thread rounds as the jobs of the laptop scale do
    rows: list[pd.DataFrame] = []
    for target in options.targets.split(","):
        settings: dict[str, Any] = {"n": options.beats, "store": options.store}
        ecgs = load_ecgs("deepfake", target, **settings)
        for seed in map(int, options.seeds.split(",")):
            rows.append(areas_of(ecgs, seed))
            print(rows[-1].to_string(index=False), flush=True)
            pd.concat(rows, ignore_index=True).to_csv(TO, index=False)
    print(TO)


if __name__ == "__main__":
    main()
