"""Each method against a slow re-implementation of its paper, in float64."""

import numpy as np
import pytest
import torch
from ecglens.engine import generator
from ecglens.explain import Context, find, methods
from ecglens.explain.guided_gradcam import grad_cam
from torch import nn

from . import by_hand
from .networks import Residual, ecgs, filled, others

SWITCHED = [
    ("smoothgrad", {"signed": False}, {"signed": False}),
    ("deeplift", {"multiply_by_inputs": False}, {"times_input": False}),
    ("integrated_gradients", {"multiply_by_inputs": False}, {"times_input": False}),
    ("gradient_shap", {"multiply_by_inputs": False}, {"times_input": False}),
    ("guided_gradcam", {"relu_cam": False}, {"relu": False}),
]


def given(own, x):
    """The context of these ECGs: generators, no wave marks, the background."""
    marks = torch.zeros((len(x), x.shape[2]), dtype=torch.int8)
    return Context(own, marks, others().to(x))


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize(
    ("name", "settings", "switches"), [*((name, {}, {}) for name in methods()), *SWITCHED]
)
def test_a_method_equals_the_slow_one_written_from_its_paper(name, settings, switches, target):
    net, x = filled(Residual()), ecgs(2).double()
    slow = by_hand.ByHand(net)
    expected = [
        getattr(by_hand, name)(slow, one.numpy(), target, generator(5, record), **switches)
        for record, one in zip("ab", x, strict=True)
    ]
    own = given([generator(5, record) for record in "ab"], x)
    found = find(name, **settings)(net.double(), x, target, own)
    np.testing.assert_allclose(found, np.stack(expected), rtol=1e-8, atol=1e-12)


def test_grad_cam_of_a_shorter_layer_is_stretched_linearly():
    convolution, head = nn.Conv1d(12, 1, 1), nn.Linear(10, 1)
    net = filled(nn.Sequential(nn.AvgPool1d(4), convolution, nn.Flatten(), head))
    x = ecgs(1)
    found = find("guided_gradcam", relu_cam=False)(net, x, 0, given([], x))
    # Without a ReLU, Guided Backprop is the gradient.
    gradient = find("saliency")(net, x, 0, given([], x))
    with torch.no_grad():
        cam = convolution(nn.AvgPool1d(4)(x))[0, 0] * head.weight.mean()
    # The middles of 40 samples on the scale of 10, the ends held.
    places = ((torch.arange(40) + 0.5) / 4 - 0.5).clamp(0, 9)
    expected = gradient[0].numpy() * np.interp(places, np.arange(10), cam.numpy())
    np.testing.assert_allclose(found[0].numpy(), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@pytest.mark.parametrize(("kernel", "early"), [(7, 0.0), (8, 0.5)])
def test_grad_cam_of_even_kernels_is_early_by_half_a_sample_each(kernel, early):
    layers = [nn.Conv1d(1, 1, kernel, padding="same", bias=False) for _ in range(3)]
    for layer in layers:
        layer.weight.data.fill_(1)
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten()).eval()
    x = torch.zeros(1, 1, 101)
    x[0, 0, 50] = 1
    cam = grad_cam(net, x, 0, layer=None)[0, 0]
    assert float((cam * torch.arange(101)).sum() / cam.sum()) == pytest.approx(50 - 3 * early)
