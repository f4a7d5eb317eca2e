"""The perturbation protocol that becomes the default, by the rule of docs/meta_evaluation.md.

python -m benchmarks.default_protocol maps|stability|decide STORE.

maps: what each protocol says of a region-only map and of a template, on nine networks.
stability: orders of methods under three noise seeds, on two networks fitted to exact ECGs.
decide: the default, from both. Each keeps its numbers in default_protocol.json in the folder STORE.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from time import process_time

import hydra
import numpy as np
import torch
from ecglens.engine import full_precision
from ecglens.eval import Protocol, Subject, rank, score
from ecglens.eval.statistics.ranks import kendall
from ecglens.registry import config_folder
from ecglens_benchmark.meta_evaluation import (
    BROKEN,
    ELSEWHERE,
    METRICS,
    NETWORKS,
    THRESHOLDS,
    PerturbationAuc,
    Samples,
    exact_ecgs,
    truth_of,
    validate,
)

from .default_rule import Found, decide
from .stability_pairs import aucs

EVERY = {**NETWORKS, **ELSEWHERE}
PREFIX = "perturbation AUC, "
SO_FAR = "points"  # the default until this rule
TARGETS, NOISES, ECGS = ("pr", "j"), (0, 1, 2), 64


def candidates() -> Mapping[str, PerturbationAuc]:
    """The tried protocols that need no true value and rank the most relevant first."""
    return {
        name.removeprefix(PREFIX): metric
        for name, metric in METRICS.items()
        if isinstance(metric, PerturbationAuc)
        and (metric.rules.outcome, metric.rules.order) == ("change", "morf")
    }


def template_halves(truth: torch.Tensor, seed: int) -> list[torch.Tensor]:
    """Two templates of each ECG, each from one half of all ECGs without this one."""
    order = torch.randperm(len(truth), generator=torch.Generator().manual_seed(seed))
    halves = []
    for part in (order[::2], order[1::2]):
        inside = torch.zeros(len(truth), dtype=torch.bool)
        inside[part] = True
        total = truth.abs()[inside].sum(0)
        own = truth.abs() * inside[:, None, None]
        halves.append((total - own) / (inside.sum() - inside.long())[:, None, None])
    return halves


@dataclass(frozen=True)
class Said:
    """What a protocol says on one network: shares of samples, mean scores, CPU-seconds per map."""

    region: float
    template: float
    template_better: float
    halves: float
    means: Mapping[str, float]
    cpu_s: float


def said(metric: PerturbationAuc, network: str, seed: int) -> Said:
    """The truth, a region-only map, a template and two half templates, scored and compared."""
    net, x = EVERY[network], exact_ecgs(THRESHOLDS.ecgs)
    truth, names = truth_of(net, x), [str(ecg) for ecg in range(THRESHOLDS.ecgs)]
    maps = {"truth": truth}
    maps |= {name: BROKEN[name](truth, seed, names) for name in ("region only", "template")}
    maps |= dict(zip(("half a", "half b"), template_halves(truth, seed), strict=True))
    began = process_time()
    scores = {name: metric(net, x, one, seed).double().numpy() for name, one in maps.items()}
    cpu_s = (process_time() - began) / len(maps)
    samples = Samples(THRESHOLDS, seed)
    return Said(
        region=samples.beats(scores["truth"], scores["region only"][None]),
        template=samples.beats(scores["truth"], scores["template"][None]),
        template_better=samples.beats(scores["template"], scores["truth"][None]),
        halves=samples.false_alarms(np.stack([scores["half a"], scores["half b"]])),
        means={name: float(scores[name].mean()) for name in ("truth", "region only", "template")},
        cpu_s=cpu_s,
    )


def maps(kept: dict, seed: int) -> None:
    """A line for each candidate and network; fitness on the two new networks is validated."""
    print("| Protocol | Network | Region only | Template | Template better | Halves | "
          "Truth / region / template | CPU s per map |")  # fmt: skip
    print("|" + "---|" * 8)
    for name, metric in candidates().items():
        for network in EVERY:
            one = said(metric, network, seed)
            kept.setdefault("maps", {}).setdefault(name, {})[network] = vars(one)
            values = " / ".join(f"{value:.3g}" for value in one.means.values())
            print(f"| {name} | {network} | {one.region:.2f} | {one.template:.2f} | "
                  f"{one.template_better:.2f} | {100 * one.halves:.1f} % | {values} | "
                  f"{one.cpu_s:.2f} |", flush=True)  # fmt: skip
        for network, net in ELSEWHERE.items():
            found = validate(metric, net, seed=seed)
            kept.setdefault("elsewhere", {}).setdefault(name, {})[network] = found.reasons
            print(f"{name}, {network}: {'; '.join(found.reasons) or 'fit'}; power "
                  f"{found.power:.2f}, false alarms {found.false_alarms:.1%}",
                  flush=True)  # fmt: skip


@full_precision()
def stability(kept: dict, folder: Path, names: Sequence[str]) -> None:
    """Mean Kendall τ between the orders of methods under the noise seeds, by target."""
    from ecglens.jobs.job import Job
    from ecglens.jobs.networks import fitted
    from ecglens.jobs.settings import checked

    for target in TARGETS:
        words = [f"target={target}", "data=exact", "logger=csv", f"store={folder}"]
        with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = checked(hydra.compose("train", words))
        job = Job(config, folder / "logs" / f"default-{target}", "default-protocol")
        net, ecgs = fitted(job, may_fit=True).net.eval(), job.data.test_batch(ECGS)
        orders: dict[str, list[dict[str, float]]] = {}
        for name in names:
            rules: Protocol = candidates()[name].rules
            began = process_time()
            for noise in NOISES:
                subject = Subject(ecgs, job.methods(), seed=noise, store=job.store)
                orders.setdefault(name, []).append(aucs(rank(score(net, subject, rules))))
            each = [tau(a, b) for a, b in combinations(orders[name], 2)]
            kept.setdefault("tau", {}).setdefault(name, {})[target] = float(np.mean(each))
            print(f"{target}, {name}: τ {np.round(each, 2)}, {process_time() - began:.0f} CPU-s")
            for number, order in enumerate(orders[name]):
                print(f"  seed {number}:", ", ".join(f"{m} {auc:.3g}" for m, auc in order.items()))
        for a, b in combinations(names, 2):
            each = [tau(one, other) for one, other in zip(orders[a], orders[b], strict=True)]
            print(f"{target}, {a} against {b}: τ {np.round(each, 2)}", flush=True)


def tau(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Kendall's τ between the orders of the same methods."""
    return float(kendall(np.array([*one.values()]), np.array([other[name] for name in one])))


def found_in(kept: dict) -> Mapping[str, Found]:
    """What the rule reads, from what was kept."""
    return {
        name: Found.of(
            name, kept["maps"][name], kept["elsewhere"][name], kept.get("tau", {}).get(name, {})
        )
        for name in candidates()
    }


def main() -> None:
    """Do the part that was asked for and keep its numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["maps", "stability", "decide"])
    parser.add_argument("store", type=Path)
    parser.add_argument("--protocol", action="append", help="may be repeated")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = options.store.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "default_protocol.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    if options.part == "maps":
        maps(kept, options.seed)
    elif options.part == "stability":
        stability(kept, folder, options.protocol or [SO_FAR])
    else:
        print(decide(found_in(kept), SO_FAR))
    path.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
