"""The best of a family of blind maps beside own maps: python -m benchmarks.blind_family RUNS.

RUNS holds finished runs on generated beats (python train.py hydra.run.dir=RUNS/…). Each of their
networks, and each network set by hand of benchmarks.answer_hand_set, is asked whether its own maps
move it more than the best of 486 maps that know marks, leads and the ECG, and not the network. Rows
go to results/about_network/family.csv; networks that are there are not asked again.

The rule, written first: it becomes a gate if own maps are above the best of the family by both
protocols (p < 0.05, corrected over the three) on nine of ten networks and it stops a map that every
other gate lets through; a reported number if the best of the family has more area than the target
prior on most trained networks. It was not run on enough networks to decide (docs/sanity.md).
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import Batch, Target
from ecglens.ecg import BIT, FS_HZ, LEADS
from ecglens.engine import generator
from ecglens.eval import DECIDING, Protocol, Subject
from ecglens.eval.evaluations.perturbation.curves import changes, most_steps, units_of
from ecglens.eval.evaluations.perturbation.orders import ecg_curves
from ecglens.eval.evaluations.perturbation.rung_curves import prior_map, prior_region
from ecglens.eval.heatmaps.folding import fold, from_r_peak
from ecglens.eval.heatmaps.order import rank_points
from ecglens.eval.heatmaps.probe import Probe, probe_of
from ecglens.eval.ranking.outcome import areas
from ecglens.eval.statistics import LEVEL, holm, sampling
from ecglens.explain import Inputs, Method, attribute, find
from ecglens.jobs import Job, findings_in, kept_network
from jaxtyping import Float
from torch import Tensor, nn

from benchmarks.answer_hand_set import KEPT, OTHERS, SETS, hand_set, part
from benchmarks.answer_hand_set import TEST as OF_A_SET
from benchmarks.template_maps import FromTheMean

CHOOSE, TEST = 16, 32
EDGES = [(wave, end) for wave in ("P", "QRS", "T") for end in ("on", "off")]
SHIFTS_MS, WIDTHS_MS = (-20.0, 0.0, 20.0), (4.0, 12.0, 30.0)
GROUPS: Mapping[str, slice] = {"limb": slice(0, 6), "chest": slice(6, 12), "all": slice(0, 12)}
TIMES = ("1", "|x|", "SD")
# As the rungs of the ladder: two draws, up to the end of the area.
PROTOCOLS = [replace(each, draws=each.ladder) for each in DECIDING]


@dataclass(frozen=True)
class Bump:
    """A member of the family."""

    wave: str
    end: str
    shift_ms: float
    width_ms: float
    group: str
    times: str

    def __str__(self) -> str:
        return (
            f"{self.wave} {self.end}set {self.shift_ms:+g} ms, SD {self.width_ms:g} ms, "
            f"{self.group} leads, × {self.times}"
        )


FAMILY = [
    Bump(wave, end, shift, width, group, times)
    for (wave, end), shift, width, group, times in product(
        EDGES, SHIFTS_MS, WIDTHS_MS, GROUPS, TIMES
    )
]


def bumps(
    x: Float[Tensor, "lead time"], marks: Tensor, spread: Float[Tensor, "lead time"]
) -> Iterator[Float[Tensor, "lead time"]]:
    """Map of each member on an ECG; 0 throughout for a wave that it lacks."""
    time = torch.arange(x.shape[1])
    sizes = {"1": torch.ones_like(x), "|x|": x.abs(), "SD": spread}
    for each in FAMILY:
        found = torch.zeros_like(x)
        there = torch.nonzero(marks & BIT[each.wave]).flatten()
        if len(there):
            edge = there[0] if each.end == "on" else there[-1]
            away = (time - edge) * 1e3 / FS_HZ - each.shift_ms
            curve = torch.exp(-((away / each.width_ms) ** 2) / 2)
            group = GROUPS[each.group]
            found[group] = curve * sizes[each.times][group]
        yield found


def spread_at(ecgs: Batch) -> Float[Tensor, "ecg lead time"]:
    """SD between the ECGs of each lead at the same distance from R, laid on each ECG."""
    offsets = torch.stack([from_r_peak(marks) for marks in ecgs.segments])
    first, length = int(offsets.min()), int(offsets.max() - offsets.min()) + 1
    sums = torch.zeros(3, len(LEADS), length, dtype=torch.float64)
    for x, own in zip(ecgs.x.double(), offsets - first, strict=True):
        for power in range(3):
            sums[power].index_add_(1, own, x**power)
    count = sums[0].clamp(min=1)
    sd = (sums[2] / count - (sums[1] / count) ** 2).clamp(min=0).sqrt()
    return torch.stack([sd[:, own - first] for own in offsets]).float()


def area_of(
    probe: Probe, protocol: Protocol, ecg: int, maps: Float[Tensor, "map lead time"]
) -> Float[np.ndarray, " map"]:
    """Area along each map of an ECG, as the protocol orders and changes it."""
    units, changed = units_of(probe, protocol)[ecg], changes(probe, protocol)(ecg)
    top = min(protocol.until, most_steps(probe, protocol))
    found = []
    for heatmap in maps:
        record = probe.ecgs.record[ecg]
        order = rank_points(fold(heatmap, units)[None], top, probe.seed, [record])[0]
        curves = ecg_curves(probe, protocol.until, ecg, order, units, changed).numpy()
        moved = np.abs(curves - curves[:, :1]).mean(0)
        found.append(float(areas(moved, protocol.until)))
    return np.array(found)


def rows(
    network: str, net: nn.Module, ecgs: Batch, background: Float[Tensor, "other lead time"],
    target: Target | None = None,
) -> pd.DataFrame:  # fmt: skip
    """A row per protocol and own map: areas less random's, and the difference from the best."""
    methods: Mapping[str, Method] = {
        "saliency": find("saliency"),
        "expected gradients": find("expected_gradients"),
        "contributions from the mean beat": FromTheMean(64),
    }
    subject = Subject(ecgs, methods, background=background, progress=False)
    probe, spread = probe_of(net, subject), spread_at(ecgs)
    region = None if target is None else prior_region(target)
    inputs = Inputs(ecgs.record, ecgs.segments, background)
    own = torch.stack([attribute(each, net, ecgs.x, inputs=inputs) for each in methods.values()])
    noise = attribute("random", net, ecgs.x, inputs=inputs)
    found = []
    for protocol in PROTOCOLS:
        chosen = np.zeros(len(FAMILY))
        for ecg in range(CHOOSE):
            maps = [*bumps(ecgs.x[ecg], ecgs.segments[ecg], spread[ecg])]
            chosen += area_of(probe, protocol, ecg, torch.stack(maps))
        best = int(chosen.argmax())
        tested = range(CHOOSE, CHOOSE + TEST)
        area = []
        for ecg in tested:
            bump = [*bumps(ecgs.x[ecg], ecgs.segments[ecg], spread[ecg])][best]
            known = area_of(probe, protocol, ecg, torch.stack([noise[ecg], bump, *own[:, ecg]]))
            of_prior = np.nan
            if region is not None:
                marks = ecgs.segments[ecg]
                points, drawn = region.points(marks[None].numpy())[0], generator(0, "prior", ecg)
                prior = prior_map(points, marks, "point", drawn)
                of_prior = float(area_of(probe, protocol, ecg, prior[None])[0])
            area.append([*known, of_prior])
        random, bump, *each, prior = np.array(area).T
        patients = [ecgs.record[ecg] for ecg in tested]
        drawn = sampling(1, len(methods), patients, 0)
        differences = np.stack([one - bump for one in each])[:, None]
        p = holm(np.where(differences.mean((1, 2)) > 0, drawn.p(differences), 1.0))
        low, high = drawn.interval(differences)
        for place, name in enumerate(methods):
            found.append(
                {
                    "network": network, "protocol": protocol.name, "map": name,
                    "best": str(FAMILY[best]), "own": (each[place] - random).mean(),
                    "family": (bump - random).mean(), "prior": (prior - random).mean(),
                    "difference": differences[place].mean(), "low": low[place],
                    "high": high[place], "p": p[place], "above": bool(p[place] < LEVEL),
                }
            )  # fmt: skip
    return pd.DataFrame(found).round(5)


class Asked(NamedTuple):
    """A network with its ECGs, those of others, and its target where that has a region."""

    network: str
    net: nn.Module
    ecgs: Batch
    background: Float[Tensor, "other lead time"]
    target: Target | None = None


def networks(runs: Path | None) -> Iterator[Asked]:
    """Networks of finished runs, then those set by hand."""
    for run in sorted(runs.iterdir()) if runs else ():
        if not (run / "findings").is_dir():
            continue
        job = Job.of_finding(findings_in(run)[0])
        data = job.data
        yield Asked(
            f"trained: {run.name}", kept_network(job), data.test_batch(CHOOSE + TEST),
            data.background, data.target,
        )  # fmt: skip
    for name, each in hand_set().items():
        ecgs = each.ecgs(SETS * OF_A_SET + OTHERS)
        yield Asked(
            f"hand-set: {name}", each.net, part(ecgs, slice(CHOOSE + TEST)),
            ecgs.x[SETS * OF_A_SET :],
        )  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Write the rows of each network, then say how often own maps are above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="?")
    parser.add_argument("--to", type=Path, default=KEPT / "family.csv")
    given = parser.parse_args(arguments)
    there = pd.read_csv(given.to) if given.to.is_file() else pd.DataFrame({"network": []})
    for asked in networks(given.runs):
        if asked.network not in {*there["network"]}:
            there = pd.concat([there, rows(*asked)], ignore_index=True)
            there.to_csv(given.to, index=False)
            print(asked.network, flush=True)
    above = there.groupby(["network", "map"])["above"].all().unstack()
    print(above.to_string())


if __name__ == "__main__":
    main()
