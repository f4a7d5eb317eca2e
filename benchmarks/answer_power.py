"""Whole answers on networks of known access: python -m benchmarks.answer_power [--networks N].

Networks read PR of exact ECGs from the limb leads alone, or from the chest leads alone. On each the
whole answer (two protocols, both gates by score) is asked about its exact contributions and about
maps that never look at it: those of a network of the other access (swapped), a bump after the onset
of P with and without noise seeded by the weights, the same times |x| and times |dx/dt|, and the
mean map of another network of the same access. Rows go to results/about_network/answers.csv, one
network after the other; those that are there are not made again. About two CPU-minutes a network.

What should come out, written before: *use* for the exact contributions in at least nine of ten
networks, and for each map that ignores the network in at most one of twenty.

Contributions from 0 µV answer why the reading is not that of a flat line; noise on a few points
asks what moves the reading of this ECG. So three more maps are asked about on the same networks
(--maps contrast, results/about_network/contrast.csv), written when the answers above were known for
36 of 40 networks and nothing of these three: the exact contributions from the mean beat of others,
expected gradients from 16 other beats, and saliency. Wanted: *use* in nine of ten networks for the
first. If it is not reached either, no truth passes by its name, and the page says so.

--maps attacks asks about the maps of benchmarks.attack_maps, a saliency of another network and
three maps known from earlier attacks, beside this network's saliency. Wanted, written before: *use*
for none but the last.

--maps functions asks about the same networks as functions, whose weights cannot be redrawn, and
--maps untrained about networks that have learned nothing, with labels and without; what should come
out is in docs/sanity.md, "Where weights cannot be redrawn".
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import Batch, Target
from ecglens.ecg import LEADS, draw_exact, exact_beat, segment_mask
from ecglens.engine import BlackBox
from ecglens.eval import DECIDING, Finding, Networks, Perturbation, Subject, answers_of
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import Method, find
from ecglens.models import InUnits, SmallResNet
from ecglens.store import Store
from jaxtyping import Float
from torch import Tensor, nn

from benchmarks.attack_maps import (
    AimedByOutput,
    LeadsByHash,
    OutputCovariance,
    PretendsCoarse,
    UnusualP,
    WhereRight,
)
from benchmarks.template_maps import FromTheMean, MeanMap, OfOneNetwork, OnsetBump

KEPT = Path(__file__).parents[1] / "results" / "about_network"
SEED = 2031  # no other ECGs of this project have it
TRAIN, TEST, OTHERS = 600, 32, 16
EPOCHS, BATCH, RATE = 12, 30, 3e-3
# configs/target/pr.yaml
PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"), waves=("P", "PQ"))
ACCESS = {"limb": LEADS[:6], "chest": LEADS[6:]}


class Access(nn.Module):
    """A network that sees some leads; the others are 0 µV to it."""

    mask: Tensor

    def __init__(self, body: nn.Module, leads: tuple[str, ...]) -> None:
        super().__init__()
        self.body = body
        seen = torch.tensor([float(lead in leads) for lead in LEADS])
        self.register_buffer("mask", seen[:, None])

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1"]:
        """The reading of the body."""
        return self.body(x * self.mask)


@cache
def ecgs(count: int, start: int) -> Batch:
    """Exact median beats with their PR in ms."""
    beats = [exact_beat(draw_exact(SEED, start + index)) for index in range(3 * count)]
    known = [each for each in beats if each.marks and np.isfinite(each.labels["pr"])][:count]
    masks = [segment_mask(each.marks, 600) for each in known if each.marks]
    return Batch(
        torch.stack([torch.from_numpy(each.signal) for each in known]),
        torch.tensor([[each.labels["pr"]] for each in known], dtype=torch.float32),
        torch.from_numpy(np.stack(masks)),
        [each.id for each in known],
    )


@cache
def fitted(access: str, seed: int, permuted: bool = False) -> nn.Module:
    """A small network of this access, trained on these ECGs or on their labels dealt out anew."""
    train = ecgs(TRAIN, 0)
    torch.manual_seed(seed)
    y = train.y[torch.randperm(TRAIN)] if permuted else train.y
    net = InUnits(Access(SmallResNet(), ACCESS[access]), float(y.mean()), float(y.std()))
    steps = EPOCHS * (TRAIN // BATCH)
    adam = torch.optim.Adam(net.parameters(), RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for part in torch.randperm(TRAIN).split(BATCH):
            adam.zero_grad()
            ((net(train.x[part]) - y[part]) / y.std()).square().mean().backward()
            adam.step()
            rate.step()
    return net.eval()


def maps_of(access: str, seed: int) -> Mapping[str, Method]:
    """The true map, then maps that ignore the network."""
    exact = find("integrated_gradients", steps=32)
    other = fitted("chest" if access == "limb" else "limb", seed)
    seen = ACCESS[access]
    return {
        "exact contributions": exact,
        "swapped": OfOneNetwork(exact, other),
        "bump": OnsetBump(leads=seen, noise=False),
        "bump, hash noise": OnsetBump(leads=seen),
        "bump × |x|, hash noise": OnsetBump(leads=seen, times="|x|"),
        "bump × |dx/dt|, hash noise": OnsetBump(leads=seen, times="|dx/dt|"),
        "bump in four leads, hash noise": OnsetBump(),
        "mean map of another network": OfOneNetwork(MeanMap(), fitted(access, seed + 500)),
    }


def contrast(*_network: object) -> Mapping[str, Method]:
    """Maps of this network against the typical ECG, and its gradient: the same methods for all."""
    return {
        "exact contributions from the mean beat": FromTheMean(),
        "expected gradients": find("expected_gradients"),
        "saliency": find("saliency"),
    }


def attacks(access: str, seed: int) -> Mapping[str, Method]:
    """Six maps written to get *use* without this network, three known ones, and its saliency."""
    seen = ACCESS[access]
    return {
        "aimed by output": AimedByOutput(seen),
        "where the output is right": WhereRight(seen),
        "covariance with outputs": OutputCovariance(),
        "leads by hash": LeadsByHash(),
        "unusual P": UnusualP(seen),
        "saliency of another network": OfOneNetwork(find("saliency"), fitted(access, seed + 500)),
        "bump in four leads, hash noise": OnsetBump(),
        "prior, by points": PretendsCoarse(),
        "prior, by 40 ms": PretendsCoarse(width=20),
        "saliency": find("saliency"),
    }


def functions(access: str, seed: int) -> Mapping[str, Method]:
    """Maps of this network, then some that ignore it."""
    blind = {name: each for name, each in maps_of(access, seed).items() if name in BLIND}
    return {**contrast(), **blind}


def of_the_first(access: str, seed: int) -> Mapping[str, Method]:
    """The same maps, those that ignore the network made with the networks of seed 0."""
    del seed
    return functions(access, 0)


BLIND = ("swapped", "bump, hash noise", "bump × |x|, hash noise", "mean map of another network")
MAPS = {"answers": maps_of, "contrast": contrast, "attacks": attacks, "functions": functions,
        "untrained": of_the_first}  # fmt: skip


def untrained(seed: int) -> nn.Module:
    """A network of first weights, in the units of the labels."""
    torch.manual_seed(seed)
    y = ecgs(TRAIN, 0).y
    return InUnits(SmallResNet(), float(y.mean()), float(y.std())).eval()


def rows_of(maps: str, access: str, seed: int) -> pd.DataFrame:
    """The answer to each map of this name on one network."""
    asked = MAPS[maps](access, seed)
    if maps == "functions":
        return rows(asked, access, seed, BlackBox(fitted(access, seed), gradient=True), None)
    if maps == "untrained":
        return rows(asked, access, seed, untrained(seed), None, (True, False))
    return rows(asked, access, seed)


def rows(
    asked: Mapping[str, Method],
    access: str,
    seed: int,
    net: nn.Module | None = None,
    chance: nn.Module | Literal["trained"] | None = "trained",
    labelled: Sequence[bool] = (True,),
) -> pd.DataFrame:
    """The answer to each map on one network, that of this access and seed unless given.

    `chance` is the network on permuted labels, None for none. `labelled` says whether the labels
    are known, once for each answer.
    """
    test = ecgs(TEST, 10_000)
    net = net or fitted(access, seed)
    chance = fitted(access, seed + 1000, permuted=True) if chance == "trained" else chance
    with torch.no_grad():
        wrong = (net(test.x) - test.y).abs().mean()
    with TemporaryDirectory() as folder:
        subject = Subject(
            test, asked, PR, background=ecgs(OTHERS, 20_000).x,
            store=Store(Path(folder)), progress=False,
        )  # fmt: skip
        own = Networks([net], chance)
        findings = [Perturbation(**vars(each))(own, subject) for each in DECIDING]
        weights = Weights(stages=0, copies=5)(own, subject)
        blank = [_without_labels(each) for each in findings]
        answers = [answers_of([*(findings if known else blank), weights])[0] for known in labelled]
    scored = weights.table.set_index("method")
    twin = "redrawn" if "redrawn_kept" in scored else "moved"
    return pd.DataFrame(
        [
            {
                "access": access, "seed": seed, "mae": float(wrong), "reads": answer.reads.verdict,
                "map": each.name, "use": each.use, "level": each.level,
                twin: scored[f"{twin}_kept"][each.name],
                "labels": scored["labels_kept"][each.name],
                **dict(each.gates),
            }
            for answer in answers
            for each in answer.methods
        ]
    ).round(4)  # fmt: skip


def _without_labels(finding: Finding) -> Finding:
    """The same curves where no label is known."""
    curves = [replace(each, y=np.full_like(each.y, np.nan)) for each in finding.curves]
    return replace(finding, curves=tuple(curves))


def main(arguments: list[str] | None = None) -> None:
    """Write the rows of each network, then say the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--maps", choices=MAPS, default="answers")
    parser.add_argument("--to", type=Path, help=f"(default: {KEPT}/MAPS.csv)")
    asked = parser.parse_args(arguments)
    to = asked.to or KEPT / f"{asked.maps}.csv"
    there = pd.read_csv(to) if to.is_file() else pd.DataFrame({"access": [], "seed": []})
    done = {*zip(there["access"], there["seed"], strict=True)}
    for number in range(asked.networks):
        access, seed = [*ACCESS][number % 2], number // 2
        if (access, seed) not in done:
            there = pd.concat([there, rows_of(asked.maps, access, seed)], ignore_index=True)
            there.to_csv(to, index=False)
            print(there.groupby("map", sort=False)["use"].value_counts().to_string(), flush=True)


if __name__ == "__main__":
    main()
