"""The fast engine changes no score: the chain with torch's own convolutions and whole passes."""

import pytest
import torch
from ecglens.engine import Copies, noise_field
from ecglens.eval import Noise, area_under_curve, perturbation_curve, prediction_change, rank_points
from ecglens.eval.heatmaps.order import step_of_points
from ecglens.explain import attribute
from ecglens.models import InUnits, ReferenceResNet, SmallResNet
from torch import nn

from ....networks import add_statistics, with_torchs_convolutions
from ...networks import exact_ecgs

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

STEPS = 15


@torch.no_grad()
def whole_passes(net: nn.Module, x, heatmap, record: str) -> torch.Tensor:
    """One ECG's curve with every copy through the whole network."""
    order = rank_points(heatmap[None], STEPS, 0, [record])
    hit = step_of_points(order, (12, 600))[0]
    fields = 0.2 * (x.max() - x.min()) * noise_field(0, [record], 0, (12, 600))
    copies = Copies(x, hit, fields, STEPS)
    return net(copies.full(slice(0, STEPS + 1)))[:, 0]


@pytest.mark.parametrize(
    ("body", "ecgs"),
    [(SmallResNet, 64), pytest.param(ReferenceResNet, 128, marks=pytest.mark.long)],
)
def test_orders_and_areas_are_those_of_torchs_own_convolutions(body, ecgs):
    torch.manual_seed(0)
    net = InUnits(body(), 160.0, 20.0)
    add_statistics(net)
    plain = with_torchs_convolutions(net)
    x, _, _, records = exact_ecgs(ecgs)
    ours, theirs = attribute("saliency", net, x), attribute("saliency", plain, x)
    # Points may only change places where their sizes are nearly the same.
    size = theirs.abs().flatten(1)
    largest = size.amax(1, keepdim=True)
    falling = size.gather(1, ours.abs().flatten(1).argsort(dim=1, descending=True))
    rise = falling - falling.cummin(1).values
    # Where a value next to 0 changes the side of its ReLU, the gradient itself is another one: of
    # 128 ECGs and the reference network in 6 on an AMD EPYC, and in one of 96 between torch's own
    # convolutions in float32 and in float64. Such an ECG's order says nothing about the engine.
    same = (rise < 1e-4 * largest).all(1)
    assert same.float().mean() > 0.9

    curves = perturbation_curve(net, x, ours, steps=STEPS, noise=Noise(records=records))
    expected = torch.stack(
        [whole_passes(plain, *one) for one in zip(x, theirs, records, strict=True)]
    )
    area, reference = (
        area_under_curve(prediction_change(one))[same].mean() for one in (curves, expected)
    )
    assert abs(area - reference) < 1e-3 * reference
