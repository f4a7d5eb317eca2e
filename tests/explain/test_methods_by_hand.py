"""Each method against a slow re-implementation of its paper, in float64."""

import numpy as np
import pytest
import torch
from ecglens.engine import generator
from ecglens.explain import Context, find, methods

from . import by_hand
from .networks import Residual, ecgs, filled, others

pytestmark = pytest.mark.heavy

SWITCHED = [
    ("lrp_composite", {"flat": True}, {"flat": True}),
    ("deeplift_shap", {"against": "each"}, {"each": True}),
    ("smoothgrad", {"signed": False}, {"signed": False}),
    ("deeplift", {"multiply_by_inputs": False}, {"times_input": False}),
    ("integrated_gradients", {"multiply_by_inputs": False}, {"times_input": False}),
    ("gradient_shap", {"multiply_by_inputs": False}, {"times_input": False}),
    ("gradcam", {"relu_cam": True}, {"relu": True}),
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
