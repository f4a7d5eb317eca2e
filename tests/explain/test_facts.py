"""What a method declares, against its map, its passes and its page."""

import re
from pathlib import Path

import pytest
import torch
from ecglens.ecg import Segments, segment_mask
from ecglens.explain import Inputs, attribute, controls, find, methods
from torch import nn

from .networks import Residual, ecgs, filled, others

PAGE = (Path(__file__).parents[2] / "docs" / "methods.md").read_text("utf-8")
BEAT = Segments(100.0, 150.0, 180.0, 230.0, 300.0, 400.0, 250)


def beats(count: int) -> torch.Tensor:
    return ecgs(count).repeat(1, 1, 15)  # 600 samples


class Counting(nn.Module):
    """Counts the ECGs that go through a network, with and without a gradient."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net, self.gradients, self.predictions = net, 0, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.is_grad_enabled():
            self.gradients += len(x)
        else:
            self.predictions += len(x)
        return self.net(x)


@pytest.mark.parametrize("name", methods() + controls())
def test_the_price_is_the_number_of_passes(name):
    net, x = Counting(filled(Residual())).eval(), beats(1)
    marks = torch.from_numpy(segment_mask(BEAT, 600))[None]
    background = others().repeat(1, 1, 15)
    attribute(name, net, x, inputs=Inputs(segments=marks, background=background))
    facts = find(name).facts
    # The door makes one gradient to try the network, unless the method checks what it gets, and two
    # predictions where a sum is promised exactly. A rule sees the baseline beside the ECG, and what
    # is frozen twice; both count as part of the pass.
    beside = {
        "deeplift": 1, "deeplift_shap": 1, "lrp_epsilon": 1, "lrp_composite": -1,
        "gradcam": 1, "guided_gradcam": 2,
    }.get(name, 0)  # fmt: skip
    tried = 0 if find(name).checks_outputs else 1
    assert net.gradients - tried == facts.gradients + beside
    # Coalitions that are drawn twice are computed once.
    door = 2 if facts.sums == "exact" else 0
    assert 0.9 * facts.predictions <= net.predictions - door <= facts.predictions


@pytest.mark.parametrize("name", methods())
def test_the_page_names_the_price(name):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    cost = row.split(" | ")[-2]
    facts = find(name).facts
    assert int(re.findall(r"\d+", cost)[0]) == facts.gradients + facts.predictions


@pytest.mark.parametrize("name", methods())
def test_a_contribution_is_in_the_targets_unit_and_a_slope_per_microvolt(name):
    """For a network whose output is twice as large, or whose input is in another unit."""
    power = {"target": (1, 0), "target/µV": (1, 1), "(target/µV)²": (2, 2)}
    unit = find(name).facts.unit
    if unit == "none":
        return
    of_output, per_input = power[unit]
    net, x, background = filled(Residual()), ecgs(), others()
    names = ["a", "b", "c"]
    expected = attribute(name, net, x, inputs=Inputs(records=names, background=background))

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x):
            return 3 * self.net(x / 2)

    found = attribute(
        name, Scaled().eval(), 2 * x, inputs=Inputs(records=names, background=2 * background)
    )
    scale = 3**of_output / 2**per_input
    atol = 1e-3 * float(scale * expected.abs().max())
    torch.testing.assert_close(found, scale * expected, rtol=1e-3, atol=atol)
