"""The fast engine changes no score: the chain with torch's own convolutions and whole passes."""

import copy

import pytest
import torch
from ecglens.engine import Copies, noise_field
from ecglens.eval import area_under_curve, perturbation_curve, prediction_change, rank_points
from ecglens.eval.points import step_of_points
from ecglens.explain import attribute
from ecglens.models import InUnits, ReferenceResNet, SmallResNet
from torch import nn

from .networks import exact_ecgs

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

STEPS = 15


def networks(body: nn.Module) -> tuple[nn.Module, nn.Module]:
    """A network whose BatchNorms do something, and the same with nn.Conv1d."""
    for module in body.modules():
        if isinstance(module, nn.BatchNorm1d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
    net = InUnits(body, 160.0, 20.0).eval()
    plain = copy.deepcopy(net)
    for module in plain.modules():
        if isinstance(module, nn.Conv1d):
            module.__class__ = nn.Conv1d
    return net, plain


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
    [(SmallResNet, 64), pytest.param(ReferenceResNet, 256, marks=pytest.mark.heavy)],
)
def test_orders_and_areas_are_those_of_torchs_own_convolutions(body, ecgs):
    torch.manual_seed(0)
    net, plain = networks(body())
    x, _, _, records = exact_ecgs(ecgs)
    ours, theirs = attribute("saliency", net, x), attribute("saliency", plain, x)
    # Points may only change places where their sizes are nearly the same.
    size = theirs.abs().flatten(1)
    largest = size.amax(1, keepdim=True)
    falling = size.gather(1, ours.abs().flatten(1).argsort(dim=1, descending=True))
    rise = falling - falling.cummin(1).values
    # Where a value next to 0 changes the side of its ReLU, the gradient itself is another one: of
    # 96 ECGs and the reference network, in one between both, and in one between torch's
    # convolutions in float32 and in float64.
    assert ((rise < 1e-4 * largest).all(1)).float().mean() > 0.95

    curves = perturbation_curve(net, x, ours, steps=STEPS, records=records)
    expected = torch.stack(
        [whole_passes(plain, *one) for one in zip(x, theirs, records, strict=True)]
    )
    area, reference = (
        area_under_curve(prediction_change(one)).mean() for one in (curves, expected)
    )
    assert abs(area - reference) < 1e-3 * reference
