"""A method whose numbers change gets a new version: stored maps are kept under it."""

import json
from pathlib import Path

import pytest
import torch
from ecglens.explain import Inputs, attribute, controls, find, methods

from .networks import LEADS, TIME, Residual

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text("utf-8"))
POINTS = [(0, 0), (3, 11), (5, 20), (8, 33), (11, 39)]


def fixed_network() -> Residual:
    """Weights from a formula, so that no library's random numbers are in them."""
    net = Residual()
    for value in (*net.parameters(), *net.buffers()):
        if value.is_floating_point():
            value.data = torch.sin(1 + 3 * torch.arange(value.numel()) ** 1.1).view(value.shape)
    for key, value in net.named_buffers():
        if key.endswith("running_var"):
            value.data = 1 + value.abs()
    return net.eval()


def golden_values(name: str) -> list[float]:
    time = torch.arange(TIME) / TIME
    x = torch.stack([100 * torch.sin(6 * time * (lead + 1)) for lead in range(LEADS)])[None]
    others = torch.cat([x.flip(-1), x.cos() * 50])
    found = attribute(
        name, fixed_network(), x, seed=7, inputs=Inputs(records=["golden"], background=others)
    )
    heatmap = found[0]
    return [float(heatmap[point]) for point in POINTS] + [float(heatmap.abs().sum())]


@pytest.mark.parametrize("name", methods() + controls())
def test_the_numbers_change_only_with_the_version(name):
    golden = GOLDEN[name]
    if type(find(name)).version == golden["version"]:
        assert golden_values(name) == pytest.approx(golden["values"], rel=1e-4, abs=1e-6)
    else:
        pytest.fail(f"write {golden_values(name)} and the new version into golden.json")
