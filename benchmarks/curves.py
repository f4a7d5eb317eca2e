"""Predictions along perturbation curves, per ECG and step: python -m benchmarks.curves."""

from collections.abc import Iterator, Mapping
from functools import partial

import torch
from ecglens.engine import Copies, Walker, noise_field, sample_ids
from ecglens.eval import POINTS, perturbation_curve, rank_points
from ecglens.eval.evaluations.perturbation.curves import noise_deviation, predictions
from ecglens.eval.heatmaps.order import step_of_points
from ecglens.eval.heatmaps.probe import CHUNK
from jaxtyping import Float
from torch import Tensor

from .clock import Cost, Measure, Task, costs
from .plain import batched, papers_loop, quantus_curve, quantus_is_here
from .plan import Plan, asked
from .reference import ecgs, heatmaps, networks
from .row import OURS, Row, samples, show

PART = "curves"
LOOP, BATCHED, QUANTUS = "paper's loop", "batched PyTorch", "Quantus 0.6"
# Steps of all ECGs in one run of ours: ECGs are walked side by side, and memory bounds how many.
OURS_STEPS = 800
MISSING = "not importable; pip install -c requirements.lock -e '.[bench]'"


def rows(plan: Plan, by: Measure = costs) -> Iterator[Row]:
    """Every way of walking a curve, on beats and strips."""
    for length in plan.inputs:
        yield from rows_of(by(partial(_tasks, length, plan), plan.seconds), length, plan)


def rows_of(found: Mapping[str, Cost], length: int, plan: Plan) -> Iterator[Row]:
    """The costs of one input's runs, per ECG and step."""
    for steps in plan.steps:
        # What a run is divided by: its ECGs times their steps. Quantus takes a twelfth of the
        # points in each of 12 steps, which cost it what steps of one point do.
        counts = {
            LOOP: steps,
            QUANTUS: 12 * plan.one_pass(length),
            BATCHED: steps,
            OURS: steps * _side_by_side(steps),
        }
        for way, count in counts.items():
            task, input = f"{steps} steps", samples(length)
            run = QUANTUS if way == QUANTUS else f"{way} {steps}"
            note = f"always {12 * length} steps" if way == QUANTUS else ""
            if run in found:
                yield Row.timed(PART, task, input, way, found[run].per(count), note)
            else:
                yield Row(PART, task, input, way, note=MISSING)
    task = f"{POINTS.steps} steps × {POINTS.draws} draws"
    cost = found[f"{OURS} protocol"].per(POINTS.steps * POINTS.draws)
    yield Row.timed(PART, task, samples(length), OURS, cost, "evaluation=points")


def _tasks(length: int, plan: Plan, device: torch.device) -> Mapping[str, Task]:
    nets = networks(device)
    x = ecgs(max(map(_side_by_side, plan.steps)), length).to(device)
    heatmap = heatmaps(x)
    walker = Walker(nets.ours, x[0])  # the application makes one for all ECGs and methods
    tasks: dict[str, Task] = {}
    one = x[:1], heatmap[:1], standard_noise(x[:1])
    for steps in plan.steps:
        many = x[: _side_by_side(steps)], heatmap[: _side_by_side(steps)]
        tasks |= {
            f"{LOOP} {steps}": lambda steps=steps: papers_loop(nets.plain, *one, steps),
            f"{BATCHED} {steps}": lambda steps=steps: batched(nets.plain, *one, steps),
            f"{OURS} {steps}": lambda many=many, steps=steps: perturbation_curve(
                walker, *many, steps=steps
            ),
        }
    tasks[f"{OURS} protocol"] = lambda: points_curve(walker, x[:1], heatmap[:1])
    if quantus_is_here():
        walked = ecgs(plan.one_pass(length), length).to(device)
        maps = heatmaps(walked)
        tasks[QUANTUS] = lambda: quantus_curve(nets.plain, walked, maps, length)
    return tasks


def _side_by_side(steps: int) -> int:
    """ECGs in one run of ours: a chunk of the application, or fewer when the curve is long."""
    return min(CHUNK, -(-OURS_STEPS // steps))


def standard_noise(x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead time"]:
    """The field that perturbation_curve draws for these ECGs, before it is scaled."""
    return noise_field(0, sample_ids(x), 0, (x.shape[1], x.shape[2])).to(x)


def points_curve(
    walker: Walker, x: Float[Tensor, "1 lead time"], heatmap: Float[Tensor, "1 lead time"]
) -> Float[Tensor, "draw point"]:
    """One ECG by evaluation=points, as score() has it: five noise draws share the clean pass."""
    leads, time = x.shape[1:]
    names = sample_ids(x)
    hit = step_of_points(rank_points(heatmap, POINTS.steps, 0, names), (leads, time))
    deviation = noise_deviation(x, POINTS.noise, POINTS.noise_scope).cpu()
    fields = [noise_field(0, names, draw, (leads, time)) for draw in range(POINTS.draws)]
    copies = Copies(x[0].cpu(), hit[0], deviation * torch.cat(fields), POINTS.steps)
    return predictions(walker, copies, 0)


if __name__ == "__main__":
    show(rows(asked()))
