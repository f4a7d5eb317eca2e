"""What is compared does the same: the paper's loop, plain batches, Quantus and ours."""

import warnings

import numpy as np
import pytest
import torch
from ecglens.engine import Walker
from ecglens.eval import POINTS, oracle, perturbation_curve
from ecglens.explain import find_all
from ecglens.models import SmallResNet

from benchmarks import methods as captums
from benchmarks.clock import Cost
from benchmarks.curves import BATCHED, LOOP, MISSING, QUANTUS, points_curve, rows_of, standard_noise
from benchmarks.plain import alone, batched, papers_loop, quantus_curve, quantus_is_here
from benchmarks.plan import Plan
from benchmarks.reference import ecgs, heatmaps, networks
from benchmarks.row import OURS

LENGTH, STEPS = 64, 8


@pytest.fixture
def net() -> torch.nn.Module:
    torch.manual_seed(0)
    return SmallResNet().eval()


def test_the_papers_loop_plain_batches_and_ours_give_the_same_curve(net):
    x = ecgs(3, LENGTH)
    heatmap, noise = heatmaps(x), standard_noise(x)
    loop = papers_loop(net, x, heatmap, noise, STEPS)
    rounding = 1e-5 * loop.abs().max().item()
    assert loop.diff(dim=1).abs().median() > 10 * rounding
    for same in (
        batched(net, x, heatmap, noise, STEPS),
        perturbation_curve(net, x, heatmap, steps=STEPS).float(),
    ):
        torch.testing.assert_close(same, loop, rtol=0, atol=rounding)


def test_the_papers_loop_adds_one_point_a_step_of_a_fifth_of_the_range():
    seen = []

    def spy(x: torch.Tensor) -> torch.Tensor:
        seen.append(x[0].clone())
        return x.sum((1, 2))[:, None]

    x = ecgs(1, LENGTH)
    heatmap = heatmaps(x)
    papers_loop(spy, x, -heatmap, torch.ones_like(x), 3)  # pyright: ignore[reportArgumentType]
    added = torch.stack(seen).flatten(1) - x.flatten()
    ranked = heatmap.flatten().argsort(descending=True)
    expected = torch.zeros_like(added)
    for step in range(1, 4):
        expected[step:, ranked[step - 1]] = 0.2 * (x.max() - x.min())
    torch.testing.assert_close(added, expected, rtol=1e-4, atol=1e-3)


def test_our_points_curve_begins_with_the_curve_of_the_first_draw(net):
    x = ecgs(1, LENGTH)
    heatmap = heatmaps(x)
    found = points_curve(Walker(net, x[0]), x, heatmap)
    assert found.shape == (POINTS.draws, POINTS.steps + 1)
    alone = perturbation_curve(net, x, heatmap, steps=POINTS.steps)
    torch.testing.assert_close(found[:1], alone)


def test_a_run_is_divided_by_its_ecgs_and_steps():
    run = Cost(cpu_ms=2400.0, wall_ms=1200.0, gpu_ms=None)
    names = [f"{way} {steps}" for way in (LOOP, BATCHED, OURS) for steps in (25, 200)]
    found = dict.fromkeys([*names, QUANTUS, f"{OURS} protocol"], run)
    ms = {(row.task, row.way): row.cpu_ms for row in rows_of(found, 600, Plan())}
    assert ms["25 steps", LOOP] == ms["25 steps", BATCHED] == 2400 / 25  # one ECG
    assert ms["200 steps", LOOP] == 2400 / 200
    assert ms["25 steps", OURS] == 2400 / (16 * 25)
    assert ms["200 steps", OURS] == 2400 / (4 * 200)
    assert ms["200 steps", QUANTUS] == 2400 / (32 * 12)
    assert ms["25 steps × 5 draws", OURS] == 2400 / 125


def test_quantus_walks_as_the_papers_loop_does_or_its_row_says_that_it_is_missing(net):
    if not quantus_is_here():
        run = Cost(1.0, 1.0, None)
        names = [f"{way} {steps}" for way in (LOOP, BATCHED, OURS) for steps in (25, 200)]
        found = dict.fromkeys([*names, f"{OURS} protocol"], run)
        missing = [row for row in rows_of(found, 600, Plan()) if row.way == QUANTUS]
        assert [(row.cpu_ms, row.note) for row in missing] == [(None, MISSING)] * 2
        return
    x = ecgs(1, 8)  # Quantus walks all 96 points
    heatmap = heatmaps(x)
    np.random.seed(0)  # noqa: NPY002 - Quantus draws from this one
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Quantus and what it imports
        theirs = quantus_curve(net, x, heatmap, points_per_step=1)
    # At each step it draws noise for all points and uses that of one.
    np.random.seed(0)  # noqa: NPY002 - Quantus draws from this one
    draws = np.random.normal(size=(96, 96))  # noqa: NPY002
    order = heatmap.flatten().argsort(descending=True)
    noise = torch.zeros(96)
    noise[order] = torch.from_numpy(draws[np.arange(96), order.numpy()]).float()
    loop = papers_loop(net, x, heatmap, noise.reshape(x.shape), 96)[:, 1:]
    np.testing.assert_allclose(theirs, loop, rtol=1e-4, atol=1e-4 * float(loop.abs().max()))


def test_plain_batches_move_the_prediction_as_far_as_the_oracle_does(net):
    x = ecgs(2, LENGTH)
    plain = alone(net, x, standard_noise(x), points=100)
    ours = oracle(net, x, progress=False).flatten(1)[:, :100]
    rounding = 1e-5 * net(x).abs().max().item()
    assert ours.median() > 10 * rounding
    torch.testing.assert_close(plain, ours, rtol=0, atol=rounding)


def test_every_method_of_the_study_is_compared_with_one_of_captums():
    assert set(captums.CAPTUMS) == set(find_all("storas2025"))


def test_both_networks_of_the_table_say_the_same():
    nets, x = networks(), ecgs(2, 120)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")
        plain = nets.plain(x)
    torch.testing.assert_close(nets.ours(x), plain, rtol=1e-4, atol=1e-4)
    assert all(type(module) is not torch.nn.Conv1d for module in nets.ours.modules())
