"""What a GPU changes: python -m benchmarks.gpu --parts agreement waits column sizes.

The maps of every method, their curves and the order of the methods on the CPU and on the GPU; how
often the CPU waits for the GPU; what passes, maps and steps cost there, and a pass by its size.
What was measured is kept in docs/gpu.json part by part; then the tables of docs/benchmarks.md are
written. Two minutes on an H100.
"""

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from ecglens.engine import Walker
from ecglens.eval import Noise, perturbation_curve, rank_points
from ecglens.explain import Inputs, attribute, methods
from ecglens.store import write_json
from torch import Tensor

from . import curves, oracle, passes
from . import methods as maps_of_both
from .clock import costs_on_gpu
from .machine import facts
from .page import DOCS, exchange, lines, number
from .plan import PLANS, Plan
from .reference import ecgs, heatmaps, networks
from .row import OURS, shown

ECGS, OTHERS = 8, 16  # explained on both, and ECGs of others
STEPS, UNTIL = 25, 15  # of a curve and of its area, as in the default protocol
ROWS = (1, 26, 64, 201, 640)  # a curve of 25 steps has 26 copies, one of 200 has 201
TIMED = ("predict", "input gradient")
KEPT = DOCS / "gpu.json"


def agreement(plan: Plan) -> dict[str, Any]:
    """Largest differences between CPU and GPU, as a share of each map's or curve's largest value.

    `first` is the share of ECGs whose STEPS most relevant points are the same in the same order.
    """
    nets = {to: networks(to).ours for to in ("cpu", "cuda")}
    x, others = ecgs(ECGS + OTHERS, plan.beat).split((ECGS, OTHERS))
    names = [str(at) for at in range(ECGS)]
    found, areas = {}, {to: {} for to in nets}

    def walked(to: str, heatmap: Tensor) -> Tensor:
        given = x.to(to), heatmap.to(to)
        return perturbation_curve(nets[to], *given, steps=STEPS, noise=Noise(records=names)).cpu()

    for name in methods():
        inputs = Inputs(names, background=others)
        maps = {to: attribute(name, net, x.to(to), inputs=inputs).cpu() for to, net in nets.items()}
        own = {to: walked(to, heatmap) for to, heatmap in maps.items()}
        same = walked("cuda", maps["cpu"])
        for to, curve in own.items():
            areas[to][name] = (curve - curve[:, :1]).abs()[:, : UNTIL + 1].mean().item()
        orders = [rank_points(heatmap, STEPS, 0, names) for heatmap in maps.values()]
        found[name] = {
            "map": worst(maps["cuda"] - maps["cpu"], maps["cpu"]),
            "first": (orders[0] == orders[1]).all(1).double().mean().item(),
            "curve": worst(same - own["cpu"], own["cpu"] - own["cpu"][:, :1]),
            "area": abs(areas["cuda"][name] / areas["cpu"][name] - 1),
        }
        print(f"{name:<24} {found[name]}", flush=True)
    order = {to: sorted(each, key=each.__getitem__, reverse=True) for to, each in areas.items()}
    return {"methods": found, "areas": areas, "same order": order["cpu"] == order["cuda"]}


def worst(difference: Tensor, of: Tensor) -> float:
    """The largest difference of an ECG as a share of its largest value."""
    by_ecg = difference.flatten(1).abs().amax(1) / of.flatten(1).abs().amax(1)
    return by_ecg.max().item()


def waits(plan: Plan) -> dict[str, Any]:
    """How often the CPU waits for the GPU, and in which lines, by task."""
    net = networks("cuda").ours
    x, others = ecgs(ECGS + OTHERS, plan.beat).split((ECGS, OTHERS))
    x = x.cuda()
    heatmap, walker = heatmaps(x), Walker(net, x[0])
    tasks: dict[str, Callable[[], object]] = {
        f"curves of {STEPS} steps": lambda: perturbation_curve(walker, x, heatmap, steps=STEPS),
        "curves of 200 steps": lambda: perturbation_curve(walker, x, heatmap, steps=200),
        **{
            name: lambda name=name: attribute(name, net, x, inputs=Inputs(background=others))
            for name in methods()
        },
    }
    return {name: waited(task) for name, task in tasks.items()}


def waited(task: Callable[[], object]) -> dict[str, int]:
    """The lines in which the CPU waits during a task, with the number of times."""
    task()  # the first time also makes what is kept
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            task()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    told = [one for one in said if "synchronizing" in str(one.message)]
    return dict(Counter(f"{Path(one.filename).name}:{one.lineno}" for one in told).most_common())


def column(plan: Plan) -> dict[str, Any]:
    """Milliseconds of maps and steps by the clock of the GPU."""
    parts = (part.rows(plan, costs_on_gpu) for part in (curves, oracle, maps_of_both))
    return {"rows": [vars(row) for row in shown(chain.from_iterable(parts))]}


def sizes(plan: Plan) -> dict[str, Any]:
    """Milliseconds of one pass by the number of beats in it, in both ways."""
    found = [
        {"pass": name, "beats": rows, "way": way, "ms": cost.gpu_ms}
        for name in TIMED
        for rows in ROWS
        for way, cost in costs_on_gpu(
            partial(passes.tasks, passes.PASSES[name], rows, plan.beat), plan.seconds
        ).items()
    ]
    return {"passes": found}


def tables(kept: Mapping[str, Any]) -> dict[str, str]:
    """The tables of the page by their markers."""
    passes_of = [[f"{rows}", *_ms_of(kept["sizes"]["passes"], rows)] for rows in ROWS]
    heads = [f"{name}, {way}" for name in TIMED for way in ("PyTorch", OURS)]
    timed = [row for row in kept["column"]["rows"] if row.get("gpu_ms")]
    places = dict.fromkeys((row["task"], row["input"]) for row in timed)
    each = [[*place, *_fastest(timed, place)] for place in places]
    return {
        "gpu sizes": "\n".join(lines(["Beats", *heads], passes_of)),
        "gpu tasks": "\n".join(lines(["Task", "Input", "PyTorch or captum", OURS], each)),
    }


def _ms_of(found: Sequence[Mapping[str, Any]], rows: int) -> list[str]:
    return [number(one["ms"]) for one in found if one["beats"] == rows]


def _fastest(timed: Sequence[Mapping[str, Any]], place: tuple[str, str]) -> list[str]:
    """The fastest of the other ways, and ours."""
    ways = {row["way"]: row["gpu_ms"] for row in timed if (row["task"], row["input"]) == place}
    ours = ways.pop(OURS)
    return [number(min(ways.values(), default=None)), number(ours)]


PARTS = {"agreement": agreement, "waits": waits, "column": column, "sizes": sizes}


def main() -> None:
    """Measure the parts that are asked for, each kept when it is done; then the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--parts", nargs="*", choices=PARTS, default=[], help="none: the page alone"
    )
    parser.add_argument("--plan", choices=PLANS, default="usual")
    given = parser.parse_args()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for part in given.parts:
        kept[part] = {"facts": facts(), **PARTS[part](PLANS[given.plan])}
        write_json(KEPT, kept)
    exchange(DOCS / "benchmarks.md", tables(kept))


if __name__ == "__main__":
    main()
