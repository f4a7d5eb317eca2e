import pytest
import torch
from ecglens.engine import noise_field, sample_ids
from ecglens.eval import (
    Noise,
    area_under_curve,
    error_in_sd,
    perturbation_curve,
    prediction_change,
    relative_error,
)
from torch import nn

from ...networks import Smooth, Window, exact_ecgs

GENERATOR = torch.Generator().manual_seed(3)
X = 100 * torch.randn(64, 3, 40, generator=GENERATOR)
HEATMAP = torch.randn(64, 3, 40, generator=GENERATOR)
NAMES = [f"ecg-{number}" for number in range(64)]


def slow_curve(net, x, heatmap, record, steps, scope, draw):
    """One ECG, one point after another, one forward pass each, as the rules are written."""
    points = sorted(
        ((lead, time) for lead in range(x.shape[0]) for time in range(x.shape[1])),
        key=lambda point: -abs(float(heatmap[point])),
    )
    field = noise_field(9, [record], draw, (x.shape[0], x.shape[1]))[0]
    perturbed, said = x.clone(), []
    with torch.no_grad():
        said.append(float(net(perturbed[None])[0, 1]))
        for lead, time in points[:steps]:
            of = x if scope == "sample" else x[lead]
            sd = 0.2 * (float(of.max()) - float(of.min()))
            perturbed[lead, time] = perturbed[lead, time] + sd * field[lead, time]
            said.append(float(net(perturbed[None])[0, 1]))
    return said


@pytest.mark.parametrize("scope", ["sample", "lead"])
def test_a_curve_is_the_slow_loop_over_points(scope):
    net = Smooth(3).eval()
    # Every size from 1 to 120, with either sign: none is tied with another.
    sizes = torch.stack([torch.randperm(120, generator=GENERATOR) + 1.0 for _ in range(3)])
    heatmap = sizes.reshape(3, 3, 40) * HEATMAP[:3].sign()
    fast = perturbation_curve(
        net, X[:3], heatmap, 1, 80, noise=Noise(seed=9, records=NAMES[:3], draw=2, scope=scope)
    )
    each = zip(X[:3], heatmap, NAMES[:3], strict=True)
    slow = torch.tensor([slow_curve(net, *one, 80, scope, 2) for one in each])
    assert (fast - slow).abs().max() < 1e-5 * slow.abs().max()


def test_a_linear_network_moves_by_the_sum_of_weighted_noise():
    net, ecgs = Window(), exact_ecgs(3)
    heatmap = ecgs.x * net.weights.detach()
    curve = perturbation_curve(
        net, ecgs.x, heatmap, steps=20, noise=Noise(seed=1, records=ecgs.record)
    )
    size = heatmap.abs().flatten(1).sort(dim=1, descending=True)
    sd = 0.2 * (ecgs.x.amax((1, 2)) - ecgs.x.amin((1, 2)))[:, None]
    field = noise_field(1, ecgs.record, 0, (12, 600)).flatten(1)
    weights = net.weights.detach().flatten().expand(3, -1)
    added = (sd * field * weights).gather(1, size.indices[:, :20]).cumsum(1)
    assert torch.allclose(curve[:, 1:], curve[:, :1] + added, rtol=1e-4, atol=1e-3)


@pytest.mark.heavy
def test_batches_of_1_7_and_64_give_the_same_curves():
    net = Smooth(3).eval()
    whole = perturbation_curve(net, X, HEATMAP, steps=25, noise=Noise(records=NAMES))
    for size in (1, 7):
        parts = [
            perturbation_curve(
                net, *each, steps=25, noise=Noise(records=NAMES[at * size : (at + 1) * size])
            )
            for at, each in enumerate(zip(X.split(size), HEATMAP.split(size), strict=True))
        ]
        assert torch.equal(torch.cat(parts), whole)


def test_25_steps_are_the_start_of_200():
    net, ecgs = Smooth().eval(), exact_ecgs(2)
    few, many = (perturbation_curve(net, ecgs.x, ecgs.x, steps=steps) for steps in (25, 100))
    assert torch.allclose(few, many[:, :26], rtol=1e-5)


def test_unnamed_ecgs_are_named_by_their_samples():
    net = Smooth(3).eval()
    unnamed = perturbation_curve(net, X[:4], HEATMAP[:4], steps=9)
    named = perturbation_curve(
        net, X[:4], HEATMAP[:4], steps=9, noise=Noise(records=sample_ids(X[:4]))
    )
    assert torch.equal(unnamed, named)


def test_another_draw_or_seed_is_another_noise_on_the_same_clean_prediction():
    net = Smooth(3).eval()
    curves = [
        perturbation_curve(
            net, X[:2], HEATMAP[:2], steps=5, noise=Noise(seed=seed, draw=draw, records=NAMES[:2])
        )
        for seed, draw in [(0, 0), (0, 1), (1, 0)]
    ]
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert torch.equal(curves[one][:, 0], curves[other][:, 0])
        assert not torch.equal(curves[one][:, 1:], curves[other][:, 1:])


def test_a_network_in_training_mode_is_evaluated_and_put_back():
    net = nn.Sequential(nn.Dropout(0.5), nn.Flatten(), nn.Linear(120, 1))
    net[1].eval()
    once, twice = (perturbation_curve(net, X[:2], HEATMAP[:2], steps=5) for _ in range(2))
    assert torch.equal(once, twice)
    assert not once.requires_grad
    assert [module.training for module in net] == [True, False, True]


def test_a_flat_ecg_stays_as_it_is():
    flat = torch.zeros(1, 3, 40)
    curve = perturbation_curve(Smooth(3).eval(), flat, HEATMAP[:1], steps=10)
    assert (curve == curve[:, :1]).all()


def test_wrong_shapes_are_named():
    net = Smooth(3)
    with pytest.raises(ValueError, match="expected a name for each of 64 ECGs, got 2 names"):
        perturbation_curve(net, X, HEATMAP, steps=5, noise=Noise(records=["a", "b"]))
    with pytest.raises(ValueError, match=r"a target in 0…1, got 2"):
        perturbation_curve(net, X[:1], HEATMAP[:1], target=2, steps=5)


def test_ecgs_of_another_type_have_the_same_curve():
    net = Smooth(3).eval()
    given = {"steps": 20, "noise": Noise(records=NAMES[:2])}
    expected = perturbation_curve(net, X[:2], HEATMAP[:2], **given)
    for x, heatmap in (
        (X[:2].double(), HEATMAP[:2].double()),
        (X[:2].numpy(), HEATMAP[:2].numpy()),
    ):
        assert (perturbation_curve(net, x, heatmap, **given) == expected).all()


@pytest.mark.usefixtures("untyped")
@pytest.mark.parametrize("settings", [{"scope": "leed"}, {"share": -1.0}, {"share": 0.0}])
def test_noise_that_is_none_is_refused(settings):
    noise = Noise(**settings)
    with pytest.raises(ValueError, match="a share above 0 of a sample or lead, got"):
        perturbation_curve(Smooth(3).eval(), X[:2], HEATMAP[:2], steps=5, noise=noise)


@pytest.mark.parametrize(("ecgs", "steps"), [(0, 5), (2, 0)])
def test_no_ecg_and_no_step_are_refused(ecgs, steps):
    with pytest.raises(ValueError, match=rf"1 ECG and 1 step, got {ecgs} ECGs and steps={steps}"):
        perturbation_curve(Smooth(3), X[:ecgs], HEATMAP[:ecgs], steps=steps)


def test_relative_error_keeps_the_sign_of_the_true_value():
    curve = torch.tensor([[100.0, 110.0], [-10.0, -15.0], [3.0, 4.0]])
    error = relative_error(curve, torch.tensor([80, -10, 0]))
    assert torch.allclose(error[:2], torch.tensor([[0.25, 0.375], [-0.0, -0.5]]))
    assert error[2].isnan().all()


def test_errors_in_standard_deviations_and_changes_of_the_prediction():
    curve = torch.tensor([[[100.0, 90.0, 120.0]]])
    assert torch.equal(prediction_change(curve), torch.tensor([[[0.0, 10.0, 20.0]]]))
    error = error_in_sd(curve, torch.tensor([110.0]), 20.0)
    assert torch.equal(error, torch.tensor([[[0.5, 1.0, 0.5]]]))
    with pytest.raises(ValueError, match="standard deviation above 0, got 0"):
        error_in_sd(curve, torch.tensor([110.0]), 0.0)


def test_areas_of_known_curves():
    step = torch.arange(26.0)
    assert area_under_curve(step[None]).item() == 15**2 / 2
    assert area_under_curve(torch.ones(2, 3, 26), until=10).tolist() == [[10.0] * 3] * 2
    # The trapezoid's exact sum of squares: Σ over steps of (k² + (k + 1)²) / 2.
    assert area_under_curve(step[None] ** 2, until=3).item() == 0.5 + 2.5 + 6.5
    with pytest.raises(ValueError, match="until in 1…25, got 26"):
        area_under_curve(step[None], until=26)


def test_noise_as_a_number_still_works_and_says_what_to_give():
    net = Smooth(3).eval()
    with pytest.warns(DeprecationWarning, match=r"give noise=Noise\(share=0.1\)"):
        old = perturbation_curve(net, X[:2], HEATMAP[:2], steps=3, noise=0.1)
    new = perturbation_curve(net, X[:2], HEATMAP[:2], steps=3, noise=Noise(share=0.1))
    assert torch.equal(old, new)
