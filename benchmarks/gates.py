"""The gates on maps with a known verdict, as in docs/sanity.md: python -m benchmarks.gates.

A small network learns the T amplitude of exact ECGs. Templates, which show nothing that it learned,
and its exact contributions go through every gate. Another seed gives another network. Two
CPU-minutes.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import Batch, Target
from ecglens.ecg import draw_exact, exact_beat, segment_mask
from ecglens.eval import LADDER_GATE, Answer, Finding, Networks, Perturbation, Subject, answers_of
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import Method, find
from ecglens.models import InUnits
from ecglens.store import Store
from torch import nn

from benchmarks.template_maps import (
    FirstLayerEdges,
    MeanMap,
    Mottled,
    OfOneNetwork,
    OtherEcg,
    SmoothedAbsX,
    Wave,
)

SEED = 2027  # no other ECGs of this project have it
TRAIN, TEST, OTHERS = 400, 32, 32
# configs/target/t.yaml, whose region is the target prior of the null ladder
T = Target("t", "µV", "t", edges=("QRS_on",), waves=("T",), lead="V5")
EPOCHS, BATCH, RATE = 40, 40, 5e-3
COLUMNS = ["map", "score kept, weights redrawn", "score kept, labels permuted", "weights", "labels",
           LADDER_GATE, "answer"]  # fmt: skip


def ecgs(count: int, start: int) -> Batch:
    """Exact median beats with their T amplitude in V5 in µV."""
    beats = [exact_beat(draw_exact(SEED, start + index)) for index in range(count)]
    masks = [segment_mask(beat.marks, 600) for beat in beats if beat.marks]
    return Batch(
        torch.stack([torch.from_numpy(beat.signal) for beat in beats]),
        torch.tensor([[beat.labels["t"]] for beat in beats], dtype=torch.float32),
        torch.from_numpy(np.stack(masks)),
        [beat.id for beat in beats],
    )


def fitted(train: Batch, seed: int, permuted: bool = False) -> nn.Module:
    """A small network trained on these ECGs, or on their labels dealt out anew."""
    torch.manual_seed(seed)
    y = train.y[torch.randperm(TRAIN)] if permuted else train.y
    body = nn.Sequential(
        nn.Conv1d(12, 8, 15, stride=4),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Conv1d(8, 8, 15, stride=4),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(8, 1),
    )
    net = InUnits(body, float(y.mean()), float(y.std()))
    adam = torch.optim.Adam(net.parameters(), RATE)
    for _ in range(EPOCHS):
        for part in torch.randperm(TRAIN).split(BATCH):
            adam.zero_grad()
            ((net(train.x[part]) - y[part]) / y.std()).square().mean().backward()
            adam.step()
    return net.eval()


def planted(net: nn.Module) -> Mapping[str, Method]:
    """The templates, then what should pass."""
    return {
        "|x| smoothed over 22 ms": SmoothedAbsX(),
        "mean map of the trained network": OfOneNetwork(MeanMap(), net),
        "mean map of each network": MeanMap(),
        "edges by the trained network's kernels": OfOneNetwork(FirstLayerEdges(), net),
        "edges by each network's kernels": FirstLayerEdges(),
        "edges × noise by network": Mottled(FirstLayerEdges(), "edges"),
        "T wave in V5": Wave(),
        "T wave in V5 × noise by network": Mottled(Wave(), "T wave"),
        "another patient's |gradient|": OtherEcg(),
        "exact contributions": find("integrated_gradients", steps=64),
        "saliency": find("saliency"),
        "input × gradient": find("input_x_gradient"),
    }


def rows(finding: Finding, answer: Answer) -> list[list[str]]:
    """A line of the table for every map."""
    found = finding.table.set_index("method")
    lines = []
    for each in answer.methods:
        row = found.loc[each.name].to_dict()
        judged = [row["redrawn_verdict"], row["labels_verdict"], each.gates[LADDER_GATE]]
        lines.append(
            [
                each.name.replace("|", "\\|"),
                f"{kept(row, 'redrawn')} {row['redrawn_why']}",
                f"{kept(row, 'labels')} {row['labels_why']}",
                *judged,
                each.use,
            ]
        )
    return lines


def kept(row: Mapping[str, Any], gate: str) -> str:
    """What is kept of the part that decides, with its interval; nothing for a copy."""
    value, low, high = (row[f"{gate}_{end}"] for end in ("kept", "kept_low", "kept_high"))
    return "" if np.isnan(value) else f"{value:.2f} ({low:.2f} to {high:.2f})"


def main(arguments: list[str] | None = None) -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args(arguments).seed
    train, test, others = ecgs(TRAIN, 0), ecgs(TEST, 10_000), ecgs(OTHERS, 20_000).x
    net, chance = fitted(train, seed), fitted(train, seed + 1000, permuted=True)
    with torch.no_grad():
        r2 = [1 - float((each(test.x) - test.y).square().mean() / test.y.var(correction=0))
              for each in (net, chance)]  # fmt: skip
    print(f"R² on {TEST} test ECGs: {r2[0]:.2f}; trained on permuted labels: {r2[1]:.2f}\n")
    methods = planted(net)
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        subject = Subject(test, methods, T, background=others, store=store, progress=False)
        finding = Weights(stages=1)(Networks([net], chance), subject)
        (answer,) = answers_of([Perturbation()(Networks([net]), subject), finding])
    for line in (COLUMNS, ["---"] * len(COLUMNS), *rows(finding, answer)):
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
