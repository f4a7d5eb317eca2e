"""The methods on the project's own convolution, which computes long kernels by FFT."""

import pytest
import torch
from ecglens.engine import FftConv1d
from ecglens.explain import Inputs, attribute, lint, methods
from torch import nn

from .networks import Residual, ecgs, filled, others


class LongKernels(Residual):
    def __init__(self, convolution: type[nn.Conv1d]) -> None:
        super().__init__()
        self.conv1 = convolution(12, 6, 21, padding=10)
        self.conv2 = convolution(6, 6, 17, padding="same")


@pytest.mark.parametrize("name", methods())
def test_a_map_is_the_same_with_either_convolution(name):
    x = ecgs()
    plain, fast = (
        attribute(name, filled(LongKernels(kind)), x, inputs=Inputs(background=others()))
        for kind in (nn.Conv1d, FftConv1d)
    )
    torch.testing.assert_close(fast, plain, rtol=1e-3, atol=1e-4 * float(plain.abs().max()))


def test_no_method_is_left_out_with_the_fast_convolution():
    findings = lint(filled(LongKernels(FftConv1d)), ecgs())
    assert findings.errors == ()
    assert {findings.left_out(name) for name in methods()} == {None}


def test_a_network_that_was_used_in_inference_mode_can_be_explained():
    net, x = filled(LongKernels(FftConv1d)), ecgs()
    expected = attribute("saliency", net, x)
    net = filled(LongKernels(FftConv1d))
    with torch.inference_mode():
        net(x)
    torch.testing.assert_close(attribute("saliency", net, x), expected)
