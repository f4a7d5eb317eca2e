"""What a GPU changes: python -m benchmarks.gpu TO [--parts agreement waits column job].

The maps of every method, their curves and the order of the methods on the CPU and on the GPU; how
often the CPU waits for the GPU; what a pass, a map and a step cost there; and a whole job of very
many ECGs by processes that share one GPU. Each part is kept as TO/PART.json when it is done, and
`--page` writes them into docs/scaling.md. Five minutes on one H100, and 16 cores for the job.
"""

import argparse
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from ecglens.engine import Walker
from ecglens.eval import Noise, perturbation_curve, rank_points
from ecglens.explain import Inputs, attribute, methods
from ecglens.store import write_json
from torch import Tensor

from . import curves, oracle, passes, scaling
from . import methods as maps_of_both
from .clock import costs_on_gpu
from .machine import facts
from .plan import PLANS, Plan
from .reference import ecgs, heatmaps, networks
from .row import Row, shown

ECGS, OTHERS = 8, 16  # explained on both, and ECGs of others
STEPS, UNTIL = 25, 15  # of a curve and of its area, as in the default protocol
ROOT = Path(__file__).parents[1]
# The nine of Storås 2025 and Grad-CAM, and the published curve of 200 points.
TEN = (
    "saliency", "smoothgrad", "input_x_gradient", "deconvolution", "guided_backprop", "deeplift",
    "integrated_gradients", "gradient_shap", "guided_gradcam", "gradcam",
)  # fmt: skip
# A twentieth of the ECGs for training: the time of a network says nothing here.
SPLIT = ("data.split.train=0.05", "data.split.val=0.05", "data.split.test=0.9")


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
    """Milliseconds of passes, maps and steps by the clock of the GPU."""
    return {"rows": [vars(row) for row in shown(measured(plan))]}


def measured(plan: Plan) -> Iterator[Row]:
    """The rows of each part that a GPU has a clock for."""
    for part in (passes, curves, oracle, maps_of_both, scaling):
        yield from part.rows(plan, costs_on_gpu)


def job(count: int, points: int, jobs: int, folder: Path) -> dict[str, Any]:
    """Maps by ten methods of very many ECGs, and their curves, by shards that share one GPU.

    The ECGs are prepared and the network is fitted before, so that the time is that of maps and
    curves.
    """
    asked = [
        "trainer=gpu", "data=exact", f"data.n={-(-count * 10 // 9)}", *SPLIT, "fit.epochs=1",
        "logger=csv", "gallery=2", f"store={folder / 'store'}", "evaluation=storas2025",
        "evaluation.storas2025.ladder=0",
    ]  # fmt: skip
    few = ["ecgs=16", "evaluation.storas2025.steps=25", "method=[saliency]"]
    all_of = [
        f"ecgs={count}", f"evaluation.storas2025.steps={points - 1}", f"method=[{','.join(TEN)}]"
    ]  # fmt: skip

    def took(*commands: Sequence[str]) -> float:
        begun = time.perf_counter()
        running = [
            subprocess.Popen([sys.executable, "train.py", *asked, *words], cwd=ROOT)
            for words in commands
        ]
        codes = [one.wait() for one in running]
        if any(codes):
            raise RuntimeError(f"jobs ended with {codes}")
        return time.perf_counter() - begun

    made = took([*few, f"hydra.run.dir={folder / 'made'}"])
    shards = [
        [*all_of, f"shard={at}/{jobs}", f"hydra.run.dir={folder / f'shard-{at}'}"]
        for at in range(1, jobs + 1)
    ]
    walked = took(*shards)
    gathered = took([*all_of, f"hydra.run.dir={folder / 'whole'}"])
    (table,) = (folder / "whole").glob("*-ranking.csv")
    return {
        "ecgs": count, "methods": len(TEN), "points": points, "jobs": jobs, "made_s": made,
        "shards_s": walked, "gathered_s": gathered, "ranking": table.read_text(encoding="utf-8"),
    }  # fmt: skip


PARTS = {"agreement": agreement, "waits": waits, "column": column}


def main() -> None:
    """Measure the parts that are asked for, each kept when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("to", type=Path)
    parser.add_argument("--parts", nargs="*", choices=[*PARTS, "job"], default=[*PARTS, "job"])
    parser.add_argument("--plan", choices=PLANS, default="usual")
    parser.add_argument("--ecgs", type=int, default=5000)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=8)
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    plan = PLANS[given.plan]
    for part in given.parts:
        begun = time.perf_counter()
        if part == "job":
            found = job(given.ecgs, given.points, given.jobs, given.to.resolve() / "job")
        else:
            found = PARTS[part](plan)
        took = time.perf_counter() - begun
        print(f"{part}: {took:.0f} s", flush=True)
        write_json(given.to / f"{part}.json", {"facts": facts(), "took_s": took, **found})


if __name__ == "__main__":
    main()
